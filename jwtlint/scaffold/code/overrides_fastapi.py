"""Tests may give the application another database, by overriding the dependency that
gives its session (FastAPI's documentation, "Testing Dependencies with Overrides"). The
sessions then follow it there.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from inspect import isasyncgen, isawaitable, isgenerator, signature
from typing import Any

from .database import INSTEAD

logger = logging.getLogger(__name__)


@asynccontextmanager
async def followed(app: Any) -> AsyncIterator[None]:
    """While a request is served: the database that the application has in it."""
    overrides = getattr(app, "dependency_overrides", None)
    if not overrides:
        yield
        return
    # not on import: the application's models may import the sessions
    from .application import get_db

    token = INSTEAD.set(await behind(overrides[get_db]) if get_db in overrides else None)
    try:
        yield
    finally:
        INSTEAD.reset(token)


async def behind(override: Callable[[], Any]) -> Any:
    """The engine, or the connection, of the session that an override gives; None where
    that cannot be told.
    """
    if signature(override).parameters:
        logger.warning(
            "sessions are kept in the application's own database: "
            "what overrides the dependency for a database session has parameters"
        )
        return None
    given = override()
    if isasyncgen(given):
        bind = bind_of(await anext(given))
        await given.aclose()
    elif isgenerator(given):
        bind = bind_of(next(given))
        given.close()
    else:
        bind = bind_of(await given if isawaitable(given) else given)
    return bind


def bind_of(session: Any) -> Any:
    """What a session is bound to."""
    if hasattr(session, "sync_session"):  # an AsyncSession
        return session.bind
    return session.get_bind() if hasattr(session, "get_bind") else None
