"""Who a session belongs to: the row of the users table, read with the session."""

from __future__ import annotations

from typing import TypeAlias

from . import rows, statements
from .database import Database
from .rows import Row
from .types import Session, UserId

User: TypeAlias = Row

# columns of the user that say whether the account may be used: one that must hold, one
# that must not; "" for none
ACTIVE_ATTRIBUTE = ""
INACTIVE_ATTRIBUTE = ""


async def look_up(database: Database, id_: str) -> tuple[Session, User] | None:
    """The session with an id, live or not, and its user, in one query."""
    for row in await database.fetch(statements.LOOK_UP_WITH_USER, id=id_):
        session = {name: row[f"s.{name}"] for name in statements.COLUMNS}
        return rows.session(session), {
            name: value for name, value in row.items() if not name.startswith("s.")
        }
    return None


async def attach(db: Database, user: User) -> User:
    """The user as the application has it: a row is a row."""
    return user


async def load(db: Database, user_id: UserId) -> User | None:
    """The user with an id, for a session that was not read from the table."""
    for row in await db.fetch(statements.USER, user_id=user_id):
        return dict(row)
    return None


def is_enabled(user: User) -> bool:
    """Whether the account may be used at all."""
    if ACTIVE_ATTRIBUTE and not user[ACTIVE_ATTRIBUTE]:
        return False
    return not (INACTIVE_ATTRIBUTE and user[INACTIVE_ATTRIBUTE])
