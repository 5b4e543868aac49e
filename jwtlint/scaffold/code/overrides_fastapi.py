"""Tests may give the application another database, by overriding the dependency that
gives its session (FastAPI's documentation, "Testing Dependencies with Overrides"). The
sessions then follow it there.

Where a test keeps everything in one transaction, what is written during a request is
written within the savepoint that the application's session has then, and is lost if
that one is closed without a commit.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, closing
from inspect import isasyncgen, isawaitable, isgenerator, signature
from typing import Any

from .database import BINDS, INSTEAD

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

    if get_db not in overrides:
        yield
        return
    async with given_by(overrides[get_db]) as session:
        token = INSTEAD.set(bind_of(session))
        try:
            yield
        finally:
            INSTEAD.reset(token)


@asynccontextmanager
async def given_by(override: Callable[[], Any]) -> AsyncIterator[Any]:
    """What an override gives. It is let go when the request is over, as the
    application's own is: a session that a test goes on with may be closed by that.
    """
    if signature(override).parameters:
        yield None
        return
    given = override()
    if isasyncgen(given):
        async with aclosing(given):
            yield await anext(given)
    elif isgenerator(given):
        with closing(given):
            yield next(given)
    else:
        yield await given if isawaitable(given) else given


def bind_of(session: Any) -> Any:
    """What a database session is bound to, an engine or a connection; None where that
    cannot be told.
    """
    if hasattr(session, "sync_session"):  # an AsyncSession
        bind = session.bind
    else:
        bind = session.get_bind() if hasattr(session, "get_bind") else None
    if isinstance(bind, BINDS):
        return bind
    logger.warning(
        "sessions are kept in the application's own database: what overrides its "
        "dependency for a database session has parameters, or gives something else"
    )
    return None
