"""What the tests stand on: a store with a clock that stands still, on tables of its
own.

The tables are made by the migrations, in a temporary SQLite file or, if the environment
names a database in ``SESSIONS_TEST_DATABASE_URL``, in a schema of their own there,
which is taken away afterwards; nothing else is touched.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

from .. import rows, statements
from ..audit import Audit
from ..database import Database
from ..settings import Settings
from ..store import SessionStore
from ..types import UTC, Client, Session, UserId
from .opened import opened

MIGRATIONS = Path(__file__).parent.parent / "migrations"
NUMBERS = count(1)
EVERYTHING = {
    "sessions": 'SELECT * FROM "sessions"',
    "session_history": 'SELECT * FROM "session_history"',
    "session_events": 'SELECT * FROM "session_events"',
    "session_users": 'SELECT * FROM "session_users"',
    "session_exchanges": 'SELECT * FROM "session_exchanges"',
    "session_audit": 'SELECT * FROM "session_audit"',
}
KEYS = {"int": "bigint", "UUID": "uuid", "str": "text"}
CHROME_ON_LINUX = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
NEWER_CHROME_ON_LINUX = CHROME_ON_LINUX.replace("142", "143")
SAFARI_ON_IOS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
HOME = Client("198.51.100.7", CHROME_ON_LINUX)
PHONE = Client("203.0.113.9", SAFARI_ON_IOS)
START = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        """Move on."""
        self.now += timedelta(**by)
        return self.now


@dataclass
class Stage:
    """A store to try, and the means to look behind it."""

    store: SessionStore
    database: Database
    audit: Audit
    clock: Clock

    async def user(self) -> UserId:
        """A new user."""
        number = next(NUMBERS)
        user_id = (
            UserId(str(UUID(int=number)))
            if UserId.__name__ == "UUID"
            else UserId(str(number))
        )
        await self.database.execute(
            'INSERT INTO "users" ("id") VALUES (:user_id)', user_id=user_id
        )
        return user_id

    async def row(self, session: Session) -> Session:
        """A session as the table has it."""
        found = await self.database.fetch(statements.LOOK_UP, id=session.id)
        return rows.session(found[0])

    async def events(self, session: Session) -> list[str]:
        """The kinds of a session's events, the oldest first."""
        sql = (
            'SELECT kind FROM "session_events" WHERE family_id = :family_id ORDER BY id'
        )
        return [
            str(row["kind"])
            for row in await self.database.fetch(sql, family_id=session.family_id)
        ]

    async def number_of(self, table: str) -> int:
        """How many rows a table has."""
        return len(await self.database.fetch(EVERYTHING[table]))

    async def set_recorded_since(self, at: datetime) -> None:
        """As if the tables were made at a time; really they were made just now."""
        await self.database.execute(
            "UPDATE \"session_audit\" SET at = :at WHERE name = 'recorded_since'", at=at
        )

    def with_settings(self, **changes: object) -> Stage:
        """The same tables under other settings."""
        settings = replace(self.store.settings, **changes)  # type: ignore[arg-type]  # names and values are the tests'
        store = SessionStore(self.database, settings, self.clock)
        return Stage(
            store, self.database, Audit(self.database, settings, self.clock), self.clock
        )


@asynccontextmanager
async def stage(**changes: object) -> AsyncIterator[Stage]:
    """A stage with fresh tables; ``changes`` are settings."""
    async with opened(
        os.environ.get("SESSIONS_TEST_DATABASE_URL", ""), setup
    ) as database:
        settings = replace(Settings(), **changes)  # type: ignore[arg-type]  # names and values are the tests'
        clock = Clock()
        yield Stage(
            SessionStore(database, settings, clock),
            database,
            Audit(database, settings, clock),
            clock,
        )


def setup(sqlite: bool) -> Iterator[str]:
    """The statements that make the tables, with a users table of nothing but a key."""
    key = KEYS[UserId.__name__]
    if sqlite and key == "uuid":
        key = "char(32)"
    yield f'CREATE TABLE "users" ("id" {key} PRIMARY KEY)'
    yield from statements_of(
        (MIGRATIONS / f"{'sqlite' if sqlite else 'postgresql'}.up.sql").read_text(
            encoding="utf-8"
        )
    )


def statements_of(script: str) -> Iterator[str]:
    """The statements of a script, in which each ends at the end of a line, and bodies
    stand between ``$$`` or BEGIN and END.
    """
    lines: list[str] = []
    for line in script.splitlines():
        if not lines and (not line.strip() or line.startswith("--")):
            continue
        lines.append(line)
        text = "\n".join(lines)
        inside = text.count("$$") % 2 or (
            "\nBEGIN" in text and "$$" not in text and not line.startswith("END")
        )
        if not inside and line.partition("--")[0].rstrip().endswith(";"):
            yield text
            lines = []
