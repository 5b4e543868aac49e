"""A small browser for servers on loopback: it keeps cookies, also Secure ones, and sends Django's CSRF token."""

from __future__ import annotations

import http.client
import json
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode


class Browser:
    """One browser. Requests may go to any of several servers of one application."""

    def __init__(self, agent: str = "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0 Safari/537.36") -> None:
        self.agent = agent
        self.cookies: dict[str, str] = {}
        self.authorization = ""

    def ask(self, port: int, method: str, path: str, fields: dict[str, str] | None = None) -> tuple[int, str]:
        """Send a request; its status and text."""
        headers = {"User-Agent": self.agent, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if self.authorization:
            headers["Authorization"] = self.authorization
        body = None
        if fields is not None:
            body, headers["Content-Type"] = urlencode(fields), "application/x-www-form-urlencoded"
        if method not in ("GET", "HEAD") and "csrftoken" in self.cookies:
            headers["X-CSRFToken"] = self.cookies["csrftoken"]
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for value in answer.headers.get_all("Set-Cookie") or ():
                self.keep(value)
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def keep(self, header: str) -> None:
        """Do what ``Set-Cookie`` says."""
        for name, cookie in SimpleCookie(header).items():
            if cookie["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = cookie.value

    def json(self, port: int, method: str, path: str, fields: dict[str, str] | None = None) -> Any:
        """The same for an answer in JSON, which must be a good one."""
        status, text = self.ask(port, method, path, fields)
        assert status == 200, (status, text[:500])
        return json.loads(text)
