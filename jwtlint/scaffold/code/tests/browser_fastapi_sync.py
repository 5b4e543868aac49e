"""A browser, as far as sessions need one: it keeps cookies, and says where it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from starlette.types import ASGIApp

from ..types import Client
from . import asgi_driver
from .replies import Jar, Reply
from .support import HOME


class Socket:
    """An open WebSocket, whose event loop runs in another thread."""

    def __init__(
        self,
        conversation: asgi_driver.Conversation,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.conversation = conversation
        self.loop = loop

    def say(self, text: str) -> None:
        """Send a text to the application."""
        said = self.conversation.say(text)
        asyncio.run_coroutine_threadsafe(said, self.loop).result()

    def next(self) -> dict[str, Any]:
        """The application's next message."""
        asked = self.conversation.next()
        return asyncio.run_coroutine_threadsafe(asked, self.loop).result()

    def hang_up(self) -> None:
        """Go away."""
        gone = self.conversation.hang_up()
        asyncio.run_coroutine_threadsafe(gone, self.loop).result()


class Browser:
    """A browser with its cookies in ``jar``."""

    def __init__(self, app: ASGIApp, client: Client = HOME) -> None:
        self.app = app
        self.client = client
        self.jar = Jar()

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """A request with the cookies, and what they are afterwards."""
        peer = self.client.address or ""
        asked = asgi_driver.request(self.app, method, path, self.headers(headers), peer)
        reply = asyncio.run(asked)
        self.jar.keep(reply)
        return reply

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """GET."""
        return self.send("GET", path, headers)

    def post(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """POST."""
        return self.send("POST", path, headers)

    def delete(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """DELETE."""
        return self.send("DELETE", path, headers)

    def headers(self, more: Mapping[str, str] | None) -> dict[str, str]:
        """What each request says."""
        cookie = {"cookie": self.jar.sent()} if self.jar else {}
        return {"user-agent": self.client.user_agent, **cookie, **(more or {})}

    @contextmanager
    def socket(
        self, path: str, headers: Mapping[str, str] | None = None
    ) -> Iterator[Socket]:
        """Open a WebSocket."""
        told = self.headers(headers)
        peer = self.client.address or ""

        async def open_one() -> Socket:
            conversation = asgi_driver.Conversation(self.app, path, told, peer)
            return Socket(conversation, asyncio.get_running_loop())

        loop = asyncio.new_event_loop()
        with ThreadPoolExecutor(1) as thread:
            thread.submit(loop.run_forever)
            try:
                opening = asyncio.run_coroutine_threadsafe(open_one(), loop)
                socket = opening.result()
                running = asyncio.run_coroutine_threadsafe(socket.conversation.run(), loop)
                try:
                    yield socket
                finally:
                    socket.hang_up()
                    running.result(asgi_driver.PATIENCE)
            finally:
                loop.call_soon_threadsafe(loop.stop)
        loop.close()
