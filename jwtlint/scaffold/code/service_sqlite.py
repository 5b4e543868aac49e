"""The store, bound to this application's database file."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .audit import Audit
from .database import Database
from .settings import settings
from .store import SessionStore

database = Database(os.environ.get("DATABASE_PATH", "app.db"))
store = SessionStore(database, settings)
audit = Audit(database, settings)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """What the database needs around a command: nothing."""
    yield
