"""Somebody's device: a browser, or a client that keeps the token that it was given."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import httpx
from applications import Application, Call

# what the bridge hands out in the third phase
IN_COOKIE = "the-session-is-in-the-cookie"
COOKIE = "__Host-sid"
AGENT = "Mozilla/5.0 (X11; Linux x86_64) Chrome/142.0.0.0 Safari/537.36"


def filled(value: Any, values: dict[str, str]) -> Any:
    """A body with its ``{…}`` filled in."""
    if isinstance(value, dict):
        return {key: filled(inner, values) for key, inner in value.items()}
    return value.format(**values) if isinstance(value, str) else value


class Device:
    """A device that speaks to one application. It keeps what a login gave it: a token, and cookies.

    ``token`` is sent as ``Authorization: Bearer``, as clients of the old API do; ``by="cookie"`` sends the cookies instead, as browsers do.
    """

    def __init__(self, application: Application, address: str, agent: str = AGENT) -> None:
        self.application = application
        self.address = address
        self.agent = agent
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.refresh_token = ""
        self.name = ""
        self.id = ""

    def ask(self, call: Call, *, by: str = "token", token: str | None = None, **values: str) -> httpx.Response:
        """Send a request; ``by`` is ``token``, ``cookie`` or ``nobody``."""
        headers = {"User-Agent": self.agent}
        if by == "cookie":
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        elif by == "token":
            headers["Authorization"] = f"Bearer {self.token if token is None else token}"
        known = {"id": self.id, "login": self.application.known_as.format(name=self.name)} | values
        answer = httpx.request(
            call.method,
            self.address + call.path.format(**known),
            json=filled(call.json, known),
            data=filled(call.form, known),
            headers=headers,
            timeout=60,
            trust_env=False,
        )
        for value in answer.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(value).items():
                if morsel["max-age"] == "0":
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        return answer

    def get(self, path: str, *, by: str = "cookie") -> httpx.Response:
        return self.ask(Call("GET", path), by=by)

    def sign_up(self, name: str) -> Device:
        self.name = name
        good(self.ask(self.application.sign_up, by="nobody", password=f"{name}-password-1"))
        self.cookies.clear()
        return self

    def log_in(self, name: str, password: str = "") -> Device:
        """Log in by password; the id of the user is read, too."""
        self.name = name
        answer = good(self.ask(self.application.login, by="nobody", password=password or f"{name}-password-1"))
        self.token = answer.json()[self.application.token]
        if self.application.refresh_token:
            self.refresh_token = answer.json()[self.application.refresh_token]
        self.id = str(good(self.me()).json()["id"]) if self.token not in ("", IN_COOKIE) else ""
        return self

    def me(self, *, by: str = "token", token: str | None = None) -> httpx.Response:
        return self.ask(self.application.me, by=by, token=token)

    def refreshed(self, token: str) -> httpx.Response:
        """Ask for a new token with a refresh token."""
        call = self.application.refresh
        assert call is not None
        if self.application.refresh_in_header:
            return self.ask(call, token=token)
        return self.ask(call, by="nobody", refresh=token)

    def is_in(self, *, by: str = "token", token: str | None = None) -> bool:
        """Whether the application knows who asks. Whoever it does not know gets 401, 403 or 422, and nothing else."""
        answer = self.me(by=by, token=token)
        assert answer.status_code in (200, 401, 403, 422), answer.text
        return answer.status_code == 200


def good(answer: httpx.Response) -> httpx.Response:
    """An answer, which must be of success."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text[:1000]}"
    return answer
