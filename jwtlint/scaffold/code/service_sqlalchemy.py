"""The store, bound to this application's database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.database import engine

from .audit import Audit
from .database import Database
from .settings import settings
from .store import SessionStore

database = Database(engine)
store = SessionStore(database, settings)
audit = Audit(database, settings)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Around a command: let the connections go at its end."""
    yield
    await engine.dispose()
