"""Users for the tests: a model of the users table with nothing but its key, since the
application's own model may have columns that only the application can fill.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import Column, MetaData, Table, event, inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import registry

from .. import users
from ..database import Transaction
from ..tables import USER_ID
from ..users import User
from .support import Stage

MODEL: Any = inspect(User)
ATTRIBUTE: str = MODEL.get_property_by_column(MODEL.primary_key[0]).key
PLACE = Table(
    MODEL.local_table.name,
    MetaData(),
    Column(MODEL.primary_key[0].name, USER_ID, primary_key=True, key=ATTRIBUTE),
    schema=MODEL.local_table.schema,
)


class Person:
    """A user."""

    id: Any


registry().map_imperatively(Person, PLACE)


@contextmanager
def own_people() -> Iterator[None]:
    """Let the sessions know these users instead of the application's."""
    with (
        patch.object(users, "ACTIVE_ATTRIBUTE", ""),
        patch.object(users, "INACTIVE_ATTRIBUTE", ""),
        patch.object(users, "User", Person),
    ):
        yield


def key_of(user: object) -> str:
    """A user's key, as text."""
    return str(getattr(user, ATTRIBUTE))


@asynccontextmanager
async def session_of(s: Stage) -> AsyncIterator[AsyncSession]:
    """A database session, such as the application has for each request."""
    async with AsyncSession(s.database.engine) as db:
        yield db


@asynccontextmanager
async def transaction_of(s: Stage) -> AsyncIterator[Transaction]:
    """A transaction of the application's own."""
    async with AsyncSession(s.database.engine) as db, db.begin():
        yield s.database.within(db)


@contextmanager
def counted(s: Stage) -> Iterator[list[str]]:
    """The statements that go to the database meanwhile."""
    engine: Any = s.database.engine
    engine = getattr(engine, "sync_engine", engine)
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *___: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
