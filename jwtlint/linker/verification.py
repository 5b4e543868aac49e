"""Every place where the program verifies a token, the functions on that path, and the server-side state it reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal as Choice

from jwtlint.facts.lifecycle import Place, RevocationKind
from jwtlint.facts.program import Attribute, Call, Comparison, Constant, Expression, Name, Operation, Step, Subscript, Template
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.flow import Flow
from jwtlint.linker.frames import Frame
from jwtlint.linker.handlers import Handlers
from jwtlint.linker.sites import Site, Sites
from jwtlint.linker.traversal import expressions_in, walk
from jwtlint.linker.values import (
    Claims,
    ClassValue,
    Combined,
    Dictionary,
    External,
    FunctionValue,
    Instance,
    Listing,
    Literal,
    Member,
    Method,
    Parameter,
    Result,
    Value,
    Values,
    dotted,
    last_name,
    root,
)
from jwtlint.linker.vocabulary import (
    ACTIVE_ATTRIBUTES,
    ALLOW_WORDS,
    DENY_WORDS,
    REGISTERED,
    SESSION_CLAIMS,
    SESSION_WORDS,
    claim_category,
    plain,
    words,
)

READ_WORDS = frozenset(
    (
        "get exists exist filter where query find first fetch fetchone fetchall fetchrow fetchval select scalar scalars one execute exec "
        "sismember hget hgetall hexists contains lookup load read search count check has is in any all retrieve by ismember "
        "smembers getex mget"
    ).split()
)
WRITE_WORDS = frozenset(
    (
        "set setex add create save insert delete remove update commit append put push expire hset sadd zadd write store "
        "blacklist revoke rem del"
    ).split()
)
ASKED = re.compile(r"\b([a-z_]+)[\"`]?\s*=\s*[?%:$]", re.IGNORECASE)  # what a statement's parameters are compared with
EPOCH_WORDS = frozenset({"version", "epoch", "generation", "stamp"})
CONNECTIONS = frozenset({"session", "db", "db_session", "dbsession", "async_session", "asyncsession", "sess", "db.session"})
LISTS = DENY_WORDS | {"whitelist", "allowlist", "session", "sessions", "token", "tokens", "jti"}
IGNORED_ROOTS = (
    "builtins",
    "logging",
    "datetime",
    "time",
    "uuid",
    "json",
    "base64",
    "hashlib",
    "hmac",
    "typing",
    "collections",
    "functools",
    "re",
)
CLAIM_NAMES_NOT_STATE = frozenset("exp nbf iss aud typ type token_type kind purpose action use sub scope scopes azp alg".split())
MAX_PATH = 40
TABLE = re.compile(r"""\b(?:from|join)\s+["`]?([\w.]+)""", re.IGNORECASE)


@dataclass(slots=True)
class StateRead:
    """Server-side state about tokens that a path reads."""

    kind: RevocationKind
    place: Place
    function: FunctionValue | None
    stores: frozenset[str]  # the classes, clients and keys that hold it
    attribute: str = ""  # the column that is compared, for an epoch


@dataclass(slots=True)
class VerificationPath:
    """A verifying call with the functions on its path."""

    site: Site
    place: Place
    functions: list[FunctionValue] = field(default_factory=list)
    reads: list[StateRead] = field(default_factory=list)
    reloads_user: bool = False
    checks_active: bool = False
    algorithms: Choice["pinned", "missing", "from-header", "none-allowed", "fixed"] = "pinned"
    signature: Choice["checked", "skipped"] = "checked"
    external_issuer: bool = False
    key: Values = ()
    applications: set[str] = field(default_factory=set)  # those it serves: its own, and those of its callers


class Verifications:
    """Finds the verifying calls and reads their paths."""

    def __init__(self, sites: Sites, handlers: Handlers) -> None:
        self.sites = sites
        self.handlers = handlers
        self.evaluator = sites.evaluator
        self.graph = sites.graph
        self.program = sites.program
        self.flow = Flow(self.evaluator)
        self.all = [self.path(site) for site in sites.find("verify", "claims", "identity") if not self.is_delegated(site)]

    def is_delegated(self, site: Site) -> bool:
        """Whether a call of the library's method ends in one that the program's class overrides, and that verifies by itself."""
        method = site.meaning.api.method
        owner = self.program.function(site.function).owner if method and site.function is not None else ""
        return (
            bool(owner)
            and site.function is not None
            and self.evaluator.objects.method(ClassValue(site.function.path, owner), method) is not None
        )

    def path(self, site: Site) -> VerificationPath:
        """Read the path of one verifying call."""
        found = VerificationPath(site, self.sites.place(site))
        api = site.meaning.api
        frame = self.sites.frame(site.path, site.function)
        if site.function is not None:
            found.functions = self.upward(site.function)
        found.applications = {self.program.applications[one.path] for one in found.functions} | {self.program.applications[site.path]}
        found.reloads_user = api.reloads_user
        found.signature = self.signature(site, frame)
        found.algorithms = self.algorithms(site, frame)
        contexts = self.graph.contexts(site.function) if site.function is not None else [frame]
        key = site.argument("key")
        if key is not None:
            found.key = tuple(value for one in contexts[:6] for value in self.evaluator.evaluate(key, one))
        elif "receiver_key" in api.args and isinstance(site.callee, Member) and isinstance(site.callee.base, Result):
            found.key = self.evaluator.evaluate(argument_of(api, "receiver_key", site.callee.base.call), site.callee.base.frame)
        found.external_issuer = self.foreign(found)
        self.read_state(found)
        return found

    # -- the path --------------------------------------------------------------------------------------------------

    def upward(self, function: FunctionValue) -> list[FunctionValue]:
        """The verifying function and those that call it, up to and with the handlers."""
        found = [function]
        level = [function]
        for _ in range(6):
            following: list[FunctionValue] = []
            for one in level:
                if one in self.handlers.routes and one != function:
                    continue
                callers = [caller.function for caller in self.graph.callers(one)]
                for target in [*callers, *self.enclosing(one), *self.graph.dependents(one)]:
                    if target is not None and target not in found and len(found) < MAX_PATH:
                        found.append(target)
                        following.append(target)
            level = following
        return found

    def enclosing(self, function: FunctionValue) -> list[FunctionValue]:
        """The function around a nested one: a decorator around its wrapper."""
        scope = self.program.function(function).scope
        if scope and scope in self.program.modules[function.path].functions:
            return [FunctionValue(function.path, scope)]
        return []

    # -- how it verifies -------------------------------------------------------------------------------------------

    def signature(self, site: Site, frame: Frame) -> Choice["checked", "skipped"]:
        """Whether the signature is checked (RFC 7515 §5.2)."""
        api = site.meaning.api
        if api.signature == "skipped":
            return "skipped"
        for name in ("verify", "options"):
            argument = site.argument(name)
            for value in self.evaluator.evaluate(argument, frame) if argument is not None else ():
                if isinstance(value, Literal) and value.value is False:
                    return "skipped"
                if isinstance(value, Dictionary):
                    for item in value.items:
                        if item.key in ("verify_signature", "signature") and any(
                            isinstance(one, Literal) and one.value is False for one in item.values
                        ):
                            return "skipped"
        return "checked"

    def algorithms(self, site: Site, frame: Frame) -> Choice["pinned", "missing", "from-header", "none-allowed", "fixed"]:
        """How the accepted algorithms are fixed (RFC 8725 §3.1)."""
        api = site.meaning.api
        if api.algorithms == "fixed":
            return "fixed"
        argument = site.argument("algorithms")
        if (
            argument is None
            and "receiver_algorithms" in api.args
            and isinstance(site.callee, Member)
            and isinstance(site.callee.base, Result)
        ):
            argument = argument_of(api, "receiver_algorithms", site.callee.base.call)
            frame = site.callee.base.frame
        if argument is None:
            if api.algorithms == "optional" or any(keyword.name is None for keyword in site.call.keywords):
                return "pinned" if api.algorithms != "optional" else "fixed"
            return "missing" if "algorithms" in api.args else "fixed"
        values = self.evaluator.evaluate(argument, frame)
        for value in self.flow.parts(values):
            if isinstance(value, Literal) and isinstance(value.value, str) and value.value.lower() == "none":
                return "none-allowed"
            if isinstance(value, Result):
                meaning = self.evaluator.knowledge.meaning(dotted(value), "header")
                if meaning is not None:
                    return "from-header"
        if values and all(isinstance(value, Literal) and value.value is None for value in values):
            return "missing"
        return "pinned"

    def foreign(self, path: VerificationPath) -> bool:
        """Whether the key is an issuer's public key that is fetched."""
        key = argument_of(path.site.meaning.api, "key", path.site.call)
        written = [part.name for part in walk(key) if isinstance(part, Name | Attribute)] if key is not None else []
        if any({"jwks", "jwk", "certs"} & set(words(name)) for name in written):
            return True
        for value in self.flow.parts(path.key):
            name = dotted(value)
            if name and self.evaluator.knowledge.meaning(name, "foreign-keys", "outgoing-request") is not None:
                return True
            if isinstance(value, Member | Parameter) and {"jwks", "jwk", "certs"} & set(words(value.name)):
                return True
            if isinstance(value, Literal) and isinstance(value.value, str) and ("jwks" in value.value or "/certs" in value.value):
                return True
        names = [path.site.function] if path.site.function is not None else []
        return any({"jwks", "oidc", "openid"} & set(words(one.name)) for one in names)

    # -- state -----------------------------------------------------------------------------------------------------

    def read_state(self, path: VerificationPath) -> None:
        """Look for server-side state on the path: in each function of it, and in what they call with the claims."""
        token = path.site.argument("token")
        raw: set[Value] = set()
        if token is not None and path.site.function is not None:
            for frame in [self.sites.frame(path.site.path, path.site.function), *self.graph.contexts(path.site.function)[:8]]:
                for value in self.evaluator.evaluate(token, frame):
                    if isinstance(value, Parameter | Member | Result | Combined):
                        raw.add(value)
        seen: set[FunctionValue] = set()
        reloading: list[bool] = []
        for function in path.functions:
            is_handler = function in self.handlers.routes
            before = (path.reloads_user, path.checks_active)
            # a list of refresh tokens says nothing of the access tokens that go the same way
            tokens = set() if self.for_refreshing(path, function) else raw
            self.scan(path, self.evaluator.free_frame(function), tokens, seen, 0)
            if is_handler:
                # what one handler reads says nothing of the others
                reloading.append(path.reloads_user)
                path.reloads_user, path.checks_active = before
        # only where handlers call the verifier themselves, nothing between them, do they stand for the path
        between = [one for one in path.functions if one not in self.handlers.routes and one != path.site.function]
        path.reloads_user = path.reloads_user or (bool(reloading) and all(reloading) and not between)
        if not path.external_issuer:
            self.read_key(path)

    def for_refreshing(self, path: VerificationPath, function: FunctionValue) -> bool:
        """Whether a function takes refresh tokens only, by its name, while another one of the path takes the others."""

        def refreshes(one: FunctionValue) -> bool:
            return "refresh" in words(one.name.rpartition(".")[2])

        others = [one for one in path.functions if one not in (function, path.site.function) and one not in self.handlers.routes]
        return function != path.site.function and refreshes(function) and any(not refreshes(one) for one in others)

    def read_key(self, path: VerificationPath) -> None:
        """A key that is made from a column of a row dies with the column's value."""
        for value in self.flow.parts(path.key):
            if isinstance(value, Member) and isinstance(value.base, Instance) and value.base.row:
                path.reads.append(StateRead("key", path.place, path.site.function, frozenset({value.base.of.name}), value.name))
                return

    def scan(self, path: VerificationPath, frame: Frame, raw: set[Value], seen: set[FunctionValue], depth: int) -> None:
        """Look at one function's calls and comparisons."""
        function = frame.function
        if function is None or (function in seen and depth == 0) or depth > 4:
            return
        seen.add(function)
        index = self.program.modules[frame.path]
        facts = self.program.function(function)
        for step in facts.steps:
            for node in expressions_in(step):
                if isinstance(node, Comparison):
                    self.compared(path, node, frame, raw, function)
                elif isinstance(node, Call) and node is not path.site.call:
                    if any(keyword.name in ACTIVE_ATTRIBUTES for keyword in node.keywords):
                        path.checks_active = True
                    before = len(path.reads)
                    self.called(path, node, frame, raw, function, seen, depth)
                    if len(path.reads) > before and self.only_for_some(path, facts.steps, step, frame):
                        del path.reads[before:]  # the other branch's tokens are looked up nowhere
                elif isinstance(node, Attribute) and node.name in ACTIVE_ATTRIBUTES and step.kind in ("test", "return"):
                    path.checks_active = True
        del index

    def only_for_some(self, path: VerificationPath, steps: tuple[Step, ...], step: Step, frame: Frame) -> bool:
        """Whether a step is taken only by tokens with a certain claim: a kind of token, not the identity of one."""
        for index in range(0, len(step.branch), 2):
            test = next((one for one in steps if one.kind == "test" and one.operator == str(step.branch[index])), None)
            if test is None or test.value is None:
                continue
            names = {
                plain(name)
                for part in walk(test.value)
                if isinstance(part, Name | Call | Subscript)
                for name in self.own_claims(path, self.evaluator.evaluate(part, frame))
            }
            if names - SESSION_CLAIMS - {"", "sub", "exp", "iat", "user_id", "id"}:
                return True
        return False

    def own_claims(self, path: VerificationPath, values: Values) -> list[str]:
        """The names of this verification's claims in values."""
        return [name for verification, name, _ in self.flow.claims(values) if verification == path.place]

    def called(
        self,
        path: VerificationPath,
        call: Call,
        frame: Frame,
        raw: set[Value],
        function: FunctionValue,
        seen: set[FunctionValue],
        depth: int,
    ) -> None:
        """A call that is given claims or the token: followed into the program, or judged by its name."""
        arguments = [*call.positional, *(keyword.value for keyword in call.keywords)]
        claims: list[str] = []
        with_token = False
        for argument in arguments:
            values = self.evaluator.evaluate(argument, frame)
            claims.extend(self.own_claims(path, values))
            with_token = with_token or any(value in raw for value in self.flow.parts(values))
        callees = self.evaluator.evaluate(call.function, frame)
        if not claims and not with_token:
            return
        program_callees = [callee for callee in callees if isinstance(callee, FunctionValue | Method)]
        for callee in callees:
            for inner in self.graph.entered(callee, call, frame):
                if inner.function is not None and inner.function not in path.functions:
                    inner_raw = raw | self.passed_tokens(inner, call, frame, raw)
                    self.scan(path, inner, inner_raw, seen, depth + 1)
        if program_callees:
            chain = [part.name for part in walk(call.function) if isinstance(part, Name | Attribute)]
            names = {last_name(callee) for callee in program_callees} | (
                set(chain) if set(words(chain[0] if chain else "")) & READ_WORDS else set()
            )
            if any(self.sounds_like_user(name) for name in names):
                path.reloads_user = True
            self.stated(path, call, frame, claims, function)
            return
        self.leaf(path, call, frame, claims, with_token, callees, function)

    def stated(self, path: VerificationPath, call: Call, frame: Frame, claims: list[str], function: FunctionValue) -> None:
        """An SQL query for the token's row, handed to a function of the program that runs it."""
        for argument in call.positional:
            if isinstance(argument, Name):
                continue  # what another call stated
            statement = self.evaluator.text(self.evaluator.evaluate(argument, frame)) or ""
            tables = tables_in(statement)
            column = next((name for name in ASKED.findall(statement) if set(words(name)) & LISTS), "")
            if tables and column:
                kind = self.kind({word for name in (*tables, column) for word in words(name)} - {"session", "sessions"}, claims)
                path.reads.append(StateRead(kind, self.evaluator.place(frame, call.at), function, frozenset(tables), column))

    def passed_tokens(self, inner: Frame, call: Call, frame: Frame, raw: set[Value]) -> set[Value]:
        """The parameters of a called function that get the raw token, as values inside it."""
        found: set[Value] = set()
        if inner.function is None:
            return found
        for name, argument in inner.arguments.items():
            values = (
                self.evaluator.evaluate(argument.expression, argument.frame)
                if argument.expression is not None and argument.frame is not None
                else argument.values
            )
            if any(value in raw for value in values):
                found.add(Parameter(inner.function, name))
                found.update(value for value in values if value in raw)
        return found

    def sounds_like_user(self, name: str) -> bool:
        """Whether a function's name says that it loads a user."""
        parts = set(words(name))
        return bool(parts & {"user", "users", "account", "member", "customer", "person", "profile"}) and not parts & {"create", "token"}

    def leaf(
        self,
        path: VerificationPath,
        call: Call,
        frame: Frame,
        claims: list[str],
        with_token: bool,
        callees: Values,
        function: FunctionValue,
    ) -> None:
        """A call out of the program with claims or the token in its arguments: does it read state?"""
        callee = callees[0] if callees else None
        name = dotted(callee) if callee is not None else ""
        if name and (name.partition(".")[0] in IGNORED_ROOTS or self.evaluator.knowledge.meanings(name)):
            return
        method = last_name(callee) if callee is not None else call.function.name if isinstance(call.function, Attribute | Name) else ""
        verbs = set(words(method))
        start = root(callee) if callee is not None else None
        stores = self.stores(call, frame, callee)
        store_words = {word for store in stores for word in words(store)} | set(words(function.name))
        of_model = isinstance(start, ClassValue | Instance) and not isinstance(callee, ClassValue)
        if of_model or (self.model_arguments(call, frame) and not isinstance(callee, ClassValue)):
            of = start.of if isinstance(start, Instance) else start if isinstance(start, ClassValue) else None
            model_name = of.name if of is not None else next((row.of.name for row in self.model_arguments(call, frame)), "")
            user = self.evaluator.calls.user_class(frame.path)
            if (user is not None and model_name == user.name) or (
                self.sounds_like_user(model_name) and not {"session", "token"} & set(words(model_name))
            ):
                path.reloads_user = True
        if isinstance(callee, ClassValue) or (isinstance(callee, External) and method[:1].isupper()):
            return  # an object is made, nothing is read
        if verbs & WRITE_WORDS and not verbs & {"get", "is", "exists"}:
            return
        if not verbs & READ_WORDS:
            return
        session_claim = any(plain(claim) in SESSION_CLAIMS for claim in claims)
        raw_hit = with_token and bool(
            store_words & (DENY_WORDS | ALLOW_WORDS | SESSION_WORDS | {"token", "tokens", "redis", "cache", "jti"})
        )
        # a user that is kept in a cache says nothing of the token; a list or a session that is kept by user does
        named = {word for store in stores if store.lower() not in CONNECTIONS and "." not in store for word in words(store)}
        by_user = bool(claims) and bool(named & LISTS)
        self.asked_for(path, call, frame, function)
        if isinstance(callee, Member) and isinstance(callee.base, Claims | Dictionary | Literal):
            return
        tables = {word for store in stores if store[:1].isupper() for word in words(store)}
        by_table = any(plain(claim) in ("token", "access_token", "key", "value", "tk") for claim in claims) and bool(
            tables & {"token", "tokens", "session", "sessions"}
        )
        if session_claim or raw_hit or by_user or by_table:
            path.reads.append(StateRead(self.kind(store_words, claims), self.evaluator.place(frame, call.at), function, frozenset(stores)))

    def asked_for(self, path: VerificationPath, call: Call, frame: Frame, function: FunctionValue) -> None:
        """A query that asks for the row only at the token's version (``filter_by(id=…, token_version=claims["ver"])``)."""
        for keyword in call.keywords:
            if keyword.name is None or not set(words(keyword.name)) & {"version", "epoch", "stamp", "generation", "salt", "nonce"}:
                continue
            if self.own_claims(path, self.evaluator.evaluate(keyword.value, frame)):
                path.reads.append(StateRead("epoch", self.evaluator.place(frame, call.at), function, frozenset(), keyword.name))

    def model_arguments(self, call: Call, frame: Frame) -> list[Instance]:
        """The model classes that a call is given."""
        found: list[Instance] = []
        for argument in call.positional[:2]:
            for value in self.evaluator.evaluate(argument, frame):
                if isinstance(value, ClassValue):
                    found.append(Instance(value, row=True))
                elif isinstance(value, Instance) and value.row:
                    found.append(value)
        return found

    def stores(self, call: Call, frame: Frame, callee: Value | None) -> set[str]:
        """The names by which a call's store is known: its class, its client, its constant keys."""
        found: set[str] = set()
        value = callee
        while isinstance(value, Member | Result):
            if isinstance(value, Member):
                found.add(value.name)
                value = value.base
            else:
                value = value.callee
        if isinstance(value, ClassValue):
            found.add(value.name)
        elif isinstance(value, Instance):
            found.add(value.of.name)
        elif value is not None and dotted(value):
            found.add(dotted(value))
        node: Expression = call.function
        while isinstance(node, Attribute | Call | Subscript):
            if isinstance(node, Attribute):
                found.add(node.name)
                node = node.value
            elif isinstance(node, Call):
                for argument in node.positional:
                    found.update(self.class_names(argument, frame))
                node = node.function
            else:
                node = node.value
        if isinstance(node, Name):
            found.add(node.name)
        for argument in call.positional:
            found.update(self.class_names(argument, frame))
            if isinstance(argument, Template | Operation):
                parts = argument.parts if isinstance(argument, Template) else argument.operands
                found.update(part.value for part in parts if isinstance(part, Constant) and isinstance(part.value, str))
            elif isinstance(argument, Constant) and isinstance(argument.value, str):
                found.add(argument.value)
            text = self.evaluator.text(self.evaluator.evaluate(argument, frame))
            if text is not None:
                found.update(tables_in(text))
        return {name for name in found if name}

    def class_names(self, node: Expression, frame: Frame) -> set[str]:
        """The program's classes that an argument names."""
        found: set[str] = set()
        for value in self.flow.parts(self.evaluator.evaluate(node, frame)):
            if isinstance(value, ClassValue):
                found.add(value.name)
            elif isinstance(value, Instance) and value.row:
                found.add(value.of.name)
        return found

    def kind(self, store_words: set[str], claims: list[str]) -> RevocationKind:
        """What sort of store it is, by its names."""
        if store_words & DENY_WORDS:
            return "denylist"
        if store_words & EPOCH_WORDS:
            return "epoch"  # one number for all of a user's tokens, wherever it is kept
        if (
            any(plain(claim) in ("sid", "session_id", "sessionid", "session", "session_key") for claim in claims)
            or store_words & SESSION_WORDS
        ):
            return "session-row"
        return "allowlist"

    def compared(self, path: VerificationPath, node: Comparison, frame: Frame, raw: set[Value], function: FunctionValue) -> None:
        """A comparison of a claim with a column is an epoch; membership in a container is a list."""
        sides = [self.evaluator.evaluate(operand, frame) for operand in node.operands]
        for position, side in enumerate(sides):
            names = self.own_claims(path, side)
            others = [values for number, values in enumerate(sides) if number != position]
            other = tuple(value for values in others for value in values)
            if node.operators[0] in ("in", "not in") and position == 0:
                listed = {word for value in self.flow.parts(other) for word in words(last_name(value) or dotted(value))}
                listed |= {word for operand in node.operands[1:] for word in self.node_words(operand)}
                tokens = any(value in raw for value in self.flow.parts(side))
                if (any(plain(name) in SESSION_CLAIMS for name in names) or tokens) and (
                    listed & (DENY_WORDS | ALLOW_WORDS | SESSION_WORDS | {"tokens"})
                ):
                    path.reads.append(
                        StateRead(
                            self.kind(listed, names),
                            self.evaluator.place(frame, node.at),
                            function,
                            frozenset(self.node_words(node.operands[1])),
                        )
                    )
                continue
            for name in names:
                key = plain(name)
                if not name or key in CLAIM_NAMES_NOT_STATE or claim_category(name) in ("authorization", "profile", "secret"):
                    continue
                if claim_category(name) == "identifier" and key not in REGISTERED:
                    continue
                column = self.column(path, other)
                if column:
                    kind: RevocationKind = "epoch"
                    if key in SESSION_CLAIMS:
                        kind = "allowlist"
                    path.reads.append(StateRead(kind, self.evaluator.place(frame, node.at), function, frozenset(), column))

    def node_words(self, node: Expression) -> set[str]:
        """The words of a plain name or attribute."""
        return set(words(node.name)) if isinstance(node, Name | Attribute) else set()

    def column(self, path: VerificationPath, values: Values) -> str:
        """The attribute of something the server holds that the values read; "" if they hold none."""
        for value in self.flow.parts(values):
            if isinstance(value, Member) and not isinstance(value.base, Claims) and not self.evaluator.objects.read_from(value):
                start = root(value)
                if isinstance(start, Instance) and not start.row and self.graph.is_serializer(start.of):
                    continue  # what the request says
                while isinstance(value.base, Member | Result):
                    inner = value.base if isinstance(value.base, Member) else value.base.callee
                    if not isinstance(inner, Member) or inner.item != value.item and isinstance(inner.base, ClassValue):
                        break
                    value = inner
                if isinstance(start, Instance) and (start.row or not self.evaluator.objects.is_settings(start.of)):
                    return value.name
                if isinstance(start, Parameter) and words(start.name)[-1:] not in (("settings",), ("config",), ("request",)):
                    return value.name
                if isinstance(start, ClassValue):
                    return value.name
                if isinstance(start, Combined | Listing):
                    continue
                if dotted(start) and dotted(start).partition(".")[0] not in IGNORED_ROOTS and isinstance(value.base, Result | Member):
                    name = dotted(value)
                    if "settings" not in name and "config" not in name:
                        return value.name
        return ""


def tables_in(statement: str) -> list[str]:
    """The tables that an SQL query reads; none of another text."""
    if not statement.lstrip().lower().startswith(("select", "with")):
        return []
    return [name.rpartition(".")[2] for name in TABLE.findall(statement)]
