"""The sessions' way to the database: Django's connection."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timezone
from functools import cache
from uuid import UUID

from django.conf import settings as project
from django.db import connections, router, transaction
from django.db.backends.utils import CursorWrapper
from django.utils.module_loading import import_string

from .rows import Row, Value, sqlite_form, sqlite_time

NAME = re.compile(r":([a-z_]+)")
# changes nothing, but takes the write lock: in SQLite a transaction that has read
# before cannot have it if another one has written meanwhile
LOCK_SQLITE = 'UPDATE "session_audit" SET at = at WHERE name IS NULL'


@cache
def prepared(sql: str, is_sqlite: bool) -> tuple[str, tuple[str, ...]]:
    """A statement with Django's placeholders, and the names of their values in order.
    They have no names themselves in SQLite, for Django before 4.2 takes none there.
    The statements of this package hold no ``%``.
    """
    if is_sqlite:
        sql = sqlite_form(sql)
    return NAME.sub("%s" if is_sqlite else r"%(\1)s", sql), tuple(NAME.findall(sql))


def with_values(
    sql: str, values: Mapping[str, Value], is_sqlite: bool
) -> tuple[str, Mapping[str, Value] | list[str | int | None]]:
    """A statement and its values as Django's cursor takes them."""
    statement, names = prepared(sql, is_sqlite)
    if not is_sqlite:
        return statement, values
    return statement, [encoded(values[name]) for name in names]


def encoded(value: Value | UUID) -> str | int | None:
    """A value as Django keeps it in SQLite."""
    if isinstance(value, datetime):
        return sqlite_time(value)
    return value.hex if isinstance(value, UUID) else value


def keep_zones(cursor: CursorWrapper) -> None:
    """Have PostgreSQL's times come with their zone even where ``USE_TZ`` is off, for in
    autumn an hour comes twice.
    """
    raw = cursor.cursor
    if hasattr(raw, "adapters"):
        raw.adapters.register_loader(
            "timestamptz", import_string("psycopg.types.datetime.TimestamptzLoader")
        )
    else:
        raw.tzinfo_factory = timezone


class Transaction:
    """Statements on one of Django's connections, in whatever transaction it is."""

    def __init__(self, using: str) -> None:
        self.using = using

    @contextmanager
    def run(self, sql: str, values: Mapping[str, Value]) -> Iterator[CursorWrapper]:
        """Send a statement."""
        connection = connections[self.using]
        is_sqlite = connection.vendor == "sqlite"
        with connection.cursor() as cursor:
            if not is_sqlite and not project.USE_TZ:
                keep_zones(cursor)
            cursor.execute(*with_values(sql, values, is_sqlite))
            yield cursor

    def fetch(self, sql: str, **values: Value) -> list[Row]:
        """The rows that a statement gives."""
        with self.run(sql, values) as cursor:
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def execute(self, sql: str, **values: Value) -> int:
        """How many rows a statement changed."""
        with self.run(sql, values) as cursor:
            return int(cursor.rowcount)


class Database:
    """The database that Django's router gives for the sessions, or the one that is
    named.
    """

    def __init__(self, using: str | None = None) -> None:
        self.name = using

    @property
    def using(self) -> str:
        """The connection's name. The router is asked for writing: what a replica does
        not have yet would be no session.
        """
        if self.name is not None:
            return self.name
        from django.contrib.auth import get_user_model

        return router.db_for_write(get_user_model())

    @property
    def sqlite(self) -> bool:
        """Whether it is SQLite."""
        return connections[self.using].vendor == "sqlite"

    def fetch(self, sql: str, **values: Value) -> list[Row]:
        """The rows that a single statement gives."""
        return Transaction(self.using).fetch(sql, **values)

    def execute(self, sql: str, **values: Value) -> int:
        """How many rows a single statement changed."""
        return Transaction(self.using).execute(sql, **values)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction, or a savepoint in the one that is under way."""
        is_outermost = not connections[self.using].in_atomic_block
        with transaction.atomic(using=self.using):
            work = Transaction(self.using)
            if is_outermost and self.sqlite:
                work.execute(LOCK_SQLITE)
            yield work

    def within(self, using: str | None = None) -> Transaction:
        """Take part in the transaction that is under way."""
        return Transaction(using or self.using)
