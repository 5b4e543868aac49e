"""Hooks of login frameworks: functions that look tokens up, add claims, or load the user."""

from __future__ import annotations

from dataclasses import dataclass, field

from jwtlint.facts.program import Attribute, Call, Constant, Expression, Name, Step, Subscript
from jwtlint.linker.frames import Argument, Frame
from jwtlint.linker.library import Api
from jwtlint.linker.sites import Site, Sites
from jwtlint.linker.values import Claims, ClassValue, Closure, Dictionary, External, FunctionValue, Method, dotted
from jwtlint.linker.verification import StateRead, VerificationPath, Verifications


@dataclass(slots=True)
class Hooks:
    """The hooks of one kind that an application installs."""

    revocation: list[FunctionValue] = field(default_factory=list)
    claims: list[FunctionValue] = field(default_factory=list)
    user: list[FunctionValue] = field(default_factory=list)


class HookFinder:
    """Finds hooks by the decorators and keywords that the models name."""

    def __init__(self, sites: Sites, verifications: Verifications | None = None) -> None:
        self.sites = sites
        self.evaluator = sites.evaluator
        self.program = sites.program
        self.verifications = verifications

    def of_manager(self, site: Site) -> Hooks:
        """The hooks in a manager's application."""
        api = site.meaning.api
        hooks = Hooks()
        application = self.program.applications[site.path]
        for names, found in ((api.revocation_hooks, hooks.revocation), (api.claims_hooks, hooks.claims), (api.user_hooks, hooks.user)):
            found.extend(self.decorated(application, names))
            found.extend(self.handed_over(application, names))
            found.extend(self.overridden(site, names))
        return hooks

    def decorated(self, application: str, names: tuple[str, ...]) -> list[FunctionValue]:
        """Functions with a decorator of one of the names."""
        found: list[FunctionValue] = []
        for name in names:
            for path, number in self.program.mentions.get(name, ()):
                index = self.program.modules[path]
                if self.program.applications[path] != application or number >= len(index.module.functions):
                    continue
                function = index.module.functions[number]
                for decorator in function.decorators:
                    target = decorator.function if isinstance(decorator, Call) else decorator
                    if isinstance(target, Attribute | Name) and target.name == name:
                        found.append(FunctionValue(path, function.name))
        return found

    def handed_over(self, application: str, names: tuple[str, ...]) -> list[FunctionValue]:
        """Functions that are given to a method of one of the names (``manager.set_callback_…(function)``) or by keyword."""
        found: list[FunctionValue] = []
        for name in names:
            for path, number in self.program.mentions.get(name, ()):
                if self.program.applications[path] != application:
                    continue
                index = self.program.modules[path]
                function = FunctionValue(path, index.module.functions[number].name) if number < len(index.module.functions) else None
                frame = self.sites.frame(path, function)
                for call, _ in index.calls_in(number):
                    arguments: list[Expression] = []
                    if isinstance(call.function, Attribute) and call.function.name == name:
                        arguments.extend(call.positional)
                    arguments.extend(keyword.value for keyword in call.keywords if keyword.name == name)
                    for argument in arguments:
                        for value in self.evaluator.evaluate(argument, frame):
                            if isinstance(value, FunctionValue):
                                found.append(value)
                            elif isinstance(value, Closure | Method):
                                found.append(value.function)
        return found

    def overridden(self, site: Site, names: tuple[str, ...]) -> list[FunctionValue]:
        """Methods of one of the names in a subclass of the manager."""
        found: list[FunctionValue] = []
        if isinstance(site.callee, ClassValue):
            for name in names:
                method = self.evaluator.objects.method(site.callee, name)
                if method is not None:
                    found.append(method)
        return found

    def reads(self, site: Site, hooks: list[FunctionValue]) -> list[StateRead]:
        """What the revocation hooks read; the hook itself where nothing in it can be told."""
        found: list[StateRead] = []
        if self.verifications is None:
            return found
        for hook in hooks:
            if self.is_trivial(hook):
                continue
            path = VerificationPath(site, self.sites.place(site), [hook])
            frame = self.evaluator.free_frame(hook)
            facts = self.program.function(hook)
            claims = Claims(path.place)
            for parameter in facts.parameters:
                if parameter.kind == "positional" and parameter.name not in ("self", "cls"):
                    frame.arguments[parameter.name] = Argument(None, None, (claims,))
            self.verifications.scan(path, frame, {claims}, set(), 0)
            if path.reads:
                found.extend(path.reads)
            else:
                found.append(StateRead("denylist", self.program.place(hook.path, facts.at), hook, frozenset()))
        return found

    def is_trivial(self, function: FunctionValue) -> bool:
        """Whether a hook does nothing but return a constant."""
        steps = self.program.function(function).steps
        return all(step.kind == "return" and isinstance(step.value, Constant) for step in steps)

    def claims_given(self, function: FunctionValue) -> list[Dictionary]:
        """The dictionaries that a claims hook returns."""
        return [value for value in self.evaluator.calls.returned(self.evaluator.free_frame(function)) if isinstance(value, Dictionary)]

    def overrides_of(self, api: Api, names: tuple[str, ...]) -> list[FunctionValue]:
        """The program's overrides of a claims hook's method."""
        found: list[FunctionValue] = []
        for path, index in self.program.modules.items():
            for name, methods in index.methods.items():
                function = methods.get(api.method)
                if function is None or name not in index.classes:
                    continue
                bases = self.evaluator.objects.external_bases(ClassValue(path, name))
                if any(base in names for base in bases):
                    found.append(FunctionValue(path, function.name))
        return found


def item_assignments(steps: tuple[Step, ...]) -> list[tuple[str, Step]]:
    """The assignments to constant keys of a plain name (``token["role"] = …``)."""
    found: list[tuple[str, Step]] = []
    for step in steps:
        target = step.target
        if step.kind == "assign" and isinstance(target, Subscript) and isinstance(target.index, Constant) and isinstance(target.index.value, str):
            if isinstance(target.value, Name | Attribute):
                found.append((target.index.value, step))
    return found


__all__ = ["External", "Frame", "HookFinder", "Hooks", "dotted", "item_assignments"]
