"""Beneath the routes: when a request began, what its response must carry, and the end of open WebSockets."""

from __future__ import annotations

import asyncio  # sync only: import asyncio
from collections.abc import AsyncIterator  # sync only: from collections.abc import AsyncIterator
from contextlib import asynccontextmanager  # sync only: from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from anyio import CancelScope
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketState

from . import cookies
from .legacy import Legacy
from .store import SessionStore
from .types import Session

SESSION_ENDED = 4401  # a close code of the application's own (RFC 6455 section 7.4.2), after 401
INTERNAL_ERROR = 1011  # RFC 6455 section 7.4.1


@dataclass(slots=True)
class Visit:
    """One request, or one WebSocket, as far as sessions are concerned.

    ``set_cookie`` is what its response hands out or takes back, unless the route itself does either.
    """

    store: SessionStore
    legacy: Legacy | None
    legacy_cookie: str | None
    began: datetime
    set_cookie: str | None = field(default=None)
    reads_cookie: bool = field(default=False)

    @classmethod
    def of(cls, connection: HTTPConnection) -> Visit:
        """What the middleware noted. Raises RuntimeError where there is no middleware."""
        visit = connection.scope.get("sessions")
        if not isinstance(visit, Visit):
            raise RuntimeError("sessions are not installed: call sessions.web.install(app) where the application is made")
        return visit

    def complete(self, message: Message) -> None:
        """Add to the head of a response what it must carry."""
        headers = MutableHeaders(raw=message.setdefault("headers", []))
        if self.reads_cookie:
            headers.add_vary_header("Cookie")
        own = f"{self.store.settings.cookie}="
        if self.set_cookie and not any(value.startswith(own) for value in headers.getlist("set-cookie")):
            headers.append("set-cookie", self.set_cookie)
            headers["cache-control"] = cookies.NO_STORE[1]


class SessionMiddleware:
    """Notes when a request began, so that a login knows whether it was overtaken, and completes the response."""

    def __init__(
        self, app: ASGIApp, store: SessionStore, legacy: Legacy | None = None, legacy_cookie: str | None = None
    ) -> None:
        self.app = app
        self.store = store
        self.legacy = legacy
        self.legacy_cookie = legacy_cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # sync only: async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)  # sync only: await self.app(scope, receive, send)
            return
        visit = Visit(self.store, self.legacy, self.legacy_cookie, self.store.clock())
        scope["sessions"] = visit

        async def send_completed(message: Message) -> None:  # sync only: async def send_completed(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                visit.complete(message)
            await send(message)  # sync only: await send(message)

        await self.app(scope, receive, send_completed)  # sync only: await self.app(scope, receive, send_completed)


@dataclass(slots=True)
class Watched:
    """A WebSocket that is watched, and why it must be closed (None: not yet)."""

    websocket: WebSocket
    session: Session
    block: CancelScope
    close_code: int | None = field(default=None)

    async def wait(self) -> None:  # sync only: async def wait(self) -> None:
        """Until the session has ended, or the database does not answer."""
        store = Visit.of(self.websocket).store
        try:
            while await store.is_still_live(self.session):  # sync only: while await asyncio.to_thread(store.is_still_live, self.session):
                await asyncio.sleep(store.settings.websocket_interval.total_seconds())  # sync only: await asyncio.sleep(store.settings.websocket_interval.total_seconds())
            self.close_code = SESSION_ENDED
        except Exception:
            self.close_code = INTERNAL_ERROR
            raise
        finally:
            self.block.cancel()


@asynccontextmanager  # sync only: @asynccontextmanager
async def watch(websocket: WebSocket, session: Session) -> AsyncIterator[None]:  # sync only: async def watch(websocket: WebSocket, session: Session) -> AsyncIterator[None]:
    """Keep a WebSocket open for as long as the session lives: ``async with watch(websocket, session): …`` after ``accept()``.

    The database is asked every ``settings.websocket_interval``. Once the session has ended, the block is cancelled and the WebSocket is
    closed with the code 4401, so that the client knows that it must log in again. Where the database does not answer, it is closed, too.
    """
    with CancelScope() as block:
        watched = Watched(websocket, session, block)
        watcher = asyncio.create_task(watched.wait())
        try:
            yield
        finally:
            watcher.cancel()
    if watched.close_code is not None and websocket.client_state is not WebSocketState.DISCONNECTED:
        await websocket.close(watched.close_code)  # sync only: await websocket.close(watched.close_code)
