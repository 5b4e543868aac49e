"""A browser, as far as sessions need one: it keeps cookies, and says where it is."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp

from ..types import Client
from . import asgi_driver
from .replies import Jar, Reply
from .support import HOME


class Socket:
    """An open WebSocket."""

    def __init__(self, conversation: asgi_driver.Conversation) -> None:
        self.conversation = conversation

    async def say(self, text: str) -> None:
        """Send a text to the application."""
        await self.conversation.say(text)

    async def next(self) -> dict[str, Any]:
        """The application's next message."""
        return await self.conversation.next()


class Browser:
    """A browser with its cookies in ``jar``."""

    def __init__(self, app: ASGIApp, client: Client = HOME) -> None:
        self.app = app
        self.client = client
        self.jar = Jar()

    async def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """A request with the cookies, and what they are afterwards."""
        peer = self.client.address or ""
        reply = await asgi_driver.request(
            self.app, method, path, self.headers(headers), peer
        )
        self.jar.keep(reply)
        return reply

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """GET."""
        return await self.send("GET", path, headers)

    async def post(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """POST."""
        return await self.send("POST", path, headers)

    async def delete(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """DELETE."""
        return await self.send("DELETE", path, headers)

    def headers(self, more: Mapping[str, str] | None) -> dict[str, str]:
        """What each request says."""
        cookie = {"cookie": self.jar.sent()} if self.jar else {}
        return {"user-agent": self.client.user_agent, **cookie, **(more or {})}

    @asynccontextmanager
    async def socket(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[Socket]:
        """Open a WebSocket."""
        conversation = asgi_driver.Conversation(
            self.app, path, self.headers(headers), self.client.address or ""
        )
        running = asyncio.create_task(conversation.run())
        try:
            yield Socket(conversation)
        finally:
            await conversation.hang_up()
            await asyncio.wait_for(running, asgi_driver.PATIENCE)
