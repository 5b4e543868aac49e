"""Sessions that a framework mints and verifies by configuration: managers, strategies, routes, settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as Choice

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.lifecycle import Flag, Place, Reason, SameSite
from jwtlint.facts.program import Constant, Expression, Sequence
from jwtlint.linker.calls import argument_of
from jwtlint.linker.delivery import Deliveries, Sent
from jwtlint.linker.flow import Flow
from jwtlint.linker.frames import Frame
from jwtlint.linker.handlers import Handlers
from jwtlint.linker.hooks import HookFinder, item_assignments
from jwtlint.linker.keys import Keys
from jwtlint.linker.knowledge import Meaning
from jwtlint.linker.library import Api
from jwtlint.linker.lifetimes import Lifetime
from jwtlint.linker.sites import Site, Sites
from jwtlint.linker.tokens import Context, Mints
from jwtlint.linker.values import ClassValue, Literal, Value, dotted, root
from jwtlint.linker.verification import StateRead, Verifications

Expiry = Choice["set", "missing", "unknown"]


@dataclass(slots=True)
class Configured:
    """What the configuration says: facts, and the state its verifiers read, by application."""

    facts: list[facts.LifecycleFact] = field(default_factory=list)
    reads: dict[str, list[StateRead]] = field(default_factory=dict)


class Configuration:
    """Reads configured sessions."""

    def __init__(self, sites: Sites, handlers: Handlers, mints: Mints) -> None:
        self.sites = sites
        self.handlers = handlers
        self.mints = mints
        self.evaluator = sites.evaluator
        self.program = sites.program
        self.knowledge = sites.knowledge
        self.settings = sites.evaluator.settings
        self.keys = Keys(self.evaluator)
        self.flow = Flow(self.evaluator)
        self.hooks = HookFinder(sites)
        self.user_loading: set[str] = set()
        self.found = Configured()

    def read(self, session_applications: set[str], verifications: Verifications | None = None) -> Configured:
        """Every fact of the configuration. Managers count only where the application mints, itself or by configuration."""
        if verifications is not None:
            self.hooks.verifications = verifications
        self.strategies()
        self.mint_views()
        minting = session_applications | {fact.application for fact in self.found.facts if isinstance(fact, facts.Mint)}
        self.managers(minting)
        self.authentication_classes(minting)
        self.claims_hooks(minting)
        self.library_keys(minting)
        return self.found

    # -- shared ----------------------------------------------------------------------------------------------------

    def application(self, path: str) -> str:
        """The application of a file."""
        return self.program.applications[path]

    def lifetime(self, site: Site, api: Api, refresh: bool = False) -> tuple[Lifetime | None, Expiry]:
        """The lifetime that the settings give, or the library's default."""
        name = api.lifetime_setting
        if name:
            assigned = self.settings.assignments(site.path, name)
            best: Lifetime | None = None
            for setting in assigned:
                values = self.evaluator.evaluate(setting.value, setting.frame)
                if values and all(isinstance(value, Literal) and value.value in (False, None) and not isinstance(value.value, int | float) or isinstance(value, Literal) and value.value is False for value in values):
                    return Lifetime(0, setting.place), "missing"
                unit = next((one.unit for _, one in self.knowledge.settings.get(name, ())), 1)
                found = self.mints.lifetimes.of(values, unit)
                if found is not None and (best is None or found.seconds > best.seconds):
                    best = Lifetime(found.seconds, found.place or setting.place)
            if assigned:
                return best, "set"
        if api.lifetime_default is None:
            return None, "missing" if not name else "unknown"
        return Lifetime(api.lifetime_default, None), "set"

    def truth(self, path: str, meaning: str, library: str, default: bool = False) -> tuple[bool | None, Place | None]:
        """A boolean setting of a library, by its meaning: its value (None: decided elsewhere) and where it is set."""
        for name, pairs in self.knowledge.settings.items():
            for owner, model in pairs:
                if owner != library or model.meaning != meaning:
                    continue
                assigned = self.settings.assignments(path, name)
                for setting in assigned:
                    values = self.evaluator.evaluate(setting.value, setting.frame)
                    constants = [value.value for value in values if isinstance(value, Literal)]
                    if model.on:
                        texts = {str(one) for one in self.strings(setting.value, setting.frame)} | {str(one) for one in constants}
                        return model.on in texts, setting.place
                    if values and len(constants) == len(values):
                        return bool(constants[0]), setting.place
                    return None, setting.place
                if not assigned and model.default is not None and not model.on:
                    default = bool(model.default)
        return default, None

    def strings(self, node: Expression, frame: Frame) -> list[str]:
        """The constant strings in a value."""
        found: list[str] = []
        for value in self.flow.parts(self.evaluator.evaluate(node, frame)):
            if isinstance(value, Literal) and isinstance(value.value, str):
                found.append(value.value)
        return found

    def rotates(self, path: str) -> bool:
        """Whether the settings rotate refresh tokens."""
        for name, pairs in self.knowledge.settings.items():
            for _, model in pairs:
                if model.meaning == "rotate":
                    for setting in self.settings.assignments(path, name):
                        if any(isinstance(value, Literal) and value.value is True for value in self.evaluator.evaluate(setting.value, setting.frame)):
                            return True
        return False

    def loads_user(self, path: str) -> bool:
        """Whether a hook of the framework loads the user on each request, in the application of a file."""
        return self.application(path) in self.user_loading

    def loads_user_of(self, application: str) -> bool:
        """The same by the application's name."""
        return application in self.user_loading

    # -- strategies and views --------------------------------------------------------------------------------------

    def strategies(self) -> None:
        """Login frameworks whose strategy object mints and verifies."""
        for site in self.sites.find("strategy"):
            api = site.meaning.api
            place = self.sites.place(site)
            frame = self.sites.frame(site.path, site.function)
            argument = argument_of(api, "lifetime", site.call)
            if argument is not None:
                values = self.evaluator.evaluate(argument, frame)
                lifetime = self.mints.lifetimes.of(values, api.lifetime_unit)
                none = bool(values) and all(isinstance(value, Literal) and value.value is None for value in values)
                expiry: Expiry = "missing" if none else "set"
            else:
                lifetime, expiry = self.lifetime(site, api)
            self.add_mint(site.meaning, site, place, lifetime, expiry)
            self.found.facts.append(self.verification(site.meaning, site.path, site.key, place, "none"))
            key = argument_of(api, "key", site.call)
            if key is not None:
                self.add_keys(self.evaluator.evaluate(key, frame), place, site.path)

    def add_mint(self, meaning: Meaning, site: Site, place: Place, lifetime: Lifetime | None, expiry: Expiry) -> None:
        """The mint that a piece of configuration stands for, with its refresh token and its body."""
        api = meaning.api
        roles: list[facts.TokenRole] = ["access", "refresh"] if api.returns == "pair" else [api.role]
        record = api.record or bool(self.truth(site.path, "installed-apps", meaning.library)[0])
        for role in roles:
            self.found.facts.append(
                facts.Mint(
                    place=place,
                    application=self.application(site.path),
                    function=site.key,
                    token=f"{place.path}:{place.line}:{place.column}",
                    purpose="session",
                    reasons=(Reason(f"{meaning.library} mints login tokens here", place),),
                    library=meaning.library,
                    role=role,
                    expiry=expiry,
                    lifetime=lifetime.seconds if lifetime is not None and role != "refresh" else None,
                    lifetime_place=(lifetime.place if lifetime is not None else None) or place,
                    record=record,
                    rotated=record and self.rotates(site.path),
                )
            )
        if api.body and self.truth(site.path, "cookie-http-only", meaning.library, True)[0] is not None:
            self.found.facts.append(
                facts.Delivery(
                    place=place,
                    application=self.application(site.path),
                    function=site.key,
                    token=f"{place.path}:{place.line}:{place.column}",
                    purpose="session",
                    medium="body",
                    handler_role="login",
                )
            )

    def mint_views(self) -> None:
        """Routes whose view, or whose included routes, mint by configuration."""
        for site in self.sites.find("routes", "route", "mint-routes"):
            frame = self.sites.frame(site.path, site.function)
            meaning = self.view_meaning(site, frame)
            if meaning is None:
                continue
            lifetime, expiry = self.lifetime(site, meaning.api)
            self.add_mint(meaning, site, self.sites.place(site), lifetime, expiry)

    def view_meaning(self, site: Site, frame: Frame) -> Meaning | None:
        """The minting view that a route registers."""
        view = argument_of(site.meaning.api, "view", site.call)
        candidates = [view] if view is not None else []
        candidates.extend(argument for argument in site.call.positional if argument is not view)
        for candidate in candidates:
            for value in self.evaluator.evaluate(candidate, frame):
                for name in self.names(value):
                    meaning = self.knowledge.meaning(name, "mint-view", "mint-routes")
                    if meaning is not None and self.enabled(site.path, meaning):
                        return meaning
        return None

    def enabled(self, path: str, meaning: Meaning) -> bool:
        """Whether the settings switch a configurable library to JWTs."""
        switches = [model for pairs in self.knowledge.settings.values() for owner, model in pairs if owner == meaning.library and model.meaning == "stateful"]
        if not switches:
            return True
        return bool(self.truth(path, "stateful", meaning.library)[0])

    def names(self, value: Value) -> list[str]:
        """The dotted names that a view may be known by."""
        if isinstance(value, Literal) and isinstance(value.value, str):
            return [value.value]
        name = dotted(value)
        if name:
            found = [name]
            if name.endswith(".as_view"):
                found.append(name[: -len(".as_view")])
            inner = getattr(value, "call", None)
            if inner is not None:
                for argument in inner.positional[:1]:
                    for one in self.evaluator.evaluate(argument, value.frame):  # type: ignore[union-attr]
                        if isinstance(one, Literal) and isinstance(one.value, str):
                            found.append(one.value)
            return found
        start = root(value)
        if isinstance(start, ClassValue):
            return self.evaluator.objects.external_bases(start)
        of = getattr(start, "of", None)
        return self.evaluator.objects.external_bases(of) if isinstance(of, ClassValue) else []

    # -- managers --------------------------------------------------------------------------------------------------

    def managers(self, minting: set[str]) -> None:
        """Configurations that verify on every request, with their hooks."""
        seen: set[tuple[str, str]] = set()
        for site in self.sites.find("manager"):
            application = self.application(site.path)
            if application not in minting or (application, site.meaning.library) in seen:
                continue
            seen.add((application, site.meaning.library))
            hooks = self.hooks.of_manager(site)
            if hooks.user:
                self.user_loading.add(application)
            reads = self.hooks.reads(site, hooks.revocation)
            place = self.sites.place(site)
            keyed = any(keyword.name in site.meaning.api.keyed_hooks for keyword in site.call.keywords)
            if reads:
                self.found.reads.setdefault(application, []).extend(reads)
                for read in reads[:1]:
                    self.found.facts.append(
                        facts.Lookup(place=read.place, application=application, function=f"{read.place.path}::{read.function.name if read.function else ''}", purpose="session", kind=read.kind)
                    )
            kind: facts.RevocationKind = reads[0].kind if reads else "library" if keyed else "none"
            fact = self.verification(site.meaning, site.path, site.key, place, kind, bool(hooks.user))
            self.found.facts.append(fact)
            for hook in hooks.claims:
                for dictionary in self.hooks.claims_given(hook):
                    context = Context(self.evaluator.free_frame(hook))
                    self.mints.read_claims((dictionary,), context, place)
                    self.add_claims(context, application, place)

    def verification(
        self, meaning: Meaning, path: str, function: str, place: Place, kind: facts.RevocationKind, reloads: bool = False
    ) -> facts.Verification:
        """The verification that a piece of configuration stands for."""
        return facts.Verification(
            place=place,
            application=self.application(path),
            function=function,
            token=f"{place.path}:{place.line}:{place.column}",
            purpose="session",
            reasons=(Reason(f"{meaning.library} verifies login tokens by this configuration", place),),
            library=meaning.library,
            revocation=kind,
            algorithms="fixed",
            reloads_user=reloads or meaning.api.reloads_user,
        )

    def add_claims(self, context: Context, application: str, mint: Place) -> None:
        """Claims that a hook adds."""
        for claim in context.claims:
            if claim.category in ("authorization", "profile", "secret"):
                self.found.facts.append(
                    facts.Claim(place=claim.place, application=application, function=f"{claim.place.path}::", purpose="session", name=claim.name, category=claim.category, trace=(Reason(f"the claim {claim.name} enters", claim.place), Reason("tokens are configured here", mint)))
                )

    def claims_hooks(self, minting: set[str]) -> None:
        """Overrides that add claims (``get_token`` of a serializer)."""
        for model in self.knowledge.models:
            for api in model.api:
                if api.fact != "claims-hook" or not api.method:
                    continue
                for function in self.hooks.overrides_of(api, api.match):
                    application = self.application(function.path)
                    frame = self.evaluator.free_frame(function)
                    facts_ = self.program.function(function)
                    context = Context(frame)
                    for key, step in item_assignments(facts_.steps):
                        self.mints.read_item(key, self.evaluator.evaluate(step.value, frame), self.evaluator.place(frame, step.at), context)
                    for dictionary in self.hooks.claims_given(function):
                        self.mints.read_claims((dictionary,), context, self.program.place(function.path, facts_.at))
                    if application in minting:
                        self.add_claims(context, application, self.program.place(function.path, facts_.at))

    # -- settings --------------------------------------------------------------------------------------------------

    def authentication_classes(self, minting: set[str]) -> None:
        """Classes that verify, named in settings."""
        for name, pairs in list(self.knowledge.settings.items()):
            if not any(model.meaning == "authentication-classes" for _, model in pairs):
                continue
            for (application, setting_name), assigned in self.settings.all().items():
                if setting_name != name:
                    continue
                for setting in assigned:
                    self.named_classes(application, setting.value, setting.frame, minting)

    def named_classes(self, application: str, value: Expression, frame: Frame, minting: set[str]) -> None:
        items = value.items if isinstance(value, Sequence) else (value,)
        for item in items:
            if not (isinstance(item, Constant) and isinstance(item.value, str)):
                continue
            meaning = self.knowledge.meaning(item.value, "authentication")
            own = self.program_class(frame.path, item.value)
            kind: facts.RevocationKind = "none"
            if meaning is None and own is not None:
                bases = self.evaluator.objects.external_bases(own)
                meaning = next((found for found in (self.knowledge.meaning(base, "authentication") for base in bases) if found is not None), None)
            if meaning is None or application not in minting:
                continue
            revocation = self.truth(frame.path, "revocation", meaning.library)[0]
            if revocation:
                kind = "library"
            place = self.program.place(frame.path, item.at)
            if meaning.api.reloads_user:
                self.user_loading.add(application)
            self.found.facts.append(self.verification(meaning, frame.path, f"{frame.path}::", place, kind))

    def program_class(self, path: str, name: str) -> ClassValue | None:
        """A class of the program by its dotted name in a setting."""
        module, _, short = name.rpartition(".")
        target = self.program.layout.resolve(path, module, 0)
        if target is not None and target in self.program.modules and short in self.program.modules[target].classes:
            return ClassValue(target, short)
        return None

    def library_keys(self, minting: set[str]) -> None:
        """The keys that libraries take from settings: the first that is set."""
        used = {(fact.application, fact.library) for fact in self.found.facts if isinstance(fact, facts.Mint | facts.Verification)}
        used |= {(self.application(mint.site.path), mint.site.meaning.library) for mint in self.mints.all}
        anchors = {(self.application(mint.site.path), mint.site.meaning.library): mint.place for mint in self.mints.all}
        for application, library in sorted(used):
            if application not in minting:
                continue
            names = [model.name for models in self.knowledge.models if models.name == library for model in models.setting if model.meaning == "key"]
            for name in names:
                assigned = self.settings.all().get((application, name), [])
                assigned = [setting for setting in assigned if not setting.development] or []
                if not assigned:
                    continue
                for setting in assigned:
                    self.add_keys(self.evaluator.evaluate(setting.value, setting.frame), anchors.get((application, library), setting.place), setting.frame.path)
                break

    def add_keys(self, values: tuple[Value, ...], place: Place, path: str) -> None:
        for origin in self.keys.literals(values):
            self.found.facts.append(
                facts.SigningKey(
                    place=origin.place,
                    application=self.application(path),
                    purpose="session",
                    source="literal" if origin.source == "literal" else "default-literal",
                    trace=(Reason("the key is set here", origin.place), Reason("tokens are signed here", place)),
                )
            )

    # -- cookies ---------------------------------------------------------------------------------------------------

    def cookies(self, deliveries: Deliveries) -> list[Sent]:
        """Cookies whose flags come from settings or from a transport object."""
        found: list[Sent] = []
        for site in self.sites.find("cookie-setter", "cookie-transport"):
            api = site.meaning.api
            frame = self.sites.frame(site.path, site.function)
            place = self.sites.place(site)
            if api.fact == "cookie-transport":
                if any(isinstance(fact, facts.Mint) and fact.application == self.application(site.path) for fact in self.found.facts):
                    found.append(
                        Sent("cookie", place, site.function, site.path, None, http_only=deliveries.flag(api, "http_only", site, frame), secure=deliveries.flag(api, "secure", site, frame), same_site=deliveries.same_site(api, site, frame))
                    )
                continue
            secure, _ = self.truth(site.path, "cookie-secure", site.meaning.library)
            http_only, _ = self.truth(site.path, "cookie-http-only", site.meaning.library, True)
            found.append(
                Sent(
                    "cookie", place, site.function, site.path, None,
                    http_only=self.as_flag(http_only),
                    secure=self.as_flag(secure),
                    same_site=self.same_site_setting(site, deliveries),
                )
            )
        return found

    def as_flag(self, value: bool | None) -> Flag:
        return "configured" if value is None else "on" if value else "off"

    def same_site_setting(self, site: Site, deliveries: Deliveries) -> SameSite:
        """SameSite from a setting."""
        for name, pairs in self.knowledge.settings.items():
            for owner, model in pairs:
                if owner == site.meaning.library and model.meaning == "cookie-same-site":
                    assigned = self.settings.assignments(site.path, name)
                    for setting in assigned:
                        values = self.evaluator.evaluate(setting.value, setting.frame)
                        constants = [value.value for value in values if isinstance(value, Literal)]
                        return deliveries.named_same_site(constants[0]) if values and len(constants) == len(values) else "configured"
                    return deliveries.named_same_site(model.default)
        return "configured"
