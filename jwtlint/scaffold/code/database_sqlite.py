"""The sessions' way to the database: the standard library's sqlite3, one connection a
thread.

Needs SQLite 3.35 or newer, for ``RETURNING``.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from uuid import UUID

from .rows import Row, Value, sqlite_form, sqlite_time

prepared = cache(sqlite_form)


def encoded(value: Value | UUID) -> str | int | None:
    """A value as SQLite keeps it."""
    if isinstance(value, datetime):
        return sqlite_time(value)
    return value.hex if isinstance(value, UUID) else value


class Transaction:
    """Statements that take effect together, or not at all."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def fetch(self, sql: str, **values: Value) -> list[Row]:
        """The rows that a statement gives."""
        cursor = self.connection.execute(
            prepared(sql), {name: encoded(value) for name, value in values.items()}
        )
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def execute(self, sql: str, **values: Value) -> int:
        """How many rows a statement changed."""
        return self.connection.execute(
            prepared(sql), {name: encoded(value) for name, value in values.items()}
        ).rowcount


class Database:
    """A database file."""

    sqlite = True

    def __init__(self, path: str) -> None:
        self.path = path
        self.local = threading.local()

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection, in autocommit."""
        connection: sqlite3.Connection | None = getattr(self.local, "connection", None)
        if connection is None:
            connection = sqlite3.connect(self.path, isolation_level=None, timeout=30)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA foreign_keys = ON")
            self.local.connection = connection
        return connection

    def fetch(self, sql: str, **values: Value) -> list[Row]:
        """The rows that a single statement gives."""
        return Transaction(self.connection).fetch(sql, **values)

    def execute(self, sql: str, **values: Value) -> int:
        """How many rows a single statement changed."""
        return Transaction(self.connection).execute(sql, **values)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction of its own; it is committed when the block ends without an
        error. It holds the write lock from its start.
        """
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield Transaction(connection)
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")

    def within(self, connection: sqlite3.Connection) -> Transaction:
        """Take part in a transaction of the application's; committing it is the
        application's part.
        """
        return Transaction(connection)
