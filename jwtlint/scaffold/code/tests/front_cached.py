"""The stage for tests over HTTP: with Redis in front, if ``SESSIONS_TEST_REDIS_URL``
names one, else as if Redis were down.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from uuid import uuid4

from redis.asyncio import Redis

from ..cache import CachedSessionStore
from . import support
from .support import Stage

NOWHERE = "redis://127.0.0.1:1/0"  # nobody listens on port 1


@asynccontextmanager
async def stage(**changes: object) -> AsyncIterator[Stage]:
    """A stage whose store has a cache of its own."""
    url = os.environ.get("SESSIONS_TEST_REDIS_URL", NOWHERE)
    async with support.stage(**changes) as s:
        redis = Redis.from_url(url, socket_connect_timeout=0.5)
        store = CachedSessionStore(s.database, s.store.settings, redis, s.clock)
        store.cache.prefix = f"sessions_test_{uuid4().hex}"
        try:
            yield replace(s, store=store)
        finally:
            await redis.aclose()
