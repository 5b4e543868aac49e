"""The users that claims speak of: found by what a claim says, and what is read from
their rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import lazyload

from .database import Database
from .types import UserId


async def read(
    database: Database, user_id: UserId, paths: Iterable[str]
) -> tuple[bool, dict[str, object]] | None:
    """Whether a user's account may be used, and what the user has at some paths of
    attributes ("role", "role.value"); None if there is no such user.
    """

    # not on import: the application's models may import the bridge
    from . import users

    def values(_: object) -> dict[str, object]:
        return {path: at(user, path) for path in paths}

    async with AsyncSession(database.single) as own:
        # no related rows that the application would load with each user
        user = await own.get(users.User, user_id, options=[lazyload("*")])
        if user is None:
            return None
        # but those that a path goes through
        found = await own.run_sync(values)  # sync only: found = values(own)
        return users.is_enabled(user), found


async def key_by(database: Database, attribute: str, value: object) -> UserId | None:
    """The key of the user who has a value in an attribute that is not the key."""
    from . import users

    column: Any = getattr(users.User, attribute)
    try:
        wanted = column.type.python_type(value)
    except (NotImplementedError, TypeError, ValueError):
        return None
    mapper: Any = inspect(users.User)
    async with AsyncSession(database.single) as own:
        found = await own.execute(select(mapper.primary_key[0]).where(column == wanted))
        key: UserId | None = found.scalars().first()
    return key


def key_of(user: object) -> object:
    """The key of a user object, also of one whose attributes would have to be loaded
    anew; None for what is no user object.
    """
    state = inspect(user, raiseerr=False)
    if state is None or not hasattr(state, "identity"):
        return None
    return state.identity[0] if state.identity else None


def at(start: object, path: str) -> object:
    """What stands at a path of attributes; None where it ends early."""
    return reduce(lambda one, name: getattr(one, name, None), path.split("."), start)
