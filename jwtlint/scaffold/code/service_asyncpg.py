"""The store, bound to a pool of connections, which is made in the event loop: see
:func:`opened`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from .audit import Audit
from .database import Database
from .settings import settings
from .store import SessionStore

database = Database()
store = SessionStore(database, settings)
audit = Audit(database, settings)


@asynccontextmanager
async def opened(pool: asyncpg.Pool | None = None) -> AsyncIterator[None]:
    """Use the application's pool, or keep one of its own open: in the application's
    lifespan, or around a command.
    """
    if pool is not None:
        database.opened = pool
        yield
    else:
        async with asyncpg.create_pool(os.environ.get("DATABASE_URL")) as own:
            database.opened = own
            yield
