"""The columns of a model: their names, their types, and which is the primary key.

Read are SQLAlchemy's ``Column`` and ``mapped_column`` with ``Mapped[...]`` (also inside ``Annotated``, in mixins and under
``declared_attr``), SQLModel's ``Field``, Django's fields, and ``Column`` inside ``Table`` and ``op.create_table``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

import msgspec

from jwtlint.facts.program import Attribute, Call, Constant, Expression, Mapping, Name, Operation, Sequence, Step, Subscript
from jwtlint.linker.traversal import walk
from jwtlint.linker.values import ClassValue, External
from jwtlint.scaffold.project.literals import keyword, text, truth
from jwtlint.scaffold.project.source import Source

ColumnType: TypeAlias = Literal["bigint", "integer", "uuid", "text", "boolean", "other"]

COLUMN_CALLS = frozenset({"Column", "mapped_column"})
OPTIONAL = frozenset({"Optional", "Union", "Mapped", "Annotated", "Required", "NotRequired", "Final", "ClassVar"})
TYPES: dict[str, ColumnType] = {
    "int": "integer",
    "integer": "integer",
    "smallinteger": "integer",
    "serial": "integer",
    "autofield": "integer",
    "integerfield": "integer",
    "positiveintegerfield": "integer",
    "smallautofield": "integer",
    "biginteger": "bigint",
    "bigint": "bigint",
    "bigserial": "bigint",
    "bigautofield": "bigint",
    "bigintegerfield": "bigint",
    "positivebigintegerfield": "bigint",
    "str": "text",
    "string": "text",
    "text": "text",
    "unicode": "text",
    "unicodetext": "text",
    "varchar": "text",
    "char": "text",
    "nchar": "text",
    "nvarchar": "text",
    "autostring": "text",
    "citext": "text",
    "charfield": "text",
    "textfield": "text",
    "slugfield": "text",
    "emailfield": "text",
    "bool": "boolean",
    "boolean": "boolean",
    "booleanfield": "boolean",
    "nullbooleanfield": "boolean",
}


class Column(msgspec.Struct, frozen=True):
    """A column: the attribute of the class, its name in SQL, its type, and where it stands."""

    attribute: str
    name: str
    type: ColumnType
    primary: bool
    path: str
    line: int


def columns(source: Source, value: ClassValue, fields: bool = False) -> dict[str, Column]:
    """The columns of a class and of the classes that it takes them from, by attribute.

    ``fields``: an annotation alone makes a field, as in SQLModel, pydantic and dataclasses.
    """
    found: dict[str, Column] = {}
    owners = [value, *(base for base in source.ancestors(value) if isinstance(base, ClassValue))]
    mapped = type_map(source, owners)
    for owner in reversed(owners):
        class_ = source.program.class_(owner)
        keys = constraint_keys(class_.steps)
        for attribute, step in own_steps(source, owner):
            column = read_column(source, owner.path, attribute, step.annotation, step.value, step.at.line, mapped, fields)
            if column is None:
                continue
            if column.name in keys or attribute in keys:
                column = msgspec.structs.replace(column, primary=True)
            before = found.get(attribute)
            if column.type == "other" and before is not None and before.primary:
                # a key that refers to the parent table's (joined-table inheritance)
                column = msgspec.structs.replace(column, type=before.type)
            found[attribute] = column
    return found


def own_steps(source: Source, owner: ClassValue) -> Iterator[tuple[str, Step]]:
    """What a class's body assigns, and what its ``declared_attr`` methods return, by name."""
    for step in source.program.class_(owner).steps:
        if step.kind == "assign" and isinstance(step.target, Name):
            yield step.target.name, step
    for name, function in source.modules[owner.path].methods.get(owner.name, {}).items():
        if any(word(decorator) == "declared_attr" for decorator in function.decorators):
            returned = [step for step in function.steps if step.kind == "return"]
            if returned:
                yield name, msgspec.structs.replace(returned[-1], annotation=function.returns)


def read_column(
    source: Source,
    path: str,
    attribute: str,
    annotation: Expression | None,
    value: Expression | None,
    line: int,
    mapped: dict[str, ColumnType] | None = None,
    fields: bool = False,
) -> Column | None:
    """A column from an assignment in a class; None if it is none."""
    called = word(value.function) if isinstance(value, Call) else ""
    if isinstance(value, Call) and called in COLUMN_CALLS:
        return from_column_call(source, path, attribute, annotation, value, line, mapped or {})
    if isinstance(value, Call) and called == "Field":
        inner = keyword(value, "sa_column")
        if isinstance(inner, Call):
            return from_column_call(source, path, attribute, annotation, inner, line, mapped or {})
        given = keyword(value, "sa_type")
        kind = type_of(source, path, given) if given is not None else annotated_type(source, path, annotation, mapped or {})
        return Column(attribute, attribute, kind, truth(keyword(value, "primary_key")), path, line)
    if isinstance(value, Call) and is_django_field(source, path, value):
        name = text(keyword(value, "db_column"))
        if called in ("ForeignKey", "OneToOneField"):
            name = name or f"{attribute}_id"
        kind = TYPES.get(called.lower(), uuid_or_other(called))
        return Column(attribute, name or attribute, kind, truth(keyword(value, "primary_key")), path, line)
    if annotation is None or attribute.startswith("__"):
        return None
    inside = {word(node) for node in walk(annotation)}
    if value is None and "Mapped" in inside and "relationship" not in inside:
        return from_annotation(source, path, attribute, annotation, line, mapped or {})
    if fields and "Mapped" not in inside and not isinstance(value, Call):
        return Column(attribute, attribute, annotated_type(source, path, annotation, {}), False, path, line)
    return None


def from_column_call(
    source: Source, path: str, attribute: str, annotation: Expression | None, call: Call, line: int, mapped: dict[str, ColumnType]
) -> Column:
    """A column from ``Column(...)`` or ``mapped_column(...)``."""
    name = text(keyword(call, "name"))
    given = keyword(call, "type_")
    for position, argument in enumerate(call.positional):
        if position == 0 and isinstance(argument, Constant):
            name = text(argument) or name
        elif given is None and word(argument) not in ("ForeignKey", "Identity", "Sequence", "Computed", "CheckConstraint"):
            given = argument
    primary = truth(keyword(call, "primary_key"))
    kind = type_of(source, path, given) if given is not None else "other"
    if annotation is not None:
        noted = from_annotation(source, path, attribute, annotation, line, mapped)
        primary = primary or noted.primary
        kind = noted.type if given is None else kind
    return Column(attribute, name or attribute, kind, primary, path, line)


def from_annotation(
    source: Source, path: str, attribute: str, annotation: Expression, line: int, mapped: dict[str, ColumnType]
) -> Column:
    """A column from ``Mapped[...]`` alone; what an ``Annotated`` inside says of it counts."""
    for home, node in unfolded(source, path, annotation):
        if isinstance(node, Call) and word(node.function) in COLUMN_CALLS:
            column = from_column_call(source, home, attribute, None, node, line, mapped)
            if column.type == "other":
                column = msgspec.structs.replace(column, type=annotated_type(source, path, annotation, mapped))
            return column
    return Column(attribute, attribute, annotated_type(source, path, annotation, mapped), False, path, line)


def annotated_type(source: Source, path: str, annotation: Expression | None, mapped: dict[str, ColumnType]) -> ColumnType:
    """The type that an annotation stands for (``Mapped[int | None]``, ``uuid.UUID``, an alias of such)."""
    if annotation is None:
        return "other"
    for _, node in unfolded(source, path, annotation):
        name = word(node)
        if not name or name in OPTIONAL:
            continue
        if name in mapped:
            return mapped[name]
        kind = TYPES.get(name.lower(), uuid_or_other(name))
        if kind != "other":
            return kind
    return "other"


def unfolded(source: Source, path: str, node: Expression, steps: int = 5) -> Iterator[tuple[str, Expression]]:
    """The names and calls in an annotation, those of aliases in the place of the alias, with the module that each stands in."""
    if isinstance(node, Subscript):
        if word(node.value) not in OPTIONAL:
            yield from unfolded(source, path, node.value, steps)
        yield from unfolded(source, path, node.index, steps)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from unfolded(source, path, item, steps)
    elif isinstance(node, Operation):
        for operand in node.operands:
            yield from unfolded(source, path, operand, steps)
    elif isinstance(node, Name | Attribute):
        alias = source.assignment(path, node.name) if isinstance(node, Name) and steps > 0 else None
        if alias is not None and alias[1].value is not None:
            yield from unfolded(source, alias[0], alias[1].value, steps - 1)
        yield path, node
    elif isinstance(node, Call):
        yield path, node


def type_of(source: Source, path: str, node: Expression) -> ColumnType:
    """The type in a column: ``Integer``, ``String(36)``, ``BigInteger().with_variant(...)``, a type of the project's own."""
    if isinstance(node, Call):
        if isinstance(node.function, Attribute) and node.function.name == "with_variant":
            return type_of(source, path, node.function.value)
        return type_of(source, path, node.function)
    name = word(node)
    kind = TYPES.get(name.lower(), uuid_or_other(name))
    if kind != "other":
        return kind
    origin = source.origin(path, node)
    if isinstance(origin, External):
        last = origin.name.removesuffix("()").rpartition(".")[2]
        return TYPES.get(last.lower(), uuid_or_other(last))
    if isinstance(origin, ClassValue):
        step = source.class_assignment(origin, "impl")
        if step is not None and step.value is not None:
            return type_of(source, origin.path, step.value)
    return "other"


def type_map(source: Source, owners: Iterable[ClassValue]) -> dict[str, ColumnType]:
    """What a declarative base's ``type_annotation_map`` says, by the last part of the annotated name."""
    found: dict[str, ColumnType] = {}
    for owner in owners:
        step = source.class_assignment(owner, "type_annotation_map")
        if step is not None and isinstance(step.value, Mapping):
            for one in step.value.entries:
                if one.key is not None and word(one.key):
                    found.setdefault(word(one.key), type_of(source, owner.path, one.value))
    return found


def constraint_keys(steps: Iterable[Step]) -> set[str]:
    """The column of a ``PrimaryKeyConstraint`` in ``__table_args__``."""
    found: set[str] = set()
    for step in steps:
        if isinstance(step.target, Name) and step.target.name == "__table_args__" and step.value is not None:
            for node in walk(step.value):
                if isinstance(node, Call) and word(node.function) == "PrimaryKeyConstraint" and len(node.positional) == 1:
                    found.add(text(node.positional[0]))
    return found


def table_columns(source: Source, path: str, call: Call) -> dict[str, Column]:
    """The columns in ``Table("users", metadata, Column(...))`` or ``op.create_table("users", Column(...))``, by name."""
    found: dict[str, Column] = {}
    keys: set[str] = set()
    for argument in call.positional:
        if isinstance(argument, Call) and word(argument.function) in COLUMN_CALLS:
            column = from_column_call(source, path, "", None, argument, argument.at.line, {})
            found[column.name] = msgspec.structs.replace(column, attribute=column.name)
        elif isinstance(argument, Call) and word(argument.function) == "PrimaryKeyConstraint" and argument.positional:
            keys.add(text(argument.positional[0]))
    return {name: msgspec.structs.replace(one, primary=True) if name in keys else one for name, one in found.items()}


def is_django_field(source: Source, path: str, call: Call) -> bool:
    """Whether a call makes a field of a Django model."""
    name = word(call.function)
    if not (name.endswith("Field") or name in ("ForeignKey", "OneToOneField")):
        return False
    origin = source.origin(path, call.function)
    return isinstance(origin, External) and (origin.name.startswith("django.") or "models." in origin.name or name.endswith("Field"))


def uuid_or_other(name: str) -> ColumnType:
    """``uuid`` for a type that is called so."""
    lower = name.lower()
    return "uuid" if "uuid" in lower or "guid" in lower else "other"


def word(node: Expression | None) -> str:
    """The last part of a name; of what is called, for a call."""
    if isinstance(node, Name | Attribute):
        return node.name
    if isinstance(node, Call):
        return word(node.function)
    if isinstance(node, Subscript):
        return word(node.value)
    return ""
