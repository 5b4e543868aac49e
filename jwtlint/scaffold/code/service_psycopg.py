"""The store, bound to this application's pool of connections."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.database import pool

from .audit import Audit
from .database import Database
from .settings import settings
from .store import SessionStore

database = Database(pool)
store = SessionStore(database, settings)
audit = Audit(database, settings)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Around a command: the application opens its pool by itself."""
    async with pool:
        yield
