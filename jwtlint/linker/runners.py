"""Functions that are handed to something that calls them: put back to where they are called.

``await run_in_threadpool(sign, user, lifetime=60)`` becomes ``sign(user, lifetime=60)``, and ``sync_to_async(sign)(user)`` becomes
``sign(user)``. Both stand where the whole call stood, so that places stay true.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from jwtlint.facts.program import Attribute, Call, Module, Name, Span
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.knowledge import Knowledge
from jwtlint.linker.library import Api


def called_in_place(modules: Sequence[Module], knowledge: Knowledge) -> list[Module]:
    """The modules, with the calls of runners and adapters replaced by those that they stand for."""
    names = knowledge.names_of("runner", "adapter")
    return [Runners(module, knowledge).replaced() if names & module.mentions.keys() else module for module in modules]


class Runners:
    """Replaces the calls of runners and adapters in one module."""

    def __init__(self, module: Module, knowledge: Knowledge) -> None:
        self.module = module
        self.knowledge = knowledge
        self.imported: dict[str, str] = {}
        for item in module.imports:
            if item.level == 0 and item.name != "*":
                bound = item.alias or item.module.partition(".")[0]
                self.imported[bound] = f"{item.module}.{item.name}" if item.name else item.module if item.alias else bound

    def replaced(self) -> Module:
        """The module after it."""
        functions = tuple(self.rewritten(function) for function in self.module.functions)
        classes = tuple(msgspec.structs.replace(class_, steps=self.rewritten(class_.steps)) for class_ in self.module.classes)
        return msgspec.structs.replace(self.module, functions=functions, classes=classes, steps=self.rewritten(self.module.steps))

    def rewritten(self, value: object) -> object:
        """A node, or a tuple of nodes, with everything inside it; itself where nothing changes."""
        if isinstance(value, tuple):
            parts = tuple(self.rewritten(part) for part in value)
            return value if all(new is old for new, old in zip(parts, value, strict=True)) else parts
        if isinstance(value, Span) or not isinstance(value, msgspec.Struct):
            return value
        changed: dict[str, object] = {}
        for name in value.__struct_fields__:
            old = getattr(value, name)
            new = self.rewritten(old)
            if new is not old:
                changed[name] = new
        if changed:
            value = msgspec.structs.replace(value, **changed)
        return self.direct(value) if isinstance(value, Call) else value

    def direct(self, call: Call) -> object:
        """What a call stands for: the function's own call, the function, or itself."""
        for api in self.meanings(call):
            function = argument_of(api, "function", call) if "function" in api.args else receiver(call)
            if not isinstance(function, Name | Attribute | Call):
                continue
            if api.fact == "adapter":
                return function
            own = {name for argument in api.args.values() for name in argument.keywords}
            first = max((argument.pos for argument in api.args.values() if argument.pos is not None), default=-1)
            keywords = tuple(keyword for keyword in call.keywords if keyword.name not in own)
            return Call(call.at, function, call.positional[first + 1 :], keywords)
        return call

    def meanings(self, call: Call) -> list[Api]:
        """The runners and adapters that a call's function is, by the name under which it is imported or as a method."""
        known = [meaning.api for meaning in self.knowledge.meanings(self.dotted(call.function))]
        if isinstance(call.function, Attribute):
            known.extend(meaning.api for meaning in self.knowledge.patterns.get(call.function.name, ()))
        return [api for api in known if api.fact in ("runner", "adapter")]

    def dotted(self, node: object) -> str:
        """The dotted name of an imported thing; "" for anything else."""
        if isinstance(node, Name):
            return self.imported.get(node.name, "")
        if isinstance(node, Attribute):
            base = self.dotted(node.value)
            return f"{base}.{node.name}" if base else ""
        return ""


def receiver(call: Call) -> object:
    """What a method is called on: the task of ``send_mail.delay(…)``."""
    return call.function.value if isinstance(call.function, Attribute) else None
