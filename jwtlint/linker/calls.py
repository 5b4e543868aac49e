"""Calls: binding arguments, what functions of the program return, and what is known of functions outside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import Call, Keyword, Name
from jwtlint.linker.definitions import argument_of, is_abstract, is_class_method, is_static
from jwtlint.linker.frames import Frame
from jwtlint.linker.library import Api
from jwtlint.linker.values import (
    UNKNOWN,
    Claims,
    ClassValue,
    Closure,
    Combined,
    Dictionary,
    External,
    FunctionValue,
    Instance,
    Item,
    Listing,
    Literal,
    Member,
    Method,
    Parameter,
    Result,
    Token,
    Value,
    Values,
    dotted,
    root,
)
from jwtlint.linker.vocabulary import PASSWORD_ATTRIBUTES, words

if TYPE_CHECKING:
    from jwtlint.linker.evaluate import Evaluator

MAX_DEPTH = 14
MAX_RETURNS = 12
# methods and functions that give (a form of) what they are given
SAME_METHODS = frozenset(
    {
        "copy",
        "items",
        "values",
        "decode",
        "encode",
        "strip",
        "rstrip",
        "lstrip",
        "lower",
        "upper",
        "get_secret_value",
        "rsplit",
        "split",
        "model_copy",
    }
)
SAME_FUNCTIONS = frozenset(
    {"str", "bytes", "list", "tuple", "set", "frozenset", "sorted", "int", "float", "bool", "iter", "next", "reversed"}
)
DUMPS = frozenset({"model_dump", "dict", "to_dict", "_asdict", "asdict", "as_dict", "model_dump_json", "json", "to_payload", "dump"})
TIME_METHODS = frozenset(
    {"timestamp", "utctimetuple", "timetuple", "isoformat", "strftime", "astimezone", "total_seconds", "date", "time", "hex"}
)
SCHEMA_BASES = frozenset(
    {"BaseModel", "Schema", "SQLModel", "Form", "FlaskForm", "BaseSettings", "Serializer", "ModelSerializer", "Resource", "MethodView"}
)
# class methods of data classes and schemas that take a mapping
FROM_MAPPING = frozenset(
    {"model_validate", "parse_obj", "from_dict", "model_construct", "construct", "from_claims", "from_payload", "structure", "convert"}
)
USERS = frozenset({"user", "account", "member", "customer"})
# words of classes that say in which form they hold their subject
FORMS = frozenset("in db model document row entity schema create update base public read out table".split())
# words of classes that do their work on a subject
LAYERS = frozenset("repository repo service manager dao crud store storage gateway adapter controller handler case use query".split())
SCALARS = frozenset({"len", "isinstance", "hasattr", "getattr", "print", "repr", "hash", "id", "type", "min", "max", "sum", "abs", "round"})


class Calls:
    """What calls give."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.program = evaluator.program
        self.spread_calls: dict[int, Call] = {}
        self.password_holders: frozenset[ClassValue] = frozenset()  # classes whose column is checked against a password
        self.user_classes: dict[str, ClassValue | None] = {}
        self.password_fields: dict[str, list[ClassValue]] = {}

    # -- binding ---------------------------------------------------------------------------------------------------

    def property_value(self, function: FunctionValue, receiver: Instance) -> Values:
        """What reading a property gives."""
        return self.returned(self.evaluator.parameters.method_frame(function, receiver))

    def guarded(self, value: Value) -> Values:
        """The claims that a library's guard gives as a dependency: those of the tokens that its manager verifies."""
        meaning = self.evaluator.knowledge.meaning(dotted(value), "guard")
        if meaning is None or meaning.api.returns != "claims":
            return UNKNOWN
        made: Place | None = None
        while isinstance(value, Member | Result):
            made = value.place if isinstance(value, Result) else made
            value = value.base if isinstance(value, Member) else value.callee
        return (Claims(made),) if made is not None else UNKNOWN

    def returned(self, frame: Frame) -> Values:
        """What a function returns or yields in a frame."""
        if frame.function is None:
            return UNKNOWN
        facts = self.program.function(frame.function)
        found: list[Value] = []
        for step in facts.steps:
            if step.kind in ("return", "yield") and step.value is not None:
                values = self.evaluator.evaluate(step.value, frame)
                if any(isinstance(value, Listing) for value in values):
                    values = self.evaluator.listed(step.value, frame)
                found.extend(value for value in values if value not in found)
                if len(found) >= MAX_RETURNS:
                    break
        meaningful = [value for value in found if not (isinstance(value, Literal) and value.value in (None, False))]
        if not meaningful and facts.returns is not None:
            meaningful = [
                value
                for value in self.evaluator.objects.annotated(facts.returns, self.evaluator.parameters.definition_frame(frame.function))
                if isinstance(value, Instance)
            ]
        return tuple(meaningful or found)

    # -- calls -----------------------------------------------------------------------------------------------------

    def call(self, node: Call, frame: Frame) -> Values:
        """What a call gives."""
        made = self.evaluator.assembled.values.get(id(node))
        if made is not None:
            return made(self.evaluator, frame)
        found: list[Value] = []
        callees = self.callees(node, frame)
        for callee in callees:
            found.extend(value for value in self.called(callee, node, frame) if value not in found)
        if not callees:
            return self.of_unknown(node, frame)
        return tuple(found)

    def callees(self, node: Call, frame: Frame) -> Values:
        """What is called: the handlers of a message that a mediator is given, or what stands there."""
        return self.evaluator.dispatch.methods(node, frame) or self.evaluator.evaluate(node.function, frame)

    def of_unknown(self, node: Call, frame: Frame) -> Values:
        """A call of which nothing is known but its arguments."""
        parts = tuple(
            values
            for values in (
                *(self.evaluator.evaluate(argument, frame) for argument in node.positional),
                *(self.evaluator.evaluate(keyword.value, frame) for keyword in node.keywords),
            )
            if values
        )
        return (Combined("call", parts, self.evaluator.place(frame, node.at)),) if parts else UNKNOWN

    def called(self, callee: Value, node: Call, frame: Frame) -> Values:
        """What calling one value gives."""
        if isinstance(callee, FunctionValue):
            return self.of_function(callee, node, frame, None)
        if isinstance(callee, Closure):
            new = self.evaluator.parameters.bound_frame(callee.function, node, frame, outer=callee.frame)
            return self.returned(new) if new is not None else UNKNOWN
        if isinstance(callee, Method):
            return self.of_method(callee, node, frame)
        if isinstance(callee, ClassValue):
            return self.of_class(callee, node, frame)
        if isinstance(callee, Instance):
            method = self.evaluator.objects.method(callee.of, "__call__")
            if method is not None:
                return self.of_function(method, node, frame, callee)
        if isinstance(callee, Result) and dotted(callee.callee) == "functools.partial":
            new = self.partial_frame(callee, node, frame)
            if new is not None:
                return self.returned(new)
            merged = self.merged(callee, node)
            inner = self.evaluator.evaluate(callee.call.positional[0], callee.frame) if callee.call.positional else ()
            return tuple(value for one in inner if isinstance(one, External | Member) for value in self.of_external(one, merged, frame))
        return self.of_external(callee, node, frame)

    def merged(self, partial: Result, node: Call) -> Call:
        """A call of a ``functools.partial`` with the arguments that it holds."""
        known = self.spread_calls.get(id(node))
        if known is None:
            held = partial.call
            known = Call(node.at, held.positional[0], (*held.positional[1:], *node.positional), (*held.keywords, *node.keywords))
            self.spread_calls[id(node)] = known
        return known

    def partial_frame(self, partial: Result, node: Call, frame: Frame) -> Frame | None:
        """The frame of a function that ``functools.partial`` holds, called with the rest of its arguments."""
        first = partial.call.positional[0]
        for value in self.evaluator.evaluate(first, partial.frame):
            function = value if isinstance(value, FunctionValue) else value.function if isinstance(value, Method | Closure) else None
            if function is None:
                continue
            receiver = value.receiver if isinstance(value, Method) else None
            new = self.evaluator.parameters.bound_frame(function, node, frame, receiver)
            if new is not None:
                given = Call(partial.call.at, first, partial.call.positional[1:], partial.call.keywords)
                facts = self.program.function(function)
                skip = receiver is not None and not is_static(facts)
                new.arguments = {**self.evaluator.parameters.arguments(facts, given, partial.frame, skip), **new.arguments}
            return new
        return None

    def of_class(self, callee: ClassValue, node: Call, frame: Frame) -> Values:
        """An instance; for a class that extends a library's, what the library's class would give."""
        for base in self.evaluator.objects.external_bases(callee):
            meaning = self.evaluator.knowledge.meaning(base, "mint", "verify")
            if meaning is not None:
                values = self.by_meaning(meaning.api, External(base), node, frame)
                if values is not None:
                    return values
        return (Instance(callee, call=node, frame=frame, identity=f"{frame.path}:{node.at.line}:{node.at.column}"),)

    def of_function(self, function: FunctionValue, node: Call, frame: Frame, receiver: Value | None) -> Values:
        facts = self.program.function(function)
        new = self.evaluator.parameters.bound_frame(function, node, frame, receiver)
        if new is None:
            return UNKNOWN
        if facts.owner and is_abstract(facts):
            values = tuple(
                value for override in self.overrides(function)[:4] for value in self.of_override(override, node, frame, receiver)
            )
            if values:
                return values
        return self.returned(new)

    def of_override(self, override: FunctionValue, node: Call, frame: Frame, receiver: Value | None) -> Values:
        owner = ClassValue(override.path, self.program.function(override).owner)
        new = self.evaluator.parameters.bound_frame(override, node, frame, Instance(owner) if receiver is not None else None)
        return self.returned(new) if new is not None else UNKNOWN

    def overrides(self, function: FunctionValue) -> list[FunctionValue]:
        """The methods that override a method, or that implement a protocol's without inheriting from it (PEP 544)."""
        facts = self.program.function(function)
        name = function.name.rpartition(".")[2]
        found = []
        owner = ClassValue(function.path, facts.owner)
        for derived in [*self.evaluator.objects.derived(owner), *self.evaluator.objects.implementing(owner, name)]:
            override = self.program.modules[derived.path].methods.get(derived.name, {}).get(name)
            if override is not None:
                found.append(FunctionValue(derived.path, override.name))
        return found

    def of_method(self, callee: Method, node: Call, frame: Frame) -> Values:
        facts = self.program.function(callee.function)
        receiver: Value | None = callee.receiver
        if isinstance(receiver, ClassValue) and not is_class_method(facts):
            receiver = None  # Class.method(instance, …): the first argument is the receiver
        values = self.of_function(callee.function, node, frame, receiver)
        if not values and isinstance(callee.receiver, ClassValue | Instance):
            of = callee.receiver if isinstance(callee.receiver, ClassValue) else callee.receiver.of
            if is_class_method(facts):
                return (Instance(of, row=True),)
        return values

    def of_external(self, callee: Value, node: Call, frame: Frame) -> Values:
        """A call out of the program: by the models, by what the language itself gives, or kept as a result."""
        name = dotted(callee)
        place = self.evaluator.place(frame, node.at)
        if name:
            for meaning in self.evaluator.knowledge.meanings(name):
                values = self.by_meaning(meaning.api, callee, node, frame) if complete(meaning.api, node) else None
                if values is not None:
                    return values
            built_in = self.built_in(name, node, frame)
            if built_in is not None:
                return built_in
        if isinstance(callee, External) and callee.name.endswith((".get", ".pop")) and not self.is_client(External(callee.name[:-4])):
            values = self.of_member(Member(External(callee.name[:-4]), callee.name[-3:]), node, frame)
            if values is not None:
                return values
        if isinstance(callee, Member):
            values = self.by_pattern(callee, node, frame) if not name else None
            if values is None:
                values = self.of_member(callee, node, frame)
            if values is not None:
                return values
        # what a model knows is no query, whatever classes it is given
        row = self.row(callee, node, frame) if not (name and self.evaluator.knowledge.meanings(name)) else None
        if row is not None:
            return (row,)
        return (Result(callee, node, frame, place),)

    def by_pattern(self, callee: Member, node: Call, frame: Frame) -> Values | None:
        """What a method of an unknown receiver gives, if a library that the application imports mints or verifies by it."""
        if callee.name not in self.evaluator.knowledge.patterns or frame.path not in self.program.applications:
            return None
        imports = self.program.imports_of(self.program.applications[frame.path])
        meaning = self.evaluator.knowledge.pattern_of(callee.name, imports, ("mint", "verify", "claims"))
        return self.by_meaning(meaning.api, callee, node, frame) if meaning is not None else None

    def by_meaning(self, api: Api, callee: Value, node: Call, frame: Frame) -> Values | None:
        """What a modelled call gives; None where the model says nothing of its value."""
        place = self.evaluator.place(frame, node.at)
        if api.fact == "mint":
            if api.returns == "response" and not self.sends_body(api, node, frame):
                return (Token(place, "response"),)
            if api.returns == "object":
                return (Token(place),)
            if api.returns == "pair":
                return (Token(place, "pair"),)
            return (Token(place),)
        if api.fact in ("verify", "claims"):
            return holding(api, place)
        if api.fact == "identity":
            return (Member(Claims(place), "sub", item=True, place=place),)
        if api.fact == "header":
            return (Result(callee, node, frame, place),)
        if api.fact in ("identity-function", "secret-wrapper"):
            argument = argument_of(api, "value" if api.fact == "identity-function" else "key", node)
            if argument is not None:
                return self.evaluator.evaluate(argument, frame)
        if api.fact == "authenticate":
            user = self.user_class(frame.path)
            return (Instance(user, row=True),) if user is not None else None
        return None

    def sends_body(self, api: Api, node: Call, frame: Frame) -> bool:
        """Whether a call that answers a login puts the token into the body too."""
        argument = argument_of(api, "send_body", node)
        if argument is None:
            return "send_body" in api.args and bool(api.args["send_body"].default)
        return not all(isinstance(value, Literal) and not value.value for value in self.evaluator.evaluate(argument, frame))

    def user_class(self, path: str) -> ClassValue | None:
        """The class of an application's users: the one that extends a framework's user, or is called so."""
        application = self.program.applications.get(path, "")
        if application not in self.user_classes:
            self.user_classes[application] = None
            best: tuple[int, ClassValue] | None = None
            for other, index in self.program.modules.items():
                if self.program.applications.get(other) != application:
                    continue
                for name in index.classes:
                    value = ClassValue(other, name)
                    bases = self.evaluator.objects.external_bases(value)
                    score = 3 * any(base.rpartition(".")[2] in ("AbstractBaseUser", "AbstractUser", "UserMixin") for base in bases)
                    score += name in ("User", "CustomUser", "UserModel", "Account") and bool(bases)
                    score += 2 * self.keeps_password(value) + 2 * (value in self.password_holders)
                    score += bool(score) and bool(USERS & set(words(name)))
                    if score and any(base.rpartition(".")[2] not in SCHEMA_BASES for base in bases):
                        score += 1  # a table rather than what a request carries
                    if score and (best is None or score > best[0]):
                        best = (score, value)
            self.user_classes[application] = best[1] if best is not None else None
        return self.user_classes[application]

    def keeps_password(self, value: ClassValue) -> bool:
        """Whether a table has a column for a password's hash, or a class a method that checks one."""
        index = self.program.modules[value.path]
        if {"check_password", "set_password", "verify_password"} & set(index.methods.get(value.name, {})):
            return True
        columns = {
            target.name for step in index.classes[value.name].steps if step.kind == "assign" and isinstance(target := step.target, Name)
        }
        return bool(columns & (PASSWORD_ATTRIBUTES - {"hash", "pwd"})) and self.is_row(value)

    def is_row(self, value: ClassValue) -> bool:
        """Whether a class looks like a table, and not like what a request carries."""
        bases = {base.rpartition(".")[2] for base in self.evaluator.objects.external_bases(value)}
        keywords = self.program.modules[value.path].classes[value.name].keywords
        return self.is_model(value) and (not bases & SCHEMA_BASES or any(keyword.name == "table" for keyword in keywords))

    def password_tables(self, path: str) -> list[ClassValue]:
        """The classes of an application that have a field for a password's hash."""
        application = self.program.applications.get(path, "")
        if application not in self.password_fields:
            self.password_fields[application] = [
                ClassValue(other, name)
                for other, index in self.program.modules.items()
                if self.program.applications.get(other) == application
                for name in index.classes
                if PASSWORD_ATTRIBUTES.intersection(self.evaluator.objects.fields(ClassValue(other, name)))
            ]
        return self.password_fields[application]

    def is_user(self, value: ClassValue) -> bool:
        """Whether a class is the application's users: the table of them, or what is called so and is no table of something else."""
        known = self.user_class(value.path)
        if value == known:
            return True
        if value not in self.evaluator.objects.lineage(value) or not USERS & set(words(value.name)):
            return False
        if known is None or not self.is_row(value) or self.keeps_password(value):
            return True
        subject = [part for part in words(value.name) if part not in FORMS and part not in LAYERS]
        return subject[-1:] == ["user"] or bool(USERS & set(subject[-1:]) & set(words(known.name)))

    def built_in(self, name: str, node: Call, frame: Frame) -> Values | None:
        """What the language's own functions give."""
        evaluator = self.evaluator
        short = name.removeprefix("builtins.")
        first = node.positional[0] if node.positional else None
        if name in ("builtins.dict", "collections.OrderedDict", "builtins.vars", "dataclasses.asdict", "copy.copy", "copy.deepcopy"):
            if name in ("copy.copy", "copy.deepcopy") and first is not None:
                return evaluator.evaluate(first, frame)
            items: list[Item] = []
            rest: list[Value] = []
            for argument in node.positional:
                values = evaluator.evaluate(argument, frame)
                pairs = [one for value in values if isinstance(value, Listing) for part in value.items for one in part]
                for pair in pairs:
                    if isinstance(pair, Listing) and len(pair.items) == 2:
                        items.append(
                            Item(
                                evaluator.text(pair.items[0]),
                                pair.items[1],
                                place_of(pair.items[0][0]) or evaluator.place(frame, argument.at),
                            )
                        )
                if not pairs:
                    evaluator.merge(values, items, rest)
            for keyword in node.keywords:
                if keyword.name is None:
                    evaluator.merge(evaluator.evaluate(keyword.value, frame), items, rest)
                else:
                    items.append(Item(keyword.name, evaluator.evaluate(keyword.value, frame), evaluator.place(frame, keyword.at)))
            if not items and len(rest) == 1 and not isinstance(rest[0], Listing):
                return (rest[0],)
            return (Dictionary(tuple(items), tuple(rest), evaluator.place(frame, node.at)),)
        if name == "functools.partial" and first is not None:
            return (Result(External(name), node, frame, evaluator.place(frame, node.at)),)
        if name.rpartition(".")[2] in ("import_string", "locate") and first is not None:
            return self.imported_by_name(evaluator.evaluate(first, frame), frame) or None
        if name == "typing.cast" and len(node.positional) == 2:
            return evaluator.evaluate(node.positional[1], frame)
        if name == "builtins.getattr" and len(node.positional) >= 2:
            key = evaluator.text(evaluator.evaluate(node.positional[1], frame))
            if key is not None:
                found: list[Value] = []
                for base in evaluator.evaluate(first, frame):
                    found.extend(evaluator.objects.attribute(base, key, evaluator.place(frame, node.at), frame))
                return tuple(found)
        if short in SAME_FUNCTIONS and first is not None and name.startswith("builtins."):
            return evaluator.evaluate(first, frame)
        return None

    def imported_by_name(self, values: Values, frame: Frame) -> Values:
        """What ``import_string("package.module.name")`` gives, also by the default of an environment variable."""
        found: list[Value] = []
        for value in values:
            if isinstance(value, Result):
                for meaning in self.evaluator.knowledge.meanings(dotted(value.callee)):
                    default = argument_of(meaning.api, "default", value.call)
                    if meaning.api.fact in ("environment", "setting-read") and default is not None:
                        found.extend(self.imported_by_name(self.evaluator.evaluate(default, value.frame), frame))
            elif isinstance(value, Literal) and isinstance(value.value, str) and "." in value.value:
                module, _, short = value.value.rpartition(".")
                target = self.program.layout.resolve(frame.path, module, 0)
                if target is not None:
                    definition = self.program.exported(target, short)
                    if definition is not None:
                        found.append(definition)
        return tuple(found)

    def of_member(self, callee: Member, node: Call, frame: Frame) -> Values | None:
        """Methods of dictionaries, strings, claims, and of things of which only the way to them is known."""
        evaluator = self.evaluator
        base, method = callee.base, callee.name
        place = evaluator.place(frame, node.at)
        if dotted(base) == "functools.partial" and method == "":
            return None
        if method in ("get", "pop", "getlist", "get_all", "setdefault") and node.positional and not self.is_client(base):
            key = next((v.value for v in evaluator.evaluate(node.positional[0], frame) if isinstance(v, Literal)), None)
            if key is not None and (isinstance(base, Dictionary | Claims | Literal | Member | Parameter | Combined) or dotted(base)):
                found = list(evaluator.objects.item(base, key, place))
                if len(node.positional) > 1:
                    found.extend(
                        value
                        for value in evaluator.evaluate(node.positional[1], frame)
                        if not (isinstance(value, Literal) and value.value is None) and (isinstance(value, Literal) or value not in found)
                    )
                if isinstance(base, Instance) and base.row:
                    return None
                return tuple(found)
        if method in DUMPS and isinstance(base, Instance):
            dictionary = evaluator.objects.as_dictionary(base)
            return (dictionary,) if dictionary is not None else (Member(base, method, place=place),)
        if method in SAME_METHODS or (method in DUMPS and isinstance(base, Claims | Dictionary)):
            if isinstance(base, Instance) and base.row:
                return (base,)
            return (base,)
        if isinstance(base, Token):
            return (base,)
        if method in ("join", "format", "replace", "removeprefix", "removesuffix", "zfill", "partition"):
            given = evaluator.listed if method == "join" else evaluator.evaluate
            parts = [given(argument, frame) for argument in node.positional]
            parts.extend(evaluator.evaluate(keyword.value, frame) for keyword in node.keywords)
            return evaluator.combined(method, ((base,), *parts), place)
        if method in TIME_METHODS and isinstance(base, Member):
            return (Combined(method, ((base,),), place),)
        if isinstance(base, Claims) or evaluator.objects.read_from(base):
            return (Combined(method, ((base,), *(evaluator.evaluate(argument, frame) for argument in node.positional)), place),)
        return None

    def is_client(self, base: Value) -> bool:
        """Whether ``get`` of something is a request or a query rather than a look into a mapping."""
        if isinstance(base, Instance | ClassValue):
            return True
        name = dotted(base)
        if isinstance(base, External):
            return (
                name in ("requests", "httpx", "aiohttp")
                or name.startswith(("requests.", "httpx."))
                or name.rpartition(".")[2].lower() == "session"
            )
        if isinstance(base, Result):
            short = name.rpartition(".")[2].lower()
            return any(
                word in short for word in ("session", "client", "redis", "cache", "router", "blueprint", "fastapi", "flask", "sanic")
            )
        return False

    def row(self, callee: Value, node: Call, frame: Frame) -> Instance | None:
        """The row of a model class that a query gives: one rooted in the class, or one that is given the class."""
        start = root(callee)
        if isinstance(callee, Member) and isinstance(callee.base, ClassValue) and callee.name in FROM_MAPPING and node.positional:
            return self.from_mapping(callee.base, node, frame)
        if isinstance(start, ClassValue) and callee is not start:
            return Instance(start, row=True)
        if isinstance(start, Instance) and start.row and callee is not start:
            return Instance(start.of, row=True)
        name = dotted(callee)
        if name.startswith("builtins."):
            return None
        for argument in node.positional[:2]:
            for value in self.evaluator.evaluate(argument, frame):
                if isinstance(value, ClassValue) and self.is_model(value):
                    return Instance(value, row=True)
                if isinstance(value, Instance) and value.row and isinstance(argument, Name | Call) and is_query(callee):
                    return value
        if isinstance(callee, Member):
            inner = callee.base
            while isinstance(inner, Member):
                inner = inner.base
            if isinstance(inner, Result):
                return self.row(inner.callee, inner.call, inner.frame) if not isinstance(inner.callee, External) else None
        return None

    def from_mapping(self, of: ClassValue, node: Call, frame: Frame) -> Instance:
        """An instance made from a mapping: the same as the class called with ``**mapping``."""
        known = self.spread_calls.get(id(node))
        if known is None:
            first = node.positional[0]
            known = self.spread_calls[id(node)] = Call(node.at, node.function, (), (Keyword(first.at, None, first),))
        return Instance(of, call=known, frame=frame, identity=f"{frame.path}:{node.at.line}:{node.at.column}")

    def is_model(self, value: ClassValue) -> bool:
        """Whether a class looks like a table: it extends something, and is no schema, exception or enumeration."""
        bases = [base.rpartition(".")[2] for base in self.evaluator.objects.external_bases(value)]
        if any(
            base in ("Exception", "Enum", "StrEnum", "BaseSettings", "TypedDict", "Schema", "Serializer", "ModelSerializer")
            for base in bases
        ):
            return False
        return bool(bases) or len(self.evaluator.objects.lineage(value)) > 1 or bool(self.program.class_(value).decorators)


def is_query(callee: Value) -> bool:
    """Whether a callee runs a statement that it is given."""
    name = callee.name if isinstance(callee, Member) else dotted(callee).rpartition(".")[2]
    return name in ("execute", "exec", "scalar", "scalars", "scalar_one_or_none", "fetch_one", "fetch_all", "get", "first", "run")


def complete(api: Api, call: Call) -> bool:
    """Whether a call gives the arguments that its meaning needs."""
    return all(argument_of(api, name, call) is not None for name in api.needs)


def holding(api: Api, place: Place) -> Values:
    """The claims of the token verified at ``place``, inside what the library gives."""
    claims: Values = (Claims(place),)
    if not api.claims_at:
        return claims
    if api.claims_at.isdigit():
        return (Listing((*[UNKNOWN] * int(api.claims_at), claims)),)
    return (Dictionary((Item(api.claims_at, claims, place),), place=place),)


def place_of(value: Value) -> Place | None:
    """Where a value was read or made, if it tells."""
    if isinstance(value, Literal | Member | Combined | Dictionary | Result):
        return value.place
    return None
