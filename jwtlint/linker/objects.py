"""Classes and instances: attributes, inheritance, fields of dataclasses and models, rows read from the database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import Attribute, Call, Class, Constant, Expression, Function, Name, Operation, Sequence, Span, Step, Subscript
from jwtlint.linker.frames import Frame
from jwtlint.linker.values import (
    UNKNOWN,
    Claims,
    ClassValue,
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
    ModuleValue,
    Result,
    Token,
    Value,
    Values,
    dotted,
    last_name,
)

if TYPE_CHECKING:
    from jwtlint.linker.evaluate import Evaluator

# methods of dictionaries, and of the texts that they are written as
METHODS = frozenset(name for of in (dict, str, bytes) for name in dir(of) if not name.startswith("_"))
SETTINGS_BASES = frozenset({"BaseSettings"})
WRAPPING_ANNOTATIONS = frozenset(
    {"Optional", "Annotated", "Union", "Awaitable", "ClassVar", "Final", "Mapped", "Type", "type"}
    | {"FromDishka", "Injected"}  # what a container gives: dishka, wireup
)
MAX_CONSTRUCTORS = 4  # that hand their arguments on to one another


class Objects:
    """What attributes and items of values are."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.program = evaluator.program
        self.lineages: dict[ClassValue, tuple[ClassValue | External, ...]] = {}
        self.subclasses: dict[ClassValue, list[ClassValue]] | None = None
        self.constructors: dict[tuple[FunctionValue, int, int], Frame | None] = {}
        self.attribute_steps: dict[ClassValue, dict[str, list[tuple[FunctionValue, Step]]]] = {}

    # -- inheritance -----------------------------------------------------------------------------------------------

    def lineage(self, value: ClassValue) -> tuple[ClassValue | External, ...]:
        """A class and its bases, depth first; bases outside the program by their dotted names."""
        known = self.lineages.get(value)
        if known is not None:
            return known
        self.lineages[value] = (value,)  # a class that inherits from itself ends here
        found: list[ClassValue | External] = [value]
        facts = self.program.class_(value)
        frame = self.scope_frame(value)
        for base in facts.bases:
            if isinstance(base, Subscript):
                base = base.value
            for part in self.evaluator.evaluate(base, frame):
                if isinstance(part, ClassValue):
                    found.extend(part for part in self.lineage(part) if part not in found)
                elif dotted(part):
                    found.append(External(dotted(part)))
        self.lineages[value] = tuple(found)
        return self.lineages[value]

    def scope_frame(self, value: ClassValue) -> Frame:
        """The frame around a class statement."""
        scope = self.program.class_(value).scope
        index = self.program.modules[value.path]
        if scope in index.functions:
            return self.evaluator.free_frame(FunctionValue(value.path, scope))
        if scope in index.classes:
            return self.evaluator.class_frame(ClassValue(value.path, scope))
        return self.evaluator.module_frame(value.path)

    def external_bases(self, value: ClassValue) -> list[str]:
        """The dotted names of the bases outside the program."""
        return [base.name for base in self.lineage(value) if isinstance(base, External)]

    def derived(self, value: ClassValue) -> list[ClassValue]:
        """The program's classes that inherit from a class."""
        if self.subclasses is None:
            self.subclasses = {}
            for path, index in self.program.modules.items():
                for name in index.classes:
                    one = ClassValue(path, name)
                    for base in self.lineage(one)[1:]:
                        if isinstance(base, ClassValue):
                            self.subclasses.setdefault(base, []).append(one)
        return self.subclasses.get(value, [])

    def is_protocol(self, value: ClassValue) -> bool:
        """Whether a class says what others must have (PEP 544)."""
        bases = self.program.class_(value).bases
        return bool(bases) and any(base.rpartition(".")[2] == "Protocol" for base in self.external_bases(value))

    def implementing(self, value: ClassValue, name: str) -> list[ClassValue]:
        """The classes of the same application that have a protocol's method ``name`` and all its others, without inheriting from it."""
        if not self.is_protocol(value):
            return []
        asked = self.program.modules[value.path].methods.get(value.name, {}).keys()
        found: list[ClassValue] = []
        for method in self.program.methods_by_name.get(name, ()):
            one = ClassValue(method.path, self.program.function(method).owner)
            if one == value or self.program.applications[one.path] != self.program.applications[value.path]:
                continue
            if value not in self.lineage(one) and not self.is_protocol(one) and all(self.method(one, other) is not None for other in asked):
                found.append(one)
        return found

    def method(self, value: ClassValue, name: str, after: ClassValue | None = None) -> FunctionValue | None:
        """A method by its name, through the bases; with ``after``, only in the bases that follow it (``super()``)."""
        classes = self.lineage(value)
        if after is not None:
            classes = classes[classes.index(after) + 1 :] if after in classes else ()
        for one in classes:
            if isinstance(one, ClassValue):
                function = self.program.modules[one.path].methods.get(one.name, {}).get(name)
                if function is not None:
                    return FunctionValue(one.path, function.name)
        return None

    def is_property(self, function: Function) -> bool:
        """Whether reading the method as an attribute calls it."""
        for decorator in function.decorators:
            name = decorator.name if isinstance(decorator, Name | Attribute) else ""
            if name in ("property", "cached_property", "hybrid_property", "computed_field"):
                return True
        return False

    # -- attributes ------------------------------------------------------------------------------------------------

    def attribute(self, base: Value, name: str, place: Place, frame: Frame) -> Values:
        """``base.name``"""
        stored = self.evaluator.requests.read(base, name, frame.path)
        if stored:
            return stored
        if isinstance(base, ModuleValue):
            return self.module_attribute(base, name)
        if isinstance(base, Literal) and name in ("value", "name"):
            return (base,)  # a member of an enumeration stands for its value
        if isinstance(base, External):
            if base.name == "django.conf.settings":
                return self.evaluator.settings.values(frame.path, name) or (External(f"{base.name}.{name}"),)
            return (External(f"{base.name}.{name}"),)
        if isinstance(base, ClassValue):
            return self.class_attribute(base, name, place)
        if isinstance(base, Instance):
            return self.instance_attribute(base, name, place)
        if isinstance(base, Result) and dotted(base) == "builtins.super":
            return self.super_attribute(name, place, frame)
        if isinstance(base, Claims) and name in ("claims", "payload", "extras", "token"):
            return (base,)  # libraries whose decoded token holds the claims
        if isinstance(base, Token):
            if name in ("access_token", "refresh_token"):
                return (Token(base.mint, name.partition("_")[0]),)
            return (Member(base, name, place=place),)
        if isinstance(base, Dictionary):
            # an attribute dictionary, or a method such as ``get``
            if name in METHODS and all(item.key != name for item in base.items):
                return (Member(base, name, place=place),)
            return self.item(base, name, place, missing=False) or (Member(base, name, place=place),)
        if name.isupper() and isinstance(base, Member) and base.name == "config":
            configured = self.evaluator.settings.values(frame.path, name)  # Sanic's ``app.config.SECRET``
            if configured:
                return configured
        return (Member(base, name, place=place),)

    def attribute_of_context(self, base: Value, name: str) -> Values:
        """An attribute or item of a context object; none where it is not known."""
        place = Place("", 1, 0, 1, 0)
        if isinstance(base, Dictionary):
            return self.item(base, name, place, missing=False)
        if isinstance(base, Instance) and base.call is not None:
            return self.given(base, name, place) or self.assigned_on_self(base, name)
        return UNKNOWN

    def module_attribute(self, base: ModuleValue, name: str) -> Values:
        definition = self.program.exported(base.path, name)
        index = self.program.modules.get(base.path)
        if definition is not None and not (index is not None and name in index.assignments):
            return (definition,)
        home = self.program.assignment_home(base.path, name)
        if home is not None:
            return self.evaluator.module_assignment(home[0], home[1], None)
        return (definition,) if definition is not None else UNKNOWN

    def class_attribute(self, base: ClassValue, name: str, place: Place) -> Values:
        method = self.method(base, name)
        if method is not None:
            return (Method(method, base),)
        nested = ClassValue(base.path, f"{base.name}.{name}")
        if nested.name in self.program.modules[base.path].classes:
            return (nested,)
        found = self.class_level(base, name)
        if name in ("objects", "query"):  # a manager gives rows of the class, and may have methods of its own
            return (Member(base, name, place=place), *(found or ()))
        if found is not None:
            return found
        return (Member(base, name, place=place),)

    def class_level(self, base: ClassValue, name: str) -> Values | None:
        """A name assigned in a class body, its own or a base's; None where no class assigns it."""
        for one in self.lineage(base):
            if isinstance(one, ClassValue):
                step = self.field(self.program.class_(one), name)
                if step is not None and step.value is not None:
                    values = self.evaluator.evaluate(step.value, self.evaluator.class_frame(one))
                    if self.is_settings(base):
                        return (Combined("setting-default", (self.field_default(values, step.value, one),)),)
                    if is_enum(self.external_bases(base)):
                        return values
                    return self.field_default(values, step.value, one)
        return None

    def field(self, facts: Class, name: str) -> Step | None:
        """The statement of a class body that assigns a name."""
        for step in reversed(facts.steps):
            if step.kind == "assign" and isinstance(step.target, Name) and step.target.name == name:
                return step
        return None

    def field_default(self, values: Values, expression: Expression, owner: ClassValue) -> Values:
        """The default inside ``Field(...)`` and its like; the values themselves elsewhere."""
        if isinstance(expression, Call):
            function = expression.function
            called = function.name if isinstance(function, Name | Attribute) else ""
            if called in ("Field", "field", "SecretStr", "PrivateAttr"):
                frame = self.evaluator.class_frame(owner)
                for keyword in expression.keywords:
                    if keyword.name == "default":
                        return self.evaluator.evaluate(keyword.value, frame)
                    if keyword.name == "default_factory":
                        return self.made_by(self.evaluator.evaluate(keyword.value, frame))
                if expression.positional and not (
                    isinstance(expression.positional[0], Constant) and expression.positional[0].value is None
                ):
                    return self.evaluator.evaluate(expression.positional[0], frame)
        return values

    def made_by(self, factories: Values) -> Values:
        """What a default factory gives."""
        found: list[Value] = []
        for factory in factories:
            if isinstance(factory, Combined) and factory.operator == "lambda":
                found.extend(value for values in factory.operands for value in values)
            else:
                found.extend(self.evaluator.parameters.called_without_arguments(factory))
        return tuple(found) or (Combined("factory", (factories,)),)

    def is_settings(self, value: ClassValue) -> bool:
        """Whether a class takes its fields from the environment."""
        return any(name.rpartition(".")[2] in SETTINGS_BASES for name in self.external_bases(value))

    def super_attribute(self, name: str, place: Place, frame: Frame) -> Values:
        if frame.function is None:
            return UNKNOWN
        owner = self.program.function(frame.function).owner
        if not owner:
            return UNKNOWN
        here = ClassValue(frame.path, owner)
        receiver = frame.receiver or Instance(here)
        of = receiver.of if isinstance(receiver, Instance) else receiver if isinstance(receiver, ClassValue) else here
        method = self.method(of if here in self.lineage(of) else here, name, after=here)
        if method is not None:
            return (Method(method, receiver),)
        bases = self.external_bases(here)
        return tuple(External(f"{base}.{name}") for base in bases) or (Member(receiver, name, place=place),)

    def instance_attribute(self, base: Instance, name: str, place: Place) -> Values:
        method = self.method(base.of, name)
        if method is not None:
            facts = self.program.function(method)
            if self.is_property(facts):
                return self.evaluator.calls.property_value(method, base) or (Member(base, name, place=place),)
            return (Method(method, base),)
        if name == "__dict__":
            dictionary = self.as_dictionary(base)
            return (dictionary,) if dictionary is not None else (Member(base, name, place=place),)
        if name == "current_user":
            getter = self.method(base.of, "get_current_user")
            if getter is not None:
                return self.evaluator.calls.property_value(getter, base) or (Member(base, name, place=place),)
        given = self.given(base, name, place)
        if given is not None:
            return given
        # what a column holds is the database's, whatever some method once wrote into it
        column = base.row or (base.call is None and self.is_column(base.of, name))
        assigned = self.assigned_on_self(base, name) if not column else UNKNOWN
        if assigned:
            return assigned
        if not column:
            level = self.class_level(base.of, name)
            if level:
                return level
            bases = self.external_bases(base.of)
            for known in bases:
                if self.evaluator.knowledge.meanings(f"{known}.{name}"):
                    return (External(f"{known}.{name}"),)
            annotated = self.annotated_field(base.of, name)
            if annotated:
                return tuple(
                    Instance(value.of, base.row, identity=f"{name}") if isinstance(value, Instance) else value for value in annotated
                )
        return (Member(base, name, place=place),)

    def is_column(self, value: ClassValue, name: str) -> bool:
        """Whether a class of a table declares a column of that name."""
        for one in self.lineage(value):
            if isinstance(one, ClassValue):
                step = self.field(self.program.class_(one), name)
                if step is not None:
                    return isinstance(step.value, Call) and getattr(step.value.function, "name", "").endswith(("Field", "Column", "column"))
        return False

    def given(self, base: Instance, name: str, place: Place) -> Values | None:
        """What the constructor was given for a field; None where that is not known."""
        if base.call is None or base.frame is None:
            return None
        if self.method(base.of, "__init__") is not None:
            return None
        for keyword in base.call.keywords:
            if keyword.name == name:
                return self.evaluator.evaluate(keyword.value, base.frame)
        fields = self.fields(base.of)
        for position, argument in enumerate(base.call.positional):
            if position < len(fields) and fields[position] == name:
                return self.evaluator.evaluate(argument, base.frame)
        found: list[Value] = []
        for keyword in base.call.keywords:
            if keyword.name is None:
                for value in self.evaluator.evaluate(keyword.value, base.frame):
                    found.extend(self.item(value, name, place, missing=False))
        return tuple(found) or None

    def fields(self, value: ClassValue) -> list[str]:
        """The annotated fields of a class, its bases' first."""
        found: list[str] = []
        for one in reversed(self.lineage(value)):
            if isinstance(one, ClassValue):
                for step in self.program.class_(one).steps:
                    if step.annotation is not None and isinstance(step.target, Name) and step.target.name not in found:
                        found.append(step.target.name)
        return found

    def annotated_field(self, value: ClassValue, name: str) -> Values:
        """What the annotation of a field says."""
        for one in self.lineage(value):
            if isinstance(one, ClassValue):
                step = self.field(self.program.class_(one), name)
                if step is not None and step.annotation is not None:
                    return self.annotated(step.annotation, self.evaluator.class_frame(one))
        return UNKNOWN

    def assigned_on_self(self, base: Instance, name: str) -> Values:
        """What the methods of the class assign to ``self.name``; ``__init__`` with the arguments it was given."""
        found: list[Value] = []
        for one in self.lineage(base.of):
            if not isinstance(one, ClassValue):
                continue
            for function, step in self.self_assignments(one).get(name, ()):
                frame: Frame | None
                if function.name.endswith(".__init__"):
                    frame = self.initial_frame(function, base)
                else:
                    frame = self.evaluator.parameters.method_frame(function, base)
                if frame is not None:
                    found.extend(self.evaluator.evaluate(step.value, frame))
                    if step.annotation is not None and not found:
                        found.extend(self.annotated(step.annotation, frame))
            if found:
                break
        return tuple(found)

    def initial_frame(self, function: FunctionValue, base: Instance) -> Frame | None:
        """The frame of one constructor of a class: its own, or one that its own hands arguments on to (``super().__init__(…)``)."""
        own = self.method(base.of, "__init__") or function
        if base.call is not None and base.frame is not None:
            frame = self.constructor_frame(own, base, base.call, base.frame)
        else:
            frame = self.evaluator.parameters.method_frame(own, base)
        for _ in range(MAX_CONSTRUCTORS):
            if frame is None or frame.function == function:
                return frame
            frame = self.constructor_above(frame, base)
        return None

    def constructor_above(self, frame: Frame, base: Instance) -> Frame | None:
        """The frame of the constructor that a constructor calls."""
        if frame.function is None:
            return None
        index = self.program.modules[frame.path]
        for call, _ in index.calls_in(index.module.functions.index(self.program.function(frame.function))):
            if isinstance(call.function, Attribute) and call.function.name == "__init__":
                for value in self.evaluator.evaluate(call.function, frame):
                    if isinstance(value, Method) and value.function != frame.function:
                        return self.constructor_frame(value.function, base, call, frame)
        return None

    def constructor_frame(self, function: FunctionValue, base: Instance, call: Call, caller: Frame) -> Frame | None:
        """The frame of a constructor, one for each call that makes an instance."""
        key = (function, id(call), id(caller))
        if key not in self.constructors:
            self.constructors[key] = self.evaluator.parameters.bound_frame(function, call, caller, base)
        return self.constructors[key]

    def self_assignments(self, value: ClassValue) -> dict[str, list[tuple[FunctionValue, Step]]]:
        """The assignments to attributes of the first parameter, by attribute."""
        known = self.attribute_steps.get(value)
        if known is None:
            known = self.attribute_steps[value] = {}
            for function in self.program.modules[value.path].methods.get(value.name, {}).values():
                if not function.parameters:
                    continue
                own = function.parameters[0].name
                for step in function.steps:
                    if step.kind != "assign":
                        continue
                    for target in flattened(step.target):
                        if isinstance(target, Attribute) and isinstance(target.value, Name) and target.value.name == own:
                            known.setdefault(target.name, []).append((FunctionValue(value.path, function.name), step))
        return known

    # -- items -----------------------------------------------------------------------------------------------------

    def item(self, base: Value, key: str | int | float | bool | None, place: Place, missing: bool = True) -> Values:
        """``base[key]`` or ``base.get(key)``"""
        if isinstance(base, Dictionary):
            found: list[Value] = []
            for item in base.items:
                if item.key == key or item.key is None or key is None:
                    found.extend(item.values)
            if not found or base.rest:
                for part in base.rest:
                    found.extend(self.item(part, key, place, missing))
            return tuple(found) or ((Member(base, str(key), item=True, place=place),) if missing else UNKNOWN)
        if isinstance(base, Listing):
            if isinstance(key, int) and -len(base.items) <= key < len(base.items):
                return base.items[key]
            return tuple(value for values in base.items for value in values)
        if isinstance(base, Literal):
            return UNKNOWN
        if isinstance(base, Claims) and key == "payload":
            return (base,)
        if isinstance(key, str):
            stored = self.evaluator.requests.read(base, key, place.path)
            if stored:
                return stored
        if isinstance(base, Member | External) and last_name(base) in ("config", "settings") and isinstance(key, str):
            configured = self.evaluator.settings.values(place.path, key)
            if configured:
                return configured
        if isinstance(base, ClassValue):
            nested = self.class_level(base, str(key))  # an enumeration's member by name
            return nested if nested else (base,)
        if isinstance(base, Instance) and base.call is not None:
            known = self.instance_attribute(base, str(key), place)
            if known:
                return known
        return (Member(base, str(key) if key is not None else "?", item=True, place=place),)

    def as_dictionary(self, value: Instance) -> Dictionary | None:
        """The fields that an instance was made with, as ``model_dump``, ``asdict`` or ``vars`` give them."""
        if value.call is None or value.frame is None:
            return None
        items: list[Item] = []
        rest: list[Value] = []
        evaluator = self.evaluator
        fields = self.fields(value.of)
        for position, argument in enumerate(value.call.positional):
            if position < len(fields):
                items.append(Item(fields[position], evaluator.evaluate(argument, value.frame), evaluator.place(value.frame, argument.at)))
        for keyword in value.call.keywords:
            if keyword.name is None:
                evaluator.merge(evaluator.evaluate(keyword.value, value.frame), items, rest)
            else:
                items.append(Item(keyword.name, evaluator.evaluate(keyword.value, value.frame), evaluator.place(value.frame, keyword.at)))
        for one in self.lineage(value.of):
            if isinstance(one, ClassValue):
                for step in self.program.class_(one).steps:
                    if (
                        step.kind == "assign"
                        and step.annotation is not None
                        and step.value is not None
                        and isinstance(step.target, Name)
                        and all(item.key != step.target.name for item in items)
                    ):
                        frame = evaluator.class_frame(one)
                        values = self.field_default(evaluator.evaluate(step.value, frame), step.value, one)
                        items.append(Item(step.target.name, values, evaluator.place(frame, step.at)))
        return Dictionary(tuple(items), tuple(rest))

    # -- annotations -----------------------------------------------------------------------------------------------

    def annotated(self, annotation: Expression, frame: Frame) -> Values:
        """An instance of each of the program's classes that an annotation names."""
        found: list[Value] = []
        for part in alternatives(annotation):
            for value in self.evaluator.evaluate(part, frame):
                if isinstance(value, ClassValue):
                    found.append(Instance(value, identity="annotated"))
                elif isinstance(value, Combined) and value.operator == "|":
                    found.extend(Instance(one) for values in value.operands for one in values if isinstance(one, ClassValue))
                elif dotted(value) and not dotted(value).startswith("builtins."):
                    found.append(Result(External(dotted(value)), NOTHING_CALLED, frame, self.evaluator.place(frame, part.at)))
        return tuple(found)

    def told_by(self, annotation: Expression, frame: Frame, values: Values) -> Values:
        """Values of which little is known, with what an annotation says of them: the program's classes that it names."""
        annotated = self.annotated(annotation, frame)
        return (*values, *(one for one in annotated if isinstance(one, Instance))) if values else annotated

    def read_from(self, value: Value) -> bool:
        """Whether a value is (a part of) the claims of a verified token."""
        while isinstance(value, Member):
            value = value.base
        return isinstance(value, Claims)


NOWHERE = Span(1, 0, 1, 0)
NOTHING_CALLED = Call(NOWHERE, Constant(NOWHERE, None), (), ())


def flattened(target: Expression | None) -> Iterator[Expression]:
    """The single targets of an assignment."""
    if isinstance(target, Sequence):
        for item in target.items:
            yield from flattened(item)
    elif target is not None:
        yield target


def alternatives(annotation: Expression) -> Iterator[Expression]:
    """The types that an annotation names, inside ``Optional``, ``Annotated``, ``|`` and their like."""
    if isinstance(annotation, Subscript):
        name = annotation.value.name if isinstance(annotation.value, Name | Attribute) else ""
        if name in WRAPPING_ANNOTATIONS:
            inner = annotation.index
            if isinstance(inner, Sequence):
                for item in inner.items[:1] if name == "Annotated" else inner.items:
                    yield from alternatives(item)
            else:
                yield from alternatives(inner)
        else:
            yield annotation.value
    elif isinstance(annotation, Operation) and annotation.operator == "|":
        for operand in annotation.operands:
            yield from alternatives(operand)
    elif isinstance(annotation, Name | Attribute):
        yield annotation


def is_enum(bases: list[str]) -> bool:
    """Whether the bases are those of an enumeration."""
    return any(base.rpartition(".")[2] in ("Enum", "StrEnum", "IntEnum", "TextChoices", "IntegerChoices") for base in bases)
