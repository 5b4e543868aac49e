"""The store, bound to Redis and to this application's pool of connections."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.database import pool
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
database = Database(pool)
store = CachedSessionStore(database, settings, redis)
audit = Audit(database, settings)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Around a command: the application opens its pool by itself."""
    async with pool:
        yield
