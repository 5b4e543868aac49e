"""What a configured login answers: the library's own body, or that of a function which the program names."""

from __future__ import annotations

from jwtlint.facts.program import Attribute, Call, Constant, Expression, Function, Name, Subscript
from jwtlint.linker.configured import Origin, Recorder
from jwtlint.linker.hooks import HookFinder
from jwtlint.linker.knowledge import Knowledge
from jwtlint.linker.traversal import expressions_in, walk
from jwtlint.linker.values import (
    ClassValue,
    Dictionary,
    FunctionValue,
    Instance,
    Listing,
    Member,
    Parameter,
    Result,
    Value,
    Values,
    dotted,
    root,
)
from jwtlint.linker.vocabulary import words

# the methods in which a view of Django REST framework makes its answer, and what there is no token in
ANSWERING = ("post", "finalize_response")
BESIDE = frozenset({"status_code", "headers", "cookies"})


class ResponseHooks:
    """Finds the bodies of configured logins."""

    def __init__(self, recorder: Recorder, hooks: HookFinder) -> None:
        self.recorder = recorder
        self.hooks = hooks
        self.program = recorder.program
        self.evaluator = recorder.sites.evaluator
        self.knowledge = recorder.sites.knowledge

    def answer(self, origin: Origin, handed: list[FunctionValue], view: ClassValue | None = None) -> None:
        """The deliveries of a configured mint in bodies.

        ``handed`` are the functions that its manager is given; ``view`` is the program's class that extends the library's view.
        """
        if view is not None and not self.hands_out(view):
            return
        functions = handed or self.named(origin)
        for function in functions:
            self.returned(origin, function)
        if not functions and origin.meaning.api.body:
            self.recorder.body(origin)

    def named(self, origin: Origin) -> list[FunctionValue]:
        """The functions that a setting of the library names."""
        found: list[FunctionValue] = []
        for _, settings in self.recorder.settings.assigned(origin.path, origin.meaning.library, "response-function"):
            for setting in settings:
                for value in self.recorder.settings.elements(setting):
                    function = self.hooks.named(setting.frame.path, value)
                    if isinstance(function, FunctionValue) and function not in found:
                        found.append(function)
        return found

    def returned(self, origin: Origin, function: FunctionValue) -> None:
        """The returns of a function that carry its first argument, the token."""
        facts = self.program.function(function)
        given = [parameter.name for parameter in facts.parameters if parameter.name not in ("self", "cls")][:1]
        for step in facts.steps:
            if step.kind == "return" and step.value is not None:
                if any(isinstance(node, Name) and node.name in given for node in walk(step.value)):
                    self.recorder.body(origin, self.program.place(function.path, step.at), function)

    # -- ready views that a program extends ------------------------------------------------------------------------

    def hands_out(self, view: ClassValue) -> bool:
        """Whether a view that extends a library's login view leaves the tokens in the body (it may put them into cookies instead)."""
        for name in ANSWERING:
            function = self.evaluator.objects.method(view, name)
            if function is None:
                continue
            facts = self.program.function(function)
            frame = self.evaluator.parameters.method_frame(function, Instance(view, identity="self"))
            returned = [step.value for step in facts.steps if step.kind == "return" and step.value is not None]
            answers = [self.evaluator.evaluate(one, frame) for one in returned]
            if takes_out(facts) or answers and not any(not values or self.carries(values) for values in answers):
                return False
        return True

    def carries(self, values: Values, depth: int = 0) -> bool:
        """Whether values hold the answer of a library's login view, its data or its tokens."""
        if depth > 6:
            return True
        for value in values:
            start = root(value)
            if isinstance(value, Member) and (is_of_ready_view(value, self.knowledge) or isinstance(start, Instance)):
                if value.name not in BESIDE and (not value.item or names_token(value.name)):
                    return True
            elif isinstance(value, Member):
                # what a serializer made of the request, and not what came with it
                if not isinstance(start, Parameter) and (value.name == "validated_data" or value.item and names_token(value.name)):
                    return True
            elif isinstance(value, Result) and is_of_ready_view(value, self.knowledge):
                return True
            elif isinstance(value, Dictionary):
                if value.rest or any(self.carries(item.values, depth + 1) for item in value.items):
                    return True
            elif isinstance(value, Listing):
                if any(self.carries(one, depth + 1) for one in value.items):
                    return True
            elif isinstance(value, Result):
                given = [*value.call.positional, *(keyword.value for keyword in value.call.keywords)]
                if any(self.carries(self.evaluator.evaluate(one, value.frame), depth + 1) for one in given):
                    return True
            elif isinstance(value, Parameter):
                return True
        return False


def is_of_ready_view(value: Value, knowledge: Knowledge) -> bool:
    """Whether a value is what a library's login view answers (``super().post(request)``), or something of it."""
    view = dotted(root(value)).rpartition(".")[0]
    return bool(view) and knowledge.meaning(view, "mint-view", "rotate") is not None


def names_token(name: str) -> bool:
    """Whether a key of a login's answer is that of a token."""
    return bool(set(words(name)) & {"access", "refresh", "token"})


def takes_out(function: Function) -> bool:
    """Whether a function takes the access token out of an answer's data, or sets other data."""
    for step in function.steps:
        if step.kind == "delete" and isinstance(step.target, Subscript) and is_access(step.target.index):
            return True
        if step.kind == "assign" and isinstance(step.target, Attribute) and step.target.name == "data":
            return True
        for node in expressions_in(step):
            if isinstance(node, Call) and isinstance(node.function, Attribute) and node.function.name == "pop":
                if node.positional and is_access(node.positional[0]):
                    return True
    return False


def is_access(node: Expression) -> bool:
    """Whether a key is that of an access token."""
    parts = set(words(node.value)) if isinstance(node, Constant) and isinstance(node.value, str) else set()
    return bool(parts & {"access", "token"}) and "refresh" not in parts
