"""Beneath the routes: when a request began, what its response must carry, and the end
of open WebSockets.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from anyio import CancelScope
from fastapi.openapi import models as openapi
from fastapi.security.base import SecurityBase
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketState

from . import cookies
from .legacy import Legacy
from .liveness import is_still_live
from .overrides import followed
from .settings import settings
from .store import SessionStore
from .types import Session

# close codes: one of the application's own, after 401 (RFC 6455 section 7.4.2), and
# one of the protocol's (section 7.4.1)
SESSION_ENDED = 4401
INTERNAL_ERROR = 1011
# the second is what older clients of REST frameworks send
SCHEMES = ("bearer", "token")


@dataclass(slots=True)
class Visit:
    """One request, or one WebSocket, as far as sessions are concerned.

    ``set_cookie`` is what its response hands out or takes back, unless the route itself
    does either.
    """

    store: SessionStore
    legacy: Legacy | None
    legacy_cookie: str | None
    began: datetime
    set_cookie: str | None = None
    reads_cookie: bool = False

    @classmethod
    def of(cls, connection: HTTPConnection) -> "Visit":
        """What the middleware noted; RuntimeError where there is no middleware."""
        visit = connection.scope.get("sessions")
        if type(visit) is not Visit:
            raise RuntimeError(
                "sessions are not installed: "
                "call sessions.web.install(app) where the application is made"
            )
        return visit

    def complete(self, message: Message) -> None:
        """Add to the head of a response what it must carry."""
        headers = MutableHeaders(raw=message.setdefault("headers", []))
        if self.reads_cookie:
            headers.add_vary_header("Cookie")
        own = f"{self.store.settings.cookie}="
        if self.set_cookie and not any(
            value.startswith(own) for value in headers.getlist("set-cookie")
        ):
            headers.append("set-cookie", self.set_cookie)
            headers["cache-control"] = cookies.NO_STORE[1]


class SessionMiddleware:
    """Notes when a request began, so that a login knows whether it was overtaken, and
    completes the response.
    """

    def __init__(
        self,
        app: ASGIApp,
        store: SessionStore,
        legacy: Legacy | None = None,
        legacy_cookie: str | None = None,
    ) -> None:
        self.app = app
        self.store = store
        self.legacy = legacy
        self.legacy_cookie = legacy_cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        visit = Visit(self.store, self.legacy, self.legacy_cookie, self.store.clock())
        scope["sessions"] = visit

        async def send_completed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                visit.complete(message)
            await send(message)

        async with followed(scope.get("app")):
            await self.app(scope, receive, send_completed)


class SessionCookie(SecurityBase):
    """The cookie, as OpenAPI describes it."""

    def __init__(self) -> None:
        told: dict[str, Any] = {"in": openapi.APIKeyIn.cookie, "name": settings.cookie}
        self.model: openapi.SecurityBase = openapi.APIKey(**told)
        self.scheme_name = "session"

    async def __call__(self, connection: HTTPConnection) -> str | None:
        """The cookie's value."""
        return connection.cookies.get(Visit.of(connection).store.settings.cookie)


class SessionBearer(SecurityBase):
    """The header ``Authorization``, as OpenAPI describes it, where it is accepted at
    all.
    """

    def __init__(self) -> None:
        self.model: openapi.SecurityBase = openapi.HTTPBearer()
        self.scheme_name = "bearer"

    async def __call__(self, connection: HTTPConnection) -> str | None:
        """The header's token."""
        return await bearer_of(connection)


async def bearer_of(connection: HTTPConnection) -> str | None:
    """The same, where OpenAPI is to say nothing of it."""
    return cookies.bearer_token(connection.headers.get("authorization"), SCHEMES)


session_cookie = SessionCookie()
session_bearer: Callable[..., object] = (
    SessionBearer()
    if settings.accept_bearer or settings.phase != "session_only"
    else bearer_of
)


@asynccontextmanager
async def watch(websocket: WebSocket, session: Session) -> AsyncIterator[None]:
    """Keep a WebSocket open for as long as the session lives: ``async with
    watch(websocket, session): …`` after ``accept()``.

    The database is asked every ``settings.websocket_interval``. Once the session has
    ended, the block is cancelled and the WebSocket is closed with the code 4401, so
    that the client knows that it must log in again. Where the database does not answer,
    it is closed, too.
    """
    is_over = asyncio.Event()
    with CancelScope() as block:
        watcher = asyncio.create_task(watched(websocket, session, block, is_over))
        try:
            yield
        finally:
            is_over.set()
    code = await watcher
    if code is not None and websocket.client_state is not WebSocketState.DISCONNECTED:
        await websocket.close(code)


async def watched(
    websocket: WebSocket, session: Session, block: CancelScope, is_over: asyncio.Event
) -> int | None:
    """Wait until the session has ended, or the database does not answer, and cancel the
    block; the code to close with, or None if the block is over before. It is told so
    rather than cancelled, so that no query is broken off.
    """
    store = Visit.of(websocket).store
    try:
        while await is_still_live(store, session):
            with suppress(asyncio.TimeoutError):
                interval = store.settings.websocket_interval.total_seconds()
                await asyncio.wait_for(is_over.wait(), interval)
            if is_over.is_set():
                return None
    except Exception:
        logging.getLogger(__name__).exception("a session could not be looked up")
        block.cancel()
        return INTERNAL_ERROR
    block.cancel()
    return SESSION_ENDED
