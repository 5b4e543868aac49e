"""Which file of ``code/`` goes where, and when."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from jwtlint.scaffold.choice import ASYNC_DRIVERS, Choice, Driver

SQLALCHEMY: tuple[Driver, ...] = ("sqlalchemy", "sqlalchemy-async")
PSYCOPG: tuple[Driver, ...] = ("psycopg", "psycopg-async")
ASYNCHRONOUS = tuple(sorted(ASYNC_DRIVERS))
SYNCHRONOUS: tuple[Driver, ...] = ("sqlalchemy", "psycopg", "django", "sqlite3")


class Part(msgspec.Struct, frozen=True):
    """A file. ``source`` is its place in ``code/``, ``target`` its place in the generated package.

    The other attributes are conditions, empty for none: it is written where the choice has one of each.
    """

    source: str
    target: str
    drivers: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    caches: tuple[str, ...] = ()
    migrations: tuple[str, ...] = ()

    def is_wanted(self, choice: Choice) -> bool:
        """Whether a choice asks for it."""
        asked = (
            (self.drivers, choice.driver),
            (self.frameworks, choice.framework),
            (self.caches, choice.cache),
            (self.migrations, choice.migrations),
        )
        return all(not wanted or value in wanted for wanted, value in asked)


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


PARTS: tuple[Part, ...] = (
    *same(
        "__init__.py",
        "__main__.py",
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
    *families("database_{}.py", "database.py"),
    *families("service_{}.py", "service.py"),
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
    *same(
        "tests/__init__.py",
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
