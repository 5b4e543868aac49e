"""The store, bound to this project's database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .audit import Audit
from .configuration import configured, verify_jwt
from .database import Database
from .legacy import Legacy
from .store import SessionStore

settings = configured()
database = Database()
store = SessionStore(database, settings)
audit = Audit(database, settings)
legacy = Legacy(store, verify_jwt)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """What the database needs around a command: nothing, for Django sees to it."""
    yield
