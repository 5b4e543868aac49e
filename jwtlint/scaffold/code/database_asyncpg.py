"""The sessions' way to the database: asyncpg and its pool. A single statement is
prepared once a connection, and one round trip.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from typing import Any, Protocol

import asyncpg

from .rows import Row, Value

NAME = re.compile(r":([a-z_]+)")


@cache
def prepared(sql: str) -> tuple[str, tuple[str, ...]]:
    """A statement with asyncpg's placeholders, and the names of its values in their
    order.
    """
    names = tuple(dict.fromkeys(NAME.findall(sql)))
    return NAME.sub(lambda found: f"${names.index(found[1]) + 1}", sql), names


class Connection(Protocol):
    """What is needed of a connection, of one from a pool, or of the pool."""

    async def fetch(self, query: str, *args: Any) -> Any: ...

    async def execute(self, query: str, *args: Any) -> Any: ...


class Transaction:
    """Statements that take effect together, or not at all."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    async def fetch(self, sql: str, **values: Value) -> list[Row]:
        """The rows that a statement gives."""
        statement, names = prepared(sql)
        found = await self.connection.fetch(
            statement, *(values[name] for name in names)
        )
        return [dict(row) for row in found]

    async def execute(self, sql: str, **values: Value) -> int:
        """How many rows a statement changed."""
        statement, names = prepared(sql)
        status = await self.connection.execute(
            statement, *(values[name] for name in names)
        )
        count = str(status).rpartition(" ")[2]  # "UPDATE 1", "LOCK TABLE"
        return int(count) if count.isdecimal() else 0


class Database:
    """The application's database."""

    sqlite = False

    def __init__(self, pool: asyncpg.Pool | None = None) -> None:
        self.opened = pool

    @property
    def pool(self) -> asyncpg.Pool:
        """The pool; it is made in a running event loop, and so not on import."""
        if self.opened is None:
            raise RuntimeError(
                "the pool of the sessions is not open: "
                "enter service.opened() in the application's lifespan"
            )
        return self.opened

    async def fetch(self, sql: str, **values: Value) -> list[Row]:
        """The rows that a single statement gives."""
        return await Transaction(self.pool).fetch(sql, **values)

    async def execute(self, sql: str, **values: Value) -> int:
        """How many rows a single statement changed."""
        return await Transaction(self.pool).execute(sql, **values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction of its own; it is committed when the block ends without an
        error.
        """
        async with self.pool.acquire() as connection, connection.transaction():
            yield Transaction(connection)

    def within(self, connection: Connection) -> Transaction:
        """Take part in a transaction of the application's; committing it is the
        application's part.
        """
        return Transaction(connection)
