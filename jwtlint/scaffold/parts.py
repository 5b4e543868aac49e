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


class Part(msgspec.Struct, frozen=True):
    """A file. ``source`` is its place in ``code/``, ``target`` its place in the generated package.

    ``is_as_it_stands``: what is asynchronous in it is meant so, whatever the driver. The other attributes are conditions, empty for
    none: it is written where the choice has one of each.
    """

    source: str
    target: str
    drivers: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    migrations: tuple[str, ...] = ()
    rest_framework: bool = False
    is_as_it_stands: bool = False

    def is_wanted(self, choice: Choice) -> bool:
        """Whether a choice asks for it."""
        asked = (
            (self.drivers, choice.driver),
            (self.frameworks, choice.framework),
            (self.caches, choice.cache),
            (self.migrations, choice.migrations),
        )
        has_rest_framework = choice.django is not None and choice.django.rest_framework
        return all(not wanted or value in wanted for wanted, value in asked) and (has_rest_framework or not self.rest_framework)


def same(*names: str) -> tuple[Part, ...]:
    """Files that are always there, under their own names."""
    return tuple(Part(name, name) for name in names)


def by_driver(pattern: str, target: str, **families: tuple[str, ...]) -> tuple[Part, ...]:
    """One file of several, by the driver; ``pattern`` has ``{}`` for the family's name."""
    return tuple(Part(pattern.format(name), target, drivers=drivers) for name, drivers in families.items())


def families(pattern: str, target: str) -> tuple[Part, ...]:
    """One file for each family of drivers."""
    return by_driver(
        pattern, target, sqlalchemy=SQLALCHEMY, psycopg=PSYCOPG, asyncpg=("asyncpg",), django=("django",), sqlite=("sqlite3",)
    )


def of_django(*names: str) -> tuple[Part, ...]:
    """The files of the Django application, from ``code/django_app``."""
    return tuple(Part(f"django_app/{name}", name, drivers=("django",), is_as_it_stands=True) for name in names)


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
    *families("service_{}.py", "service.py"),
    Part("service_django_cached.py", "service.py", drivers=("django",), caches=("redis",)),
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
        "testing.py",
        "urls.py",
        "views.py",
    ),
    Part("django_app/drf.py", "drf.py", drivers=("django",), rest_framework=True, is_as_it_stands=True),
    Part("tables.py", "tables.py", drivers=SQLALCHEMY),
    Part("cache.py", "cache.py", caches=("redis",)),
    Part("web_fastapi.py", "web.py", frameworks=("fastapi",)),
    Part("web_flask.py", "web.py", frameworks=("flask",)),
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
    Part("tests/django_urls.py", "tests/django_urls.py", drivers=("django",), is_as_it_stands=True),
    Part("tests/django_urls_admin.py", "tests/django_urls_admin.py", drivers=("django",)),
    Part("tests/test_django.py", "tests/test_django.py", drivers=("django",), is_as_it_stands=True),
    Part("tests/test_drf.py", "tests/test_drf.py", drivers=("django",), rest_framework=True, is_as_it_stands=True),
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
)


def wanted(choice: Choice) -> Iterator[Part]:
    """The files that a choice asks for."""
    return (part for part in PARTS if part.is_wanted(choice))
