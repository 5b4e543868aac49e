"""Classes that authenticate requests: named in settings, at views, given to an API, or extended by the program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import Call, Expression, Name, Sequence
from jwtlint.linker.configured import Origin, Recorder
from jwtlint.linker.frames import Frame
from jwtlint.linker.hooks import HookFinder
from jwtlint.linker.sites import Site
from jwtlint.linker.values import Claims, ClassValue, Instance, Listing, Literal, Result, Value, dotted
from jwtlint.linker.verification import Verifications

AT_VIEWS = "authentication_classes"
# how much of an application an authentication class guards, the widest first
APPLICATION, MIDDLEWARE, API, VIEW = range(4)


@dataclass(frozen=True, slots=True)
class Authenticator:
    """An authentication class where the program names it. ``own`` is the program's class that extends the library's."""

    origin: Origin
    own: ClassValue | None
    reach: int


class AuthenticationClasses:
    """Finds the authentication classes, tells the evaluator what they make of a request, and judges them."""

    def __init__(self, recorder: Recorder, hooks: HookFinder) -> None:
        self.recorder = recorder
        self.hooks = hooks
        self.sites = recorder.sites
        self.evaluator = recorder.sites.evaluator
        self.program = recorder.program
        self.knowledge = recorder.sites.knowledge
        self.all = [*self.in_settings(), *self.at_views(), *self.given_to_apis()]
        for origin in [*(one.origin for one in self.all), *(recorder.origin(site) for site in self.sites.find("manager"))]:
            self.tell_credentials(origin)

    # -- where they are named --------------------------------------------------------------------------------------

    def in_settings(self) -> Iterator[Authenticator]:
        """Named in Django's settings."""
        for meaning, reach in (("authentication-classes", APPLICATION), ("middleware", MIDDLEWARE)):
            for assigned in self.recorder.settings.everywhere(meaning):
                for setting in assigned.settings:
                    for value in self.recorder.settings.elements(setting):
                        place = value.place if isinstance(value, Literal) else None
                        yield from self.authenticators(value, setting.frame.path, place or setting.place, reach)

    def at_views(self) -> Iterator[Authenticator]:
        """Named in a view's ``authentication_classes``, or by the decorator of that name."""
        for path, number in self.program.mentions.get(AT_VIEWS, ()):
            index = self.program.modules[path]
            if number < len(index.module.functions):
                for decorator in index.module.functions[number].decorators:
                    if isinstance(decorator, Call) and getattr(decorator.function, "name", "") == AT_VIEWS:
                        for argument in decorator.positional:
                            yield from self.listed(argument, self.evaluator.module_frame(path), VIEW)
                continue
            for class_ in index.module.classes:
                for step in class_.steps:
                    if step.kind == "assign" and isinstance(step.target, Name) and step.target.name == AT_VIEWS and step.value is not None:
                        yield from self.listed(step.value, self.evaluator.class_frame(ClassValue(path, class_.name)), VIEW)

    def given_to_apis(self) -> Iterator[Authenticator]:
        """Given to an API, a router or a route (``NinjaAPI(auth=JWTAuth())``)."""
        for path, number in self.program.mentions.get("auth", ()):
            if not self.may_authenticate(path):
                continue
            index = self.program.modules[path]
            calls, reach = [call for call, _ in index.calls_in(number)], API
            if number < len(index.module.functions):
                reach = VIEW
                calls = [decorator for decorator in index.module.functions[number].decorators if isinstance(decorator, Call)]
            for call in calls:
                for keyword in call.keywords:
                    if keyword.name == "auth":
                        yield from self.listed(keyword.value, self.evaluator.module_frame(path), reach)

    def may_authenticate(self, path: str) -> bool:
        """Whether an application imports a library that has authentication classes."""
        imports = self.program.imports_of(self.program.applications[path])
        return any(
            name in imports
            for model in self.knowledge.models
            if any(api.fact == "authentication" for api in model.api)
            for name in model.imports
        )

    def listed(self, node: Expression, frame: Frame, reach: int) -> Iterator[Authenticator]:
        """What an expression names, itself or in a list."""
        nodes = node.items if isinstance(node, Sequence) else (node,)
        for one in nodes:
            place = self.evaluator.place(frame, one.at)
            for value in self.evaluator.evaluate(one, frame):
                values = [part for item in value.items for part in item] if isinstance(value, Listing) else [value]
                for part in values:
                    made = part.place if isinstance(part, Result) else place
                    yield from self.authenticators(part, made.path, made, reach)

    def authenticators(self, value: Value, path: str, place: Place, reach: int) -> Iterator[Authenticator]:
        """The authentication class that a value is or names."""
        own: ClassValue | None = None
        named = self.hooks.named(path, value)
        if isinstance(value, Instance):
            own = value.of
        elif isinstance(named, ClassValue):
            own = named
        if own is not None:
            names = self.evaluator.objects.external_bases(own)
        else:
            names = [str(value.value)] if isinstance(value, Literal) else [dotted(value)]
        for name in names:
            meaning = self.knowledge.meaning(name, "authentication") if name else None
            if meaning is not None:
                yield Authenticator(Origin(meaning, path, place), own, reach)
                return

    # -- what they make of a request -------------------------------------------------------------------------------

    def tell_credentials(self, origin: Origin) -> None:
        """Let ``request.auth`` be what the library makes of it, where the program does not say so itself."""
        application = self.program.applications[origin.path]
        returns = origin.meaning.api.returns
        credentials = self.evaluator.requests.credentials.setdefault(application, [])
        if returns == "claims":
            credentials.append(Claims(origin.place))
        elif returns == "user":
            user = self.evaluator.calls.user_class(origin.path)
            if user is not None:
                credentials.append(Instance(user, row=True))

    # -- what they verify ------------------------------------------------------------------------------------------

    def judge(self, minting: set[str], verifications: Verifications) -> None:
        """The verifications that they stand for. A class with a verifying call of its own is judged there."""
        verifying = {
            ClassValue(path.site.function.path, self.program.function(path.site.function).owner)
            for path in verifications.all
            if path.site.function is not None and path.site.meaning.api.fact == "verify"
        }
        widest: dict[tuple[str, str], int] = {}
        for one in sorted(self.all, key=lambda one: (one.reach, one.origin.place)):
            application = self.recorder.application(one.origin.path)
            if application in minting:
                self.recorder.found.verifiers[one.origin.place] = application
            key = (application, one.origin.meaning.library)
            # the settings may name several classes; of narrower places the first one says enough
            if application not in minting or (key in widest and (widest[key] != one.reach or one.reach > MIDDLEWARE)):
                continue
            widest[key] = one.reach
            self.recorder.found.verifiers[one.origin.place] = application
            if one.origin.meaning.api.reloads_user:
                self.recorder.found.user_loading.add(application)
            if one.own is None or not verifying & set(self.evaluator.objects.lineage(one.own)):
                self.verification(one, application)

    def verification(self, one: Authenticator, application: str) -> None:
        """The verification that one class stands for, with the state that its overrides read."""
        kind: facts.RevocationKind = "none"
        api = one.origin.meaning.api
        if one.own is not None:
            nothing = Call(self.program.class_(one.own).at, Name(self.program.class_(one.own).at, one.own.name), (), ())
            site = Site(one.origin.meaning, one.own.path, None, nothing, None, "", one.own)
            reads = self.hooks.reads_of(site, self.hooks.overridden(one.own, api.revocation_hooks), False)
            if reads:
                kind = reads[0].kind
                self.recorder.lookups(application, reads)
        self.recorder.verification(one.origin, kind)
