"""How the application reaches its database: engines, session factories, dependencies, pools, and the metadata of its tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from jwtlint.facts.program import Attribute, Call, Expression, Function, Mapping, Name, Sequence
from jwtlint.linker.traversal import expressions_in, walk
from jwtlint.linker.values import ClassValue, External, FunctionValue
from jwtlint.scaffold.choice import Imported
from jwtlint.scaffold.project.columns import word
from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.places import Places
from jwtlint.scaffold.project.source import Source

ENGINE_CALLS = {"create_engine": False, "create_async_engine": True, "async_engine_from_config": True}
FACTORY_CALLS = {"sessionmaker": False, "async_sessionmaker": True, "scoped_session": False, "async_scoped_session": True}
POOLS = {
    "asyncpg.create_pool": "asyncpg",
    "asyncpg.connect": "asyncpg",
    "psycopg_pool.AsyncConnectionPool": "psycopg-async",
    "psycopg.AsyncConnection.connect": "psycopg-async",
    "psycopg_pool.ConnectionPool": "psycopg",
    "psycopg.connect": "psycopg",
    "psycopg.Connection.connect": "psycopg",
    "sqlite3.connect": "sqlite3",
}
MAIN_KEYS = ("writer", "write", "default", "main", "primary", "master")


class Handle(msgspec.Struct, frozen=True):
    """Something to reach the database by.

    ``imported`` is None where it is made but cannot be imported; ``driver`` is set for raw drivers.
    """

    imported: Imported | None
    path: str
    line: int
    says: str
    asynchronous: bool
    application: str
    driver: str = ""

    @property
    def why(self) -> Evidence:
        """As evidence."""
        return Evidence(self.path, self.line, self.says)


class Handles(msgspec.Struct, frozen=True):
    """All that was found."""

    engines: tuple[Handle, ...] = ()
    factories: tuple[Handle, ...] = ()
    dependencies: tuple[Handle, ...] = ()
    flask: tuple[Handle, ...] = ()
    pools: tuple[Handle, ...] = ()


def find_handles(source: Source, places: Places) -> Handles:
    """Every engine, factory, dependency, Flask-SQLAlchemy object and pool of the application (not of its migrations)."""
    engines: list[Handle] = []
    factories: list[Handle] = []
    flask: list[Handle] = []
    pools: list[Handle] = []
    for path, index in source.modules.items():
        if is_migration_environment(source, path) or not (WORDS & index.module.mentions.keys() or makes_engine(source, path)):
            continue
        application = source.program.applications[path]
        module = places.module(path)
        for call, step, top in source.calls(path):
            name = word(call.function)
            is_flask = is_flask_sqlalchemy(source, path, call)
            if name not in WORDS and not is_flask:
                continue
            imported = binding(module, step.target, step.value, call) if top and step.kind == "assign" else None
            if name in ENGINE_CALLS and comes_from(source, path, call, ("sqlalchemy", "sqlmodel")):
                engines.append(Handle(imported, path, call.at.line, f"{name}(...)", ENGINE_CALLS[name], application))
            elif name in FACTORY_CALLS and comes_from(source, path, call, ("sqlalchemy", "sqlmodel")):
                factories.append(Handle(imported, path, call.at.line, f"{name}(...)", FACTORY_CALLS[name], application))
            elif name in LAST_WORDS:
                origin = source.origin(path, call.function)
                driver = POOLS.get(origin.name) if isinstance(origin, External) else None
                if driver is not None:
                    says = f"{origin.name}(...)" if isinstance(origin, External) else name
                    pools.append(Handle(imported, path, call.at.line, says, driver in ("asyncpg", "psycopg-async"), application, driver))
            if is_flask:
                flask.append(Handle(imported, path, call.at.line, "SQLAlchemy(...)", False, application))
        engines += made_by_functions(source, places, path)
    engines += functions_that_give(source, places, engines)
    return Handles(tuple(engines), tuple(factories), tuple(dependencies(source, places)), tuple(flask), tuple(pools))


LAST_WORDS = frozenset(name.rpartition(".")[2] for name in POOLS)
WORDS = frozenset({*ENGINE_CALLS, *FACTORY_CALLS, *LAST_WORDS, "SQLAlchemy"})


def makes_engine(source: Source, path: str) -> bool:
    """Whether a module keeps something that is called an engine, or makes an object that may be Flask-SQLAlchemy's."""
    names = source.modules[path].assignments
    return "db" in names or any("engine" in name.lower() for name in names)


def is_migration_environment(source: Source, path: str) -> bool:
    """Whether a module is run by Alembic."""
    return any(item.module.partition(".")[0] == "alembic" for item in source.modules[path].module.imports)


def is_flask_sqlalchemy(source: Source, path: str, call: Call) -> bool:
    """Whether a call makes a Flask-SQLAlchemy object, also of a class that inherits from it."""
    made = source.origin(path, call)
    return isinstance(made, External) and made.name.startswith("flask_sqlalchemy.") and made.name.endswith("SQLAlchemy()")


def comes_from(source: Source, path: str, call: Call, libraries: tuple[str, ...]) -> bool:
    """Whether what is called is of one of the libraries, as far as can be told."""
    origin = source.origin(path, call.function)
    return origin is None or (isinstance(origin, External) and origin.name.partition(".")[0] in libraries)


def binding(module: str, target: Expression | None, value: Expression | None, call: Call) -> Imported | None:
    """How what a call makes is imported: it is what a name is bound to, or one of the values of a dict that is."""
    if not isinstance(target, Name):
        return None
    if value is call or (isinstance(value, Call) and any(one is call for one in value.positional)):
        return Imported(module, (target.name,), target.name)
    if isinstance(value, Mapping):
        keys = [(written(entry.key), names_in(entry.key)) for entry in value.entries if entry.value is call and entry.key is not None]
        if keys and keys[0][0]:
            return Imported(module, tuple(sorted({target.name, *keys[0][1]})), f"{target.name}[{keys[0][0]}]")
    return None


def written(node: Expression | None) -> str:
    """A name, an attribute or a string constant as it is written."""
    from jwtlint.scaffold.project.literals import text

    if isinstance(node, Name):
        return node.name
    if isinstance(node, Attribute) and written(node.value):
        return f"{written(node.value)}.{node.name}"
    return f'"{text(node)}"' if text(node) else ""


def names_in(node: Expression | None) -> set[str]:
    """The bare names in an expression."""
    return {one.name for one in walk(node) if isinstance(one, Name)} if node is not None else set()


def made_by_functions(source: Source, places: Places, path: str) -> list[Handle]:
    """Engines that a function of the project makes and a module keeps: ``engine = make_engine()``, ``SessionLocal, engine = connect()``."""
    found: list[Handle] = []
    for step in source.modules[path].module.steps:
        if step.kind != "assign" or not isinstance(step.value, Call):
            continue
        called = source.origin(path, step.value.function)
        if not isinstance(called, FunctionValue):
            continue
        made = engine_calls(source, called)
        names = [step.target] if isinstance(step.target, Name) else list(step.target.items) if isinstance(step.target, Sequence) else []
        for target in names:
            if made and isinstance(target, Name) and (len(names) == 1 or "engine" in target.name.lower()):
                says = f"{target.name} = {word(step.value.function)}(...)"
                imported = Imported(places.module(path), (target.name,), target.name)
                application = source.program.applications[path]
                found.append(Handle(imported, path, step.at.line, says, ENGINE_CALLS[made[0]], application))
    return found


def engine_calls(source: Source, called: FunctionValue) -> list[str]:
    """The names of the engine makers that a function calls."""
    steps = source.program.function(called).steps
    nodes = [one for step in steps for one in expressions_in(step)]
    return [word(one.function) for one in nodes if isinstance(one, Call) and word(one.function) in ENGINE_CALLS]


def functions_that_give(source: Source, places: Places, engines: Iterable[Handle]) -> list[Handle]:
    """Functions without required arguments that make and return an engine: ``get_engine()``; only where no engine can be imported."""
    if any(one.imported is not None for one in engines):
        return []
    found: list[Handle] = []
    for one in engines:
        for function in source.modules[one.path].module.functions:
            required = [parameter for parameter in function.parameters if parameter.default is None and parameter.kind == "positional"]
            inside = function.at.line <= one.line <= function.at.end_line
            if inside and not function.scope and not required and any(step.kind == "return" for step in function.steps):
                imported = Imported(places.module(one.path), (function.name,), f"{function.name}()")
                found.append(msgspec.structs.replace(one, imported=imported, line=function.at.line, says=f"{function.name}()"))
    return found


def dependencies(source: Source, places: Places) -> list[Handle]:
    """The functions that FastAPI handlers depend on for a database session, the most used first."""
    used: Counter[tuple[str, str]] = Counter()
    for path, index in source.modules.items():
        if "Depends" not in index.module.mentions:
            continue
        for call in depends_calls(source, path):
            origin = source.origin(path, call.positional[0]) if call.positional else None
            if isinstance(origin, FunctionValue):
                used[origin.path, origin.name] += 1
    found: list[Handle] = []
    for (path, name), count in used.most_common():
        function = source.program.function(FunctionValue(path, name))
        kind = session_kind(source, path, function)
        if kind is not None:
            imported = Imported(places.module(path), (name,), name)
            times = "once" if count == 1 else f"{count} times"
            says = f"Depends({name}), {times}"
            found.append(Handle(imported, path, function.at.line, says, kind, source.program.applications[path]))
    return found


def depends_calls(source: Source, path: str) -> list[Call]:
    """Every ``Depends(...)`` of a module: in its statements, in parameters and in annotations."""
    nodes: list[Expression] = []
    index = source.modules[path].module
    for step in index.steps:
        nodes += expressions_in(step)
    for class_ in index.classes:
        nodes += [one for step in class_.steps for one in expressions_in(step)]
    for function in index.functions:
        for parameter in function.parameters:
            for part in (parameter.annotation, parameter.default):
                nodes += walk(part) if part is not None else ()
    return [one for one in nodes if isinstance(one, Call) and word(one.function) in ("Depends", "Security")]


def session_kind(source: Source, path: str, function: Function) -> bool | None:
    """Whether a dependency gives a database session, and if so whether it is an asynchronous one; None if it gives something else."""
    parts = [function.returns] if function.returns is not None else []
    said = {word(node) for part in parts for node in walk(part)}
    if said & {"AsyncSession", "AsyncConnection", "AsyncReadSession"}:
        return True
    if said & {"Session", "SASession", "OrmSession"}:
        return False
    yields = any(step.kind == "yield" for step in function.steps)
    names = function.name.lower()
    if not yields or not ("db" in names or "session" in names):
        return None
    calls = [node for step in function.steps for node in expressions_in(step) if isinstance(node, Call)]
    origins = [source.origin(path, node.function) for node in calls]
    inside = [word(node.function) for node in calls] + [origin.name for origin in origins if isinstance(origin, External)]
    return any("async" in name.lower().rpartition(".")[2] for name in inside)


def metadata_of(source: Source, places: Places, value: ClassValue) -> tuple[Imported, Evidence] | None:
    """The metadata of a declarative class: of the base that the application declares."""
    owners = [value, *(base for base in source.ancestors(value) if isinstance(base, ClassValue))]
    for owner in owners:
        class_ = source.program.class_(owner)
        for decorator in class_.decorators:
            if (found := of_registry(source, places, owner.path, decorator)) is not None:
                return found
        for base in class_.bases:
            origin = source.origin(owner.path, base)
            if not isinstance(origin, External):
                continue
            if origin.name.startswith("sqlmodel."):
                return Imported("sqlmodel", ("SQLModel",), "SQLModel.metadata"), Evidence(owner.path, class_.at.line, "SQLModel")
            assigned = source.assignment(owner.path, base.name) if isinstance(base, Name) else None
            if origin.name.endswith(("declarative_base()", "generate_base()")) and assigned is not None:
                home, step = assigned
                name = step.target.name if isinstance(step.target, Name) else ""
                why = Evidence(home, step.at.line, f"{name} = {word(step.value)}()")
                return Imported(places.module(home), (name,), f"{name}.metadata"), why
            if origin.name.endswith(("DeclarativeBase", "DeclarativeBaseNoMeta")) and owner != value:
                return of_base(source, places, owner)
        if owner != value and any(word(one).startswith("as_declarative") for one in class_.decorators):
            return of_base(source, places, owner)
    return None


def of_base(source: Source, places: Places, base: ClassValue) -> tuple[Imported, Evidence]:
    """The metadata of a base class."""
    line = source.program.class_(base).at.line
    return Imported(places.module(base.path), (base.name,), f"{base.name}.metadata"), Evidence(base.path, line, f"class {base.name}")


def of_registry(source: Source, places: Places, path: str, decorator: Expression) -> tuple[Imported, Evidence] | None:
    """The metadata of the registry whose decorator maps a class that has no declarative base, and so no metadata itself.

    They are ``@registry.mapped``, ``@registry.mapped_as_dataclass`` with or without arguments, and ``@mapped_as_dataclass(registry)``
    (https://docs.sqlalchemy.org/en/20/orm/declarative_styles.html).
    """
    called = decorator.function if isinstance(decorator, Call) else decorator
    if word(called) not in ("mapped", "mapped_as_dataclass"):
        return None
    first = next(iter(decorator.positional), None) if isinstance(decorator, Call) else None
    registry = called.value if isinstance(called, Attribute) else first
    origin = source.origin(path, registry)
    assigned = source.assignment(path, registry.name) if isinstance(registry, Name) else None
    if not (isinstance(origin, External) and origin.name.endswith("registry()")) or assigned is None:
        return None
    home, step = assigned
    name = step.target.name if isinstance(step.target, Name) else ""
    return Imported(places.module(home), (name,), f"{name}.metadata"), Evidence(home, step.at.line, f"{name} = registry()")


def mentions(source: Source, application: str, name: str) -> int:
    """In how many modules of an application a name stands."""
    return len({path for path, _ in source.program.mentions.get(name, ()) if source.program.applications[path] == application})

