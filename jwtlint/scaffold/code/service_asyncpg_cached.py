"""The store, bound to Redis and to a pool of connections, which is made in the event
loop: see :func:`opened`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from redis.asyncio import Redis

from .audit import Audit
from .cache import CachedSessionStore
from .database import Database
from .settings import settings

redis = Redis.from_url(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
    socket_timeout=0.5,
    socket_connect_timeout=0.5,
)
database = Database()
store = CachedSessionStore(database, settings, redis)
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
