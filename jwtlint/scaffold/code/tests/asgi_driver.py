"""Requests and WebSockets to an ASGI application, without a server in between, so that
every byte is the test's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, MutableMapping
from typing import Any

from starlette.types import ASGIApp

from .replies import HOST, Reply

PATIENCE = 20  # seconds after which a test gives up on a WebSocket


def scope_of(
    kind: str, method: str, target: str, headers: Mapping[str, str], peer: str
) -> dict[str, Any]:
    """What a server tells an application of a request."""
    path, _, query = target.partition("?")
    found: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "https" if kind == "http" else "wss",
        "path": path,
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in {"host": HOST, **headers}.items()
        ],
        "subprotocols": [],
        "client": (peer, 40_000),
        "server": (HOST, 443),
    }
    if kind == "http":
        found["method"] = method
    return found


async def request(
    app: ASGIApp, method: str, target: str, headers: Mapping[str, str], peer: str
) -> Reply:
    """One request."""
    scope = scope_of("http", method, target, headers, peer)
    messages: list[Any] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    await app(scope, receive, send)
    start = next(one for one in messages if one["type"] == "http.response.start")
    body = b"".join(one.get("body", b"") for one in messages)
    named = [
        (key.decode("latin-1"), value.decode("latin-1"))
        for key, value in start["headers"]
    ]
    return Reply(start["status"], named, body.decode())


class Conversation:
    """One WebSocket."""

    def __init__(
        self, app: ASGIApp, path: str, headers: Mapping[str, str], peer: str
    ) -> None:
        self.app = app
        self.scope = scope_of("websocket", "", path, headers, peer)
        self.to_app: asyncio.Queue[Any] = asyncio.Queue()
        self.from_app: asyncio.Queue[Any] = asyncio.Queue()

    async def run(self) -> None:
        """Until the application is done with it."""
        await self.to_app.put({"type": "websocket.connect"})
        await self.app(self.scope, self.to_app.get, self.from_app.put)

    async def say(self, text: str) -> None:
        """Send a text to the application."""
        await self.to_app.put({"type": "websocket.receive", "text": text})

    async def hang_up(self) -> None:
        """Go away."""
        await self.to_app.put({"type": "websocket.disconnect", "code": 1000})

    async def next(self) -> dict[str, Any]:
        """The application's next message."""
        message: dict[str, Any] = await asyncio.wait_for(self.from_app.get(), PATIENCE)
        return message
