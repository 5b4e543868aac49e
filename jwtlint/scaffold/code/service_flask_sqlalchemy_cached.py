"""The store, bound to this application's database and to Redis."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.database import db
from flask.cli import NoAppException, ScriptInfo
from redis.asyncio import Redis

from .audit import Audit
from .cache import CachedSessionStore
from .database_flask import ApplicationDatabase
from .settings import settings

redis = Redis.from_url(
    os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
    socket_timeout=0.5,
    socket_connect_timeout=0.5,
)
database = ApplicationDatabase(lambda: db.engine, lambda: db.session())
store = CachedSessionStore(database, settings, redis)
audit = Audit(database, settings)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Around a command: in the application that ``flask`` finds (``FLASK_APP``)."""
    try:
        application = ScriptInfo(os.environ.get("FLASK_APP")).load_app()
    except NoAppException as error:
        raise ValueError(f"{error} FLASK_APP names it.") from None
    with application.app_context():
        yield
