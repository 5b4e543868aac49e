"""What mints by configuration: strategies of login frameworks, ready views and routes, settings that switch a library to tokens."""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.facts.program import Attribute, Call, Name
from jwtlint.linker.claims_hooks import ClaimsHooks
from jwtlint.linker.configured import Origin, Recorder
from jwtlint.linker.frames import Frame
from jwtlint.linker.given import given
from jwtlint.linker.hooks import HookFinder, Hooks
from jwtlint.linker.knowledge import Meaning
from jwtlint.linker.library_settings import Expiry
from jwtlint.linker.lifetimes import Lifetime, Lifetimes
from jwtlint.linker.responses import ResponseHooks
from jwtlint.linker.sites import Site
from jwtlint.linker.traversal import walk
from jwtlint.linker.values import ClassValue, FunctionValue, Literal, Result, Value, dotted, root


class MintViews:
    """Finds the configuration that mints."""

    def __init__(self, recorder: Recorder, hooks: HookFinder, claims: ClaimsHooks, responses: ResponseHooks) -> None:
        self.recorder = recorder
        self.hooks = hooks
        self.claims = claims
        self.responses = responses
        self.sites = recorder.sites
        self.settings = recorder.settings
        self.evaluator = recorder.sites.evaluator
        self.program = recorder.program
        self.knowledge = recorder.sites.knowledge
        self.lifetimes = Lifetimes(self.evaluator)
        self.routed: set[int] = set()  # the calls that a route was found to lead to
        self.switched: dict[tuple[str, str], Meaning] = {}  # routes that a setting switches to tokens, by application and library

    def read(self) -> None:
        """Every mint by configuration."""
        self.strategies()
        self.strategy_classes()
        self.routes()
        self.views()
        self.switches()

    # -- strategies ------------------------------------------------------------------------------------------------

    def strategies(self) -> None:
        """Objects of login frameworks that mint and verify."""
        for site in self.sites.find("strategy"):
            origin = self.recorder.origin(site)
            hooks = self.hooks.of_manager(site)
            contexts = [self.claims.read(hook) for hook in hooks.claims]
            lifetime, expiry = self.lifetime_of(site)
            own = self.claims.lifetime(contexts)
            self.recorder.mint(origin, own or lifetime, "set" if own is not None else expiry)
            for context in contexts:
                self.recorder.claims(context, self.recorder.application(site.path), origin.place)
            self.verification(site, origin, hooks)
            key = given(self.sites, site, "key")
            if key is not None:
                self.recorder.signing_keys(key.values, origin.place, site.path)
            self.responses.answer(origin, hooks.response)
            self.recorder.found.cookie_carriers.append(origin)
            query = given(self.sites, site, "query")
            if query is not None and any(isinstance(value, Literal) and value.value is True for value in query.values):
                self.recorder.query(site.meaning.library, query.place or origin.place, origin.key)

    def lifetime_of(self, site: Site) -> tuple[Lifetime | None, Expiry]:
        """A strategy's lifetime: what it is given, or what the settings say."""
        argument = given(self.sites, site, "lifetime")
        if argument is None:
            return self.settings.lifetime(site.path, site.meaning.api)
        if argument.values and all(isinstance(value, Literal) and value.value is None for value in argument.values):
            return None, "missing"
        found = self.lifetimes.of(argument.values, site.meaning.api.lifetime_unit)
        return (Lifetime(found.seconds, found.place or argument.place) if found is not None else None), "set"

    def verification(self, site: Site, origin: Origin, hooks: Hooks) -> None:
        """What a strategy verifies, with the state that its hooks read."""
        reads = self.hooks.reads(site, hooks)
        self.recorder.lookups(self.recorder.application(site.path), reads)
        self.recorder.verification(origin, reads[0].kind if reads else "none", reloads=bool(hooks.user))

    def strategy_classes(self) -> None:
        """Strategies that a setting names: a library's, or the program's that extends one. The authentication classes verify for them."""
        for assigned in self.settings.everywhere("strategy-class"):
            for setting in assigned.settings:
                for value in self.settings.elements(setting):
                    meaning = self.strategy(setting.frame.path, value)
                    if meaning is not None:
                        origin = Origin(meaning, setting.frame.path, setting.place)
                        self.recorder.mint(origin, *self.settings.lifetime(origin.path, meaning.api))
                        self.responses.answer(origin, [])

    def strategy(self, path: str, value: Value) -> Meaning | None:
        """The strategy that a setting names."""
        own = self.hooks.named(path, value)
        if isinstance(own, ClassValue):
            names = self.evaluator.objects.external_bases(own)
        else:
            names = [str(value.value)] if isinstance(value, Literal) else [dotted(value)]
        found = [self.knowledge.meaning(name, "strategy") for name in names if name]
        return next((meaning for meaning in found if meaning is not None), None)

    # -- settings that switch to tokens ----------------------------------------------------------------------------

    def switches(self) -> None:
        """Libraries that a setting switches to tokens: the setting mints, for all their ready routes."""
        for assigned in self.settings.everywhere("stateful"):
            meaning = self.switched.get((assigned.application, assigned.library))
            if meaning is not None and all(self.settings.holds(setting, assigned.model) for setting in assigned.settings):
                setting = assigned.settings[0]
                self.add(Origin(meaning, setting.frame.path, setting.place))

    # -- routes and views ------------------------------------------------------------------------------------------

    def routes(self) -> None:
        """Routes whose view, or whose included routes, mint by configuration."""
        for site in self.sites.find("routes", "route", "mint-routes"):
            if id(site.call) in self.routed:
                continue  # an include inside a route
            meaning, view = self.view_meaning(site, self.sites.frame(site.path, site.function))
            if meaning is None:
                continue
            self.routed.update(id(node) for node in walk(site.call) if isinstance(node, Call))
            if self.is_switched(meaning.library):
                self.switched.setdefault((self.recorder.application(site.path), meaning.library), meaning)
            else:
                self.add(Origin(meaning, site.path, self.sites.place(site), site.function), view)

    def is_switched(self, library: str) -> bool:
        """Whether a setting decides if a library mints tokens at all."""
        return bool(self.settings.models.get((library, "stateful")))

    def view_meaning(self, site: Site, frame: Frame) -> tuple[Meaning | None, ClassValue | None]:
        """The minting view that a route registers, and the program's class that extends it."""
        view = site.argument("view")
        candidates = [view] if view is not None else []
        candidates.extend(argument for argument in site.call.positional if argument is not view)
        for candidate in candidates:
            for value in self.evaluator.evaluate(candidate, frame):
                for name in self.names(value):
                    meaning = self.knowledge.meaning(name, "mint-view", "mint-routes")
                    if meaning is not None:
                        if isinstance(value, Result):
                            self.routed.add(id(value.call))
                        return meaning, own_class(value)
        return None, None

    def views(self) -> None:
        """Views that are made outside a route (``ObtainJSONWebToken.Field()``), and functions that a decorator makes one."""
        for site in self.sites.find("mint-view"):
            if id(site.call) not in self.routed and not self.is_switched(site.meaning.library):
                self.add(self.recorder.origin(site))
        for name in self.knowledge.names_of("mint-view"):
            for path, number in self.program.mentions.get(name, ()):
                functions = self.program.modules[path].module.functions
                for decorator in functions[number].decorators if number < len(functions) else ():
                    target = decorator.function if isinstance(decorator, Call) else decorator
                    if isinstance(target, Name | Attribute) and target.name == name:
                        function = FunctionValue(path, functions[number].name)
                        for value in self.evaluator.evaluate(target, self.evaluator.parameters.definition_frame(function)):
                            meaning = self.knowledge.meaning(dotted(value), "mint-view")
                            if meaning is not None:
                                self.add(Origin(meaning, path, self.program.place(path, decorator.at), function))

    def add(self, origin: Origin, view: ClassValue | None = None) -> None:
        """A mint with the lifetime, the answer and the cookies that the settings give it."""
        self.recorder.mint(origin, *self.settings.lifetime(origin.path, origin.meaning.api))
        self.responses.answer(origin, [], view)
        self.recorder.found.cookie_carriers.append(origin)

    def names(self, value: Value) -> Iterator[str]:
        """The dotted names that a view may be known by."""
        if isinstance(value, Literal) and isinstance(value.value, str):
            yield value.value
            return
        name = dotted(value)
        if name:
            yield name
            yield name.removesuffix(".as_view")
            if isinstance(value, Result):
                for argument in value.call.positional[:1]:
                    yield from self.settings.strings(self.evaluator.evaluate(argument, value.frame))
            return
        of = own_class(value)
        if of is not None:
            yield from self.evaluator.objects.external_bases(of)


def own_class(value: Value) -> ClassValue | None:
    """The program's class that a view stands for (``LoginView.as_view()``)."""
    start = root(value)
    of = start if isinstance(start, ClassValue) else getattr(start, "of", None)
    return of if isinstance(of, ClassValue) else None
