"""The users that claims speak of: found by what a claim says, and what is read from
their rows.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import statements, users
from .database import Database
from .types import UserId


async def read(
    database: Database, user_id: UserId, paths: Iterable[str]
) -> tuple[bool, dict[str, object]] | None:
    """Whether a user's account may be used, and what the user has in some columns; None
    if there is no such user.
    """
    user = await users.load(database, user_id)
    if user is None:
        return None
    return users.is_enabled(user), {path: user.get(path) for path in paths}


async def key_by(database: Database, attribute: str, value: object) -> UserId | None:
    """The key of the user who has a value in a column of text that is not the key."""
    # the column's name is of the generated code, never of a request
    sql = statements.USER_BY.replace("?", attribute)
    for row in await database.fetch(sql, value=str(value)):
        return UserId(str(next(iter(row.values()))))
    return None


def key_of(user: object) -> object:
    """The key of a user object: rows are looked into by their names."""
    return None
