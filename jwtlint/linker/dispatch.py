"""Messages that a mediator or a bus brings to their handlers: commands and queries, told by the type that a handler declares.

``class LoginHandler(Handler[Login, Tokens])`` with ``async def handle(self, message: Login)`` is what ``bus.send(Login(…))`` calls.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jwtlint.facts.program import Attribute, Call, Name, Subscript
from jwtlint.linker.frames import Frame
from jwtlint.linker.traversal import walk
from jwtlint.linker.values import ClassValue, FunctionValue, Instance, Method

if TYPE_CHECKING:
    from jwtlint.linker.evaluate import Evaluator

HANDLING = ("__call__", "handle", "execute", "run", "process")
SENDING = frozenset(
    "send dispatch execute handle query invoke publish ask process send_command send_query handle_command handle_query execute_command "
    "execute_query".split()
)


class Dispatch:
    """Which method handles which message."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.program = evaluator.program
        self.by_message: dict[ClassValue, list[FunctionValue]] | None = None
        self.by_handler: dict[FunctionValue, ClassValue] = {}

    def methods(self, call: Call, frame: Frame) -> tuple[Method, ...]:
        """The handlers' methods that a call brings its message to."""
        if not (isinstance(call.function, Attribute) and call.function.name in SENDING and call.positional) or not self.known():
            return ()
        return tuple(
            Method(one, Instance(ClassValue(one.path, self.program.function(one).owner), identity="injected"))
            for value in self.evaluator.evaluate(call.positional[0], frame)
            if isinstance(value, Instance)
            for one in self.known().get(value.of, ())
        )

    def message(self, function: FunctionValue) -> ClassValue | None:
        """The class of the messages that a method handles, if it handles any."""
        self.known()
        return self.by_handler.get(function)

    def known(self) -> dict[ClassValue, list[FunctionValue]]:
        """All handlers by their message."""
        if self.by_message is None:
            self.by_message = {}
            for path, index in self.program.modules.items():
                for class_ in index.module.classes:
                    if any(isinstance(base, Subscript) for base in class_.bases):
                        self.read(ClassValue(path, class_.name))
        return self.by_message

    def read(self, handler: ClassValue) -> None:
        """Note the message of a class with a generic base, if one of its methods takes what the base names."""
        frame = self.evaluator.objects.scope_frame(handler)
        named = {
            value
            for base in self.program.class_(handler).bases
            if isinstance(base, Subscript)
            for node in walk(base.index)
            if isinstance(node, Name | Attribute)
            for value in self.evaluator.evaluate(node, frame)
            if isinstance(value, ClassValue)
        }
        methods = self.program.modules[handler.path].methods.get(handler.name, {})
        for name in HANDLING:
            facts = methods.get(name)
            if facts is None or len(facts.parameters) < 2 or facts.parameters[1].annotation is None:
                continue
            for value in self.evaluator.objects.annotated(facts.parameters[1].annotation, frame):
                if isinstance(value, Instance) and value.of in named and self.by_message is not None:
                    function = FunctionValue(handler.path, facts.name)
                    self.by_message.setdefault(value.of, []).append(function)
                    self.by_handler[function] = value.of
