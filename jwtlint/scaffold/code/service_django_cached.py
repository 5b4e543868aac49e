"""The store, bound to this project's database, with Redis in front."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from redis import Redis

from .audit import Audit
from .cache import CachedSessionStore
from .configuration import configured, redis_url, verify_jwt
from .database import Database
from .legacy import Legacy

settings = configured()
database = Database()
redis: Redis = Redis.from_url(
    redis_url(), socket_timeout=0.5, socket_connect_timeout=0.5
)
store = CachedSessionStore(database, settings, redis)
audit = Audit(database, settings)
legacy = Legacy(store, verify_jwt)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """What the database needs around a command: nothing, for Django sees to it."""
    yield
