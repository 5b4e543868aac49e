"""Assembling the facts of the lifecycle from what the parts of the linker found."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.lifecycle import Place, Purpose, Reason
from jwtlint.facts.program import Attribute, Function, Name
from jwtlint.linker.bridged import Bridged
from jwtlint.linker.callgraph import CallGraph
from jwtlint.linker.calls import DUMPS
from jwtlint.linker.changes import Changes
from jwtlint.linker.configuration import Configuration
from jwtlint.linker.definitions import decorator_names
from jwtlint.linker.delivery import Deliveries, Sent
from jwtlint.linker.flow import Flow
from jwtlint.linker.handlers import Handlers, Route
from jwtlint.linker.keys import Keys
from jwtlint.linker.lifetimes import Lifetimes
from jwtlint.linker.program import REPLACED
from jwtlint.linker.purpose import Purposes
from jwtlint.linker.refresh_tokens import RefreshTokens
from jwtlint.linker.sites import Sites
from jwtlint.linker.subjects import Way, way
from jwtlint.linker.tokens import ClaimEntry, Context, Mint, Mints
from jwtlint.linker.traversal import walk
from jwtlint.linker.trust import Trusts
from jwtlint.linker.values import ClassValue, Dictionary, FunctionValue, Instance, Member, last_name
from jwtlint.linker.verification import StateRead, VerificationPath, Verifications
from jwtlint.linker.vocabulary import ACTIVE_ATTRIBUTES, plain

USERS = frozenset({"user", "current_user"})


class Story:
    """Tells the story of one program's tokens."""

    def __init__(self, graph: CallGraph, extra_roles: frozenset[str], extra_profile: frozenset[str]) -> None:
        self.graph = graph
        self.evaluator = graph.evaluator
        self.program = graph.program
        self.extra_roles = extra_roles
        self.sites = Sites(graph)
        self.find_password_holders()
        self.configuration = Configuration(self.sites)
        self.handlers = Handlers(self.sites)
        self.mints = Mints(self.sites, self.handlers, extra_roles, extra_profile)
        self.verifications = Verifications(self.sites, self.handlers)
        self.purposes = Purposes(self.sites, self.handlers, self.verifications.all)
        self.keys = Keys(self.evaluator)
        self.flow = Flow(self.evaluator)
        self.lifetimes = Lifetimes(self.evaluator)
        self.facts: list[facts.LifecycleFact] = []
        self.session_contexts: dict[int, list[tuple[Context, tuple[Reason, ...]]]] = {}
        self.purpose_of_mint: dict[Place, Purpose] = {}
        self.session_applications: set[str] = set()
        self.foreign_issuers: set[Place] = set()
        self.session_mints: set[Place] = set()
        self.bridged = Bridged(self.sites)
        self.refreshing = RefreshTokens(self)
        self.trusted_unverified: list[VerificationPath] = []
        self.ways: list[Way] = []
        self.held_for_pages: dict[tuple[str, str], Place] = {}  # what templates reach of a request that holds a token

    def tell(self) -> facts.Lifecycle:
        """Make every fact."""
        self.judge_mints()
        configured = self.configuration.read(self.session_applications, self.mints, self.verifications)
        for fact in configured.facts:
            if isinstance(fact, facts.Mint) and fact.purpose == "session":
                self.session_applications.add(fact.application)
                self.session_mints.add(fact.place)
        self.facts.extend(told for fact in configured.facts if (told := self.bridged.told(fact)) is not None)
        self.tell_mints()
        paths = self.tell_verifications()
        self.tell_trust(paths)
        self.tell_deliveries(paths)
        self.tell_handlers(paths, configured.reads)
        self.tell_keys()
        by_jwt = self.session_applications - self.bridged.applications
        applications = {name: name in by_jwt for name in sorted(set(self.program.applications.values()))}
        return facts.Lifecycle(tuple(unique(self.facts)), applications)

    def find_password_holders(self) -> None:
        """Tell the evaluator which classes keep passwords: those whose column is hashed or checked."""
        holders: set[ClassValue] = set()
        for site in self.sites.find("password-hash"):
            frame = self.sites.frame(site.path, site.function)
            for argument in site.call.positional:
                for value in self.evaluator.evaluate(argument, frame):
                    if isinstance(value, Member) and isinstance(value.base, Instance):
                        holders.add(value.base.of)
        self.evaluator.calls.password_holders = frozenset(holders)
        self.evaluator.calls.user_classes.clear()

    def application(self, path: str) -> str:
        """The application of a file."""
        return self.program.applications[path]

    # -- mints -----------------------------------------------------------------------------------------------------

    def judge_mints(self) -> None:
        """Decide the purpose of each minting call, context by context."""
        for number, mint in enumerate(self.mints.all):
            judged = [(context, *self.purposes.of_context(mint, context)) for context in mint.contexts]
            self.ways += [way(mint, context, purpose, self.evaluator) for context, purpose, _ in judged]
            session = [(context, reasons) for context, purpose, reasons in judged if purpose == "session"]
            hidden = [one for one in session if self.bridged.hides(mint, one[0])]
            if hidden:
                self.session_applications.add(self.application(mint.site.path))
                fact = self.mint_fact(mint, hidden[0][0], "unknown", hidden[0][1])
                self.facts.append(msgspec.structs.replace(fact, bridged=True))
                self.claim_facts(mint, [context for context, _ in hidden], "session", {"authorization"})
                session = [one for one in session if one not in hidden]
                if not session:
                    self.purpose_of_mint[mint.place] = "unknown"
                    continue
            if session:
                purpose: Purpose = "session"
                self.session_contexts[number] = session
                self.session_mints.add(mint.place)
                self.session_applications.add(self.application(mint.site.path))
                self.session_applications.update(self.application(one.top.path) for one, _ in session if one.top is not None)
            else:
                order = [purpose for _, purpose, _ in judged if purpose != "unknown"]
                purpose = order[0] if order else "unknown"
            self.purpose_of_mint[mint.place] = purpose
            if not session:
                context, _, reasons = next((one for one in judged if one[1] == purpose), judged[0])
                self.facts.append(self.mint_fact(mint, context, purpose, reasons))
                self.claim_facts(mint, [context], purpose, {"secret"})

    def tell_mints(self) -> None:
        """The facts of session tokens: each role once, and their claims."""
        for number, mint in enumerate(self.mints.all):
            contexts = self.session_contexts.get(number)
            if not contexts:
                continue
            # one fact for each role, and for each value that sets a lifetime
            roles: dict[tuple[str, Place | None], tuple[Context, tuple[Reason, ...]]] = {}
            for context, reasons in contexts:
                key = (context.role, context.lifetime.place if context.lifetime is not None else None)
                roles.setdefault(key, (context, reasons))
            for context, reasons in roles.values():
                for one in self.of_pair(mint, context):
                    self.facts.append(self.mint_fact(mint, one, "session", reasons))
            self.claim_facts(mint, [context for context, _ in contexts], "session", {"authorization", "profile", "secret"})
            self.refreshing.copied_claims(mint, [context for context, _ in contexts])

    def of_pair(self, mint: Mint, context: Context) -> list[Context]:
        """The access and the refresh token of a call that mints both."""
        if mint.site.meaning.api.returns != "pair" or context.role != "either":
            return [context]
        return [replace(context, role="access"), replace(context, role="refresh")]

    def lifetime_of(self, context: Context) -> int:
        """A context's lifetime in seconds; 0 when it is not known."""
        return context.lifetime.seconds if context.lifetime is not None else 0

    def mint_fact(self, mint: Mint, context: Context, purpose: Purpose, reasons: tuple[Reason, ...]) -> facts.Mint:
        api = mint.site.meaning.api
        lifetime = context.lifetime
        expiry = {True: "set", False: "missing", None: "unknown"}[context.expires]
        if context.expires is None and (api.lifetime_setting or api.lifetime_default is not None):
            lifetime, expiry = self.configuration.lifetime(mint.site, api)
        record, rotated = self.refreshing.record(mint, context)
        return facts.Mint(
            place=mint.place,
            application=self.application(mint.site.path),
            function=mint.site.key,
            token=token_identity(mint.place),
            purpose=purpose,
            reasons=reasons,
            trace=self.trace(mint, context),
            library=mint.site.meaning.library,
            wrapper=mint.site.function.name if mint.site.function is not None else "",
            role=context.role,
            expiry="set" if expiry == "set" else "missing" if expiry == "missing" else "unknown",
            lifetime=lifetime.seconds if lifetime is not None else None,
            lifetime_place=(lifetime.place if lifetime is not None else None) or mint.place,
            algorithm=mint.algorithm,
            record=record,
            rotated=rotated,
        )

    def trace(self, mint: Mint, context: Context) -> tuple[Reason, ...]:
        """The calls from the handler down to the mint."""
        found: list[Reason] = []
        for frame in reversed(context.frame.chain()):
            if frame.function is not None:
                facts_ = self.program.function(frame.function)
                short = frame.function.name
                if frame.caller is None:
                    found.append(Reason(f"in {short}", self.program.place(frame.path, facts_.at)))
            if frame.call is not None and frame.caller is not None:
                found.append(
                    Reason(f"{frame.function.name if frame.function else ''} is called", self.evaluator.place(frame.caller, frame.call.at))
                )
        found.append(Reason("token minted here", mint.place))
        return tuple(found)

    def claim_facts(self, mint: Mint, contexts: list[Context], purpose: Purpose, wanted: set[str]) -> None:
        """A fact for each claim of the wanted categories."""
        seen: set[tuple[str, Place]] = set()
        for context in contexts:
            for claim in context.claims:
                category = claim.category
                if category == "profile" and self.is_identifier(claim, context, mint):
                    category = "identifier"
                if category not in wanted or (claim.name, claim.place) in seen:
                    continue
                if self.bridged.is_fresh(self.application(mint.site.path), claim.name):
                    continue
                seen.add((claim.name, claim.place))
                self.facts.append(
                    facts.Claim(
                        place=claim.place,
                        application=self.application(mint.site.path),
                        function=mint.site.key,
                        token=token_identity(mint.place),
                        purpose=purpose,
                        trace=(Reason(f"the claim {claim.name} enters", claim.place), Reason("token minted here", mint.place)),
                        name=claim.name,
                        category=category,
                    )
                )

    def is_identifier(self, claim: ClaimEntry, context: Context, mint: Mint) -> bool:
        """Whether the server looks the user up by a claim that would otherwise describe the person."""
        key = plain(claim.name)
        if key not in ("email", "mail", "e_mail", "email_address", "phone", "phone_number", "name", "user"):
            return False
        if not any(one.category == "identifier" and one.name != claim.name for one in context.claims):
            return True
        whole = any(isinstance(value, Instance | Dictionary) or last_name(value) in DUMPS for value in claim.values)
        if key == "user" and not whole:
            return True
        application = self.application(mint.site.path)
        for path in self.verifications.all:
            if self.application(path.site.path) == application and claim.name in self.looked_up(path):
                return True
        return False

    def looked_up(self, path: VerificationPath) -> set[str]:
        """The claims by which a verifying path looks the user up."""
        found: set[str] = set()
        for function in path.functions:
            frame = self.evaluator.free_frame(function)
            index = self.program.modules[function.path]
            number = index.module.functions.index(self.program.function(function))
            for call, _ in index.calls_in(number):
                name = getattr(call.function, "name", "")
                if {"get", "filter", "find", "first", "user", "query", "load", "where", "by"} & set(name.lower().replace("_", " ").split()):
                    for argument in [*call.positional, *(keyword.value for keyword in call.keywords)]:
                        for verification, claim, _ in self.flow.claims(self.evaluator.evaluate(argument, frame)):
                            if verification == path.place:
                                found.add(claim)
        return found

    # -- verifications ---------------------------------------------------------------------------------------------

    def tell_verifications(self) -> list[VerificationPath]:
        """The facts of verifications; gives the paths of session tokens."""
        session: list[VerificationPath] = []
        settled = {one for name, paths in self.purposes.user_resolvers.items() if paths for one in (name,)}
        for path in self.verifications.all:
            application = self.application(path.site.path)
            purpose, reasons = self.purposes.of_verification(path)
            if self.program.is_generated(path.site.path):
                continue  # what an adapter asks where it found no session
            if path.place in self.bridged.verifications:
                self.facts.append(self.bridged_verification(path, reasons))
                continue
            serves_sessions = bool(path.applications & self.session_applications)
            if purpose == "unknown" and serves_sessions and not path.applications & settled and path.signature == "checked":
                purpose = "session"
            if purpose == "session" and not serves_sessions:
                purpose = "federation"
                reasons = (*reasons, Reason("the application mints no such token, so another issuer does", path.place))
            if path.external_issuer:
                purpose = "federation"
            if purpose == "federation" and path.signature == "checked":
                self.foreign_issuers.add(path.place)
            managed = path.site.meaning.api.purpose == "session" and (application, path.site.meaning.library) in self.managed()
            managed = managed or path.site.meaning.api.role == "refresh"  # a library's verifier of refresh tokens guards no request
            if path.site.meaning.api.fact != "verify" or managed:
                if purpose == "session":
                    session.append(path)
                continue
            if purpose == "session":
                session.append(path)
            kinds = [read.kind for read in path.reads]
            trusted = path.signature == "checked" or self.is_trusted(path)
            if path.signature == "skipped" and trusted and serves_sessions and purpose in ("session", "unknown"):
                self.trusted_unverified.append(path)
            self.facts.append(
                facts.Verification(
                    place=path.place,
                    application=application,
                    function=path.site.key,
                    token=token_identity(path.place),
                    purpose=purpose if path.signature == "checked" else "unknown",
                    reasons=(*reasons, *(Reason(f"it reads server-side state ({read.kind})", read.place) for read in path.reads)),
                    library=path.site.meaning.library,
                    revocation=kinds[0] if kinds else "none",
                    algorithms=path.algorithms,
                    signature=path.signature,
                    trusted=trusted,
                    external_issuer=path.external_issuer,
                    reloads_user=path.reloads_user,
                )
            )
            if purpose == "session" and path.signature == "checked":
                for read in path.reads[:1]:
                    self.facts.append(
                        facts.Lookup(
                            place=read.place,
                            application=application,
                            function=f"{read.place.path}::{read.function.name if read.function else ''}",
                            token=token_identity(path.place),
                            purpose="session",
                            kind=read.kind,
                        )
                    )
        return session

    def bridged_verification(self, path: VerificationPath, reasons: tuple[Reason, ...]) -> facts.Verification:
        """A verification that is only asked where no session was found."""
        return facts.Verification(
            place=path.place,
            application=self.application(path.site.path),
            function=path.site.key,
            token=token_identity(path.place),
            reasons=reasons,
            library=path.site.meaning.library,
            algorithms=path.algorithms,
            signature=path.signature,
            trusted=path.signature == "checked",
            bridged=True,
        )

    def managed(self) -> set[tuple[str, str]]:
        """The applications and libraries whose tokens one configuration object verifies; its place stands for all."""
        return {(self.application(site.path), site.meaning.library) for site in self.sites.find("manager", "strategy")}

    def is_trusted(self, path: VerificationPath) -> bool:
        """Whether the content of an unverified token is relied on: not only to route, and not in an unused function."""
        from jwtlint.facts.program import Attribute, Call, Subscript
        from jwtlint.linker.traversal import expressions_in

        if path.site.function is None:
            return False
        functions = path.functions
        hooks = self.evaluator.knowledge.names_of("dependency")
        if not any(
            self.handlers.of(function) is not None or decorator_names(self.program.function(function)) & hooks for function in functions
        ):
            return False
        verified = {
            one.site.function for one in self.verifications.all if one.signature == "checked" and one.site.meaning.api.fact == "verify"
        }
        if path.site.function in verified:
            return False
        read: set[str] = set()
        for function in functions[:12]:
            frame = self.evaluator.free_frame(function)
            for step in self.program.function(function).steps:
                for node in expressions_in(step):
                    if isinstance(node, Attribute | Subscript | Call):
                        for verification, name, _ in self.flow.claims(self.evaluator.evaluate(node, frame)):
                            if verification == path.place and name:
                                read.add(plain(name))
        return bool(read - {"iss", "kid", "exp", "iat", "alg", "jti", "aud", "typ", "tenant", "tid"})

    # -- trust -----------------------------------------------------------------------------------------------------

    def tell_trust(self, paths: list[VerificationPath]) -> None:
        """Decisions that rest on the claims of session tokens, or of a foreign issuer's."""
        configured = self.configuration.recorder.found.verifiers
        session = {path.place for path in paths} | set(configured)
        foreign = self.foreign_issuers
        applications = {one for path in self.verifications.all if path.place in session | foreign for one in path.applications}
        applications |= set(configured.values())
        for decision in Trusts(self.sites, self.extra_roles).decisions(applications):
            if decision.verification not in session | foreign:
                continue
            self.facts.append(
                facts.Trust(
                    place=decision.place,
                    application=self.application(decision.place.path),
                    function=f"{decision.place.path}::{decision.function.name if decision.function else ''}",
                    token=token_identity(decision.verification),
                    purpose="session" if decision.verification in session else "federation",
                    confidence="high" if decision.verification in session else "low",
                    claim=decision.claim,
                    category=decision.category,
                    fresh=decision.fresh or self.bridged.is_fresh(self.application(decision.place.path), decision.claim),
                    trace=(
                        Reason("token verified here", decision.verification),
                        Reason(f"the claim {decision.claim} is read", decision.place),
                        Reason("the decision is made here", decision.decided),
                    ),
                )
            )

    # -- deliveries ------------------------------------------------------------------------------------------------

    def tell_deliveries(self, paths: list[VerificationPath]) -> None:
        """How session tokens leave the server."""
        if not self.session_mints:
            return
        mints = {mint.place for number, mint in enumerate(self.mints.all) if number in self.session_contexts}
        deliveries = Deliveries(self.sites, self.handlers, mints)
        cookies = deliveries.cookies() + self.configuration.cookies(deliveries)
        urls = deliveries.urls()
        pages = deliveries.pages(cookies)
        sent = [*cookies, *urls, *pages]
        self.held_for_pages = deliveries.held_for_pages(cookies)
        if paths:
            sent.extend(deliveries.read_from_urls([*paths, *self.trusted_unverified]))
        routes: dict[FunctionValue, tuple[Route, facts.HandlerRole, set[Place]]] = {}
        for number, contexts in self.session_contexts.items():
            for context, _ in contexts:
                if context.route is not None:
                    route = context.route
                    role = self.handlers.role(route, True)
                    known = routes.setdefault(route.function, (route, role, set()))
                    known[2].add(self.mints.all[number].place)
        on_the_way = {
            frame.function
            for contexts in self.session_contexts.values()
            for context, _ in contexts
            for frame in context.frame.chain()
            if frame.function
        }
        urls.extend(one for one in deliveries.put_together(on_the_way) if all(one.place.line != other.place.line for other in urls))
        sent.extend(one for one in urls if one not in sent)
        elsewhere: set[FunctionValue] = set()
        for function in routes:
            reached = {frame.function for frame in self.graph.reach(self.evaluator.free_frame(function))}
            if any(one.function in reached for one in [*cookies, *urls, *pages] if one.function is not None):
                elsewhere.add(function)
        sent.extend(deliveries.bodies(routes, elsewhere))
        for one in sent:
            self.facts.append(self.delivery_fact(one))

    def delivery_fact(self, one: Sent) -> facts.Delivery:
        return facts.Delivery(
            place=one.place,
            application=self.application(one.path),
            function=f"{one.path}::{one.function.name if one.function else ''}",
            token=token_identity(one.mint) if one.mint is not None else "",
            purpose="session",
            confidence="high" if one.certain else "medium",
            medium=one.medium,
            direction="read" if one.direction == "read" else "sent",
            handler_role=one.role,
            http_only=one.http_only,
            secure=one.secure,
            same_site=one.same_site,
            name=one.name,
            fields=one.fields,
            route=one.route,
            trace=(Reason("token minted here", one.mint), Reason("delivered here", one.place)) if one.mint is not None else (),
        )

    # -- handlers --------------------------------------------------------------------------------------------------

    def tell_handlers(self, paths: list[VerificationPath], configured: dict[str, list[StateRead]]) -> None:
        """Logouts, changes of passwords and of accounts in applications whose sessions are JWTs."""
        reads: dict[str, list[StateRead]] = {name: list(values) for name, values in configured.items()}
        for path in paths:  # what one-time links are compared with ends no session
            for application in path.applications:
                reads.setdefault(application, []).extend(path.reads)
        changes = Changes(self.sites, reads)
        guards = self.run_before()
        trusting = {fact.application for fact in self.facts if isinstance(fact, facts.Trust) and not fact.fresh}
        for route in self.handlers:
            application = self.application(route.function.path)
            if application not in self.session_applications or self.program.is_generated(route.function.path):
                continue
            effects = changes.of(route)
            revokes = effects.revokes or (effects.ends_session and self.configuration.ends_with_session(application))
            role = self.handlers.role(route, False)
            if role != "logout":
                if effects.password:
                    role = "password-change"
                elif effects.deletes_user or effects.disables:
                    role = "account-end"
                elif effects.changes_role:
                    role = "role-change"
                else:
                    continue
            verifiers = [path for path in paths if application in path.applications and path.site.meaning.api.fact == "verify"]
            # the verifier that runs before handlers guards requests; among several, the one that most functions depend on
            main = max(verifiers, key=lambda path: (not guards.isdisjoint(path.functions), len(path.functions)), default=None)
            reloads = (main is not None and main.reloads_user) or self.configuration.loads_user_of(application)
            active = any(path.checks_active for path in verifiers) or self.configuration.loads_user_of(application)
            active = active or self.guards_active(application)
            if application in self.bridged.applications:
                reloads = active = True  # the look-up reads the session and its user
            survive = True
            if role == "account-end":
                survive = not reloads if effects.deletes_user and not effects.disables else not (reloads and active)
            elif role == "role-change":
                survive = (application in trusting and application not in self.bridged.applications) or not reloads
            facts_ = self.program.function(route.function)
            self.facts.append(
                facts.Handler(
                    place=Place(route.function.path, facts_.at.line, facts_.at.column, facts_.at.line, facts_.heading_end),
                    application=application,
                    function=f"{route.function.path}::{route.function.name}",
                    purpose="session",
                    role=role,
                    name=route.function.name.rstrip(REPLACED),
                    route=route.paths[0] if route.paths else "",
                    jwt_sessions=True,
                    revokes=revokes,
                    tokens_survive=survive,
                )
            )

    def run_before(self) -> set[FunctionValue]:
        """The functions that a framework runs before handlers."""
        found: set[FunctionValue] = set()
        for site in self.sites.find("dependency"):
            view = site.argument("view")
            values = self.evaluator.evaluate(view, self.sites.frame(site.path, site.function)) if view is not None else ()
            found.update(value for value in values if isinstance(value, FunctionValue))
        return found

    def guards_active(self, application: str) -> bool:
        """Whether a decorator refuses a request whose user is switched off (``if not request.ctx.user.is_active: raise …``)."""
        for name in ACTIVE_ATTRIBUTES & self.program.mentions.keys():
            for path, number in self.program.mentions[name]:
                functions = self.program.modules[path].module.functions
                if number >= len(functions) or self.application(path) != application or not functions[number].scope:
                    continue
                if any(step.kind == "raise" for step in functions[number].steps) and tests_user(functions[number], name):
                    return True
        return False

    # -- keys ------------------------------------------------------------------------------------------------------

    def tell_keys(self) -> None:
        """Keys that are literals."""
        for mint in self.mints.all:
            self.key_facts(mint.key, mint.place, mint.site.path, self.purpose_of_mint[mint.place])
        for path in self.verifications.all:
            self.key_facts(path.key, path.place, path.site.path, "unknown")

    def key_facts(self, values: tuple[object, ...], place: Place, path: str, purpose: Purpose) -> None:
        for origin in self.keys.literals(values):  # type: ignore[arg-type]
            self.facts.append(
                facts.SigningKey(
                    place=origin.place,
                    application=self.application(path),
                    token=token_identity(place),
                    purpose=purpose,
                    source="literal" if origin.source == "literal" else "default-literal",
                    trace=(Reason("the key is set here", origin.place), Reason("it signs here", place)),
                )
            )


def tests_user(function: Function, name: str) -> bool:
    """Whether a function tests an attribute of the request's user."""
    return any(
        isinstance(node, Attribute) and node.name == name and isinstance(node.value, Attribute | Name) and node.value.name in USERS
        for step in function.steps
        if step.kind == "test" and step.value is not None
        for node in walk(step.value)
    )


def token_identity(place: Place) -> str:
    """The identity of a token: the place of its mint or verification."""
    return f"{place.path}:{place.line}:{place.column}"


def unique(found: list[facts.LifecycleFact]) -> list[facts.LifecycleFact]:
    """Facts without repetitions, in the order of their places."""
    kept: dict[tuple[object, ...], facts.LifecycleFact] = {}
    for fact in found:
        key: tuple[object, ...] = (type(fact).__name__, fact.place)
        if isinstance(fact, facts.Mint):
            key = (*key, fact.role, fact.copies_claims, fact.lifetime_place)
        elif isinstance(fact, facts.Claim):
            key = (*key, fact.name, fact.category)
        elif isinstance(fact, facts.Trust):
            key = (*key, fact.claim)
        elif isinstance(fact, facts.Delivery):
            key = (*key, fact.medium)
        elif isinstance(fact, facts.Handler):
            key = (*key, fact.role)
        elif isinstance(fact, facts.Lookup):
            key = (*key, fact.kind)
        kept.setdefault(key, fact)
    return sorted(kept.values(), key=lambda fact: (fact.place, type(fact).__name__))
