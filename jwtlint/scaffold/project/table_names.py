"""The name of a model's table, as each library derives it."""

from __future__ import annotations

import re

from jwtlint.facts.program import Attribute, Call, Expression, Mapping, Template
from jwtlint.linker.traversal import expressions_in, walk
from jwtlint.linker.values import ClassValue, FunctionValue
from jwtlint.scaffold.project.columns import word
from jwtlint.scaffold.project.literals import entry, keyword, text
from jwtlint.scaffold.project.source import Source

# Flask-SQLAlchemy 3, flask_sqlalchemy.model.camel_to_snake_case
CAMEL = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")


def snake(name: str) -> str:
    """``UserAccount`` as ``user_account``."""
    return CAMEL.sub(r"_\1", name).lower()


def declared(source: Source, value: ClassValue) -> str:
    """What ``__tablename__`` or ``__table__`` say in a class or in what it inherits from; "" where nothing does."""
    owners = [value, *(base for base in source.ancestors(value) if isinstance(base, ClassValue))]
    for owner in owners:
        step = source.class_assignment(owner, "__tablename__")
        if step is not None and text(step.value):
            return text(step.value)
        if step is not None and step.value is not None:
            constant = source.assignment(owner.path, word(step.value))
            if constant is not None and text(constant[1].value):
                return text(constant[1].value)
        table = source.class_assignment(owner, "__table__")
        if table is not None and isinstance(table.value, Call) and table.value.positional:
            return text(table.value.positional[0])
        function = source.modules[owner.path].methods.get(owner.name, {}).get("__tablename__")
        if function is not None:
            returned = [one.value for one in function.steps if one.kind == "return" and one.value is not None]
            if returned:
                return text(returned[-1]) or computed(source, owner.path, returned[-1], value.name)
    return ""


def computed(source: Source, path: str, node: Expression, class_name: str) -> str:
    """The table name that an expression over ``cls.__name__`` gives; a function of the project's that it calls is looked into."""
    nodes = [node]
    for one in walk(node):
        called = source.origin(path, one.function) if isinstance(one, Call) else None
        if isinstance(called, FunctionValue):
            nodes += [inner for step in source.program.function(called).steps for inner in expressions_in(step)]
    calls = {word(inner.function).lower() for one in nodes for inner in walk(one) if isinstance(inner, Call)}
    lower = "lower" in calls
    joined = calls & {"sub", "split", "findall", "join"} and len(nodes) > 1
    snaked = joined or "sub" in calls or any("snake" in name or "underscore" in name for name in calls)
    name = snake(class_name) if snaked else class_name.lower() if lower else class_name
    constants = [text(one) for one in parts(node)]
    prefix = "".join(one for one in constants[:1] if one.endswith("_"))
    plural = any(one == "s" for one in constants) or any("plural" in name for name in calls)
    return f"{prefix}{name}{'s' if plural and not name.endswith('s') else ''}"


def parts(node: Expression) -> list[Expression]:
    """The pieces that a text is put together from."""
    if isinstance(node, Template):
        return list(node.parts)
    return [one for one in walk(node) if text(one) and not isinstance(one, Attribute)]


def schema(source: Source, value: ClassValue) -> str:
    """The schema that ``__table_args__`` or the metadata of a base name; "" for the default."""
    for owner in [value, *(base for base in source.ancestors(value) if isinstance(base, ClassValue))]:
        arguments = source.class_assignment(owner, "__table_args__")
        if arguments is not None and arguments.value is not None:
            for node in walk(arguments.value):
                if isinstance(node, Mapping) and text(entry(node, "schema")):
                    return text(entry(node, "schema"))
        metadata = source.class_assignment(owner, "metadata")
        if metadata is not None and isinstance(metadata.value, Call) and text(keyword(metadata.value, "schema")):
            return text(keyword(metadata.value, "schema"))
    return ""
