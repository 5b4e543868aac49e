"""Which file of ``code/`` goes where, and when."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from jwtlint.scaffold.choice import ASYNC_DRIVERS, Choice, Driver

SQLALCHEMY: tuple[Driver, ...] = ("sqlalchemy", "sqlalchemy-async")
PSYCOPG: tuple[Driver, ...] = ("psycopg", "psycopg-async")
ASYNCHRONOUS = tuple(sorted(ASYNC_DRIVERS))
SYNCHRONOUS: tuple[Driver, ...] = ("sqlalchemy", "psycopg", "django", "sqlite3")
NOT_DJANGO: tuple[Driver, ...] = (*SQLALCHEMY, *PSYCOPG, "asyncpg", "sqlite3")
RAW: tuple[Driver, ...] = (*PSYCOPG, "asyncpg", "sqlite3")
WEB = ("fastapi", "flask")
SIMPLEJWT = ("djangorestframework-simplejwt",)
SERVICES = tuple(
    name + cached
    for name in ("sqlalchemy", "flask_sqlalchemy", "psycopg", "psycopg_own", "asyncpg", "sqlite", "django")
    for cached in ("", "_cached")
)
FLASK_SQLALCHEMY = ("flask_sqlalchemy", "flask_sqlalchemy_cached")
NOT_FLASK_SQLALCHEMY = tuple(name for name in SERVICES if name not in FLASK_SQLALCHEMY)
SESSIONS = ("fastapi", "fastapi_factory", "fastapi_engine", "flask", "flask_factory", "flask_engine", "flask_extension", "rows")
# those whose database tests may override
OVERRIDABLE = ("fastapi",)
NOT_OVERRIDABLE = tuple(name for name in SESSIONS if name not in OVERRIDABLE)


class Part(msgspec.Struct, frozen=True):
    """A file. ``source`` is its place in ``code/``, ``target`` its place in the generated package.

    ``as_is`` is for what is asynchronous, or is not, whatever the driver. The other attributes are conditions, empty for none: it is
    written where the choice has one of each.
    """

    source: str
    target: str
    drivers: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    migrations: tuple[str, ...] = ()
    rest_framework: bool = False
    services: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()
    bridge: bool = False
    libraries: tuple[str, ...] = ()
    as_is: bool = False

    def is_wanted(self, choice: Choice) -> bool:
        """Whether a choice asks for it."""
        asked = (
            (self.drivers, choice.driver),
            (self.frameworks, choice.framework),
            (self.caches, choice.cache),
            (self.migrations, choice.migrations),
            (self.services, service(choice)),
            (self.sessions, database_session(choice)),
        )
        if choice.bridge is None and (self.bridge or self.libraries):
            return False
        if choice.bridge is not None and self.libraries and choice.bridge.library not in self.libraries:
            return False
        has_rest_framework = choice.django is not None and choice.django.rest_framework
        return all(not wanted or value in wanted for wanted, value in asked) and (has_rest_framework or not self.rest_framework)


def service(choice: Choice) -> str:
    """How the store gets at the application's database: the middle of the name of a ``service_`` file."""
    cached = "_cached" if choice.cache == "redis" else ""
    if choice.driver in SQLALCHEMY:
        return ("flask_sqlalchemy" if choice.db is not None and choice.engine is None else "sqlalchemy") + cached
    if choice.driver in PSYCOPG:
        return ("psycopg" if choice.pool is not None else "psycopg_own") + cached
    return {"asyncpg": "asyncpg", "sqlite3": "sqlite", "django": "django"}[choice.driver] + cached


def database_session(choice: Choice) -> str:
    """Where a request's database session comes from: the middle of the name of an ``application_`` file, "" where none is needed."""
    if choice.framework not in ("fastapi", "flask"):
        return ""
    if choice.driver not in SQLALCHEMY:
        return "rows"
    if choice.framework == "flask":
        if choice.db is not None:
            return "flask_extension"
        # a factory first: what is called get_db may be a generator, which is of use to FastAPI only
        return "flask_factory" if choice.session_factory is not None else "flask" if choice.get_session is not None else "flask_engine"
    if choice.get_session is not None:
        return "fastapi"
    return "fastapi_factory" if choice.session_factory is not None else "fastapi_engine"


def same(*names: str) -> tuple[Part, ...]:
    """Files that are always there, under their own names."""
    return tuple(Part(name, name) for name in names)


def by_driver(pattern: str, target: str, **families: tuple[str, ...]) -> tuple[Part, ...]:
    """One file of several, by the driver; ``pattern`` has ``{}`` for the family's name."""
    return tuple(Part(pattern.format(name), target, drivers=drivers) for name, drivers in families.items())


def families(pattern: str, target: str) -> tuple[Part, ...]:
    """One file for each family of drivers."""
    return by_driver(pattern, target, sqlalchemy=SQLALCHEMY, psycopg=PSYCOPG, asyncpg=("asyncpg",), django=("django",), sqlite=("sqlite3",))


def of_django(*names: str) -> tuple[Part, ...]:
    """The files of the Django application, from ``code/django_app``."""
    return tuple(Part(f"django_app/{name}", name, drivers=("django",), as_is=True) for name in names)


PARTS: tuple[Part, ...] = (
    *same(
        "__init__.py",
        "README.md",
        "audit.py",
        "cookies.py",
        "devices.py",
        "legacy.py",
        "rows.py",
        "settings.py",
        "statements.py",
        "store.py",
        "tokens.py",
        "types.py",
    ),
    Part("__main__.py", "__main__.py", drivers=NOT_DJANGO),
    Part("__main__.py", "command_line.py", drivers=("django",)),
    *families("database_{}.py", "database.py"),
    *(Part(f"service_{name}.py", "service.py", services=(name,)) for name in SERVICES),
    Part("database_flask.py", "database_flask.py", services=FLASK_SQLALCHEMY, as_is=True),
    Part("users_django.py", "users.py", drivers=("django",)),
    *of_django(
        "__main__.py",
        "admin.py",
        "apps.py",
        "auth.py",
        "backends.py",
        "checks.py",
        "configuration.py",
        "decorators.py",
        "management/__init__.py",
        "management/commands/__init__.py",
        "management/commands/sessions.py",
        "middleware.py",
        "models.py",
        "receivers.py",
        "requests.py",
        "responses.py",
        "testing.py",
        "urls.py",
        "views.py",
    ),
    Part("django_app/drf.py", "drf.py", drivers=("django",), rest_framework=True, as_is=True),
    Part("tables.py", "tables.py", drivers=SQLALCHEMY),
    Part("schema.py", "schema.py", drivers=SQLALCHEMY),
    Part("cache.py", "cache.py", caches=("redis",)),
    Part("web_fastapi.py", "web.py", frameworks=("fastapi",)),
    Part("asgi_fastapi.py", "asgi.py", frameworks=("fastapi",), as_is=True),
    Part("liveness_async.py", "liveness.py", drivers=ASYNCHRONOUS, frameworks=("fastapi",)),
    Part("liveness_sync.py", "liveness.py", drivers=SYNCHRONOUS, frameworks=("fastapi",), as_is=True),
    Part("overrides_fastapi.py", "overrides.py", sessions=OVERRIDABLE, as_is=True),
    Part("overrides_never.py", "overrides.py", frameworks=("fastapi",), sessions=NOT_OVERRIDABLE, as_is=True),
    Part("web_flask.py", "web.py", frameworks=("flask",)),
    Part("hooks.py", "hooks.py", frameworks=("fastapi", "flask", "none")),
    *(Part(f"application_{name}.py", "application.py", sessions=(name,)) for name in SESSIONS),
    Part("users_sqlalchemy.py", "users.py", drivers=SQLALCHEMY, frameworks=WEB),
    Part("users_rows.py", "users.py", drivers=RAW, frameworks=WEB),
    Part("claims.py", "claims.py", bridge=True),
    Part("passage.py", "passage.py", bridge=True),
    Part("subjects_sqlalchemy.py", "subjects.py", drivers=SQLALCHEMY, bridge=True),
    Part("subjects_rows.py", "subjects.py", drivers=RAW, bridge=True),
    Part("subjects_django.py", "subjects.py", drivers=("django",), bridge=True),
    Part("bridge_fastapi.py", "bridge.py", frameworks=("fastapi",), bridge=True, as_is=True),
    Part("asking_async.py", "asking.py", drivers=ASYNCHRONOUS, frameworks=("fastapi",), bridge=True),
    Part("asking_sync.py", "asking.py", drivers=SYNCHRONOUS, frameworks=("fastapi",), bridge=True, as_is=True),
    Part("bridge_django.py", "bridge.py", drivers=("django",), bridge=True, as_is=True),
    Part("bridge_simplejwt.py", "simplejwt.py", drivers=("django",), libraries=SIMPLEJWT, as_is=True),
    # in the place of the usual one
    Part("django_app/apps_simplejwt.py", "apps.py", drivers=("django",), libraries=SIMPLEJWT, as_is=True),
    Part("bridge_fastapi_users.py", "strategy.py", frameworks=("fastapi",), libraries=("fastapi-users",), as_is=True),
    Part("bridge_flask.py", "bridge.py", frameworks=("flask",), bridge=True, as_is=True),
    Part("taking_part_flask.py", "taking_part.py", frameworks=("flask",), services=FLASK_SQLALCHEMY, bridge=True, as_is=True),
    Part("taking_part_never.py", "taking_part.py", frameworks=("flask",), services=NOT_FLASK_SQLALCHEMY, bridge=True, as_is=True),
    Part("bridge_flask_jwt_extended.py", "jwt_manager.py", frameworks=("flask",), libraries=("flask-jwt-extended",), as_is=True),
    *same(
        "migrations/postgresql.up.sql",
        "migrations/postgresql.down.sql",
        "migrations/sqlite.up.sql",
        "migrations/sqlite.down.sql",
    ),
    Part("migrations/django_0001_initial.py", "migrations/0001_initial.py", migrations=("django",)),
    Part("migrations/__init__.py", "migrations/__init__.py", migrations=("django",)),
    # written into the folder of Alembic's versions
    Part("migrations/alembic_revision.py", "", migrations=("alembic",)),
    Part("tests/__init__.py", "tests/__init__.py", drivers=NOT_DJANGO),
    Part("tests/init_django.py", "tests/__init__.py", drivers=("django",)),
    Part("tests/conftest_django.py", "tests/conftest.py", drivers=("django",)),
    Part("tests/django_support.py", "tests/django_support.py", drivers=("django",)),
    Part("tests/django_urls.py", "tests/django_urls.py", drivers=("django",), as_is=True),
    Part("tests/django_urls_admin.py", "tests/django_urls_admin.py", drivers=("django",)),
    Part("tests/test_django.py", "tests/test_django.py", drivers=("django",), as_is=True),
    Part("tests/test_drf.py", "tests/test_drf.py", drivers=("django",), rest_framework=True, as_is=True),
    Part("tests/test_bridge_django.py", "tests/test_bridge.py", drivers=("django",), bridge=True, as_is=True),
    *same(
        "tests/support.py",
        "tests/test_audit.py",
        "tests/test_devices.py",
        "tests/test_legacy.py",
        "tests/test_store.py",
    ),
    *by_driver(
        "tests/opened_{}.py",
        "tests/opened.py",
        sqlalchemy=("sqlalchemy",),
        sqlalchemy_async=("sqlalchemy-async",),
        psycopg=PSYCOPG,
        asyncpg=("asyncpg",),
        django=("django",),
        sqlite=("sqlite3",),
    ),
    Part("tests/together_async.py", "tests/together.py", drivers=ASYNCHRONOUS),
    Part("tests/together_sync.py", "tests/together.py", drivers=SYNCHRONOUS),
    Part("tests/conftest_async.py", "tests/conftest.py", drivers=ASYNCHRONOUS),
    Part("tests/test_cache.py", "tests/test_cache.py", caches=("redis",)),
    Part("tests/replies.py", "tests/replies.py", frameworks=WEB),
    Part("tests/people_sqlalchemy.py", "tests/people.py", frameworks=WEB, drivers=SQLALCHEMY),
    Part("tests/people_rows.py", "tests/people.py", frameworks=WEB, drivers=RAW),
    Part("tests/front_plain.py", "tests/front.py", frameworks=WEB, caches=("none",)),
    Part("tests/front_cached.py", "tests/front.py", frameworks=WEB, caches=("redis",)),
    Part("tests/test_web_cached.py", "tests/test_web_cached.py", frameworks=WEB, caches=("redis",)),
    Part("tests/asgi_driver.py", "tests/asgi_driver.py", frameworks=("fastapi",), as_is=True),
    Part("tests/talk_fastapi.py", "tests/talk.py", frameworks=("fastapi",), as_is=True),
    Part("tests/browser_fastapi_async.py", "tests/browser.py", frameworks=("fastapi",), drivers=ASYNCHRONOUS),
    Part("tests/browser_fastapi_sync.py", "tests/browser.py", frameworks=("fastapi",), drivers=SYNCHRONOUS, as_is=True),
    Part("tests/browser_flask.py", "tests/browser.py", frameworks=("flask",)),
    Part("tests/site_fastapi.py", "tests/site.py", frameworks=("fastapi",)),
    Part("tests/site_flask.py", "tests/site.py", frameworks=("flask",)),
    Part("tests/test_web.py", "tests/test_web.py", frameworks=WEB),
    Part("tests/site_bridge.py", "tests/site_bridge.py", frameworks=("fastapi",), bridge=True),
    Part("tests/test_bridge.py", "tests/test_bridge.py", frameworks=("fastapi",), bridge=True),
    Part("tests/test_web_fastapi.py", "tests/test_web_fastapi.py", frameworks=("fastapi",)),
    Part("tests/test_web_flask.py", "tests/test_web_flask.py", frameworks=("flask",)),
    Part("tests/test_bridge_flask.py", "tests/test_bridge.py", frameworks=("flask",), bridge=True, as_is=True),
)


def wanted(choice: Choice) -> Iterator[Part]:
    """The files that a choice asks for."""
    return (part for part in PARTS if part.is_wanted(choice))
