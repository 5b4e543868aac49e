"""The cookie that carries the token, and the check that a request comes from the
application's own pages.

SameSite=Lax alone does not stop forged requests: a sibling domain is the same site, and
a page there may send what it likes. So unsafe methods are let in only where the browser
says that the request comes from the same origin, or from one that the settings name.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from .settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})  # RFC 9110 section 9.2.1
# what a login or logout answers must not be kept by anybody (RFC 9111 section 5.2.2.5)
NO_STORE = ("Cache-Control", "no-store")


def set_cookie(token: str, settings: Settings) -> str:
    """The value of ``Set-Cookie`` that hands out a token. Without Max-Age: the server
    alone knows when the session ends.
    """
    return f"{settings.cookie}={token}; Path=/; {attributes(settings)}"


def delete_cookie(settings: Settings) -> str:
    """The value of ``Set-Cookie`` that takes the cookie back; name, path and domain are
    those that it was set with.
    """
    return f"{settings.cookie}=; Path=/; Max-Age=0; {attributes(settings)}"


def attributes(settings: Settings) -> str:
    """What the cookie may be used for."""
    return (
        "HttpOnly; SameSite=Lax"
        if settings.insecure_development_cookie
        else "Secure; HttpOnly; SameSite=Lax"
    )


def is_own_request(
    method: str,
    host: str | None,
    origin: str | None,
    fetch_site: str | None,
    settings: Settings,
) -> bool:
    """Whether a request may change something: it is a safe one, or comes from the
    application itself, or from no browser.

    ``host``, ``origin`` and ``fetch_site`` are the headers Host, Origin and
    Sec-Fetch-Site. All browsers of today send the last one; older ones send Origin with
    unsafe requests. A client that sends neither is no browser, and cannot be made to
    send another's cookie.
    """
    if method.upper() in SAFE_METHODS:
        return True
    if origin is not None and origin in settings.trusted_origins:
        return True
    if fetch_site is not None:
        return fetch_site in ("same-origin", "none")
    if origin is None:
        return True
    try:
        return host is not None and urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:  # an address in brackets that is none
        return False


def bearer_token(
    authorization: str | None, schemes: tuple[str, ...] = ("bearer",)
) -> str | None:
    """The token in an Authorization header (RFC 6750 section 2.1), or None."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() or None if scheme.lower() in schemes else None
