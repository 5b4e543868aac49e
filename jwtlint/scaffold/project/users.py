"""Which class is the user, and which table and key it has."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from jwtlint.facts.program import Class, Name
from jwtlint.linker.values import ClassValue, External
from jwtlint.scaffold.choice import KeyType, Layer, UserModel
from jwtlint.scaffold.project import django, table_names
from jwtlint.scaffold.project.columns import Column, columns, table_columns, word
from jwtlint.scaffold.project.django import DjangoProject
from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.literals import keyword, text, truth
from jwtlint.scaffold.project.places import Places, is_below
from jwtlint.scaffold.project.source import Source

NAMES = {
    "user": 100,
    "users": 95,
    "account": 70,
    "accounts": 65,
    "member": 65,
    "members": 60,
    "customer": 60,
    "customers": 55,
    "person": 55,
    "people": 50,
    "employee": 50,
    "staff": 45,
    "admin": 30,
}
DECORATION = re.compile(
    r"^(?:Custom|App|Site|Auth|Base|Db|DB|Orm|ORM|My|Sql|SQL|T)?(?P<name>[A-Z][a-z]+?)"
    r"(?:s?(?:Model|Table|Entity|Orm|ORM|DB|Db|InDB|Record|Schema))?$"
)
PASSWORD = re.compile(r"passw|passhash|pass_hash|pwd|^hash(ed)?_?(secret)?$|^secret_hash$|^digest$")
LOGIN = re.compile(r"^e?_?mail|^user_?name$|^login$|^phone|^nick(name)?$")
ACTIVE = ("is_active", "active", "is_enabled", "enabled")
INACTIVE = tuple(
    prefix + word for word in ("disabled", "blocked", "banned", "deactivated", "suspended", "locked", "deleted") for prefix in ("", "is_")
)
ASIDE = frozenset("examples example docs docs_src doc samples sample demo demos tutorial tutorials scripts tools benchmarks".split())
TABLE_NAMES = frozenset("user users account accounts auth_user member members customer customers person people app_user app_users".split())

DECLARATIVE = ("DeclarativeBase", "declarative_base()", "generate_base()", "DeclarativeBaseNoMeta", "AsyncAttrs", "MappedAsDataclass")
KNOWN_USERS = frozenset(
    "UserMixin SQLAlchemyBaseUserTable SQLAlchemyBaseUserTableUUID AbstractUser AbstractBaseUser SQLAlchemyUserMixin".split()
)
MAPPERS = {
    "tortoise": "Tortoise ORM",
    "peewee": "Peewee",
    "piccolo": "Piccolo",
    "pony": "Pony ORM",
    "mongoengine": "MongoEngine",
    "beanie": "Beanie",
}
THRESHOLD = 60
# its key stays an AutoField whatever DEFAULT_AUTO_FIELD says (django.contrib.auth.apps.AuthConfig)
DJANGO_USER = UserModel("django.contrib.auth.models", "User", "auth_user", key_type="integer", active="is_active", password="password")


class Candidate(msgspec.Struct, frozen=True):
    """A class or table that may hold the users, and how much speaks for it."""

    model: UserModel
    layer: Layer
    path: str
    line: int
    score: int
    application: str

    @property
    def why(self) -> Evidence:
        """Where it stands and what it is."""
        key = f"{self.model.key} {self.model.key_type}"
        return Evidence(self.path, self.line, f'{self.model.name or "table"}, table "{self.model.table}", key {key}')


def find_candidates(source: Source, places: Places, projects: Iterable[DjangoProject]) -> list[Candidate]:
    """Every class or table that may hold the users, the likeliest first."""
    found: list[Candidate] = []
    projects = list(projects)
    named = {value: one for one in projects if (value := django.user_class(source, places, one)) is not None}
    for value, class_ in source.classes():
        candidate = of_class(source, places, value, class_, projects, value in named)
        if candidate is not None and candidate.score >= THRESHOLD:
            found.append(candidate)
    for one in projects:
        if one.user_model == "auth.User":
            application = source.program.applications[one.modules[0]]
            found.append(Candidate(DJANGO_USER, "django", one.modules[0], one.why[0].line, 90, application))
    found += of_tables(source, places)
    return sorted(found, key=lambda one: (-one.score, one.path, one.line))


def of_class(
    source: Source, places: Places, value: ClassValue, class_: Class, projects: list[DjangoProject], named: bool, asked: bool = False
) -> Candidate | None:
    """A class as a candidate; None if it is no table. ``named``: by ``AUTH_USER_MODEL``; ``asked``: by the command line."""
    score = name_score(value.name)
    layer = layer_of(source, value, class_)
    if layer is None or not (score or named or asked or has_known_base(source, value)):
        return None
    own = columns(source, value, fields=layer == "sqlmodel")
    table = table_of(source, places, value, layer)
    if layer == "django":
        own = with_django_columns(source, value, own, projects)
    key = key_of(source, value, own, layer)
    if key is None or not table:
        return None
    score = 40 if not score else score
    score += 200 if named else 0
    score += 25 if has_known_base(source, value) else 0
    if "SQLAlchemyBaseUserTable" in " ".join(external_names(source, value)):
        own = with_fastapi_users(own, value, key)
    password = password_of(own.values())
    score += 40 if password else 0
    score += 10 if any(LOGIN.search(one.attribute.lower()) for one in own.values()) else 0
    score += 10 if table in TABLE_NAMES else 0
    score += min(len({path for path, _ in source.program.mentions.get(value.name, ())}), 10)
    score -= 50 if ASIDE & set(value.path.split("/")) else 0
    booleans = {one.attribute: one for one in own.values() if one.type == "boolean"}
    active = next((name for name in ACTIVE if name in booleans), "")
    inactive = next((name for name in INACTIVE if name in booleans), "")
    model = UserModel(
        module=places.module(value.path),
        name=value.name,
        table=table,
        key=key.attribute,
        key_column=key.name,
        key_type=as_key(key),
        schema=table_names.schema(source, value),
        active=active,
        inactive=inactive,
        password=password,
    )
    return Candidate(model, layer, value.path, class_.at.line, score, source.program.applications[value.path])


def name_score(name: str) -> int:
    """How much a class's or table's name speaks for it."""
    lower = name.lower()
    if lower in NAMES:
        return NAMES[lower]
    match = DECORATION.match(name)
    if match and match["name"].lower() in NAMES:
        return NAMES[match["name"].lower()] - 5
    return 55 if lower.endswith("user") else 15 if lower.startswith("user") else 0


def layer_of(source: Source, value: ClassValue, class_: Class) -> Layer | None:
    """What maps a class to a table; None where nothing does."""
    names = external_names(source, value)
    if any(name.startswith("sqlmodel.") and name.endswith("SQLModel") for name in names):
        return "sqlmodel" if any(one.name == "table" and truth(one.value) for one in class_.keywords) else None
    if truth_in(source, value, "__abstract__"):
        return None
    if any(name.startswith("flask_sqlalchemy.") and name.endswith(".Model") for name in names):
        return "flask-sqlalchemy"
    if any(name.startswith(("django.db.models", "django.contrib.auth.")) for name in names) or is_django_like(names):
        return None if is_abstract(source, value) else "django"
    if any(name.endswith(DECLARATIVE) and not name.startswith(("pydantic", "tortoise")) for name in names):
        return "sqlalchemy"
    if any(name.startswith(("fastapi_users_db_sqlalchemy", "fastapi_users.db")) for name in names):
        return "sqlalchemy"
    if source.class_assignment(value, "__tablename__") is not None or source.class_assignment(value, "__table__") is not None:
        return "sqlalchemy"
    bases = [base for base in source.ancestors(value) if isinstance(base, ClassValue)]
    decorated = any(word(one).startswith("as_declarative") for base in bases for one in source.program.class_(base).decorators)
    return "sqlalchemy" if decorated else None


def external_names(source: Source, value: ClassValue) -> list[str]:
    """The dotted names of the libraries' classes that a class inherits from."""
    return [base.name for base in source.ancestors(value) if isinstance(base, External)]


def is_django_like(names: list[str]) -> bool:
    """Whether bases are Django models of other libraries (``model_utils.models.TimeStampedModel``)."""
    return any(".models." in name and name.endswith("Model") and not name.startswith(("tortoise", "sqlmodel", "peewee")) for name in names)


def has_known_base(source: Source, value: ClassValue) -> bool:
    """Whether a class inherits from a library's user class."""
    return any(name.rpartition(".")[2] in KNOWN_USERS for name in external_names(source, value))


def is_abstract(source: Source, value: ClassValue) -> bool:
    """Whether a Django model is abstract."""
    meta = source.modules[value.path].classes.get(f"{value.name}.Meta")
    return meta is not None and truth_in(source, ClassValue(value.path, meta.name), "abstract")


def truth_in(source: Source, value: ClassValue, name: str) -> bool:
    """Whether a class's own body sets a name to ``True``."""
    step = source.class_assignment(value, name)
    return step is not None and truth(step.value)


def table_of(source: Source, places: Places, value: ClassValue, layer: Layer) -> str:
    """The table of a class."""
    if layer == "django":
        meta = source.modules[value.path].classes.get(f"{value.name}.Meta")
        step = source.class_assignment(ClassValue(value.path, meta.name), "db_table") if meta is not None else None
        if step is not None and text(step.value):
            return text(step.value)
        return f"{django.app_label(source, places, value)}_{value.name.lower()}"
    named = table_names.declared(source, value)
    if named:
        return named
    if any("SQLAlchemyBaseUserTable" in name for name in external_names(source, value)):
        return "user"
    if layer == "sqlmodel":
        return value.name.lower()
    return table_names.snake(value.name) if layer == "flask-sqlalchemy" else ""


def key_of(source: Source, value: ClassValue, own: dict[str, Column], layer: Layer) -> Column | None:
    """The primary key; None where it is not one column that can be told."""
    keys = [one for one in own.values() if one.primary]
    if len(keys) == 1:
        return keys[0]
    names = external_names(source, value)
    if any(name.endswith("SQLAlchemyBaseUserTableUUID") for name in names):
        return Column("id", "id", "uuid", True, value.path, source.program.class_(value).at.line)
    if any("UUIDBase" in name or "UUIDAuditBase" in name for name in names):
        return Column("id", "id", "uuid", True, value.path, source.program.class_(value).at.line)
    if len(keys) > 1:
        return own["id"] if own.get("id") in keys else None
    return own.get("id") if layer == "sqlmodel" else None


def as_key(column: Column) -> KeyType:
    """The type of a key; what is not known counts as text."""
    return column.type if column.type != "boolean" and column.type != "other" else "text"


def with_django_columns(source: Source, value: ClassValue, own: dict[str, Column], projects: list[DjangoProject]) -> dict[str, Column]:
    """The columns with those that Django adds by itself."""
    line = source.program.class_(value).at.line
    names = " ".join(external_names(source, value))
    added = dict(own)
    if "AbstractUser" in names:
        for name in ("username", "email", "is_active"):
            added.setdefault(name, Column(name, name, "boolean" if name == "is_active" else "text", False, value.path, line))
    if "AbstractUser" in names or "AbstractBaseUser" in names:
        added.setdefault("password", Column("password", "password", "text", False, value.path, line))
    if not any(one.primary for one in added.values()):
        folder = django.app_folder(source, value)
        auto = django.config_value(source, f"{folder}/apps.py" if folder else "apps.py", "default_auto_field")
        auto = auto or next((one.auto_field for one in projects if is_below(value.path, one.folder) and one.auto_field), "")
        added["id"] = Column("id", "id", "bigint" if "BigAutoField" in auto else "integer", True, value.path, line)
    return added


def with_fastapi_users(own: dict[str, Column], value: ClassValue, key: Column) -> dict[str, Column]:
    """The columns with those of fastapi-users' table."""
    added = dict(own)
    for name, kind in (("email", "text"), ("hashed_password", "text"), ("is_active", "boolean")):
        added.setdefault(name, Column(name, name, "boolean" if kind == "boolean" else "text", False, key.path, key.line))
    return added


def of_tables(source: Source, places: Places) -> list[Candidate]:
    """Users that are rows of a table only: ``Table("users", ...)`` in a module, or ``op.create_table("users", ...)`` in a migration."""
    found: list[Candidate] = []
    for path, index in source.modules.items():
        if not {"Table", "create_table"} & index.module.mentions.keys():
            continue
        for call, step, top in source.calls(path):
            name = word(call.function)
            if name not in ("Table", "create_table") or not call.positional or not text(call.positional[0]):
                continue
            table = text(call.positional[0])
            score = name_score(table) - 25
            if score < 40 or (name == "Table" and not top):
                continue
            own = table_columns(source, path, call)
            keys = [one for one in own.values() if one.primary]
            if len(keys) != 1:
                continue
            password = password_of(own.values())
            score += 30 if password else -30
            score -= 10 if name == "create_table" else 0
            booleans = {one.name for one in own.values() if one.type == "boolean"}
            attribute = step.target.name if isinstance(step.target, Name) else ""
            model = UserModel(
                module=places.module(path) if attribute else "",
                name=attribute,
                table=table,
                key=keys[0].name,
                key_column=keys[0].name,
                key_type=as_key(keys[0]),
                schema=text(keyword(call, "schema")),
                active=next((one for one in ACTIVE if one in booleans), ""),
                inactive=next((one for one in INACTIVE if one in booleans), ""),
                password=password,
            )
            if score >= 50:
                found.append(Candidate(model, "sqlalchemy", path, call.at.line, score, source.program.applications[path]))
    return found


def other_mapper(source: Source) -> tuple[str, Evidence] | None:
    """A class that may hold the users and that belongs to a mapper there is no generated code for, with the mapper's name."""
    for value, class_ in source.classes():
        if name_score(value.name) >= 50:
            for name in external_names(source, value):
                library = name.partition(".")[0]
                if library in MAPPERS:
                    return MAPPERS[library], Evidence(value.path, class_.at.line, f"class {value.name}")
    return None


def password_of(own: Iterable[Column]) -> str:
    """The column that holds the password's hash, or ""."""
    found = [one.name for one in own if PASSWORD.search(one.name.lower()) and one.type in ("text", "other")]
    return min(found, key=len, default="")
