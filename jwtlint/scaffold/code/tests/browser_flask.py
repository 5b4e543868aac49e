"""A browser, as far as sessions need one: it keeps cookies, and says where it is."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from ..types import Client
from .replies import ORIGIN, Jar, Reply
from .support import HOME


class Browser:
    """A browser with its cookies in ``jar``."""

    def __init__(self, app: Flask, client: Client = HOME) -> None:
        self.app = app
        self.client = client
        self.jar = Jar()

    def send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """A request with the cookies, and what they are afterwards."""
        environment = EnvironBuilder(path, ORIGIN, method=method).get_environ()
        environment["REMOTE_ADDR"] = self.client.address or ""
        environment["HTTP_USER_AGENT"] = self.client.user_agent
        if self.jar:
            environment["HTTP_COOKIE"] = self.jar.sent()
        for name, value in (headers or {}).items():
            environment[f"HTTP_{name.upper().replace('-', '_')}"] = value
        body, status, found = run_wsgi_app(self.app, environment, buffered=True)
        reply = Reply(int(status.partition(" ")[0]), list(found), b"".join(body).decode())
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
