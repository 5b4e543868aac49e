"""What is generated: every decision, taken. Detection and the command line make a :class:`Choice`; the renderer obeys it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

Framework: TypeAlias = Literal["fastapi", "flask", "django", "none"]
Database: TypeAlias = Literal["postgresql", "sqlite"]
Driver: TypeAlias = Literal["sqlalchemy", "sqlalchemy-async", "psycopg", "psycopg-async", "asyncpg", "django", "sqlite3"]
Layer: TypeAlias = Literal["sqlalchemy", "sqlmodel", "flask-sqlalchemy", "django", "psycopg", "asyncpg", "sqlite3"]
Cache: TypeAlias = Literal["redis", "none"]
Migrations: TypeAlias = Literal["sql", "alembic", "django"]
KeyType: TypeAlias = Literal["bigint", "integer", "uuid", "text"]

ASYNC_DRIVERS = frozenset({"sqlalchemy-async", "psycopg-async", "asyncpg"})
SQLALCHEMY_DRIVERS = frozenset({"sqlalchemy", "sqlalchemy-async"})


class Imported(msgspec.Struct, frozen=True):
    """How generated code gets at something of the application's: ``from module import names``, then ``expression``.

    ``expression`` is mostly the only name itself (``engine``), sometimes more (``engines[EngineType.WRITER]``, ``Base.metadata``).
    """

    module: str
    names: tuple[str, ...]
    expression: str

    @property
    def is_plain(self) -> bool:
        """Whether the import alone binds it."""
        return self.names == (self.expression,)


class UserModel(msgspec.Struct, frozen=True):
    """Whose sessions they are.

    ``module`` and ``name`` are the class (both "" where users are rows of a table only); ``table`` and ``schema`` as in SQL;
    ``key`` is the attribute, ``key_column`` the column of the primary key. ``active`` is the boolean attribute (and column) that must
    hold for a user to log in, or "" ; ``inactive`` one that must not hold (``disabled``). ``password`` is the column of the hash.
    """

    module: str
    name: str
    table: str
    key: str = "id"
    key_column: str = "id"
    key_type: KeyType = "bigint"
    schema: str = ""
    active: str = ""
    inactive: str = ""
    password: str = ""

    @property
    def dotted(self) -> str:
        """The class by its dotted name, or the table."""
        return f"{self.module}.{self.name}" if self.name else self.table


class Tables(msgspec.Struct, frozen=True):
    """The names of the tables; another than the usual one where the application has such a table already."""

    sessions: str = "sessions"
    session_history: str = "session_history"
    session_events: str = "session_events"
    session_users: str = "session_users"
    session_exchanges: str = "session_exchanges"
    session_audit: str = "session_audit"


class AlembicRevision(msgspec.Struct, frozen=True):
    """The revision to write. ``path`` is relative to the scanned folder; ``down_revision`` is None where there is none before it.

    ``created`` is the text of its "Create Date".
    """

    path: str
    revision: str
    down_revision: str | None
    created: str


class DjangoApp(msgspec.Struct, frozen=True):
    """The Django side: the module of the settings, the user model as ``AUTH_USER_MODEL`` has it, and the label of the generated app."""

    settings: str
    user_model: str = "auth.User"
    label: str = "login_sessions"
    rest_framework: bool = False


class Formatting(msgspec.Struct, frozen=True):
    """How the application formats its code: characters a line, and whether strings stand in single quotes."""

    line_length: int = 88
    single_quotes: bool = False


class Bridge(msgspec.Struct, frozen=True):
    """How an application goes on speaking of tokens and payloads once sessions stand behind them (``jwtlint migrate``).

    ``identifiers`` says whose a token is: (claim, the user's attribute), the key's own attribute first; ``fresh`` what is read from the
    user's row at each request: (claim, path of attributes as "role" or "role.value"). ``expired`` and ``invalid`` are the errors of the
    application's JWT library; ``scheme`` is what it expects before the token in the header. ``reads_bodies``: tokens also come in small
    JSON or form bodies, or in WebSocket messages. ``refuse_disabled`` is False where the application's verifier looks at the row itself
    and has an answer of its own. ``legacy_cookie`` is the application's own cookie for its JWTs ("" for none), ``legacy_cookie_prefix``
    what it writes before them there ("Bearer "). ``logins`` are the ends of the addresses of logins and sign-ups ("/login"): what is made
    there is a session of its own. ``library`` names the one whose adapter is generated too.
    """

    identifiers: tuple[tuple[str, str], ...] = (("sub", "id"),)
    fresh: tuple[tuple[str, str], ...] = ()
    expired: Imported | None = None
    invalid: Imported | None = None
    scheme: str = "Bearer"
    reads_bodies: bool = False
    refuse_disabled: bool = True
    legacy_cookie: str = ""
    legacy_cookie_prefix: str = ""
    logins: tuple[str, ...] = ()
    library: Literal["", "flask-jwt-extended", "djangorestframework-simplejwt", "fastapi-users"] = ""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """All that decides what is written.

    ``root`` is the folder from which the application's modules are imported, relative to the scanned folder ("" for that folder
    itself); ``output`` is the generated package's folder, relative to the scanned folder; ``package`` is its dotted name. ``engine``,
    ``session_factory``, ``get_session``, ``db``, ``metadata`` and ``pool`` are None where the application has none that can be imported.
    ``bridge`` is None where the application is to use the sessions' own functions: then no bridge is generated.
    """

    framework: Framework
    layer: Layer
    driver: Driver
    database: Database
    cache: Cache = "none"
    migrations: Migrations = "sql"
    user: UserModel
    root: str = ""
    output: str = "sessions"
    package: str = "sessions"
    engine: Imported | None = None
    session_factory: Imported | None = None
    get_session: Imported | None = None
    db: Imported | None = None
    metadata: Imported | None = None
    pool: Imported | None = None
    tables: Tables = Tables()
    alembic: AlembicRevision | None = None
    django: DjangoApp | None = None
    formatting: Formatting = Formatting()
    bridge: Bridge | None = None

    @property
    def is_async(self) -> bool:
        """Whether the asynchronous form is generated."""
        return self.driver in ASYNC_DRIVERS
