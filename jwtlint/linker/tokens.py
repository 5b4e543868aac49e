"""Every token that the program mints: in which contexts, with which claims, for how long, under which names."""

from __future__ import annotations

from dataclasses import dataclass, field

from jwtlint.facts.lifecycle import ClaimCategory, Place, TokenRole
from jwtlint.facts.program import Attribute, Call, Constant, Expression, Mapping, Name, Sequence, Step, Subscript
from jwtlint.linker.calls import DUMPS
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.frames import Frame
from jwtlint.linker.handlers import Handlers, Route
from jwtlint.linker.lifetimes import Lifetime, Lifetimes
from jwtlint.linker.sites import Site, Sites
from jwtlint.linker.traversal import walk
from jwtlint.linker.values import (
    Claims,
    ClassValue,
    Combined,
    Dictionary,
    FunctionValue,
    Instance,
    Literal,
    Member,
    Parameter,
    Result,
    Token,
    Value,
    Values,
    dotted,
    root,
)
from jwtlint.linker.vocabulary import claim_category, plain, words

ROW_IDS = frozenset("id pk uuid _id".split())
# the words of columns that hold state or a place in an organisation, and do not describe a person
STATE_WORDS = frozenset(
    "version epoch stamp salt seed nonce generation counter serial at tenant workspace realm project is has active enabled verified "
    "confirmed status state valid last changed updated key token".split()
)
TYPE_CLAIMS = frozenset("type typ token_type tokentype purpose action kind use token_use scope aud sub for usage reason op intent".split())


@dataclass(frozen=True, slots=True)
class ClaimEntry:
    """A claim where it enters a token, and what it may be worth."""

    name: str
    category: ClaimCategory
    place: Place
    values: Values = field(compare=False)


@dataclass(slots=True)
class Context:
    """One way in which a mint is reached: the frame of the minting function, and its callers up to the top.

    The first ``carried`` of the names are those on the way of the token itself; None where they all are. ``functions`` are those of
    functions.
    """

    frame: Frame
    claims: list[ClaimEntry] = field(default_factory=list)
    open_claims: list[Value] = field(default_factory=list)
    lifetime: Lifetime | None = None
    expires: bool | None = None
    role: TokenRole = "access"
    names: list[tuple[str, Place]] = field(default_factory=list)
    carried: int | None = None
    functions: set[str] = field(default_factory=set)
    route: Route | None = None
    top: FunctionValue | None = None

    @property
    def name_words(self) -> set[str]:
        """The words of the names on the way: functions below the handler, and what the token is bound to."""
        return {word for name, _ in self.names for word in words(name)}

    def type_words(self) -> dict[str, Place]:
        """The words of constant claims that say what a token is for."""
        found: dict[str, Place] = {}
        for claim in self.claims:
            if plain(claim.name) in TYPE_CLAIMS:
                for value in claim.values:
                    if isinstance(value, Literal) and isinstance(value.value, str):
                        for word in words(value.value):
                            found.setdefault(word, claim.place)
        return found


@dataclass(slots=True)
class Mint:
    """A minting call with all its contexts."""

    site: Site
    place: Place
    contexts: list[Context]
    key: Values = ()
    algorithm: str = ""

    @property
    def identity(self) -> str:
        """The token's identity in facts: the place of its minting call."""
        return f"{self.place.path}:{self.place.line}:{self.place.column}"

    @property
    def application_path(self) -> str:
        """The file it stands in."""
        return self.site.path


class Mints:
    """Finds the library's minting calls and reads them in each of their contexts."""

    def __init__(self, sites: Sites, handlers: Handlers, extra_roles: frozenset[str], extra_profile: frozenset[str]) -> None:
        self.sites = sites
        self.handlers = handlers
        self.evaluator = sites.evaluator
        self.graph = sites.graph
        self.program = sites.program
        self.lifetimes = Lifetimes(self.evaluator)
        self.extra_roles = extra_roles
        self.extra_profile = extra_profile
        self.signed: dict[Place, Values] | None = None
        self.all = [self.mint(site) for site in sites.find("mint") if not self.is_wrapped(site)]

    def mint(self, site: Site) -> Mint:
        """Read one minting call."""
        if site.function is None:
            frames = [self.evaluator.module_frame(site.path)]
        else:
            frames = self.graph.contexts(site.function)
        contexts = [self.context(site, frame) for frame in frames]
        free = self.sites.frame(site.path, site.function)
        key = self.evaluator.evaluate(site.argument("key"), frames[0]) or self.key_of_receiver(site, free) or self.signing_key(site)
        key = self.given_to_constructors(key)
        algorithm = self.evaluator.text(self.evaluator.evaluate(site.argument("algorithm"), frames[0])) or ""
        return Mint(site, self.sites.place(site), contexts, key, algorithm)

    def given_to_constructors(self, key: Values) -> Values:
        """A key that an object was made with, where only the class of the object is known: what its constructor is given."""
        found: list[Value] = []
        for value in key:
            if isinstance(value, Parameter) and value.function.name.endswith(".__init__"):
                for parameter in self.program.function(value.function).parameters:
                    if parameter.name == value.name:
                        for frame in self.graph.contexts(value.function)[:6]:
                            found.extend(self.evaluator.parameters.parameter_values(frame, value.function, parameter))
            else:
                found.append(value)
        return tuple(dict.fromkeys(found))

    def key_of_receiver(self, site: Site, frame: Frame) -> Values:
        """The key that the receiver was made with (``Serializer(key).dumps(...)``)."""
        callee = site.callee
        if isinstance(callee, Member) and isinstance(callee.base, Result) and "receiver_key" in site.meaning.api.args:
            argument = argument_of(site.meaning.api, "receiver_key", callee.base.call)
            return self.evaluator.evaluate(argument, callee.base.frame)
        return ()

    def signing_key(self, site: Site) -> Values:
        """The key with which a token object is signed after it was made."""
        if self.signed is None:
            self.signed = {}
            for signing in self.sites.find("sign"):
                frame = self.sites.frame(signing.path, signing.function)
                receiver = signing.call.function
                for value in self.evaluator.evaluate(receiver.value, frame) if isinstance(receiver, Attribute) else ():
                    if isinstance(value, Token):
                        self.signed[value.mint] = self.evaluator.evaluate(signing.argument("key"), frame)
        return self.signed.get(self.sites.place(site), ())

    def is_wrapped(self, site: Site) -> bool:
        """Whether the call only wraps a token that was minted before (a signed token that is encrypted as well)."""
        if site.meaning.api.returns != "object":
            return False
        place = self.sites.place(site)
        values = self.evaluator.evaluate(site.call, self.sites.frame(site.path, site.function))
        return bool(values) and all(isinstance(value, Token) and value.mint != place for value in values)

    def receiver_argument(self, site: Site, name: str, frame: Frame) -> tuple[Expression, Frame] | None:
        """An argument of the receiver's constructor: named in the model with the prefix ``receiver_``."""
        for callee in (*self.evaluator.evaluate(site.call.function, frame), site.callee):
            if isinstance(callee, Member) and isinstance(callee.base, Result):
                argument = argument_of(site.meaning.api, f"receiver_{name}", callee.base.call)
                if argument is not None:
                    return argument, callee.base.frame
        return None

    def context(self, site: Site, frame: Frame) -> Context:
        """Read a minting call in one context."""
        api = site.meaning.api
        context = Context(frame)
        self.name_context(context, site)
        for name in ("claims", "extra"):
            argument = site.argument(name)
            if argument is not None:
                self.read_claims(self.evaluator.evaluate(argument, frame), context, self.evaluator.place(frame, argument.at))
        scopes = site.argument("scopes")
        if scopes is not None:
            self.read_item("scopes", self.evaluator.evaluate(scopes, frame), self.evaluator.place(frame, scopes.at), context)
        identity = argument_of(api, "identity", site.call)
        if identity is not None:
            self.read_identity(self.evaluator.evaluate(identity, frame), context, self.evaluator.place(frame, identity.at))
        if "claims" in api.args and api.args["claims"].kw == "**":
            self.read_keywords(site, context, frame)
        self.read_assigned(site, context, frame)
        self.compare_claims(context)
        self.read_lifetime(site, context, frame)
        self.read_role(site, context)
        return context

    # -- names and roles -------------------------------------------------------------------------------------------

    def name_context(self, context: Context, site: Site) -> None:
        """Collect the names on the way from the handler to the mint."""
        frames = context.frame.chain()
        call: Expression = site.call
        for frame in frames:
            if context.carried is None and self.is_let_go(frame, call):
                context.carried = len(context.names)
            bound = self.bound_as(frame, call)
            if bound:
                context.names.append((bound, self.evaluator.place(frame, call.at)))
            if frame.function is not None:
                route = self.handlers.of(frame.function)
                if route is not None:
                    context.route = route
                    context.top = frame.function
                    break
                facts = self.program.function(frame.function)
                short = facts.name.rpartition(".")[2]
                context.names.append((short, self.program.place(frame.path, facts.at)))
                context.functions.add(short)
                context.top = frame.function
            if frame.call is None:
                break
            call = frame.call

    def is_let_go(self, frame: Frame, call: Expression) -> bool:
        """Whether what a call gives is used no further in a frame: what is called kept or sent the token itself."""
        return any(step.kind == "evaluate" and step.value is call for step in self.steps_around(frame))

    def bound_as(self, frame: Frame, call: Expression) -> str:
        """The name that a call's value gets: a variable, an attribute, a keyword, a dictionary's key."""
        steps = self.steps_around(frame)
        for step in steps:
            if step.value is None or not (step.at.line <= call.at.line <= step.at.end_line):
                continue
            for node in walk(step.value):
                if isinstance(node, Mapping):
                    for entry in node.entries:
                        if contains_node(entry.value, call) and isinstance(entry.key, Constant):
                            return str(entry.key.value)
                if isinstance(node, Call) and node is not call:
                    for keyword in node.keywords:
                        if keyword.name is not None and contains_node(keyword.value, call):
                            return keyword.name
            if step.target is not None and contains_node(step.value, call):
                return target_name(step.target, step.value, call)
        return ""

    def steps_around(self, frame: Frame) -> tuple[Step, ...]:
        if frame.function is not None:
            return self.program.function(frame.function).steps
        index = self.program.modules[frame.path]
        return index.classes[frame.owner].steps if frame.owner else index.module.steps

    def read_role(self, site: Site, context: Context) -> None:
        """Whether the token is an access or a refresh token here."""
        api = site.meaning.api
        if api.role != "access":
            context.role = api.role
            if api.role == "refresh":
                return
        types = context.type_words()
        if "refresh" in types:
            context.role = "refresh"
        elif "access" in types:
            context.role = "access"
        elif any(plain(claim.name) in ("refresh", "is_refresh") and is_true(claim.values) for claim in context.claims):
            context.role = "refresh"
        elif api.role == "access" and self.is_named_refresh_token(context):
            context.role = "refresh"

    def is_named_refresh_token(self, context: Context) -> bool:
        """Whether the names on the token's way are those of a refresh token; a function's may say that it refreshes one."""
        said = False
        for name, _ in context.names[: context.carried]:
            parts = words(name)
            if names_refresh_token(parts) and not (said and parts[0] == "refresh" and name in context.functions):
                return True
            said = said or ("access" in parts and "refresh" not in parts)
        return False

    # -- claims ----------------------------------------------------------------------------------------------------

    def category(self, name: str) -> ClaimCategory:
        """The category of a claim, with the configured names."""
        return claim_category(name, self.extra_roles, self.extra_profile)

    def read_claims(self, values: Values, context: Context, fallback: Place) -> None:
        """Add the claims of a payload."""
        for value in values:
            if isinstance(value, Member) and isinstance(value.base, Instance) and value.base.row and value.name in DUMPS:
                value = value.base
            if isinstance(value, Instance):
                if value.row:
                    context.claims.append(ClaimEntry("user", "profile", fallback, (value,)))
                    continue
                value = self.evaluator.objects.as_dictionary(value) or value
            if isinstance(value, Dictionary):
                for item in value.items:
                    self.read_item(item.key, item.values, item.place, context)
                for part in value.rest:
                    if part not in context.open_claims:
                        context.open_claims.append(part)
            elif value not in context.open_claims and not isinstance(value, Literal):
                context.open_claims.append(value)

    def read_item(self, key: str | None, values: Values, place: Place, context: Context) -> None:
        """Add one claim; the entries of a nested dictionary count as claims of their own."""
        if key is None:
            return
        category = self.category(key)
        nested = [value for value in values if isinstance(value, Dictionary) and any(item.key is not None for item in value.items)]
        if nested and category in ("identifier", "profile", "other") and plain(key) not in ("address",):
            for value in nested:
                for item in value.items:
                    self.read_item(item.key, item.values, item.place, context)
            return
        if category == "other" or (category == "identifier" and plain(key) in ("sub", "identity", "subject")):
            category = self.category_of_value(values, category)
        entry = ClaimEntry(key, category, place, values)
        if all((one.name, one.place) != (entry.name, entry.place) for one in context.claims):
            context.claims.append(entry)

    def category_of_value(self, values: Values, default: ClaimCategory) -> ClaimCategory:
        """A claim under a name that says nothing may still hold a role or a whole user."""
        for value in values:
            if isinstance(value, Member) and default == "other":
                found = self.category(value.name)
                if found in ("authorization", "secret"):
                    return found
                if self.describes(value):
                    return "profile"
        return default

    def describes(self, value: Member) -> bool:
        """Whether a value is a column of a user that describes the person: no key, no version, no time."""
        start = root(value)
        if not (isinstance(start, Instance) and start.of == self.evaluator.calls.user_class(start.of.path)):
            return False
        last = words(value.name)[-1:] or ("",)
        return last[0] not in (
            "id",
            "pk",
            "uuid",
            "key",
            "version",
            "stamp",
            "epoch",
            "at",
            "hash",
            "salt",
            "nonce",
            "token",
            "count",
            "seq",
            "generation",
        )

    def compare_claims(self, context: Context) -> None:
        """Decide on claims whose names say nothing by what else is taken from the same thing: beside its id, they describe it."""
        owners = {value.base for claim in context.claims for value in claim.values if isinstance(value, Member) and value.name in ROW_IDS}
        for number, claim in enumerate(context.claims):
            for value in claim.values:
                if claim.category == "other" and isinstance(value, Member) and value.base in owners:
                    found = "identifier" if value.name in ROW_IDS else self.category(value.name)
                    if found == "other" and not set(words(value.name)) & STATE_WORDS:
                        found = "profile"
                    context.claims[number] = ClaimEntry(claim.name, found, claim.place, claim.values)

    def read_identity(self, values: Values, context: Context, place: Place) -> None:
        """Add the identity that a login framework is given: an identifier, or a dictionary of claims."""
        for value in values:
            if isinstance(value, Dictionary):
                self.read_claims((value,), context, place)
            elif isinstance(value, Instance) and not value.row and self.evaluator.objects.as_dictionary(value) is not None:
                self.read_claims((value,), context, place)
        if not any(isinstance(value, Dictionary) for value in values):
            context.claims.append(ClaimEntry("sub", "identifier", place, values))

    def read_keywords(self, site: Site, context: Context, frame: Frame) -> None:
        """Claims that a library takes as free keywords."""
        taken = {keyword for name, argument in site.meaning.api.args.items() if name != "claims" for keyword in argument.keywords}
        for keyword in site.call.keywords:
            if keyword.name is None:
                self.read_claims(self.evaluator.evaluate(keyword.value, frame), context, self.evaluator.place(frame, keyword.at))
            elif keyword.name not in taken:
                self.read_item(
                    keyword.name, self.evaluator.evaluate(keyword.value, frame), self.evaluator.place(frame, keyword.at), context
                )

    def read_assigned(self, site: Site, context: Context, frame: Frame) -> None:
        """Claims that are put into the token object after it was made (``token["role"] = …``)."""
        if site.meaning.api.returns not in ("pair", "object", "token") or site.function is None:
            return
        place = self.sites.place(site)
        for step in self.program.function(site.function).steps:
            if step.kind == "assign" and isinstance(step.target, Subscript) and isinstance(step.target.value, Name | Attribute):
                bases = self.evaluator.evaluate(step.target.value, frame)
                if any(isinstance(base, Token) and base.mint == place for base in bases):
                    key = self.evaluator.text(self.evaluator.evaluate(step.target.index, frame))
                    self.read_item(key, self.evaluator.evaluate(step.value, frame), self.evaluator.place(frame, step.at), context)

    # -- lifetime --------------------------------------------------------------------------------------------------

    def read_lifetime(self, site: Site, context: Context, frame: Frame) -> None:
        """When the token ends."""
        api = site.meaning.api
        argument = site.argument("lifetime")
        if argument is not None:
            values = self.evaluator.evaluate(argument, frame)
            if values and all(isinstance(value, Literal) and value.value is False for value in values):
                context.expires = False
                return
            given = tuple(value for value in values if not (isinstance(value, Literal) and value.value is None))
            if given or not values:
                context.expires = True
                context.lifetime = self.lifetimes.of(given, api.lifetime_unit)
                return
        receiver = self.receiver_argument(site, "lifetime", frame)
        if receiver is not None:
            context.expires = True
            context.lifetime = self.lifetimes.of(self.evaluator.evaluate(*receiver), api.lifetime_unit)
            return
        for claim in context.claims:
            if claim.name in ("exp", "expires", "expires_at") and not all(
                isinstance(value, Literal) and value.value is None for value in claim.values or (None,)
            ):
                context.expires = True
                found = self.lifetimes.of(claim.values, 1, True)
                if found is not None and (context.lifetime is None or found.seconds > context.lifetime.seconds):
                    context.lifetime = found
        if context.expires:
            return
        if api.lifetime_setting or api.lifetime_default is not None:
            context.expires = None  # settled by the settings
            return
        known = all(self.closed(value) for value in context.open_claims)
        context.expires = False if known and (context.claims or not context.open_claims) and self.read_payload(site) else None

    def read_payload(self, site: Site) -> bool:
        """Whether the model says where the claims are, so that a missing ``exp`` means that there is none."""
        return "claims" in site.meaning.api.args and not site.meaning.api.expiry_claim

    def closed(self, value: Value) -> bool:
        """Whether a part of a payload whose keys are not known can be taken to hold no ``exp``."""
        return False if isinstance(value, Parameter | Claims | Member | Result | Combined | Instance) else bool(value)


def names_refresh_token(parts: tuple[str, ...]) -> bool:
    """Whether a name is that of a refresh token, not that of refreshing something."""
    if "refresh" not in parts or "access" in parts:
        return False
    return parts[0] != "refresh" or parts in (("refresh",), ("refresh", "jwt")) or parts[:2] == ("refresh", "token")


def is_true(values: Values) -> bool:
    """Whether values are the constant True."""
    return bool(values) and all(isinstance(value, Literal) and value.value is True for value in values)


def contains_node(node: Expression, wanted: Expression) -> bool:
    """Whether an expression is, or holds, another (by identity)."""
    return any(one is wanted for one in walk(node))


def target_name(target: Expression, value: Expression, call: Expression) -> str:
    """The name that a target gives to a call in the assigned value."""
    if isinstance(target, Sequence) and isinstance(value, Sequence):
        for one, part in zip(target.items, value.items, strict=False):
            if contains_node(part, call):
                return target_name(one, part, call)
    if isinstance(target, Name | Attribute):
        return target.name
    if isinstance(target, Subscript) and isinstance(target.index, Constant):
        return str(target.index.value)
    return ""


__all__ = ["ClaimEntry", "ClassValue", "Context", "Mint", "Mints", "dotted"]
