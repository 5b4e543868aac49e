"""Claims that a framework takes from hooks: overridden methods, functions that a manager or a setting names."""

from __future__ import annotations

from jwtlint.facts.program import Attribute, Call, Expression, Name, Step, Subscript
from jwtlint.linker.configured import Recorder
from jwtlint.linker.hooks import HookFinder
from jwtlint.linker.lifetimes import Lifetime
from jwtlint.linker.program import bound_names
from jwtlint.linker.tokens import Context, Mints
from jwtlint.linker.traversal import walk
from jwtlint.linker.values import Dictionary, FunctionValue, Literal


class ClaimsHooks:
    """Reads the claims that hooks add, and what their ``exp`` does to the lifetime."""

    def __init__(self, recorder: Recorder, hooks: HookFinder, mints: Mints) -> None:
        self.recorder = recorder
        self.hooks = hooks
        self.mints = mints
        self.evaluator = mints.evaluator
        self.program = mints.program
        self.knowledge = mints.evaluator.knowledge

    def overridden(self, minting: set[str]) -> None:
        """Methods of the library's classes that the program overrides (``get_token`` of a serializer)."""
        for model in self.knowledge.models:
            for api in model.api:
                if api.fact == "claims-hook" and api.method:
                    for function in self.hooks.overrides_of(api):
                        application = self.recorder.application(function.path)
                        if application in minting:
                            place = self.program.place(function.path, self.program.function(function).at)
                            self.recorder.claims(self.read(function), application, place)

    def named_in_settings(self, used: set[tuple[str, str]]) -> None:
        """Functions that a setting names, for the libraries that an application uses."""
        for assigned in self.recorder.settings.everywhere("claims-function"):
            if (assigned.application, assigned.library) not in used:
                continue
            for setting in assigned.settings:
                for value in self.recorder.settings.elements(setting):
                    hook = self.hooks.named(setting.frame.path, value)
                    if isinstance(hook, FunctionValue):
                        self.recorder.claims(self.read(hook), assigned.application, setting.place)

    def read(self, function: FunctionValue) -> Context:
        """The claims that a hook puts into what it is given, or returns."""
        frame = self.evaluator.free_frame(function)
        context = Context(frame)
        steps = self.program.function(function).steps
        place = self.program.place(function.path, self.program.function(function).at)
        carriers = self.carriers(function)
        for step in steps:
            target = step.target
            if step.kind == "assign" and isinstance(target, Subscript) and name_at_start(target.value) in carriers:
                where = self.program.place(function.path, step.at)
                keys = [value.value for value in self.evaluator.evaluate(target.index, frame) if isinstance(value, Literal)]
                items = items_of_loop(target.index, steps)
                if items is not None:
                    found = tuple(value for value in self.evaluator.evaluate(items, frame) if isinstance(value, Dictionary))
                    self.mints.read_claims(found, context, where)
                elif keys and isinstance(keys[0], str):
                    self.mints.read_item(keys[0], self.evaluator.evaluate(step.value, frame), where, context)
            elif step.kind == "evaluate" and isinstance(step.value, Call):
                self.read_update(step.value, function, carriers, context)
        returned = self.evaluator.calls.returned(frame)
        self.mints.read_claims(tuple(value for value in returned if isinstance(value, Dictionary)), context, place)
        return context

    def carriers(self, function: FunctionValue) -> set[str]:
        """The names that may hold the payload: what the hook is given, and what it gives back."""
        facts = self.program.function(function)
        found = {parameter.name for parameter in facts.parameters}
        for step in facts.steps:
            if step.kind == "return" and step.value is not None:
                found.update(node.name for node in walk(step.value) if isinstance(node, Name))
        return found

    def read_update(self, call: Call, function: FunctionValue, carriers: set[str], context: Context) -> None:
        """``payload.update(…)``"""
        target = call.function
        if not (isinstance(target, Attribute) and target.name == "update" and name_at_start(target.value) in carriers):
            return
        frame = self.evaluator.free_frame(function)
        for argument in call.positional:
            place = self.program.place(function.path, argument.at)
            values = tuple(value for value in self.evaluator.evaluate(argument, frame) if isinstance(value, Dictionary))
            self.mints.read_claims(values, context, place)
        for keyword in call.keywords:
            if keyword.name is not None:
                place = self.program.place(function.path, keyword.at)
                self.mints.read_item(keyword.name, self.evaluator.evaluate(keyword.value, frame), place, context)

    def lifetime(self, contexts: list[Context]) -> Lifetime | None:
        """The lifetime that hooks give by a claim ``exp`` of their own."""
        for context in contexts:
            for claim in context.claims:
                found = self.mints.lifetimes.of(claim.values, 1, True) if claim.name == "exp" else None
                if found is not None:
                    return Lifetime(found.seconds, found.place or claim.place)
        return None


def name_at_start(node: Expression) -> str:
    """The plain name that a path of attributes begins with, or ""."""
    while isinstance(node, Attribute):
        node = node.value
    return node.name if isinstance(node, Name) else ""


def items_of_loop(key: Expression, steps: tuple[Step, ...]) -> Expression | None:
    """The mapping over whose items the loop runs that binds a key (``for name, value in extra.items(): token[name] = value``)."""
    if not isinstance(key, Name):
        return None
    for step in steps:
        if step.kind == "loop" and step.target is not None and key.name in bound_names(step.target):
            return step.value
    return None
