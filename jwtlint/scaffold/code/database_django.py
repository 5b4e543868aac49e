"""The sessions' way to the database: Django's connection."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from uuid import UUID

from django.db import connections, router, transaction

from .rows import Row, Value, sqlite_form, sqlite_time

NAME = re.compile(r":([a-z_]+)")


@cache
def prepared(sql: str, sqlite: bool) -> str:
    """A statement with Django's placeholders. The statements of this package hold no
    ``%``.
    """
    return NAME.sub(r"%(\1)s", sqlite_form(sql) if sqlite else sql)


def encoded(value: Value | UUID) -> str | int | None:
    """A value as Django keeps it in SQLite."""
    if isinstance(value, datetime):
        return sqlite_time(value)
    return value.hex if isinstance(value, UUID) else value


class Transaction:
    """Statements on one of Django's connections, in whatever transaction it is."""

    def __init__(self, using: str) -> None:
        self.using = using

    def fetch(self, sql: str, **values: Value) -> list[Row]:
        """The rows that a statement gives."""
        connection = connections[self.using]
        sqlite = connection.vendor == "sqlite"
        with connection.cursor() as cursor:
            cursor.execute(
                prepared(sql, sqlite),
                {
                    name: encoded(value) if sqlite else value
                    for name, value in values.items()
                },
            )
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def execute(self, sql: str, **values: Value) -> int:
        """How many rows a statement changed."""
        connection = connections[self.using]
        sqlite = connection.vendor == "sqlite"
        with connection.cursor() as cursor:
            cursor.execute(
                prepared(sql, sqlite),
                {
                    name: encoded(value) if sqlite else value
                    for name, value in values.items()
                },
            )
            return int(cursor.rowcount)


class Database:
    """The database that Django's router gives for the sessions, or the one that is
    named.
    """

    def __init__(self, using: str | None = None) -> None:
        self.name = using

    @property
    def using(self) -> str:
        """The connection's name. The router is asked for writing, since a session that
        a replica does not have yet is no session.
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
        with transaction.atomic(using=self.using):
            yield Transaction(self.using)

    def within(self, using: str | None = None) -> Transaction:
        """Take part in the transaction that is under way."""
        return Transaction(using or self.using)
