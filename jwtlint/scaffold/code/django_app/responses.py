"""The cookie of a response."""

from __future__ import annotations

from django.http.response import HttpResponseBase

from . import rows
from .cookies import NO_STORE
from .service import store
from .types import Issued


def send(
    response: HttpResponseBase,
    token: str,
    *,
    max_age: int | None = None,
    expires: str | None = None,
) -> None:
    """Set the cookie. Without Max-Age: the server alone knows when the session ends."""
    name, is_secure = (
        store.settings.cookie,
        not store.settings.insecure_development_cookie,
    )
    response.set_cookie(
        name,
        token,
        max_age=max_age,
        expires=expires,
        path="/",
        secure=is_secure,
        httponly=True,
        samesite="Lax",
    )
    response.headers[NO_STORE[0]] = NO_STORE[1]


def is_committed(issued: Issued) -> bool:
    """Whether the session is there. A transaction that was rolled back took it away,
    and the old token is good again.
    """
    row = store.find(issued.token)
    return row is not None and rows.moment(row["revoked_at"]) is None
