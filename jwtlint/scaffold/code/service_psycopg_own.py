"""The store, bound to a pool of connections of its own, which must be opened: see
:func:`opened`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from .audit import Audit
from .database import Database
from .settings import settings
from .store import SessionStore

database = Database.connect(os.environ.get("DATABASE_URL", ""))
store = SessionStore(database, settings)
audit = Audit(database, settings)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Keep the pool open: in the application's lifespan, or around a command."""
    async with database.pool:
        yield
