"""What handlers do to users and to their tokens: passwords written, accounts ended, roles changed, tokens revoked."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from jwtlint.facts.program import Attribute, Call, Comparison, Constant, Expression, Mapping, Name, Step, Subscript
from jwtlint.linker.calls import FORMS
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.flow import Flow
from jwtlint.linker.frames import Frame
from jwtlint.linker.handlers import SIGNUP, Route, contains
from jwtlint.linker.sites import Sites
from jwtlint.linker.traversal import expressions_in, walk
from jwtlint.linker.values import (
    ClassValue,
    Dictionary,
    FunctionValue,
    Instance,
    Literal,
    Member,
    Result,
    Value,
    Values,
    dotted,
    last_name,
    root,
)
from jwtlint.linker.verification import StateRead
from jwtlint.linker.vocabulary import ACTIVE_ATTRIBUTES, DENY_WORDS, PASSWORD_ATTRIBUTES, ROLE_ATTRIBUTES, claim_category, plain, words

TABLE = re.compile(r"(?:from|into|update|create table(?: if not exists)?)\s+([a-z_][a-z0-9_.]*)")
ENDED = frozenset(("revoked", "blacklisted", "blocklisted", "denylisted", "invalidated", "terminated"))  # what a token's record says of it
ENDING_VERBS = frozenset("delete remove clear drop end close cleanup purge wipe flush".split())
ENTITY_WORDS = frozenset({"entity", "domain", "model", "aggregate"})
DOCUMENT_BASES = frozenset({"Document", "DynamicDocument", "Model"})
REVOKING_VERBS = frozenset("revoke blacklist blocklist denylist invalidate rotate bump expire kill terminate logout ban".split())
REVOKED_OBJECTS = frozenset("token tokens jti session sessions jwt refresh all user".split())
WRITE_VERBS = frozenset(
    (
        "add set setex save create insert delete remove update put push append hset sadd zadd srem hdel rem del discard pop "
        "bulk flush drop merge incr expire"
    ).split()
)
RUNNING = frozenset("execute executemany executescript exec fetch fetchone fetchrow fetchval run".split())  # a statement
ENABLING = frozenset({"is_active", "active", "enabled", "is_enabled"})
SWITCHED_ON = frozenset({"1", "true", "t", "yes"})  # in SQL
SWITCHED_OFF = frozenset({"0", "false", "f", "no", "null"})
# words of functions that only begin a change: they send a link, draw a form, check a token
NO_CHANGE = frozenset(
    (
        "token link email mail send request forgot verify form template url code check validate confirm is can must notify context view"
    ).split()
)
USER_WORDS = frozenset({"user", "users", "account", "accounts", "member", "customer", "employee", "profile", "me", "owner"})
# words of classes that hold a step of a login
NO_SUBJECT = frozenset("password reset change set register signup login auth token credentials form request new data".split())
NEW = frozenset("create register add signup new insert".split())
RIGHTS = frozenset("role roles scope scopes permission permissions group groups admin privilege privileges".split())
GRANTING = frozenset("add assign grant give remove delete revoke take set unassign promote demote change update".split())


@dataclass(slots=True)
class Effects:
    """What a handler reaches."""

    password: bool = False
    ends_account: bool = False
    disables: bool = False
    changes_role: bool = False
    revokes: bool = False
    ends_session: bool = False  # the web framework's own
    deletes: bool = False
    deletes_user: bool = False
    creates_user: bool = False
    functions: set[FunctionValue] = field(default_factory=set)


class Changes:
    """Reads what handlers do, with what they reach."""

    def __init__(self, sites: Sites, reads: dict[str, list[StateRead]]) -> None:
        self.sites = sites
        self.evaluator = sites.evaluator
        self.graph = sites.graph
        self.program = sites.program
        self.knowledge = sites.knowledge
        self.flow = Flow(self.evaluator)
        self.reads = reads
        self.tables: dict[str, set[str]] = {}

    def of(self, route: Route) -> Effects:
        """The effects of one handler."""
        effects = Effects()
        frame = self.evaluator.free_frame(route.function)
        application = self.program.applications[route.function.path]
        stores, columns = self.state(application)
        written_keys: set[str] = set()
        generic_write = False
        user = self.evaluator.calls.user_class(route.function.path)
        for one in self.graph.reach(frame):
            if one.function is None:
                continue
            effects.functions.add(one.function)
            facts = self.program.function(one.function)
            self.by_name(one.function, one is frame, effects)
            before = effects.password, generic_write, frozenset(written_keys)
            for step in facts.steps:
                self.step(step, one, effects, columns, written_keys)
                for node in expressions_in(step):
                    if isinstance(node, Call):
                        generic_write = self.call(node, one, effects, stores, columns, written_keys) or generic_write
            if effects.password != before[0] or written_keys & PASSWORD_ATTRIBUTES - before[2]:
                if self.is_about_another(one.function, user):
                    effects.password, generic_write = before[:2]
                    written_keys.intersection_update(before[2])
        if generic_write and written_keys & (PASSWORD_ATTRIBUTES - {"hash"}) and not effects.creates_user:
            effects.password = True
        given = route.words
        if effects.deletes and set(given) & {"delete", "remove", "close", "destroy"} and set(given) & {"account", "user", "me", "profile"}:
            effects.deletes_user = True
        if (contains(given, SIGNUP) or {"login", "signin"} & set(given)) and not {"reset", "change"} & set(given):
            effects.password = effects.changes_role = False  # the user is new, or only read
        if effects.creates_user and not {"change", "reset", "update", "edit", "set", "password"} & set(given):
            effects.password = False
        return effects

    def is_about_another(self, function: FunctionValue, user: ClassValue | None) -> bool:
        """Whether a function's names speak of another thing that has a password: another table's, and not of the users."""
        given = set(words(function.name))
        own = set(words(user.name)) if user is not None else set()
        tables = self.evaluator.calls.password_tables(function.path)
        users_known = user is not None or any(set(words(value.name)) & USER_WORDS for value in tables)
        if not users_known or given & (USER_WORDS | own | {"auth", "login", "credentials"}):
            return False
        for value in tables:
            subject = set(words(value.name)) - FORMS
            if value != user and subject and subject <= given and not subject & (USER_WORDS | NO_SUBJECT):
                return True
        return False

    def session_logins(self) -> set[str]:
        """The applications that log users in by sessions of the framework as well."""
        return {self.program.applications[site.path] for site in self.sites.find("session-login")}

    def state(self, application: str) -> tuple[set[str], set[str]]:
        """The stores and columns that the application's verifiers read."""
        stores: set[str] = set()
        columns: set[str] = set()
        for read in self.reads.get(application, ()):
            stores.update(read.stores)
            if read.attribute:
                columns.add(read.attribute)
        return {store for store in stores if len(store) > 2}, columns

    def by_name(self, function: FunctionValue, is_handler: bool, effects: Effects) -> None:
        """A function of the program whose name says that it revokes."""
        parts = words(function.name.rpartition(".")[2])
        if set(parts) & {"create", "register", "signup"} and set(parts) & {"user", "superuser", "account", "staffuser"}:
            effects.creates_user = True
        if set(parts) & RIGHTS and set(parts) & GRANTING and self.names_user(function):
            effects.changes_role = True
        if is_handler or "cache" in parts:
            return  # a cached copy that is dropped ends nothing
        if parts and set(parts) & (REVOKING_VERBS - {"logout", "ban"}) and (set(parts) & REVOKED_OBJECTS or len(parts) == 1):
            facts = self.program.function(function)
            if facts.steps:
                effects.revokes = True
        if set(parts) & ENDING_VERBS and set(parts) & {"session", "sessions", "token", "tokens"} and "expired" not in parts:
            effects.revokes = True

    def names_user(self, function: FunctionValue) -> bool:
        """Whether a function is told whom it concerns."""
        for parameter in self.program.function(function).parameters:
            parts = set(words(parameter.name))
            if parts & (USER_WORDS | {"username", "userid"}) and not parts & {"current", "repo", "repository", "service", "crud"}:
                return True
        return False

    def step(self, step: Step, frame: Frame, effects: Effects, columns: set[str], written: set[str]) -> None:
        """An assignment to a column of a user."""
        target = step.target
        if step.kind not in ("assign", "augment", "delete") or target is None:
            return
        if isinstance(target, Subscript):
            if isinstance(target.index, Constant) and isinstance(target.index.value, str):
                if not (target.index.value in PASSWORD_ATTRIBUTES and self.without_password(step, frame)):
                    written.add(target.index.value)
            return
        if not isinstance(target, Attribute):
            return
        if target.name in columns:
            effects.revokes = True
        fresh = self.is_new(target.value, frame)
        if not fresh and set(words(target.name)) & ENDED and self.is_token_row(target.value, frame):
            effects.revokes = True
        # a repository that writes an entity's columns back changes nothing by itself
        fresh = fresh or self.is_written_back(target, step.value, frame)
        if target.name in PASSWORD_ATTRIBUTES and not fresh and not self.without_password(step, frame):
            if not self.is_schema(target.value, frame):
                effects.password = True
            elif frame.function is not None and not set(words(frame.function.name)) & NEW:
                written.add(target.name)  # what is made of the schema is written afterwards
        if target.name in ACTIVE_ATTRIBUTES and target.name != "status" and not fresh and self.of_user(target.value, frame):
            if step.value is None or self.is_false(step.value, target.name):
                effects.disables = True
        if not fresh and step.value is not None and self.is_hash(step.value, frame) and not self.is_schema(target.value, frame):
            effects.password = effects.password or not self.without_password(step, frame)
        if grants(target.name) and not fresh and self.of_user(target.value, frame):
            effects.changes_role = True

    def without_password(self, step: Step, frame: Frame) -> bool:
        """Whether a step is only taken when a dictionary holds a password, and here it is one that is known to hold none."""
        if frame.function is None:
            return False
        steps = self.program.function(frame.function).steps
        for index in range(0, len(step.branch), 2):
            test = next((one.value for one in steps if one.kind == "test" and one.operator == str(step.branch[index])), None)
            for node in walk(test) if test is not None else ():
                asked: Expression | None = None
                if isinstance(node, Call) and isinstance(node.function, Attribute) and node.function.name == "get":
                    asked = node.function.value
                elif isinstance(node, Subscript):
                    asked = node.value
                elif isinstance(node, Comparison) and node.operators[0] == "in":
                    asked = node.operands[1]
                values = self.evaluator.evaluate(asked, frame)
                if values and all(self.is_stored(value) or isinstance(value, Dictionary) and names_no_password(value) for value in values):
                    return True
        return False

    def is_stored(self, value: Value) -> bool:
        """Whether what is written was read from the row itself: a copy of it, in which nobody put another password."""
        while isinstance(value, Member):
            value = value.base
        if not isinstance(value, Instance):
            return False
        if value.row or value.call is None or value.frame is None or value.frame.function is None:
            return value.row
        given = [keyword.value for keyword in value.call.keywords if keyword.name is None]
        if not given or len(given) != len(value.call.keywords) or value.call.positional:
            return False
        for step in self.program.function(value.frame.function).steps:
            if isinstance(step.target, Attribute) and step.target.name in PASSWORD_ATTRIBUTES:
                return False
        sources = [self.evaluator.evaluate(one, value.frame) for one in given]
        return all(values and all(self.is_stored(one) for one in values) for values in sources)

    def is_new(self, node: Expression, frame: Frame) -> bool:
        """Whether an object was made just here, or is being made (``self`` in a constructor)."""
        if frame.function is not None and frame.function.name.endswith(".__init__"):
            return True
        values = self.evaluator.evaluate(node, frame)
        return bool(values) and all(
            isinstance(value, Instance) and value.call is not None and not value.row and not self.is_read_back(value) for value in values
        )

    def is_read_back(self, value: Instance) -> bool:
        """Whether an entity was made of a row, its password's column among others."""
        for keyword in value.call.keywords if value.call is not None and value.frame is not None else ():
            if keyword.name in PASSWORD_ATTRIBUTES and value.frame is not None:
                for part in self.evaluator.evaluate(keyword.value, value.frame):
                    start = root(part)
                    if isinstance(part, Member) and isinstance(start, Instance) and start.row:
                        return True
        return False

    def is_written_back(self, target: Attribute, value: Expression | None, frame: Frame) -> bool:
        """Whether a column gets what the user's entity holds under the same name (``row.password = user.password``)."""
        if not (isinstance(value, Attribute) and value.name == target.name and isinstance(value.value, Name)):
            return False
        held = self.evaluator.evaluate(value, frame)
        for one in self.evaluator.evaluate(value.value, frame):
            if not isinstance(one, Instance) or self.is_schema(value.value, frame):
                continue
            read = one.call is None or any(isinstance(part, Member) and part.name == target.name for part in held)
            parts = set(words(one.of.name))
            if read and parts & USER_WORDS and parts <= USER_WORDS | ENTITY_WORDS:
                return True
        return False

    def is_token_row(self, node: Expression, frame: Frame) -> bool:
        """Whether an object is the record of a token or of a session that logs in: ``RefreshToken``, ``UserSession``."""
        named = [set(words(name)) for name in self.class_names(self.evaluator.evaluate(node, frame))]
        return any(
            parts & {"token", "tokens", "session", "sessions"} and parts & {"user", "refresh", "login", "auth", "access"} for parts in named
        )

    def is_schema(self, node: Expression, frame: Frame) -> bool:
        """Whether an object is a request's schema or a form rather than a row."""
        for value in self.evaluator.evaluate(node, frame):
            if isinstance(value, Instance):
                bases = {base.rpartition(".")[2] for base in self.evaluator.objects.external_bases(value.of)}
                if bases & {"BaseModel", "Form", "FlaskForm", "Schema"} and not self.is_table(value.of):
                    return True
        return False

    def is_table(self, value: ClassValue) -> bool:
        """Whether a model class is a table (``SQLModel, table=True``) or a collection of documents (Beanie, MongoEngine, ODMantic)."""
        bases = {base.rpartition(".")[2] for base in self.evaluator.objects.external_bases(value)}
        return bool(bases & DOCUMENT_BASES) or any(keyword.name == "table" for keyword in self.program.class_(value).keywords)

    def of_user(self, node: Expression, frame: Frame) -> bool:
        """Whether an object is a user."""
        for inner in walk(node):
            if isinstance(inner, Name | Attribute) and set(words(inner.name)) & USER_WORDS:
                return True
        return self.holds_user(self.evaluator.evaluate(node, frame))

    def holds_user(self, values: Values) -> bool:
        """Whether values are users, or queries of them."""
        for value in self.flow.parts(values):
            of = value.of if isinstance(value, Instance) else value if isinstance(value, ClassValue) else None
            if of is not None and self.evaluator.calls.is_user(of):
                return True
            if of is None and last_name(value) in ("User", "get_user_model", "AUTH_USER_MODEL"):
                return True
        return False

    # -- calls -----------------------------------------------------------------------------------------------------

    def call(self, call: Call, frame: Frame, effects: Effects, stores: set[str], columns: set[str], written: set[str]) -> bool:
        """One call; True where it writes fields whose names stand elsewhere (``setattr``, ``update(**data)``)."""
        callees = self.evaluator.evaluate(call.function, frame)
        callee = callees[0] if callees else None
        name = dotted(callee) if callee is not None else ""
        method = call.function.name if isinstance(call.function, Name | Attribute) else ""
        for known in [name, *(self.sites.names(callee) if callee is not None else [])]:
            meaning = self.knowledge.meaning(known) if known else None
            if meaning is not None:
                if meaning.api.fact in ("revoke", "rotate"):
                    effects.revokes = True
                if meaning.api.fact == "session-logout" and self.program.applications[frame.path] in self.session_logins():
                    effects.revokes = True  # the logout of the sessions that the application keeps beside its tokens
                if meaning.api.fact == "session-logout":
                    effects.ends_session = True
                if meaning.api.fact == "password-set":
                    effects.password = True
        understood = bool(name) and self.knowledge.meaning(name) is not None
        if not understood and method:
            meaning = self.knowledge.pattern(method, "password-set", "revoke")
            if meaning is not None and not any(isinstance(one, FunctionValue) for one in callees):
                if meaning.api.fact == "revoke":
                    effects.revokes = True
                elif not self.is_new(call.function.value, frame) if isinstance(call.function, Attribute) else False:
                    effects.password = True
        self.model_call(call, callee, effects)
        parts = set(words(method))
        if parts & {"set", "change", "update", "reset", "save", "store"} and parts & {"password", "passwd"} and not parts & NO_CHANGE:
            if not any(isinstance(one, FunctionValue | ClassValue) or type(one).__name__ == "Method" for one in callees):
                if not (isinstance(call.function, Attribute) and self.is_new(call.function.value, frame)):
                    effects.password = True
        verbs = set(words(method))
        if verbs & REVOKING_VERBS and verbs & {"token", "tokens", "jti", "session", "sessions", "blacklist", "blocklist"}:
            effects.revokes = True
        if parts & {"execute", "update", "set", "save", "run", "modify"} and self.writes_hash(call, frame):
            effects.password = True
        if method == "setattr" and len(call.positional) == 3 and self.of_user(call.positional[0], frame):
            self.looped(call, frame, effects)
        if method == "save" and isinstance(call.function, Attribute) and self.writes_password_field(call.function.value, frame):
            effects.password = True
        self.store_write(call, frame, method, stores, columns, effects)
        self.account_call(call, frame, method, callees, effects)
        for keyword in call.keywords:
            if keyword.name is not None:
                key = plain(keyword.name)
                if key in PASSWORD_ATTRIBUTES or ("password" in key.split("_") and "new" in key.split("_")):
                    if verbs & {"update", "set", "change", "reset", "values", "replace", "modify", "edit"} and not self.is_constructor(
                        callee
                    ):
                        effects.password = effects.password or bool(verbs & {"update", "change", "reset", "values", "edit", "modify"})
                if keyword.name in columns and verbs & {"update", "values", "filter"}:
                    effects.revokes = True
                if verbs & {"update", "values"} and not self.is_constructor(callee) and self.of_user(call.function, frame):
                    if grants(keyword.name):
                        effects.changes_role = True
                    if keyword.name in ACTIVE_ATTRIBUTES - {"status"} and self.is_false(keyword.value, keyword.name):
                        effects.disables = True
            if isinstance(keyword.value, Mapping):
                written.update(str(entry.key.value) for entry in keyword.value.entries if isinstance(entry.key, Constant))
            elif keyword.name is None and verbs & {"update", "save", "set", "modify", "edit", "patch"} and not self.is_constructor(callee):
                written.update(self.loaded_fields(keyword.value, frame))
        for argument in call.positional:
            if isinstance(argument, Mapping):
                if verbs & {"update", "values", "set"} and self.of_user(call.function, frame):
                    self.columns_by_attribute(argument, effects)
                keys = {str(entry.key.value) for entry in argument.entries if isinstance(entry.key, Constant)}
                if verbs & {"update", "values"} and keys & columns:
                    effects.revokes = True
                written.update(str(entry.key.value) for entry in argument.entries if isinstance(entry.key, Constant))
            elif isinstance(argument, Constant) and isinstance(argument.value, str):
                self.statement(argument.value, effects, columns, self.program.applications[frame.path])
            elif verbs & RUNNING:
                for value in self.flow.parts(self.evaluator.evaluate(argument, frame)):
                    if isinstance(value, Literal) and isinstance(value.value, str):
                        self.statement(value.value, effects, columns, self.program.applications[frame.path])
        return method in (
            "setattr",
            "update",
            "sqlmodel_update",
            "values",
            "update_one",
            "find_one_and_update",
            "update_many",
            "modify",
            "assign",
        )

    def loaded_fields(self, node: Expression, frame: Frame) -> set[str]:
        """The fields of the schema by which a request was read (``**UserSchema().load(request.get_json())``, ``**data.model_dump()``)."""
        found: set[str] = set()
        values = self.evaluator.evaluate(node, frame)
        receiver = node.function.value if isinstance(node, Call) and isinstance(node.function, Attribute) else None
        for value in (*values, *(self.evaluator.evaluate(receiver, frame) if receiver is not None else ())):
            start = root(value)
            if not isinstance(start, Instance) or start.row or self.evaluator.calls.is_user(start.of) and self.is_table(start.of):
                continue
            if self.graph.is_serializer(start.of):
                for one in self.evaluator.objects.lineage(start.of):
                    steps = self.program.class_(one).steps if isinstance(one, ClassValue) else ()
                    found.update(step.target.name for step in steps if step.kind == "assign" and isinstance(step.target, Name))
            else:
                found.update(self.evaluator.objects.fields(start.of))
        return found

    def looped(self, call: Call, frame: Frame, effects: Effects) -> None:
        """The columns that ``setattr(user, name, value)`` writes in a loop over what a request's schema holds."""
        name = call.positional[1]
        if frame.function is None or not isinstance(name, Name):
            return
        for step in self.program.function(frame.function).steps:
            names = [one.name for one in walk(step.target) if isinstance(one, Name)] if step.target is not None else []
            if step.kind != "loop" or names[:1] != [name.name] or step.value is None:
                continue
            for value in self.evaluator.evaluate(step.value, frame):
                while isinstance(value, Member | Result):
                    value = value.base if isinstance(value, Member) else value.callee
                if not isinstance(value, Instance) or value.row or self.evaluator.calls.is_user(value.of) and self.is_table(value.of):
                    continue
                fields = set(self.evaluator.objects.fields(value.of))
                effects.password = effects.password or bool(fields & PASSWORD_ATTRIBUTES)
                effects.changes_role = effects.changes_role or any(grants(one) for one in fields)
                effects.disables = effects.disables or bool(fields & (ACTIVE_ATTRIBUTES - {"status"}))

    def writes_password_field(self, node: Expression, frame: Frame) -> bool:
        """Whether a model serializer of Django REST framework, made for a row that exists, takes the password among its fields."""
        for value in self.evaluator.evaluate(node, frame):
            if not isinstance(value, Instance) or value.call is None or not value.call.positional:
                continue
            bases = {base.rpartition(".")[2] for base in self.evaluator.objects.external_bases(value.of)}
            meta = self.program.modules[value.of.path].classes.get(f"{value.of.name}.Meta")
            if "ModelSerializer" not in bases or meta is None:
                continue
            scope = self.evaluator.class_frame(value.of)
            options = {step.target.name: step.value for step in meta.steps if isinstance(step.target, Name) and step.value is not None}
            about_users = "model" in options and self.holds_user(self.evaluator.evaluate(options["model"], scope))
            listed = [node.value for node in walk(options["fields"]) if isinstance(node, Constant)] if "fields" in options else []
            locked = options.get("read_only_fields")
            if locked is not None and any(isinstance(one, Constant) and one.value == "password" for one in walk(locked)):
                continue
            if about_users and "password" in listed:
                return True
        return False

    def columns_by_attribute(self, mapping: Mapping, effects: Effects) -> None:
        """An update whose keys are the columns themselves (``update({Person.active: False})``)."""
        for entry in mapping.entries:
            if isinstance(entry.key, Attribute):
                if grants(entry.key.name):
                    effects.changes_role = True
                elif entry.key.name in PASSWORD_ATTRIBUTES:
                    effects.password = True
                elif entry.key.name in ACTIVE_ATTRIBUTES - {"status"} and self.is_false(entry.value, entry.key.name):
                    effects.disables = True

    def is_constructor(self, callee: object) -> bool:
        return isinstance(callee, ClassValue)

    def is_false(self, node: Expression, name: str) -> bool:
        """Whether a constant switches an account off."""
        if isinstance(node, Constant):
            return bool(node.value) == (plain(name) not in ENABLING)
        return True

    def writes_hash(self, call: Call, frame: Frame) -> bool:
        """Whether a call writes a freshly made password hash into an existing row (an INSERT makes a new one)."""
        arguments = [*call.positional, *(keyword.value for keyword in call.keywords)]
        texts = [
            node.value.lower()
            for argument in arguments
            for node in walk(argument)
            if isinstance(node, Constant) and isinstance(node.value, str)
        ]
        return not any("insert" in text for text in texts) and any(self.is_hash(argument, frame) for argument in arguments)

    def is_hash(self, node: Expression, frame: Frame) -> bool:
        """Whether a value is a freshly made password hash."""
        for inner in walk(node):
            if not isinstance(inner, Call):
                continue
            short = inner.function.name if isinstance(inner.function, Name | Attribute) else ""
            parts = set(words(short))
            if parts & {"verify", "check", "compare", "matches", "needs", "identify"}:
                continue
            if "hash" in parts and parts & {"password", "pw", "passwd"}:
                return True
            for callee in self.evaluator.evaluate(inner.function, frame):
                if self.knowledge.meaning(dotted(callee), "password-hash") is not None:
                    return True
        return False

    def statement(self, text: str, effects: Effects, columns: set[str], application: str) -> None:
        """An SQL statement in a string."""
        lowered = text.lower()
        if "update " in lowered and " set " in lowered.replace("\n", " "):
            assigned = lowered.replace("\n", " ").partition(" set ")[2].partition(" where ")[0]
            values = {key.strip().strip('"`'): value.strip() for key, _, value in (part.partition("=") for part in assigned.split(","))}
            names = set(values)
            if names & PASSWORD_ATTRIBUTES:
                effects.password = True
            if names & columns:
                effects.revokes = True
            if names & ROLE_ATTRIBUTES:
                effects.changes_role = True
            for name in names & (ACTIVE_ATTRIBUTES - {"status"}):
                given = values[name].partition(" ")[0].strip("'\";")
                if given not in (SWITCHED_ON if plain(name) in ENABLING else SWITCHED_OFF):
                    effects.disables = True
        elif "delete from" in lowered:
            table = lowered.partition("delete from")[2].split()[:1]
            if table and (set(words(table[0])) & USER_WORDS or table[0] in self.user_tables(application)):
                effects.deletes_user = True
            if table and set(words(table[0])) & {"session", "sessions", "token", "tokens"}:
                effects.revokes = True

    def user_tables(self, application: str) -> set[str]:
        """The tables that SQL statements in an application read or write a password's hash in."""
        if application not in self.tables:
            found = self.tables[application] = set()
            for path, index in self.program.modules.items():
                if self.program.applications[path] != application:
                    continue
                for number in range(len(index.module.functions) + 1):
                    for step in index.steps_of(number):
                        for node in expressions_in(step):
                            if isinstance(node, Constant) and isinstance(node.value, str) and "password" in node.value.lower():
                                found.update(TABLE.findall(node.value.lower()))
        return self.tables[application]

    def model_call(self, call: Call, callee: object, effects: Effects) -> None:
        if isinstance(callee, ClassValue) and words(callee.name)[-1:] in (("user",), ("account",), ("member",), ("customer",), ("model",)):
            bases = {base.rpartition(".")[2] for base in self.evaluator.objects.external_bases(callee)}
            if set(words(callee.name)) & USER_WORDS and (not bases & {"BaseModel", "Schema", "SQLModel"} or self.is_table(callee)):
                effects.creates_user = True

    def store_write(self, call: Call, frame: Frame, method: str, stores: set[str], columns: set[str], effects: Effects) -> None:
        """A write to a store that a verifier reads, or to one that is called a denylist or a session table."""
        verbs = set(words(method))
        if not verbs & WRITE_VERBS:
            return
        names: set[str] = set()
        node: Expression = call.function
        while isinstance(node, Attribute | Call | Subscript):
            if isinstance(node, Attribute):
                names.add(node.name)
                node = node.value
            elif isinstance(node, Call):
                for argument in node.positional:
                    names.update(self.class_names(self.evaluator.evaluate(argument, frame)))
                node = node.function
            else:
                node = node.value
        if isinstance(node, Name):
            names.add(node.name)
        names.update(self.class_names(self.evaluator.evaluate(call.function.value, frame) if isinstance(call.function, Attribute) else ()))
        for argument in [*call.positional, *(keyword.value for keyword in call.keywords)]:
            names.update(self.class_names(self.evaluator.evaluate(argument, frame)))
        names.discard(method)
        held = {word for name in names for word in words(name)}
        hits = {
            name
            for name in names & stores
            if not set(words(name))
            & {"db", "session", "query", "objects", "redis", "cache", "client", "user", "users", "filter", "get", "self"}
        }
        if hits:
            effects.revokes = True
        if held & (DENY_WORDS - {"blocked", "invalid"}) and held & {
            "token",
            "tokens",
            "jti",
            "jwt",
            "blacklist",
            "blocklist",
            "denylist",
            "blacklisted",
            "revoked",
        }:
            effects.revokes = True
        if stores and held & {"redis", "cache"} and any("redis" in words(store) or "cache" in words(store) for store in stores):
            effects.revokes = True
        classes = {name for name in names if name[:1].isupper()}
        if verbs & {"delete", "remove", "update"} and any(
            set(words(name)) & {"session", "sessions", "token", "tokens"}
            and set(words(name)) & {"user", "refresh", "login", "session", "auth", "access", "outstanding"}
            for name in classes
            if name not in ("AsyncSession", "Session")
        ):
            effects.revokes = True

    def class_names(self, values: Values) -> set[str]:
        """The program's classes in values."""
        found: set[str] = set()
        for value in self.flow.parts(values, through_calls=False):
            if isinstance(value, ClassValue):
                found.add(value.name)
            elif isinstance(value, Instance):
                found.add(value.of.name)
        return found

    def account_call(self, call: Call, frame: Frame, method: str, callees: Values, effects: Effects) -> None:
        """A call that deletes a user."""
        verbs = set(words(method))
        if not verbs & {"delete", "remove", "destroy", "deactivate", "ban", "disable", "block", "suspend"}:
            return
        user = self.evaluator.calls.user_class(frame.path)
        own = set(words(user.name)) - {"model"} if user is not None else set()
        if verbs & (USER_WORDS | own) and not verbs & {"avatar", "image", "from", "role", "photo", "token", "session", "item", "items"}:
            if verbs & {"delete", "remove", "destroy"}:
                effects.deletes_user = True
            else:
                effects.disables = True
            return
        # ``team.members.remove(user)`` ends a membership, not an account
        receiver = call.function.value if isinstance(call.function, Attribute) else None
        is_membership = method == "remove" and isinstance(receiver, Attribute | Name) and receiver.name.endswith("s")
        targets = [] if is_membership else list(call.positional)
        if receiver is not None:
            targets.append(receiver)
        if method not in ("delete", "remove", "destroy", "delete_one", "delete_many"):
            return
        effects.deletes = True
        for target in targets:
            for value in self.evaluator.evaluate(target, frame):
                if isinstance(value, Member) and isinstance(value.base, Instance) and self.evaluator.calls.is_user(value.base.of):
                    continue  # something of a user's (``user.picture``)
                start: object = value
                while isinstance(start, Member | Result):
                    start = start.base if isinstance(start, Member) else start.callee
                of = start.of if isinstance(start, Instance) else start if isinstance(start, ClassValue) else None
                if of is not None:
                    if self.evaluator.calls.is_user(of) and words(of.name)[-1:] not in (
                        ("token",),
                        ("session",),
                        ("role",),
                        ("profile",),
                        ("group",),
                    ):
                        effects.deletes_user = True
                elif dotted(value).rpartition(".")[0].endswith((".User.objects", ".User")) or "User" in dotted(value).split("."):
                    effects.deletes_user = True
                elif isinstance(value, Result) and self.holds_user((value,)):
                    effects.deletes_user = True


def names_no_password(value: Dictionary) -> bool:
    """Whether all keys of a dictionary are known, and none speaks of a password."""
    return bool(value.items) and not value.rest and all(item.key is not None and "password" not in item.key for item in value.items)


def grants(name: str) -> bool:
    """Whether a column's name says that it grants rights."""
    return name in ROLE_ATTRIBUTES or claim_category(name) == "authorization"


__all__ = ["Changes", "Effects", "Literal", "argument_of", "last_name"]
