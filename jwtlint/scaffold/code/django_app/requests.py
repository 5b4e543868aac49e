"""What a request carries: by whom it is made, and which token its response hands out.
It is found out once a request.
"""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from . import tokens, users
from .configuration import jwt_cookie
from .cookies import bearer_token, is_own_request
from .devices import client_address
from .service import legacy, store
from .types import Client, Issued, Session, UserId

# "Authorization: Bearer …"; Token and JWT are what packages for Django's REST framework
# used before
SCHEMES = ("bearer", "token", "jwt")

# the request that is answered now, for receivers of signals, which are not given one
current_request: ContextVar[HttpRequest | None] = ContextVar(
    "current_request", default=None
)


@dataclass(frozen=True, slots=True)
class Identity:
    """By whom a request is made: nobody, or a user, mostly with a session. ``by`` says
    what showed it.
    """

    user: AbstractBaseUser | None = None
    session: Session | None = None
    by: Literal["nothing", "cookie", "header"] = "nothing"

    @property
    def admitted(self) -> AbstractBaseUser | None:
        """The user, unless the session was seen on a second device and the user must
        log in again first.
        """
        return (
            None
            if self.session is not None and self.session.needs_reauthentication
            else self.user
        )


@dataclass(slots=True)
class Carried:
    """What is known of a request."""

    client: Client
    began: datetime
    by_cookie: Identity | None = None
    by_header: Identity | None = None
    # what a token in the header stands for, be the token's own time over: to be ended
    named: Session | None = None
    issued: Issued | None = None
    takes_cookie_back: bool = False
    is_logging_in: bool = False
    # users whose sessions this very request has ended
    ended: set[UserId] = field(default_factory=set)


def plain(request: HttpRequest) -> HttpRequest:
    """Django's request, where Django REST framework has put its own around it."""
    inner = getattr(request, "_request", request)
    return inner if isinstance(inner, HttpRequest) else request


def carried(request: HttpRequest) -> Carried:
    """What is known of a request so far."""
    request = plain(request)
    known: Carried | None = vars(request).get("_login_session")
    if known is None:
        known = Carried(client_of(request), store.clock())
        vars(request)["_login_session"] = known
    return known


def client_of(request: HttpRequest) -> Client:
    """Where a request comes from."""
    peer, forwarded = (
        request.META.get("REMOTE_ADDR"),
        request.META.get("HTTP_X_FORWARDED_FOR"),
    )
    place = client_address(
        peer, [forwarded] if forwarded else [], store.settings.trusted_proxies
    )
    return Client(place, request.META.get("HTTP_USER_AGENT", ""))


def refuse_foreign(request: HttpRequest) -> None:
    """Raise PermissionDenied for a request that may change something and does not come
    from the application's own pages.
    """
    origin, fetch_site = (
        request.headers.get("Origin"),
        request.headers.get("Sec-Fetch-Site"),
    )
    if origin is None and fetch_site is None:
        return
    if not is_own_request(
        request.method or "", request.get_host(), origin, fetch_site, store.settings
    ):
        # whatever is shown now is shown to nobody in particular
        carried(request).by_cookie = Identity()
        raise PermissionDenied(
            "the request comes from another site; "
            "name its origin in trusted_origins to let it in"
        )


def by_cookie(request: HttpRequest) -> Identity:
    """By whom a request is made, as its cookie says. One query, or none without a
    cookie. Raises PermissionDenied.
    """
    known = carried(request)
    if known.by_cookie is None:
        token = request.COOKIES.get(store.settings.cookie)
        if token is None:
            known.by_cookie = Identity()
        else:
            refuse_foreign(request)
            found = users.look_up(token, known.client)
            # while one request replaces a token, others still come with the old one;
            # they must not take the new one back
            known.takes_cookie_back = found.session is None and not found.is_replaced
            known.by_cookie = Identity(
                found.user, found.session, "cookie" if found.session else "nothing"
            )
    return known.by_cookie


def by_header(request: HttpRequest) -> Identity:
    """By whom a request is made, as its Authorization header says, or the cookie that
    JWTs came in.
    """
    known = carried(request)
    if known.by_header is None:
        known.by_header = Identity()
        token = bearer_token(request.headers.get("Authorization"), SCHEMES)
        if token is not None:
            known.by_header = from_token(token, known, "header")
        elif jwt := request.COOKIES.get(jwt_cookie()):
            refuse_foreign(request)
            known.by_header = from_token(jwt, known, "cookie")
    return known.by_header


def identity_of(request: HttpRequest) -> Identity:
    """By whom a request is made: as its header says, where something has looked at that
    (plain views take the cookie only, unless the bridge is there), else as its cookie
    says. Raises PermissionDenied.
    """
    header = carried(request).by_header
    return by_cookie(request) if header is None or header.session is None else header


def from_token(token: str, known: Carried, by: Literal["cookie", "header"]) -> Identity:
    """By whom a request is made that brings a token in a header, or a JWT."""
    if tokens.is_token(token):
        if not store.settings.accept_bearer:
            return Identity()
        found = users.look_up(token, known.client)
        if found.session:
            return Identity(found.user, found.session, by)
        live = store.admit_stand_in(token, known.client)
        owner = users.user_of(live.user_id) if live else None
        return Identity(owner, live, by) if owner else Identity()
    if store.settings.phase == "jwt_only":
        said = legacy.check(token)
        user = users.user_of(said.user_id) if said else None
        return Identity(user, None, by) if user else Identity()
    session = legacy.session_for(token, known.client)
    if isinstance(session, Issued):
        known.issued, session = session, session.session
    user = users.user_of(session.user_id) if session else None
    return Identity(user, session, by) if user else Identity()
