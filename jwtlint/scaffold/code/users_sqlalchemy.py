"""Who a session belongs to: the application's user, read together with the session."""

from __future__ import annotations

from functools import cache
from typing import Any

from app.models import User
from sqlalchemy import Select, bindparam, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession

from . import rows, statements, types
from .database import Database
from .tables import sessions
from .types import UserId

__all__ = ["User", "attach", "is_enabled", "load", "look_up"]

# attributes of the user that say whether the account may be used: one that must hold,
# one that must not; "" for none
ACTIVE_ATTRIBUTE = ""
INACTIVE_ATTRIBUTE = ""


@cache
def session_and_user(user: type[User]) -> Select[Any]:
    """One join, by the session's id."""
    columns = [sessions.c[name] for name in statements.COLUMNS]
    joined = (
        select(user, *columns)
        .select_from(user)
        .join(sessions, sessions.c.user_id == inspect(user).primary_key[0])
    )
    return joined.where(sessions.c.id == bindparam("id"))


async def look_up(database: Database, id_: str) -> tuple[types.Session, User] | None:
    """The session with an id, live or not, and its user, in one query.

    The connection goes back to the pool at once: a request that only had to know who
    the user is holds none while it works.
    """
    async with AsyncSession(database.single) as own:
        found = (await own.execute(session_and_user(User), {"id": id_})).unique().all()
    for user, *columns in found:
        return rows.session(dict(zip(statements.COLUMNS, columns, strict=True))), user
    return None


async def attach(db: AsyncSession, user: User) -> User:
    """The user as the application's own database session has it; no query is made."""
    return await db.merge(user, load=False)


async def load(db: AsyncSession, user_id: UserId) -> User | None:
    """The user with an id, for a session that was not read from the table."""
    return await db.get(User, user_id)


def is_enabled(user: User) -> bool:
    """Whether the account may be used at all."""
    if ACTIVE_ATTRIBUTE and not getattr(user, ACTIVE_ATTRIBUTE):
        return False
    return not (INACTIVE_ATTRIBUTE and getattr(user, INACTIVE_ATTRIBUTE))
