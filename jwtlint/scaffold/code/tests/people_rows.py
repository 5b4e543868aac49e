"""Users for the tests: rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from unittest.mock import patch

from .. import users
from ..database import Database, Transaction
from ..rows import Row, Value
from .support import Stage

KEY = '"id"'.strip('"')


@contextmanager
def own_people() -> Iterator[None]:
    """Rows need no model; the tests' table has a key and nothing else."""
    with (
        patch.object(users, "ACTIVE_ATTRIBUTE", ""),
        patch.object(users, "INACTIVE_ATTRIBUTE", ""),
    ):
        yield


def key_of(user: Row) -> str:
    """A user's key, as text."""
    return str(user[KEY])


@asynccontextmanager
async def session_of(s: Stage) -> AsyncIterator[Database]:
    """What the application reads users from."""
    yield s.database


@asynccontextmanager
async def transaction_of(s: Stage) -> AsyncIterator[Transaction]:
    """A transaction of the application's own."""
    async with s.database.transaction() as work:
        yield work


@contextmanager
def counted(s: Stage) -> Iterator[list[str]]:
    """The statements that go to the database meanwhile."""
    seen: list[str] = []
    fetch, execute = Transaction.fetch, Transaction.execute

    async def fetched(self: Transaction, sql: str, **values: Value) -> list[Row]:
        seen.append(sql)
        return await fetch(self, sql, **values)

    async def executed(self: Transaction, sql: str, **values: Value) -> int:
        seen.append(sql)
        return await execute(self, sql, **values)

    with (
        patch.object(Transaction, "fetch", fetched),
        patch.object(Transaction, "execute", executed),
    ):
        yield seen
