"""What a token is for: a verdict with its evidence.

Each purpose collects reasons with weights, for one way in which the token is minted. The words are those of functions,
variables, routes and constant claims on that way; weightier is what happens to the token: who sends it where, what the
library that mints it is for, whether some verifier turns it into the current user.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from jwtlint.facts.lifecycle import Place, Purpose, Reason
from jwtlint.facts.program import Attribute, Call, Constant, Expression, Name, Subscript
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.flow import Flow
from jwtlint.linker.frames import Frame
from jwtlint.linker.handlers import FEDERATED, LOGIN, SIGNUP, Handlers, contains
from jwtlint.linker.sites import Sites
from jwtlint.linker.tokens import ClaimEntry, Context, Mint
from jwtlint.linker.traversal import walk
from jwtlint.linker.values import Combined, FunctionValue, Instance, Literal, Member, Parameter, Value, Values, last_name
from jwtlint.linker.verification import VerificationPath
from jwtlint.linker.vocabulary import FEDERATION_WORDS, IDENTIFIERS, ONE_TIME_WORDS, SERVICE_WORDS, plain, words

LOGIN_TYPES = frozenset({"access", "refresh", "auth", "login", "session", "user", "bearer", "authentication"})
WEAK_ONE_TIME = frozenset(
    {
        "link",
        "state",
        "share",
        "preview",
        "challenge",
        "verify",
        "verification",
        "unlock",
        "approve",
        "approval",
        "mfa",
        "totp",
        "twofactor",
        "otp",
    }
)
USER_WORDS = frozenset({"user", "users", "login", "current", "authenticated", "account", "principal", "identity"})
VENDORS = frozenset(
    (
        "metabase livekit zoom twilio jitsi github gitlab apns apple google firebase vapid stream getstream intercom zendesk "
        "superset tableau looker shopify slack stripe docusign mapkit musickit agora daily vonage hasura supabase pusher ably "
        "centrifugo mercure"
    ).split()
)
STRONG_LOGIN = frozenset({"login", "signin", "authenticate", "authentication", "authorize", "obtain"})
THRESHOLD = 3


@dataclass(slots=True)
class Evidence:
    """The reasons for each purpose, with their weights."""

    weights: dict[Purpose, int] = field(default_factory=dict)
    reasons: dict[Purpose, list[Reason]] = field(default_factory=dict)

    def add(self, purpose: Purpose, weight: int, text: str, place: Place | None = None) -> None:
        """Add one reason."""
        self.weights[purpose] = self.weights.get(purpose, 0) + weight
        self.reasons.setdefault(purpose, []).append(Reason(text, place))

    def verdict(self) -> tuple[Purpose, tuple[Reason, ...]]:
        """The purpose that weighs most, if it weighs enough; ties go to the innocent."""
        order: tuple[Purpose, ...] = ("one-time", "service", "federation", "session")
        best = max(order, key=lambda purpose: self.weights.get(purpose, 0))
        if self.weights.get(best, 0) < THRESHOLD:
            return "unknown", tuple(reason for reasons in self.reasons.values() for reason in reasons)
        return best, tuple(self.reasons[best])


class Purposes:
    """Judges mints and verifications."""

    def __init__(self, sites: Sites, handlers: Handlers, verifications: list[VerificationPath]) -> None:
        self.sites = sites
        self.handlers = handlers
        self.evaluator = sites.evaluator
        self.graph = sites.graph
        self.program = sites.program
        self.flow = Flow(self.evaluator)
        self.verifications = verifications
        self.user_resolvers: dict[str, list[VerificationPath]] = {}
        for path in verifications:
            if self.resolves_user(path):
                for application in path.applications:
                    self.user_resolvers.setdefault(application, []).append(path)
        self.published: dict[str, Place] | None = None
        self.deliveries = self.delivered_tokens()
        # the functions in which a library checks a password
        self.password_checks = {
            (site.path, site.function)
            for site in sites.find("password-hash", "authenticate")
            if site.meaning.api.fact == "authenticate" or any(verb in site.name.rpartition(".")[2] for verb in ("verify", "check"))
        }
        self.served = {self.program.applications[route.function.path] for route in handlers}

    # -- mints -----------------------------------------------------------------------------------------------------

    def of_context(self, mint: Mint, context: Context) -> tuple[Purpose, tuple[Reason, ...]]:
        """What the token is for on one way to its mint."""
        evidence = Evidence()
        self.by_names(context, evidence)
        self.by_claims(context, evidence)
        self.by_library(mint, context, evidence)
        self.by_route(mint, context, evidence)
        self.by_delivery(mint, context, evidence)
        self.by_verifier(mint, context, evidence)
        self.by_key(mint, evidence)
        self.by_issuer(mint, context, evidence)
        return evidence.verdict()

    def by_key(self, mint: Mint, evidence: Evidence) -> None:
        """A key that is named after another company's service is checked there."""
        argument = argument_of(mint.site.meaning.api, "key", mint.site.call)
        written = [part.name for part in walk(argument) if isinstance(part, Name | Attribute)] if argument is not None else []
        for name in (*written, *self.flow.names(mint.key)):
            vendor = set(words(name)) & VENDORS
            if vendor:
                evidence.add("federation", 6, f"the key belongs to {sorted(vendor)[0]}", mint.place)
                return

    def by_issuer(self, mint: Mint, context: Context, evidence: Evidence) -> None:
        """An application that publishes its keys signs for others whatever it addresses to them."""
        top = context.top.path if context.top is not None else mint.site.path
        place = self.publishers().get(self.program.applications[top])
        names = {plain(claim.name) for claim in context.claims}
        if place is None or not names & {"aud", "client_id", "azp"}:
            return
        evidence.add("federation", 5, "the application publishes its keys, and the token is addressed to an audience", place)
        if names & {"client_id", "azp", "nonce"}:
            evidence.add("federation", 4, "it names the client that it is for", place)

    def publishers(self) -> dict[str, Place]:
        """The applications that publish keys: by a call, or by a route of that name."""
        if self.published is None:
            self.published = {}
            for site in self.sites.find("published-keys"):
                self.published.setdefault(self.program.applications[site.path], self.sites.place(site))
            for route in self.handlers:
                if {"jwks", "jwk", "certs"} & set(route.words) or {"openid", "configuration"} <= set(route.words):
                    facts = self.program.function(route.function)
                    self.published.setdefault(
                        self.program.applications[route.function.path], self.program.place(route.function.path, facts.at)
                    )
        return self.published

    def by_names(self, context: Context, evidence: Evidence) -> None:
        for name, place in context.names:
            parts = set(words(name))
            login = bool(parts & {"access", "refresh", "auth", "login", "session"})
            strong = parts & (ONE_TIME_WORDS - WEAK_ONE_TIME)
            weak = parts & WEAK_ONE_TIME
            if strong:
                evidence.add("one-time", 3, f"the name {name} speaks of {sorted(strong)[0]}", place)
            elif weak and not (parts & {"verify", "verification"} and login):
                evidence.add("one-time", 2, f"the name {name} speaks of {sorted(weak)[0]}", place)
            service = parts & SERVICE_WORDS
            if service and not login:
                evidence.add("service", 2, f"the name {name} speaks of {sorted(service)[0]}", place)
            federation = parts & FEDERATION_WORDS or ({"id_token", "idtoken"} if parts >= {"id", "token"} else set())
            if federation:
                evidence.add("federation", 3, f"the name {name} speaks of {sorted(federation)[0]}", place)
            if (login and not strong and not parts & {"link", "url", "mail", "email"}) or parts & {"jwt", "bearer"}:
                evidence.add("session", 1, f"the name {name} is that of a login's token", place)

    def by_claims(self, context: Context, evidence: Evidence) -> None:
        names = {plain(claim.name) for claim in context.claims}
        types = context.type_words()
        for word, place in types.items():
            if word in LOGIN_TYPES and not set(types) & ONE_TIME_WORDS:
                evidence.add("session", 2, f"a claim says that it is for {word}", place)
            elif word in ONE_TIME_WORDS:
                evidence.add("one-time", 6, f"a claim says that it is for {word}", place)
            elif word in SERVICE_WORDS:
                evidence.add("service", 2, f"a claim says that it is for {word}", place)
        for claim in context.claims:
            key = plain(claim.name)
            if key in ("purpose", "action", "intent") and not (set(context.type_words()) & LOGIN_TYPES):
                evidence.add("one-time", 2, f"it carries the claim {claim.name}", claim.place)
            if key in ("nonce", "at_hash", "azp", "auth_time"):
                evidence.add("federation", 2, f"it carries the OpenID Connect claim {claim.name}", claim.place)
            if key in ("resource", "embed", "room", "video", "dashboard", "rls_rules"):
                evidence.add("federation", 2, f"it carries the claim {claim.name}", claim.place)
            if key in ("redirect_uri", "redirect_url", "next", "code_verifier", "return_to", "callback"):
                evidence.add("one-time", 3, f"it carries {claim.name}", claim.place)
            if key in ("file", "path", "file_id", "invitation_id", "invite_id", "new_email", "filename", "document_id", "list_id"):
                evidence.add("one-time", 2, f"it carries {claim.name}", claim.place)
        issuer = [claim for claim in context.claims if claim.name == "iss"]
        subject = [claim for claim in context.claims if claim.category == "identifier" or claim.name == "sub"]
        userlike = [claim for claim in subject if self.of_user(claim.values) or plain(claim.name).startswith("user")]
        if issuer and not userlike:
            if not [claim for claim in subject if not self.of_service(claim.values)]:
                evidence.add("service", 3, "its issuer is an application and it names no user", issuer[0].place)
        for claim in subject:
            if self.of_service(claim.values):
                evidence.add("service", 2, "its subject is a service", claim.place)
        if userlike:
            evidence.add("session", 1, f"its claim {userlike[0].name} names a user", userlike[0].place)
        if names & {"scope"} and names >= {"iss", "aud"} and not userlike:
            evidence.add("service", 2, "issuer, audience and scope without a user")

    def may_name_user(self, claim: ClaimEntry) -> bool:
        """Whether a claim may name a user: no identifier of a thing (``guild_id``) does."""
        if claim.category == "profile":
            return True
        name = plain(claim.name)
        named = name in IDENTIFIERS or bool(set(words(name)) & USER_WORDS)
        return claim.category == "identifier" and (named or self.of_user(claim.values))

    def of_user(self, values: Values) -> bool:
        """Whether a value comes from a user."""
        for value in self.flow.parts(values, through_calls=False):
            if isinstance(value, Instance) and value.row:
                return True
            if isinstance(value, Member | Parameter) and set(words(value.name)) & USER_WORDS:
                return True
            if isinstance(value, Instance) and set(words(value.of.name)) & USER_WORDS:
                return True
        return False

    def of_service(self, values: Values) -> bool:
        """Whether a value names an application, a service or a machine."""
        flat = [
            one
            for value in values
            for one in (value.operands[0] if isinstance(value, Combined) and value.operator == "setting-default" else (value,))
        ]
        for value in flat:
            if isinstance(value, Literal) and isinstance(value.value, str):
                if value.value and not set(words(value.value)) & USER_WORDS:
                    return True
            name = value.name if isinstance(value, Member | Parameter) else ""
            if set(words(name)) & {"service", "client", "app", "issuer", "bot", "application", "server", "team", "key"}:
                return True
        return False

    def by_library(self, mint: Mint, context: Context, evidence: Evidence) -> None:
        if mint.site.meaning.api.purpose == "session":
            evidence.add("session", 4, f"{mint.site.meaning.library} mints login tokens", mint.place)

    def by_route(self, mint: Mint, context: Context, evidence: Evidence) -> None:
        route = context.route
        if route is None:
            return
        place = self.program.place(route.function.path, self.program.function(route.function).at)
        short = route.function.name
        given = route.words
        refresh = "refresh" in given or "renew" in given
        if contains(given, SIGNUP) or contains(given, LOGIN) or contains(given, FEDERATED) or refresh:
            strong = set(given) & (ONE_TIME_WORDS - WEAK_ONE_TIME) - {"recover", "magic"}
            if strong and not set(given) & {"login", "signin", "refresh"}:
                evidence.add("one-time", 3, f"its handler {short} speaks of {sorted(strong)[0]}", place)
            else:
                # a handler that is only called after a token may hand out any; one that names a user hands out logins
                sure = refresh or contains(given, SIGNUP) or contains(given, FEDERATED) or bool(set(given) & STRONG_LOGIN)
                names_user = any(claim.category == "identifier" for claim in context.claims) or bool(context.open_claims)
                if not (refresh or contains(given, SIGNUP) or contains(given, LOGIN)):
                    # another service calls back for many things but logins
                    sure = names_user = not context.claims or bool(context.open_claims) or any(map(self.may_name_user, context.claims))
                if set(given) & {"magic", "passwordless"}:
                    sure = names_user = False  # a login by a link hands out the link's token first, and the login's afterwards
                evidence.add("session", 3 if sure or names_user else 1, f"it is minted in the handler {short}", place)
        elif set(given) & (ONE_TIME_WORDS - WEAK_ONE_TIME):
            evidence.add("one-time", 3, f"its handler {short} speaks of {sorted(set(given) & (ONE_TIME_WORDS - WEAK_ONE_TIME))[0]}", place)
        else:
            evidence.add("session", 1, f"it is minted in the handler {short}", place)
        if self.checks_password(context):
            evidence.add("session", 2, "a password is checked on the way to it", place)

    def checks_password(self, context: Context) -> bool:
        """Whether the handler checks a password."""
        for frame in context.frame.chain():
            if frame.function is None:
                continue
            if (frame.path, frame.function) in self.password_checks:
                return True
            index = self.program.modules[frame.path]
            facts = self.program.function(frame.function)
            number = index.module.functions.index(facts)
            for call, _ in index.calls_in(number):
                target = call.function
                name = target.name if isinstance(target, Name) else getattr(target, "name", "")
                if {"password", "authenticate", "credentials"} & set(words(name)) and {
                    "verify",
                    "check",
                    "authenticate",
                    "validate",
                    "compare",
                } & set(words(name)):
                    return True
        return False

    def delivered_tokens(self) -> dict[Place, list[tuple[Purpose, int, str, Place, Frame]]]:
        """What is done with each token outside its minting function: mailed, sent to another service, put into a link."""
        found: dict[Place, list[tuple[Purpose, int, str, Place, Frame]]] = {}
        for site in self.sites.find("mail", "outgoing-request"):
            frames = [self.sites.frame(site.path, site.function)]
            arguments = [*site.call.positional, *(keyword.value for keyword in site.call.keywords)]
            purpose: Purpose = "one-time" if site.meaning.api.fact == "mail" else "service"
            text = "it is sent by mail" if purpose == "one-time" else "it is sent to another service"
            if purpose == "one-time" and site.function is not None:
                frames.extend(self.graph.contexts(site.function)[:8])  # a function that mails what it is given
            for frame in frames:
                for mint in {one for argument in arguments for one in self.flow.tokens(self.evaluator.evaluate(argument, frame))}:
                    found.setdefault(mint, []).append((purpose, 4, text, self.sites.place(site), frame))
        for path, index in self.program.modules.items():
            for function in index.module.functions:
                for step in function.steps:
                    if step.kind == "assign" and step.value is not None and is_authorization(step.target):
                        frame = self.evaluator.free_frame(FunctionValue(path, function.name))
                        place = self.program.place(path, step.at)
                        for mint in self.flow.tokens(self.evaluator.evaluate(step.value, frame)):
                            found.setdefault(mint, []).append(
                                ("service", 4, "it is put into the header of an outgoing request", place, frame)
                            )
        return found

    def by_delivery(self, mint: Mint, context: Context, evidence: Evidence) -> None:
        chain = {frame.function for frame in context.frame.chain()}
        told: set[Place] = set()
        for purpose, weight, text, place, frame in self.deliveries.get(mint.place, ()):
            if place in told:
                continue
            related = (
                frame.function in chain
                or any(one.function in chain for one in frame.chain())
                or context.route is None
                or self.joins(frame.function, chain)
            )
            if related:
                told.add(place)
                evidence.add(purpose, weight, text, place)
        self.handed_over(context, evidence)

    def joins(self, function: FunctionValue | None, chain: set[FunctionValue | None]) -> bool:
        """Whether a function is called from one of the chain."""
        if function is None:
            return False
        return any(caller.function in chain for caller in self.graph.callers(function))

    def handed_over(self, context: Context, evidence: Evidence) -> None:
        """A function that gets the token and whose name speaks of mail, or of a link."""
        frames = context.frame.chain()
        for frame in frames:
            if frame.function is None:
                continue
            index = self.program.modules[frame.path]
            facts = self.program.function(frame.function)
            number = index.module.functions.index(facts)
            for call, _ in index.calls_in(number):
                name = called_name(call)
                parts = set(words(name))
                if not parts & {"mail", "email", "link", "url", "sms", "notify", "notification"}:
                    continue
                if parts & {"get", "find", "filter", "by", "authenticate", "validate"}:
                    continue
                for argument in [*call.positional, *(keyword.value for keyword in call.keywords)]:
                    if self.flow.tokens(self.evaluator.evaluate(argument, self.evaluator.free_frame(frame.function))):
                        evidence.add("one-time", 3, f"it is handed to {name}", self.evaluator.place(frame, call.at))
                        return
            if frame.function == context.top and context.route is not None:
                break

    def by_verifier(self, mint: Mint, context: Context, evidence: Evidence) -> None:
        top = context.top.path if context.top is not None else mint.site.path
        application = self.program.applications[top]
        resolvers = self.user_resolvers.get(application)
        if resolvers and application in self.served:
            evidence.add("session", 2, "the application takes the current user from such tokens", resolvers[0].place)

    # -- verifications ---------------------------------------------------------------------------------------------

    def resolves_user(self, path: VerificationPath) -> bool:
        """Whether a verification gives the current user on arbitrary requests."""
        purpose, _ = self.of_verification(path)
        return purpose == "session"

    def of_verification(self, path: VerificationPath) -> tuple[Purpose, tuple[Reason, ...]]:
        """What the verified tokens are for, by the functions on the path."""
        evidence = Evidence()
        api = path.site.meaning.api
        if api.purpose == "session":
            evidence.add("session", 4, f"{path.site.meaning.library} verifies login tokens", path.place)
        if path.external_issuer:
            evidence.add("federation", 5, "the key is fetched from the issuer", path.place)
        if path.site.function is None:
            return evidence.verdict()
        below = [function for function in path.functions if self.handlers.of(function) is None]
        tops = [function for function in path.functions if self.handlers.of(function) is not None]
        if path.site.function in tops and path.site.function not in below:
            below = [path.site.function]
        self.by_function_names(below, evidence)
        handler_words = [self.handlers.of(function) for function in tops]
        one_time = [route for route in handler_words if route is not None and is_of_a_link(set(route.words))]
        if tops and len(one_time) == len(tops):
            evidence.add("one-time", 4, "only handlers of one-time links reach it", path.place)
        elif len(tops) > len(one_time) + 1 and len(tops) > 1:
            evidence.add("session", 2, f"{len(tops)} handlers reach it", path.place)
        if path.reloads_user and not (tops and len(one_time) == len(tops)):
            evidence.add("session", 2, "it loads the user that the token names", path.place)
        if self.comes_by_itself(path):
            evidence.add("session", 2, "it comes in a cookie, with each request", path.place)
        return evidence.verdict()

    def comes_by_itself(self, path: VerificationPath) -> bool:
        """Whether the token is read from a request's cookies, and not from one that keeps the state of a single login."""
        token = path.site.argument("token")
        if token is None or path.site.function is None:
            return False
        for frame in self.graph.contexts(path.site.function):
            for value in self.flow.parts(self.evaluator.evaluate(token, frame)):
                if isinstance(value, Member) and value.item and last_name(value.base).lower() == "cookies":
                    return not set(words(value.name)) & (ONE_TIME_WORDS | {"state", "nonce", "csrf", "xsrf", "oauth", "flash"})
        return False

    def by_function_names(self, functions: Iterable[FunctionValue], evidence: Evidence) -> None:
        """The names on a verifying path, nearest first."""
        for function in functions:
            facts = self.program.function(function)
            place = self.program.place(function.path, facts.at)
            short = function.name.rpartition(".")[2]
            parts = set(words(short)) | (set(words(function.name.split(".")[0])) if "." in function.name else set())
            own = set(words(short))
            if own & (ONE_TIME_WORDS - WEAK_ONE_TIME):
                evidence.add("one-time", 3, f"{short} verifies it", place)
            elif own & SERVICE_WORDS and not own & USER_WORDS:
                evidence.add("service", 2, f"{short} verifies it", place)
            elif own & {"webhook", "jwks", "oidc", "foreign", "partner", "external"}:
                evidence.add("federation", 3, f"{short} verifies it", place)
            elif (
                (
                    own
                    & {
                        "current",
                        "identify",
                        "authenticate",
                        "authenticated",
                        "authentication",
                        "required",
                        "requires",
                        "require",
                        "login",
                        "logged",
                        "protected",
                        "authorize",
                        "principal",
                    }
                )
                or (own & {"user", "identity"} and own & {"get", "load", "resolve", "request", "token", "from", "extract", "find"})
                or parts & {"middleware", "authentication", "auth", "authenticator", "bearer", "guard", "permission"}
            ):
                evidence.add("session", 3, f"{short} turns it into the current user", place)


def is_of_a_link(given: set[str]) -> bool:
    """Whether a handler's words are those of a link that is followed once (``verify`` alone may be of a session's token)."""
    return bool(given & (ONE_TIME_WORDS - WEAK_ONE_TIME) or given & {"verify", "verification"} and given & {"email", "mail", "address"})


def is_authorization(target: Expression | None) -> bool:
    """Whether an assignment sets the Authorization header of a request."""
    if not (isinstance(target, Subscript) and isinstance(target.index, Constant)):
        return False
    holder = target.value
    names = {part.name for part in walk(holder) if isinstance(part, Name | Attribute)}
    return str(target.index.value).lower() == "authorization" and not names & {"response", "resp", "res"}


def called_name(call: Call) -> str:
    """The last name of what is called."""
    target = call.function
    return getattr(target, "name", "")


__all__ = ["Evidence", "Member", "Purposes", "Value"]
