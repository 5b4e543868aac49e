"""Sessions behind an application that speaks of tokens and payloads:

    install(app)

    return token_for(jwt.encode(claims, KEY, algorithm="HS256"))

    payload = claims_of(token, lambda: jwt.decode(token, KEY, algorithms=["HS256"]))

The functions are the same in asynchronous code, and ask the database nothing: the
middleware looks up what a request brings before the application runs, and does what the
functions noted before the response goes out. README.md, "From JWTs to sessions", says
how to go on from here.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from types import EllipsisType
from typing import Any

from anyio import CancelScope
from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.httpsredirect import HTTPSRedirectMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import EXPIRED, INVALID

from . import cookies, service, tokens
from .asgi import SessionMiddleware, Visit
from .asking import asked, at_once, opened
from .claims import is_jwt
from .devices import client_address
from .legacy import Legacy
from .passage import Passage, Rules, Token, refusal_of
from .store import SessionStore
from .types import Client

__all__ = [
    "EXPIRED",
    "INVALID",
    "account_ended",
    "claims_of",
    "install",
    "log_out",
    "password_changed",
    "role_changed",
    "token_for",
]

# -- what the application's tokens are like --------------------------------------------

# the user's key attribute, and the largest number that its column holds
KEY = "id"
LARGEST_KEY = 9223372036854775807
# whose a token is: (claim, the user's attribute)
IDENTIFIERS: tuple[tuple[str, str], ...] = (("sub", "id"),)
# claims that are read from the user's row at each request: (claim, attribute)
FRESH: tuple[tuple[str, str], ...] = ()
# refuse users who may not log in; False where the application looks at that itself
REFUSE_DISABLED = True
# the ends of the addresses at which users prove who they are
LOGINS: tuple[str, ...] = ()
# what stands before the token in the header Authorization
SCHEME = "Bearer"
# tokens also come in small JSON or form bodies, and in messages of WebSockets
READS_BODIES = False
# the application's own cookie for its token, and what stands before the token in it
LEGACY_COOKIE = ""
LEGACY_COOKIE_PREFIX = ""
# the pool of connections is the sessions' own, and lives as long as the application
OPENS_POOL = False

RULES = Rules(KEY, LARGEST_KEY, IDENTIFIERS, FRESH, REFUSE_DISABLED, LOGINS)

# -- limits ----------------------------------------------------------------------------

MAX_BODY = 16_384  # bytes of a request's body that are looked through for tokens
MAX_CANDIDATES = 8  # tokens of a request that are looked up
MAX_HELD = 1_048_576  # bytes of a response that may wait for the application's end
NO_BODY = frozenset({204, 304})
WORD = re.compile(r"[A-Za-z0-9_.-]{20,}", re.ASCII)
# what front ends send that have no token any more
NOTHING = frozenset({"", "null", "undefined"})

# middleware that reads no token
OUTER = (
    CORSMiddleware,
    GZipMiddleware,
    HTTPSRedirectMiddleware,
    TrustedHostMiddleware,
)

logger = logging.getLogger(__name__)
CURRENT: ContextVar[Passage | None] = ContextVar("passage", default=None)


# -- for the application ---------------------------------------------------------------


def token_for(jwt: Token) -> Token:
    """What to hand out in the place of a JWT that was made a moment ago: a token that
    ends with the session, of the same type. The session is made, and its cookie set,
    before the response is sent. Outside of a request the JWT itself.
    """
    passage = current()
    return jwt if passage is None else passage.stand_in(jwt)


def claims_of(
    token: object,
    verify: Callable[[], Any],
    *,
    expired: type[Exception] | EllipsisType | None = ...,
    invalid: type[Exception] | EllipsisType = ...,
    exchange: bool = True,
) -> Any:
    """The claims of a token, if its session lives. ``verify`` is the application's own
    verification, which is asked about JWTs, and raises its own errors for what is no
    good. ``expired`` and ``invalid`` are errors other than the usual ones; ``expired``
    is None where an expired token will do. ``exchange`` is False where a JWT may be
    another than a session's, and so must not become one.
    """
    passage = current()
    if passage is None:
        return verify()
    return passage.claims(
        token,
        verify,
        INVALID if isinstance(invalid, EllipsisType) else invalid,
        EXPIRED if isinstance(expired, EllipsisType) else expired,
        exchange=exchange,
    )


def log_out(token: str | bytes | None = None) -> None:
    """End the session that a token stands for, or the one that the request came with,
    and take the cookie back.

    This and what follows is done before the response is sent, whatever the response is.
    Outside of a request it is done at once where the database layer is synchronous;
    where it is not, nothing is done, and a warning logged: await the hooks of
    ``hooks.py`` there.
    """
    note(lambda passage: passage.log_out(token))


def password_changed(user: object = None) -> None:
    """End the other sessions of a user, and all JWTs. ``user`` is the application's own
    object, a row, claims, or a key; None is who makes the request. The session that the
    request came with stays if it is that user's.
    """
    note(lambda passage: passage.password_changed(user))


def role_changed(user: object = None) -> None:
    """The same after a change of what a user may do."""
    note(lambda passage: passage.role_changed(user))


def account_ended(user: object = None) -> None:
    """End all sessions of a user who is deleted or switched off."""
    note(lambda passage: passage.account_ended(user))


def install(
    app: FastAPI, *, prefix: str | None = None, store: SessionStore | None = None
) -> None:
    """Put sessions behind an application's tokens. With ``prefix`` ("" for none before
    them) the routes of ``web.py`` are there, too: a user's own sessions.
    """
    # not on import: the application's models may import this module
    from . import web

    first = service.store if store is None else store
    add_outside(
        app,
        Middleware(SessionMiddleware, store=first),
        Middleware(BridgeMiddleware, store=store),
    )
    if prefix is not None:
        app.include_router(web.router, prefix=prefix)


def add_outside(app: FastAPI, *middleware: Middleware) -> None:
    """Put middleware around all that could read a token. What must see every answer,
    also ours, stays outside of it.
    """
    if app.middleware_stack is not None:
        raise RuntimeError("the application has begun: install the sessions before")
    kinds: list[object] = [one.cls for one in app.user_middleware]
    outer = next((at for at, kind in enumerate(kinds) if kind not in OUTER), len(kinds))
    app.user_middleware[outer:outer] = middleware


# -- underneath ------------------------------------------------------------------------


def current() -> Passage | None:
    """The request that is served now, if there is one."""
    passage = CURRENT.get()
    return None if passage is None or passage.is_over else passage


def note(what: Callable[[Passage], None]) -> None:
    """Note something for the end of the request; or do it, where there is none."""
    passage = current()
    if passage is not None:
        what(passage)
        return
    alone = Passage(service.store, legacy_of(service.store), RULES, Client())
    what(alone)
    at_once(alone.carry_out)


def legacy_of(store: SessionStore) -> Legacy:
    """What exchanges JWTs; it is the application that verifies them."""
    return Legacy(store, lambda _: None)


class BridgeMiddleware:
    """Looks up what a request brings before the application runs, and does what the
    application asked for before the response goes out.
    """

    def __init__(self, app: ASGIApp, store: SessionStore | None = None) -> None:
        self.app = app
        self.store = service.store if store is None else store
        self.legacy = legacy_of(self.store)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] == "lifespan" and OPENS_POOL:
            async with opened():
                await self.app(scope, receive, send)
            return
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        arrival = Arrival(self.store, self.legacy, scope, receive)
        passage = await arrival.passage()
        reply = Reply(passage, scope, send)
        reply.visit.reads_cookie |= arrival.has_cookie
        before = CURRENT.set(passage)
        try:
            await self.app(scope, arrival.receive, reply.send)
        except BaseException:
            with CancelScope(shield=True):
                await reply.finish(is_broken=True)
            raise
        else:
            await reply.finish()
        finally:
            passage.is_over = True
            CURRENT.reset(before)


class Arrival:
    """What comes in."""

    def __init__(
        self, store: SessionStore, legacy: Legacy, scope: Scope, receive: Receive
    ) -> None:
        self.store = store
        self.scope = scope
        self.receive = receive
        self.connection = HTTPConnection(scope)
        self.headers = Headers(scope=scope)
        self.is_websocket = scope["type"] == "websocket"
        self.method = "POST" if self.is_websocket else str(scope["method"])
        is_own = cookies.is_own_request(
            self.method,
            self.headers.get("host"),
            self.headers.get("origin"),
            self.headers.get("sec-fetch-site"),
            store.settings,
        )
        # what another site makes a browser send is as if without cookies
        self.cookies = self.connection.cookies if is_own else {}
        self.has_cookie = store.settings.cookie in self.connection.cookies
        self.known = Passage(
            store,
            legacy,
            RULES,
            self.client(),
            is_own=is_own,
            path=str(scope["path"]),
            by_page="sec-fetch-site" in self.headers or "origin" in self.headers,
        )

    def client(self) -> Client:
        """Where it comes from."""
        peer = self.connection.client.host if self.connection.client else None
        forwarded = self.headers.getlist("x-forwarded-for")
        address = client_address(peer, forwarded, self.store.settings.trusted_proxies)
        return Client(address, self.headers.get("user-agent", ""))

    async def passage(self) -> Passage:
        """Look up what there is, and let the application see it as it is used to."""
        passage = self.known
        if self.method == "OPTIONS":
            return passage
        if not self.store.settings.accept_bearer:
            self.set_authorization(None)
            self.set_legacy_cookie(None)
        sent = Headers(scope=self.scope).get("authorization")
        passage.cookie = self.cookies.get(self.store.settings.cookie)
        found = [*self.texts(sent)]
        if READS_BODIES and not self.is_websocket and self.may_have_tokens():
            found.append(await self.read_body())
        await asked(passage.resolve, candidates(found))
        if passage.cookie is not None and is_nothing(sent):
            alias = await asked(passage.take_cookie, passage.cookie)
            if alias is not None:
                self.set_authorization(f"{SCHEME} {alias}".strip())
                self.set_legacy_cookie(alias)
        if READS_BODIES and self.is_websocket:
            self.listen()
        return passage

    def texts(self, authorization: str | None) -> Iterator[str]:
        """Where tokens may stand: in headers, in cookies, and in the query."""
        yield authorization or ""
        accepts_cookies = self.store.settings.accept_bearer
        for name, value in self.cookies.items():
            is_legacy = name == LEGACY_COOKIE and not accepts_cookies
            if name != self.store.settings.cookie and not is_legacy:
                yield value
        for name, value in self.headers.items():
            if name not in ("authorization", "cookie"):
                yield value
        query: bytes = self.scope.get("query_string", b"")
        yield query.decode("latin-1")

    def set_authorization(self, value: str | None) -> None:
        """Let the application see another header, or none."""
        kept = [pair for pair in self.scope["headers"] if pair[0] != b"authorization"]
        if value is not None:
            kept.append((b"authorization", value.encode("latin-1")))
        self.scope["headers"] = kept

    def set_legacy_cookie(self, token: str | None) -> None:
        """Let the application see another token in its own cookie, or none."""
        if not LEGACY_COOKIE:
            return
        kept = [pair for pair in self.scope["headers"] if pair[0] != b"cookie"]
        pairs = []
        for pair in self.connection.headers.getlist("cookie"):
            pairs += [one.strip() for one in pair.split(";")]
        pairs = [one for one in pairs if one.partition("=")[0] != LEGACY_COOKIE]
        if token is not None:
            value = f"{LEGACY_COOKIE_PREFIX}{token}"
            quoted = f'"{value}"' if " " in value else value
            pairs.append(f"{LEGACY_COOKIE}={quoted}")
        if pairs:
            kept.append((b"cookie", "; ".join(pairs).encode("latin-1")))
        self.scope["headers"] = kept

    def may_have_tokens(self) -> bool:
        """Whether the body is small, and of a kind that holds tokens."""
        kind = self.headers.get("content-type", "")
        length = self.headers.get("content-length", "")
        is_small = length.isdecimal() and int(length) <= MAX_BODY
        return is_small and ("json" in kind or "form" in kind)

    async def read_body(self) -> str:
        """The body; the application reads it again."""
        messages: list[Message] = []
        body = b""
        outer = self.receive
        while True:
            message = await outer()
            messages.append(message)
            body += bytes(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            if message["type"] != "http.request" or is_whole or len(body) > MAX_BODY:
                break

        async def again() -> Message:
            return messages.pop(0) if messages else await outer()

        self.receive = again
        return body[:MAX_BODY].decode("utf-8", "replace")

    def listen(self) -> None:
        """Look through the messages of a WebSocket, too."""
        outer = self.receive

        async def heard() -> Message:
            message = await outer()
            text = message.get("text") if message["type"] == "websocket.receive" else ""
            if text and len(text) <= MAX_BODY:
                await asked(self.known.resolve, candidates([text]))
            return message

        self.receive = heard


def candidates(texts: Iterable[str]) -> list[str]:
    """What looks like a token or a JWT in some texts, up to a number."""
    words = (word for text in texts for word in WORD.findall(text))
    found = dict.fromkeys(w for w in words if tokens.is_token(w) or is_jwt(w))
    return list(found)[:MAX_CANDIDATES]


def is_nothing(authorization: str | None) -> bool:
    """Whether a header says nothing of who it is."""
    scheme, _, rest = (authorization or "").strip().partition(" ")
    return rest.strip() in NOTHING and (
        scheme in NOTHING or scheme.lower() == SCHEME.lower()
    )


class Reply:
    """What goes out. A response that waits for something to be done is held back until
    the application has returned, and so has committed, if it says how long it is; else
    it is done before its head is sent.
    """

    def __init__(self, passage: Passage, scope: Scope, send: Send) -> None:
        self.passage = passage
        self.scope = scope
        self.out = send
        self.visit = Visit.of(HTTPConnection(scope))
        self.held: list[Message] = []
        # the head has been sent
        self.has_begun = False
        self.is_refused = False

    async def send(self, message: Message) -> None:
        """Pass a message on, or hold it back."""
        if self.is_refused:
            return
        begins = message["type"] in ("http.response.start", "websocket.accept")
        if self.held or (begins and self.passage.has_work and can_wait(message)):
            self.held.append(message)
            return
        if begins:
            if self.passage.has_work and not await self.settle(is_last=False):
                return
            self.begin()
        await self.out(message)

    async def finish(self, *, is_broken: bool = False) -> None:
        """The application has returned, or raised an error (``is_broken``)."""
        held, self.held = self.held, []
        if is_broken and not self.has_begun and not is_whole(held):
            # the response will be an error, and carries no token
            held.clear()
            self.passage.stand_ins.clear()
            self.passage.to_exchange.clear()
        if self.passage.has_work or self.passage.has_accepted_jwt:
            if not await self.settle(can_refuse=bool(held)):
                return
        if held:
            self.begin()
            for message in held:
                await self.out(message)

    async def settle(self, *, is_last: bool = True, can_refuse: bool = True) -> bool:
        """Do what was noted. If that cannot be done, nobody is let in: another response
        takes this one's place, where that can be.
        """
        try:
            await asked(self.passage.settle, is_last=is_last)
        except Exception as error:
            code, text = refusal_of(error)
            level = logging.ERROR if code == 500 else logging.INFO
            logger.log(level, "what a request asked of its session failed: %r", error)
            self.passage.set_cookie = None
            self.is_refused = True
            if can_refuse:
                await self.refuse(code, text)
            return False
        return True

    async def refuse(self, code: int, text: str) -> None:
        """Answer in the application's place."""
        if self.scope["type"] == "websocket":
            await self.out({"type": "websocket.close", "code": 1008, "reason": text})
            return
        headers = {"www-authenticate": SCHEME} if code == 401 else {}
        response = JSONResponse({"detail": text}, code, headers)
        await response(self.scope, nothing, self.out)

    def begin(self) -> None:
        """The head is about to be sent; what it must carry is added to it."""
        self.has_begun = True
        self.visit.reads_cookie |= self.passage.is_asked
        if self.passage.set_cookie is not None:
            self.visit.set_cookie = self.passage.set_cookie


def is_whole(messages: list[Message]) -> bool:
    """Whether a response was made to its end."""
    return bool(messages) and not (
        messages[-1]["type"] == "http.response.start"
        or messages[-1].get("more_body", False)
    )


async def nothing() -> Message:
    """There is nothing more to receive."""
    return {"type": "http.disconnect"}


def can_wait(message: Message) -> bool:
    """Whether a response is short, and known to end."""
    if message["type"] != "http.response.start":
        return False
    length = Headers(raw=message.get("headers", [])).get("content-length", "")
    is_short = length.isdecimal() and int(length) <= MAX_HELD
    return is_short or message["status"] in NO_BODY
