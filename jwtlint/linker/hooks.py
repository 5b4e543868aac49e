"""Hooks of login frameworks: functions that look tokens up, add claims, load the user, or answer a login."""

from __future__ import annotations

from dataclasses import dataclass, field

from jwtlint.facts.program import Attribute, Call, Constant, Expression, Name
from jwtlint.linker.frames import Argument, Frame
from jwtlint.linker.given import given
from jwtlint.linker.library import Api
from jwtlint.linker.sites import Site, Sites
from jwtlint.linker.values import Claims, ClassValue, Closure, FunctionValue, Literal, Method, Value, dotted
from jwtlint.linker.verification import StateRead, VerificationPath, Verifications


@dataclass(slots=True)
class Hooks:
    """The hooks of one kind that an application installs."""

    revocation: list[FunctionValue] = field(default_factory=list)
    verifying: list[FunctionValue] = field(default_factory=list)  # overrides that verify, and may look tokens up
    claims: list[FunctionValue] = field(default_factory=list)
    user: list[FunctionValue] = field(default_factory=list)
    response: list[FunctionValue] = field(default_factory=list)


class HookFinder:
    """Finds hooks by the decorators, methods, arguments and settings that the models name."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.evaluator = sites.evaluator
        self.program = sites.program
        self.verifications: Verifications | None = None

    def of_manager(self, site: Site) -> Hooks:
        """The hooks in the application of a manager or a strategy."""
        api = site.meaning.api
        hooks = Hooks()
        application = self.program.applications[site.path]
        for names, argument, found in (
            (api.revocation_hooks, "revocation", hooks.revocation),
            (api.claims_hooks, "claims_function", hooks.claims),
            (api.user_hooks, "user", hooks.user),
            (api.response_hooks, "response", hooks.response),
        ):
            found.extend(self.decorated(application, names))
            found.extend(self.handed_over(application, names))
            if isinstance(site.callee, ClassValue):
                (hooks.verifying if found is hooks.revocation else found).extend(self.overridden(site.callee, names))
            one = given(self.sites, site, argument)
            found.extend(function for value in (one.values if one is not None else ()) for function in self.functions(value))
        return hooks

    def functions(self, value: Value) -> list[FunctionValue]:
        """The function of the program that a value is."""
        if isinstance(value, FunctionValue):
            return [value]
        return [value.function] if isinstance(value, Closure | Method) else []

    def named(self, path: str, value: Value) -> FunctionValue | ClassValue | None:
        """The function or class of the program that a setting names: by its dotted name, or itself."""
        if isinstance(value, FunctionValue | ClassValue):
            return value
        if not isinstance(value, Literal) or not isinstance(value.value, str):
            return None
        module, _, short = value.value.rpartition(".")
        target = self.program.layout.resolve(path, module, 0) if module else None
        if target is None or target not in self.program.modules:
            return None
        definition = self.program.exported(target, short)
        return definition if isinstance(definition, FunctionValue | ClassValue) else None

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
                            found.extend(self.functions(value))
        return found

    def overridden(self, of: ClassValue, names: tuple[str, ...]) -> list[FunctionValue]:
        """Methods of one of the names in a class of the program that extends the library's."""
        methods = [self.evaluator.objects.method(of, name) for name in names]
        return [method for method in methods if method is not None]

    def reads(self, site: Site, hooks: Hooks) -> list[StateRead]:
        """What the revocation hooks of a manager or a strategy read."""
        return [*self.reads_of(site, hooks.revocation, True), *self.reads_of(site, hooks.verifying, False)]

    def reads_of(self, site: Site, hooks: list[FunctionValue], dedicated: bool) -> list[StateRead]:
        """What hooks read of the server's state; a dedicated hook counts itself where nothing in it can be told."""
        found: list[StateRead] = []
        if self.verifications is None:
            return found
        for hook in hooks:
            if self.is_trivial(hook):
                continue
            path = VerificationPath(site, self.sites.place(site), [hook])
            facts = self.program.function(hook)
            claims = Claims(path.place)
            given_claims = Argument(None, None, (claims,))
            frame = Frame(hook.path, hook, outer=self.evaluator.free_frame(hook).outer)
            frame.arguments = {
                parameter.name: given_claims
                for parameter in facts.parameters
                if parameter.kind == "positional" and parameter.name not in ("self", "cls")
            }
            self.verifications.scan(path, frame, {claims}, set(), 0)
            if path.reads:
                found.extend(path.reads)
            elif dedicated:
                found.append(StateRead("denylist", self.program.place(hook.path, facts.at), hook, frozenset()))
        return found

    def dependents(self, site: Site) -> VerificationPath:
        """What dependencies do with the claims that a manager gives them (``credentials = Security(access)``)."""
        path = VerificationPath(site, self.sites.place(site))
        guard = self.sites.knowledge.meaning(dotted(site.callee), "guard") if site.callee is not None else None
        if self.verifications is None or guard is None or guard.api.returns != "claims":
            return path
        claims = Claims(path.place)
        application = self.program.applications[site.path]
        for other, index in self.program.modules.items():
            for facts in index.module.functions if self.program.applications[other] == application else ():
                function = FunctionValue(other, facts.name)
                if function in self.verifications.handlers.routes:
                    continue  # what one handler reads says nothing of the others
                frame = self.evaluator.free_frame(function)
                injected = [one for one in facts.parameters if one.default is not None or one.annotation is not None]
                if any(claims in self.evaluator.parameters.parameter_values(frame, function, one) for one in injected):
                    path.functions.append(function)
        seen: set[FunctionValue] = set()
        for function in tuple(path.functions):
            self.verifications.scan(path, self.evaluator.free_frame(function), set(), seen, 0)
        return path

    def is_trivial(self, function: FunctionValue) -> bool:
        """Whether a hook does nothing but return a constant."""
        steps = self.program.function(function).steps
        return all(step.kind == "return" and isinstance(step.value, Constant) for step in steps)

    def overrides_of(self, api: Api) -> list[FunctionValue]:
        """The program's overrides of a claims hook's method."""
        found: list[FunctionValue] = []
        for function in self.program.methods_by_name.get(api.method, ()):
            owner = self.program.function(function).owner
            if any(base in api.match for base in self.evaluator.objects.external_bases(ClassValue(function.path, owner))):
                found.append(function)
        return found
