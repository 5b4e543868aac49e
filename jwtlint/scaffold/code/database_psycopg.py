"""The sessions' way to the database: psycopg 3 and its pool.

Connections are in autocommit, so that a single statement is a single round trip;
psycopg prepares what is asked often.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from psycopg import AsyncConnection
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from .rows import Row, Value

NAME = re.compile(r":([a-z_]+)")


@cache
def prepared(sql: str) -> bytes:
    """A statement with psycopg's placeholders. The statements of this package hold no
    ``%``.
    """
    return NAME.sub(r"%(\1)s", sql).encode()


class Transaction:
    """Statements that take effect together, or not at all."""

    def __init__(self, connection: AsyncConnection[DictRow]) -> None:
        self.connection = connection

    async def fetch(self, sql: str, **values: Value) -> list[Row]:
        """The rows that a statement gives."""
        async with self.connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(prepared(sql), values)
            return list(await cursor.fetchall())

    async def execute(self, sql: str, **values: Value) -> int:
        """How many rows a statement changed."""
        async with self.connection.cursor(row_factory=dict_row) as cursor:
            await cursor.execute(prepared(sql), values)
            return cursor.rowcount


class Database:
    """The application's database."""

    sqlite = False

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[DictRow]]) -> None:
        self.pool = pool

    @classmethod
    def connect(cls, conninfo: str, min_size: int = 1, max_size: int = 10) -> Database:
        """A database with a pool of its own; open it with ``await
        database.pool.open()``.
        """
        pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
            conninfo,
            connection_class=AsyncConnection[DictRow],
            kwargs={"autocommit": True, "row_factory": dict_row},
            min_size=min_size,
            max_size=max_size,
            open=False,
        )
        return cls(pool)

    async def fetch(self, sql: str, **values: Value) -> list[Row]:
        """The rows that a single statement gives."""
        async with self.pool.connection() as connection:
            return await Transaction(connection).fetch(sql, **values)

    async def execute(self, sql: str, **values: Value) -> int:
        """How many rows a single statement changed."""
        async with self.pool.connection() as connection:
            return await Transaction(connection).execute(sql, **values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction of its own; it is committed when the block ends without an
        error.
        """
        async with self.pool.connection() as connection, connection.transaction():
            yield Transaction(connection)

    def within(self, connection: AsyncConnection[DictRow]) -> Transaction:
        """Take part in a transaction of the application's; committing it is the
        application's part.
        """
        return Transaction(connection)
