"""The sessions' way to the database: SQLAlchemy's engine, without the ORM in between.

A single statement runs in autocommit, which saves the two round trips of a transaction.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import (
    DateTime,
    Integer,
    String,
    TextClause,
    bindparam,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession
from sqlalchemy.types import TypeEngine

from .rows import Row, Value, sqlite_form

NUMBERS = frozenset({"idle_seconds", "batch"})
TIMES = frozenset(
    {
        *("now", "at", "before", "since", "until", "ended"),
        *("created_at", "last_used_at", "expires_at", "auth_at"),
    }
)


# what statements can be sent to
BINDS = (AsyncEngine, AsyncConnection)
# in the place of the application's engine, in tests that give it another database
INSTEAD: ContextVar[AsyncEngine | AsyncConnection | None] = ContextVar(
    "instead", default=None
)


@cache
def prepared(sql: str, sqlite: bool) -> TextClause:
    """A statement with the types of its values, which some drivers must be told."""
    clause = text(sqlite_form(sql) if sqlite else sql)
    return clause.bindparams(
        *(bindparam(name, type_=kind(name)) for name in clause._bindparams)
    )


def kind(name: str) -> TypeEngine[Any]:
    """The type of a value, by its name."""
    if name == "user_id":
        # not on import: the application's models may import the sessions
        from .tables import USER_ID

        return USER_ID
    if name in TIMES:
        return DateTime(timezone=True)
    return Integer() if name in NUMBERS else String()


@lru_cache(maxsize=16)
def in_autocommit(engine: AsyncEngine) -> AsyncEngine:
    """An engine with the same pool of connections."""
    return engine.execution_options(isolation_level="AUTOCOMMIT")


class Transaction:
    """Statements that take effect together, or not at all."""

    def __init__(
        self, connection: AsyncConnection | AsyncSession, sqlite: bool
    ) -> None:
        self.connection = connection
        self.sqlite = sqlite

    async def fetch(self, sql: str, **values: Value) -> list[Row]:
        """The rows that a statement gives."""
        result = await self.connection.execute(prepared(sql, self.sqlite), values)
        return list(result.mappings())  # type: ignore[arg-type]  # a RowMapping's keys are texts here

    async def execute(self, sql: str, **values: Value) -> int:
        """How many rows a statement changed."""
        result = await self.connection.execute(prepared(sql, self.sqlite), values)
        return int(result.rowcount)  # type: ignore[attr-defined]  # a statement that changes rows gives a CursorResult


class Database:
    """The application's database."""

    def __init__(self, engine: AsyncEngine | Callable[[], AsyncEngine]) -> None:
        """``engine`` may be what gives the engine, where there is none yet on import."""
        self.given = engine

    @property
    def engine(self) -> AsyncEngine | AsyncConnection:
        """The application's engine; a connection where a test keeps it in a
        transaction.
        """
        instead = INSTEAD.get()
        if instead is not None:
            return instead
        return self.given() if callable(self.given) else self.given

    @property
    def sqlite(self) -> bool:
        """Whether it is SQLite."""
        return self.engine.dialect.name == "sqlite"

    @property
    def single(self) -> AsyncEngine | AsyncConnection:
        """The engine for single statements."""
        engine = self.engine
        return engine if isinstance(engine, AsyncConnection) else in_autocommit(engine)

    def connected(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """A connection for a single statement."""
        single = self.single
        if isinstance(single, AsyncConnection):
            return nullcontext(single)
        return single.connect()

    async def fetch(self, sql: str, **values: Value) -> list[Row]:
        """The rows that a single statement gives."""
        async with self.connected() as connection:
            return await Transaction(connection, self.sqlite).fetch(sql, **values)

    async def execute(self, sql: str, **values: Value) -> int:
        """How many rows a single statement changed."""
        async with self.connected() as connection:
            return await Transaction(connection, self.sqlite).execute(sql, **values)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A transaction of its own; it is committed when the block ends without an
        error.
        """
        engine = self.engine
        if isinstance(engine, AsyncConnection):
            async with engine.begin_nested():
                yield Transaction(engine, self.sqlite)
            return
        async with engine.begin() as connection:
            yield Transaction(connection, self.sqlite)

    def within(self, session: AsyncSession | AsyncConnection) -> Transaction:
        """Take part in the transaction of the application's own session; committing it
        is the application's part.
        """
        return Transaction(session, self.sqlite)
