"""The store, bound to Redis and to a pool of connections of its own, which must be
opened: see :func:`opened`.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

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
database = Database.connect(os.environ.get("DATABASE_URL", ""))
store = CachedSessionStore(database, settings, redis)
audit = Audit(database, settings)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Keep the pool open: in the application's lifespan, or around a command."""
    async with database.pool:
        yield
