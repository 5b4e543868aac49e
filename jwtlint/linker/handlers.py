"""The program's request handlers: which functions they are, under which route, and the part they play."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from jwtlint.facts.lifecycle import HandlerRole
from jwtlint.facts.program import Attribute, Call, Constant, Expression, Name, Sequence
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.sites import Sites
from jwtlint.linker.values import ClassValue, Closure, FunctionValue, Method, Value, dotted
from jwtlint.linker.vocabulary import words

LOGOUT = (("logout",), ("signout",), ("log", "out"), ("sign", "out"), ("logoff",), ("log", "off"))
SIGNUP = (("signup",), ("register",), ("registration",), ("sign", "up"), ("registrations",), ("join",))
LOGIN = (
    ("login",),
    ("signin",),
    ("log", "in"),
    ("sign", "in"),
    ("authenticate",),
    ("authentication",),
    ("auth",),
    ("obtain",),
    ("token",),
    ("tokens",),
    ("session",),
    ("sessions",),
    ("jwt",),
    ("authorize",),
)
SECOND_STEP = (("magic",), ("passwordless",), ("otp",), ("totp",), ("mfa",), ("2fa",), ("two", "factor"))  # of a login that mints
FEDERATED = (("callback",), ("oauth",), ("sso",), ("google",), ("github",), ("facebook",), ("oidc",), ("saml",))
IMPERSONATION = (("impersonate",), ("impersonation",), ("masquerade",), ("login", "as"))
GENERIC_METHODS = frozenset(
    (
        "perform_mutation perform_create perform_update perform_destroy handle process execute get post put patch delete head "
        "options mutate create update list retrieve destroy partial_update dispatch on_get on_post GET POST"
    ).split()
)


@dataclass(slots=True)
class Route:
    """A handler: a function, the class it is a method of, and the paths it answers."""

    function: FunctionValue
    owner: ClassValue | None = None
    paths: list[str] = field(default_factory=list)
    methods: set[str] = field(default_factory=set)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of its names and routes."""
        short = self.function.name.rpartition(".")[2]
        found = list(words(short)) if short not in GENERIC_METHODS else []
        if self.owner is not None:
            found.extend(words(self.owner.name.rpartition(".")[2]))
        for path in self.paths:
            found.extend(words(path))
        return tuple(found)


def contains(given: tuple[str, ...], phrases: tuple[tuple[str, ...], ...]) -> bool:
    """Whether one of the phrases stands in a sequence of words."""
    for phrase in phrases:
        size = len(phrase)
        if any(given[start : start + size] == phrase for start in range(len(given) - size + 1)):
            return True
    return False


class Handlers:
    """All handlers of the program."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.evaluator = sites.evaluator
        self.program = sites.program
        self.knowledge = sites.knowledge
        self.routes: dict[FunctionValue, Route] = {}
        self.from_decorators()
        self.from_registrations()
        self.from_classes()
        self.from_template_methods()

    def from_template_methods(self) -> None:
        """Views whose handler is inherited from a class of the program that calls a method of theirs: that method stands for it."""
        for route in list(self.routes.values()):
            facts = self.program.function(route.function)
            if not facts.owner or not facts.parameters:
                continue
            own = facts.parameters[0].name
            called = {
                call.function.name
                for number, one in enumerate(self.program.modules[route.function.path].module.functions)
                if one is facts
                for call, _ in self.program.modules[route.function.path].calls_in(number)
                if isinstance(call.function, Attribute) and isinstance(call.function.value, Name) and call.function.value.name == own
            }
            handler = facts.name.rpartition(".")[2]
            replaced = False
            for derived in self.evaluator.objects.derived(ClassValue(route.function.path, facts.owner)):
                methods = self.program.modules[derived.path].methods.get(derived.name, {})
                if handler in methods:
                    continue
                for name in called & methods.keys():
                    if name.startswith(("perform", "do_", "handle", "process", "execute", "on_")):
                        self.route(FunctionValue(derived.path, methods[name].name), derived)
                        replaced = True
            if replaced:
                self.routes.pop(route.function, None)

    def route(self, function: FunctionValue, owner: ClassValue | None = None) -> Route:
        """The route of a function, made when it is new."""
        route = self.routes.get(function)
        if route is None:
            facts = self.program.function(function)
            own = ClassValue(function.path, facts.owner) if facts.owner else None
            route = self.routes[function] = Route(function, owner or own)
        elif owner is not None:
            route.owner = owner
        return route

    def from_decorators(self) -> None:
        """Handlers that a decorator registers."""
        names = self.knowledge.names_of("route")
        for path, index in self.program.modules.items():
            for function in index.module.functions:
                for decorator in function.decorators:
                    target = decorator.function if isinstance(decorator, Call) else decorator
                    if isinstance(target, Name | Attribute) and target.name in names:
                        self.decorated(path, function.name, decorator, target)
            for class_ in index.module.classes:
                for decorator in class_.decorators:
                    target = decorator.function if isinstance(decorator, Call) else decorator
                    if isinstance(target, Name | Attribute) and target.name in names | self.knowledge.names_of("routes"):
                        self.of_view(ClassValue(path, class_.name), self.path_of(path, decorator, ("route", "routes")), forced=True)

    def decorated(self, path: str, name: str, decorator: Expression, target: Name | Attribute) -> None:
        frame = self.evaluator.parameters.definition_frame(FunctionValue(path, name))
        known = False
        for value in self.evaluator.evaluate(target, frame):
            if any(self.knowledge.meaning(one, "route") for one in self.sites.names(value)):
                known = True
        if not known and isinstance(target, Attribute) and self.sites.best_pattern(target.name, path, ("route",)) is not None:
            known = True
        if known:
            route = self.route(FunctionValue(path, name))
            route.paths.extend(self.path_of(path, decorator, ("route",)))

    def path_of(self, path: str, decorator: Expression, facts: tuple[str, ...]) -> list[str]:
        """The paths that a decorator gives."""
        if not isinstance(decorator, Call):
            return []
        texts = [argument.value for argument in decorator.positional if isinstance(argument, Constant)]
        texts.extend(
            keyword.value.value
            for keyword in decorator.keywords
            if isinstance(keyword.value, Constant) and keyword.name in ("path", "rule", "uri", "url", "url_path")
        )
        return [text for text in texts if isinstance(text, str)]

    def from_registrations(self) -> None:
        """Handlers that a call registers: ``path("login/", view)``, ``add_url_rule``, ``add_resource`` and their like."""
        for site in self.sites.find("route", "routes"):
            view = argument_of(site.meaning.api, "view", site.call)
            if view is None:
                continue
            where = argument_of(site.meaning.api, "path", site.call)
            frame = self.sites.frame(site.path, site.function)
            paths = (
                [text for text in [self.evaluator.text(self.evaluator.evaluate(where, frame))] if text is not None]
                if where is not None
                else []
            )
            paths.extend(
                argument.value for argument in site.call.positional if isinstance(argument, Constant) and isinstance(argument.value, str)
            )
            for value in self.evaluator.evaluate(view, frame):
                self.registered(value, paths, view, frame)

    def registered(self, value: Value, paths: list[str], view: Expression, frame: object) -> None:
        if isinstance(value, FunctionValue):
            self.route(value).paths.extend(paths)
        elif isinstance(value, Closure):
            self.route(value.function).paths.extend(paths)
        elif isinstance(value, Method):
            self.route(value.function).paths.extend(paths)
        elif isinstance(value, ClassValue):
            self.of_view(value, paths, forced=True)
        else:
            start = view_class(value)
            if start is not None:
                self.of_view(start, paths, forced=True)

    def from_classes(self) -> None:
        """The handler methods of view classes."""
        for path, index in self.program.modules.items():
            for name in index.classes:
                self.of_view(ClassValue(path, name), [])

    def of_view(self, value: ClassValue, paths: list[str], forced: bool = False) -> None:
        """The handler methods of one class, if it is a view."""
        handlers: set[str] = set()
        for base in self.evaluator.objects.external_bases(value):
            for known, methods in self.knowledge.base_classes.items():
                if base == known or (
                    base.rpartition(".")[2] == known.rpartition(".")[2] and base.partition(".")[0] == known.partition(".")[0]
                ):
                    handlers.update(methods)
        if forced and not handlers:
            handlers = {"get", "post", "put", "patch", "delete", "GET", "POST", "PUT", "PATCH", "DELETE"}
        for one in self.evaluator.objects.lineage(value):
            if not isinstance(one, ClassValue):
                continue
            for short, function in self.program.modules[one.path].methods.get(one.name, {}).items():
                if short in handlers or any(self.is_action(decorator) for decorator in function.decorators):
                    route = self.route(FunctionValue(one.path, function.name), value if one == value else None)
                    route.paths.extend(path for path in paths if path not in route.paths)

    def is_action(self, decorator: Expression) -> bool:
        """Whether a decorator makes a view set's method a handler."""
        target = decorator.function if isinstance(decorator, Call) else decorator
        return isinstance(target, Name | Attribute) and target.name in ("action", "list_route", "detail_route")

    # -- roles -----------------------------------------------------------------------------------------------------

    def role(self, route: Route, mints: bool) -> HandlerRole:
        """The part that a handler plays in the story of a session, by its names and whether it mints."""
        given = route.words
        if contains(given, LOGOUT):
            return "logout"
        short = route.function.name.rpartition(".")[2].lower()
        if short == "delete" and set(given) & {"session", "sessions"} and not mints and "user" not in given:
            return "logout"
        if mints:
            if "refresh" in given or "renew" in given or "rotate" in given:
                return "refresh"
            if contains(given, IMPERSONATION):
                return "impersonation"
            if contains(given, SIGNUP) or (given[:1] == ("create",) and "user" in given):
                return "signup"
            if contains(given, LOGIN) or contains(given, SECOND_STEP):
                return "login"
            if contains(given, FEDERATED):
                return "federated-login"
        return "other"

    def of(self, function: FunctionValue | None) -> Route | None:
        """The route of a function, or of the function it is nested in."""
        while function is not None:
            if function in self.routes:
                return self.routes[function]
            scope = self.program.function(function).scope
            if not scope or scope not in self.program.modules[function.path].functions:
                return None
            function = FunctionValue(function.path, scope)
        return None

    def __iter__(self) -> Iterator[Route]:
        return iter(self.routes.values())


def view_class(value: Value) -> ClassValue | None:
    """The class in ``View.as_view()`` and its like."""
    from jwtlint.linker.values import Instance, root

    start = root(value)
    if isinstance(start, ClassValue):
        return start
    if isinstance(start, Instance):
        return start.of
    return None


__all__ = ["GENERIC_METHODS", "Handlers", "Route", "Sequence", "contains", "dotted"]
