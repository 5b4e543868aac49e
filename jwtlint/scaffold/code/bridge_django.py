"""Between an application that speaks of JWTs and the sessions that stand behind them.

The application goes on making, sending and reading "the token"; what it hands out
stands for a row of ``sessions``, and ends with it.

    token = token_for(jwt.encode(claims, KEY, algorithm="HS256"))
    claims = claims_of(token, lambda: jwt.decode(token, KEY, algorithms=["HS256"]))

In the project's settings, two lines; nothing else changes:

    INSTALLED_APPS = [..., "app.sessions"]
    # before everything that reads tokens; AuthenticationMiddleware stays, or stays away
    MIDDLEWARE = ["app.sessions.bridge.BridgeMiddleware", ...]

These functions are synchronous, and work anywhere in the call stack of a request.
Outside of one (a script, a worker, a test that calls a view by itself) ``token_for``
gives the JWT back, and ``claims_of`` verifies JWTs as the application does, but knows
what was handed out in their place.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar, cast

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin
from django.utils.functional import SimpleLazyObject

from app.errors import EXPIRED, INVALID

from . import tokens, users
from .cookies import NO_STORE, is_own_request
from .passage import Passage, Rules, refusal_of
from .requests import Identity, by_cookie, carried, current_request
from .responses import is_committed, send
from .service import database, legacy, store
from .types import Client, LoginOvertaken, Session, TooManySessions

__all__ = [
    "EXPIRED",
    "INVALID",
    "BridgeMiddleware",
    "account_ended",
    "claims_of",
    "log_out",
    "password_changed",
    "role_changed",
    "token_for",
]

# the user's key attribute, and the largest number that it may be
KEY = "id"
LARGEST_KEY = 9223372036854775807
# which claim says whose a token is, by which attribute of the user
IDENTIFIERS: tuple[tuple[str, str], ...] = (("sub", "id"),)
# claims that are read from the user's row at each request
FRESH: tuple[tuple[str, str], ...] = ()
# what stands before the token in the Authorization header
SCHEME = "Bearer"
# False where the application has an answer of its own for users who are switched off
REFUSE_DISABLED = True
# the ends of the addresses at which users prove who they are
LOGINS: tuple[str, ...] = ()
# the application's own cookie for its tokens, and what stands in it before them
LEGACY_COOKIE = ""
LEGACY_COOKIE_PREFIX = ""

# what front ends send that have no token any more
NOTHING = frozenset({"", "null", "undefined"})
RULES = Rules(KEY, LARGEST_KEY, IDENTIFIERS, FRESH, REFUSE_DISABLED, LOGINS)
HEADER = "HTTP_AUTHORIZATION"
PASSAGE = "_bridge_passage"
ALIAS = "_bridge_alias"
LAST = "_bridge_last"
# Django's own mark on requests whose CSRF token is not asked for
UNFORGED = "_dont_enforce_csrf_checks"

Token = TypeVar("Token", str, bytes)
logger = logging.getLogger(__name__)


# -- what the application calls --------------------------------------------------------


def token_for(jwt: Token) -> Token:
    """What to hand out in the place of a JWT that was just made: a token that stands
    for the user's session, which the response makes where there is none yet.

    ``LOGIN_SESSIONS["phase"] = "jwt_only"`` gives the JWT back, and ``accept_bearer =
    False`` an empty text, for then the cookie alone counts.
    """
    passage = current_passage()
    return jwt if passage is None else passage.stand_in(jwt)


def claims_of(
    token: object,
    verify: Callable[[], Any],
    *,
    expired: type[Exception] | None = EXPIRED,
    invalid: type[Exception] = INVALID,
    exchange: bool = True,
) -> Any:
    """The claims of a token, those on which rights depend as the user's row has them
    now. ``verify`` is the application's own verification of a JWT; its errors come as
    before.

    Raises ``expired`` for a token whose own time is over (None: that is not looked at)
    and ``invalid`` for one whose session has ended, or a JWT that is refused.
    """
    text = token.decode("utf-8", "replace") if isinstance(token, bytes) else token
    passage = current_passage()
    if passage is None:
        if not tokens.is_token(text) or not may_ask():
            return verify()
        passage = new_passage(None)
    if isinstance(text, str) and may_ask():
        passage.resolve([text])
    was_known = passage.used is not None
    claims = passage.claims(
        token, verify, invalid, expired, exchange=exchange
    )
    if passage.to_exchange and may_ask():
        # now, so that what the view ends can leave out the request's own session
        try:
            passage.exchange()
        except (LoginOvertaken, TooManySessions) as error:
            raise invalid(str(error)) from error
    request = current_request.get()
    if request is not None and not was_known and passage.used is not None:
        if not is_alias(text):
            # what came from elsewhere proves no more than a cookie does
            is_sent = text in texts_of([request.headers.get("Authorization", "")])
            by: Literal["cookie", "header"] = "header" if is_sent else "cookie"
            carried(request).by_header = identity(passage.used, by)
    return claims


def log_out(token: str | bytes | None = None) -> None:
    """End the session that a token stands for, or the one that the request is made in,
    when the view is done: it may yet look at its own token.
    """
    passage = current_passage()
    if passage is None:
        passage = new_passage(None)
        passage.log_out(token)
        end(passage)
        return
    request = current_request.get()
    if request is not None and may_ask():
        sent = request.headers.get("Authorization", "").rpartition(" ")[2]
        if sent and not is_alias(sent):
            passage.resolve([sent])
    passage.log_out(token)


def password_changed(user: object = None) -> None:
    """After a change or a reset of a password: end the user's sessions, and all JWTs of
    before. The session of the request stays, if it is the user's own.

    ``user`` is a user, a key or None for who makes the request. Saving a user whose
    password changed does the same by itself.
    """
    passage = current_passage() or new_passage(None)
    passage.password_changed(user)
    end(passage)


def role_changed(user: object = None) -> None:
    """After a change of a user's rights: the same."""
    passage = current_passage() or new_passage(None)
    passage.role_changed(user)
    end(passage)


def account_ended(user: object = None) -> None:
    """After an account was switched off, or before it is deleted: end all of the user's
    sessions. Saving and deleting users does the same by itself.
    """
    passage = current_passage() or new_passage(None)
    passage.account_ended(user)
    end(passage)


# -- what they share -------------------------------------------------------------------


def current_passage() -> Passage | None:
    """What the request that is answered now brought; None outside of one."""
    request = current_request.get()
    found: Passage | None = None if request is None else vars(request).get(PASSAGE)
    return found


def new_passage(request: HttpRequest | None) -> Passage:
    """What a request brings, or what brings no request."""
    if request is None:
        return Passage(store, legacy, RULES, Client())
    known = carried(request)
    return Passage(
        store,
        legacy,
        RULES,
        known.client,
        began=known.began,
        is_own=is_own(request),
        path=request.path,
        by_page="Sec-Fetch-Site" in request.headers or "Origin" in request.headers,
    )


def is_alias(token: object) -> bool:
    """Whether a token is the name that this request gave to the session of its
    cookie.
    """
    request = current_request.get()
    return request is not None and token == vars(request).get(ALIAS, "")


def may_ask() -> bool:
    """Whether the database can be asked here: not by a coroutine. What is ended there
    ends when the response is made.
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False


def end(passage: Passage) -> None:
    """End what is to be ended: at once, in the transaction that is under way."""
    if may_ask():
        passage.carry_out(database.within())


def at_last(call: Callable[[], None]) -> None:
    """Have something done when the application has made its response, and before the
    sessions are written.
    """
    request = current_request.get()
    if request is not None:
        vars(request).setdefault(LAST, []).append(call)


def identity(session: Session, by: Literal["cookie", "header"]) -> Identity:
    """By whom the request is made, for the rest of this package. The user is read only
    if somebody asks.
    """
    user = SimpleLazyObject(lambda: users.user_of(session.user_id))
    return Identity(cast(AbstractBaseUser, user), session, by)


def is_own(request: HttpRequest) -> bool:
    """Whether the application's own pages sent a request, or no browser did."""
    try:
        host = request.get_host()
    except DisallowedHost:
        host = None
    return is_own_request(
        request.method or "",
        host,
        request.headers.get("Origin"),
        request.headers.get("Sec-Fetch-Site"),
        store.settings,
    )


# -- the middleware --------------------------------------------------------------------


class BridgeMiddleware(MiddlewareMixin):
    """Opens what a request brings, and hands out what its response must carry.

    A request with the cookie and no token of its own looks to the application as if it
    came with one in the Authorization header: a name for the session, which is good for
    this request only. Other sites' unsafe requests bring no session.

    This package's own views know whose request it is by header and by cookie. For a
    token in the header, which no browser sends by itself, they ask for no CSRF token.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Find out what the request brings."""
        current_request.set(request)
        passage = new_passage(request)
        vars(request)[PASSAGE] = passage
        known = carried(request)
        known.by_cookie = known.by_header = Identity()
        passage.cookie = request.COOKIES.get(store.settings.cookie)
        if request.method == "OPTIONS":
            return
        if not store.settings.accept_bearer:
            set_header(request, "")
            request.COOKIES.pop(LEGACY_COOKIE, None)
        if not passage.is_own:
            # another site made the browser send its cookies: they open nothing
            passage.asked.update(texts_of(request.COOKIES.values()))
        sent = request.META.get(HEADER, "")
        # around the view, for what a look-up writes down must not be undone with the
        # view's own transaction
        heard = texts_of([sent])
        own = texts_of([request.COOKIES.get(LEGACY_COOKIE, "")])
        passage.resolve([*heard, *own])
        self.note(request, passage, own, "cookie")
        if store.settings.accept_bearer:
            self.note(request, passage, heard, "header")
        if passage.cookie is None or not passage.is_own:
            return
        if is_nothing(sent):
            self.open_cookie(request, passage, passage.cookie)
        else:
            # it is looked up if somebody asks
            known.by_cookie = None

    def note(
        self,
        request: HttpRequest,
        passage: Passage,
        texts: Iterable[str],
        by: Literal["cookie", "header"],
    ) -> None:
        """Note whose request it is by the tokens of the header, or of the application's
        own cookie, for the rest of this package.
        """
        known = carried(request)
        for text in texts:
            session = passage.session_of(text)
            if session is not None:
                known.by_header = identity(session, by)
            if by == "header":
                known.named = known.named or passage.session_of(text, is_over_too=True)

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        arguments: object,
        names: object,
    ) -> None:
        """At this package's own addresses, ask for no CSRF token where the header shows
        that the request is not forged: nobody else knows a token of the user's. Where
        the cookie is somebody else's, or another site's page sends any, it may be.
        """
        passage: Passage | None = vars(request).get(PASSAGE)
        if passage is None or getattr(view, "__module__", "") != f"{__package__}.views":
            return
        # around the view, as above
        held = by_cookie(request).session
        named = carried(request).named
        if named is None or (held is not None and held.user_id != named.user_id):
            return
        if passage.is_own or not request.COOKIES:
            vars(request)[UNFORGED] = True

    def open_cookie(
        self, request: HttpRequest, passage: Passage, cookie: str
    ) -> None:
        """Let a request that brings the cookie look as if it brought a token."""
        alias = passage.take_cookie(cookie)
        if passage.held is not None:
            carried(request).by_cookie = identity(passage.held, "cookie")
        if alias is not None:
            vars(request)[ALIAS] = alias
            passage.is_browser_s = True
            set_header(request, f"{SCHEME} {alias}")
            if LEGACY_COOKIE:
                request.COOKIES[LEGACY_COOKIE] = LEGACY_COOKIE_PREFIX + alias

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Write the session, and set its cookie."""
        passage: Passage | None = vars(request).get(PASSAGE)
        if passage is None:
            current_request.set(None)
            return response
        current_request.set(request)
        try:
            for call in vars(request).pop(LAST, []):
                call()
            passage.ended |= carried(request).ended
            passage.settle()
        except Exception as error:
            response = refused(error)
        finally:
            current_request.set(None)
            vars(request).pop(PASSAGE)
        if passage.cookie is not None or passage.is_asked:
            patch_vary_headers(response, ["Cookie"])
        set_cookie(request, passage, response)
        return response


def set_header(request: HttpRequest, value: str) -> None:
    """Let the application read another Authorization header. Without a value: none, but
    for schemes that are not that of its tokens.
    """
    scheme = request.META.get(HEADER, "").partition(" ")[0]
    if value:
        request.META[HEADER] = value
    elif scheme.lower() == SCHEME.lower():
        request.META.pop(HEADER, None)
    # Django makes it of META when it is first asked for
    vars(request).pop("headers", None)


def texts_of(values: Iterable[str]) -> list[str]:
    """What may be tokens in headers and cookies, which have a scheme before them or
    not.
    """
    return [text for value in values for text in value.split()]


def is_nothing(authorization: str) -> bool:
    """Whether a header says nothing of who it is."""
    scheme, _, rest = authorization.strip().partition(" ")
    return rest.strip() in NOTHING and (
        scheme in NOTHING or scheme.lower() == SCHEME.lower()
    )


def refused(error: Exception) -> HttpResponse:
    """The answer where the session could not be made: it lets nobody in."""
    status, text = refusal_of(error)
    if status == 500:
        logger.error("the session could not be written", exc_info=error)
    return HttpResponse(text, status=status, content_type="text/plain")


def set_cookie(
    request: HttpRequest, passage: Passage, response: HttpResponseBase
) -> None:
    """Hand out a new cookie, or take back that of a session that has ended."""
    known = carried(request)
    if known.issued is not None and is_committed(known.issued):
        send(response, known.issued.token)
    elif passage.issued is not None and not is_committed(passage.issued):
        # the view's transaction took it away, or it was ended at once
        return
    elif passage.set_cookie is not None:
        response.cookies.load(passage.set_cookie)
        response.headers[NO_STORE[0]] = NO_STORE[1]
    elif known.takes_cookie_back:
        send(response, "", max_age=0, expires="Thu, 01 Jan 1970 00:00:00 GMT")
    else:
        return
    patch_vary_headers(response, ["Cookie"])
