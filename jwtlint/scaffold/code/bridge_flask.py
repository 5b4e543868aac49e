"""Between an application that speaks of tokens and payloads, and its sessions.

    install(app)                                          # where it is made
    return token_for(jwt.encode(payload, KEY))            # where it made a JWT
    payload = claims_of(token, lambda: jwt.decode(...))   # where it verified one

and ``log_out``, ``password_changed``, ``role_changed`` and ``account_ended`` in the
views that do these things. All of this works anywhere in a request. What a view hands
out is a stand-in: a random token, good for as long as its session lives. The session's
own token goes into the cookie and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

from app.errors import EXPIRED, INVALID
from flask import (
    Flask,
    Response,
    current_app,
    has_app_context,
    has_request_context,
    jsonify,
    request,
)

from . import cookies, rows, service, statements, taking_part, tokens
from .claims import Claims
from .devices import client_address
from .legacy import Legacy
from .passage import End, Passage, Rules, Token, refusal_of
from .types import Client, Session

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__all__ = [
    "account_ended",
    "claims_of",
    "install",
    "log_out",
    "password_changed",
    "role_changed",
    "token_for",
]

# the user's key attribute, and the largest number that it may be
KEY = "id"
LARGEST_KEY = 9223372036854775807
# which claims say whose a token is, and which are read from the user's row at each
# request: pairs of a claim and an attribute of the user
IDENTIFIERS: tuple[tuple[str, str], ...] = (("sub", "id"),)
FRESH: tuple[tuple[str, str], ...] = ()
REFUSE_DISABLED = True
# the ends of the addresses at which users prove who they are
LOGINS: tuple[str, ...] = ()
# where the application looks for its token: behind this word in the header, and in this
# cookie, behind this text ("" for none)
SCHEME = "Bearer"
LEGACY_COOKIE = ""
LEGACY_COOKIE_PREFIX = ""

EXTENSION = "session_bridge"
# a function of a JWT library's adapter, which knows better where tokens are looked for
PLACES = "session_bridge_places"
VISIT = "sessions.visit"
NOTHING = frozenset({"", "null", "undefined"})
# a header, the word before the token there, and cookies
Places: TypeAlias = tuple[str, str, list[str]]
RULES = Rules(KEY, LARGEST_KEY, IDENTIFIERS, FRESH, REFUSE_DISABLED, LOGINS)


def install(app: Flask, *, prefix: str | None = None) -> None:
    """Put the bridge into an application. To be called once, when it has been made;
    whatever else is added to it may come before or after. With ``prefix`` ("" for none
    before them) the routes of ``web.py`` are there, too: a user's own sessions.
    """
    if EXTENSION in app.extensions:
        return
    app.extensions[EXTENSION] = True
    # not on import: the application's models may import this module. It brings the
    # tables with it
    import_module(".users", __package__)
    # the first to see a request, and the last to see its response
    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request_funcs.setdefault(None, []).insert(0, complete)
    app.wsgi_app = LateResponse(app, app.wsgi_app)  # type: ignore[method-assign]  # as Flask's documentation of middleware has it
    if prefix is not None:
        from .web import Sessions

        Sessions(app, url_prefix=prefix)


@dataclass(slots=True)
class Visit:
    """One request. ``alias`` is what stands for the cookie in it; ``joined`` is what
    was ended in the application's transaction, which may yet be undone.
    """

    passage: Passage
    alias: str | None = None
    joined: list[End] = field(default_factory=list)
    joined_at: datetime | None = None
    is_late: bool = False


# -- what the application calls --------------------------------------------------------


def token_for(jwt: Token) -> Token:
    """What to hand out in the place of a JWT that the application has just made: a
    stand-in for a session of the user whom its claims name, text for text and bytes for
    bytes. Outside of a request, and as long as JWTs are handed out: the JWT.
    """
    visit = current_visit()
    return jwt if visit is None else visit.passage.stand_in(jwt)


def claims_of(
    token: object,
    verify: Callable[[], Any],
    *,
    expired: type[Exception] | None = EXPIRED,
    invalid: type[Exception] = INVALID,
    exchange: bool = True,
) -> Any:
    """The claims of a token: as they were handed out, but those that rights depend on
    are the user's of now. ``verify`` is the application's own verification, for JWTs
    and for errors as it knows them. ``exchange`` is False where a JWT may be another
    than a session's, and so must not become one.

    Raises what ``verify`` raises; ``expired`` where the claim ``exp`` is past (None:
    that is not looked at); ``invalid`` where the session has ended.
    """
    visit = current_visit()
    text = text_of(token)
    if visit is not None:
        passage = visit.passage
    elif tokens.is_token(text) and has_app_context():
        passage = passage_of(Client())
    else:
        return verify()
    if text == "" and passage.minted and not service.store.settings.accept_bearer:
        # what token_for gave in the place of a stand-in, in this very request
        return deepcopy(list(passage.minted.values())[-1])
    if text:
        passage.resolve([text])
    return passage.claims(token, verify, invalid, expired, exchange=exchange)


def log_out(token: str | bytes | None = None) -> None:
    """End the session of a token, or the one that the request came with, when the view
    is done: it may yet look at its own token.
    """
    visit = current_visit()
    if visit is None:
        with ending([] if token is None else [token]) as passage:
            passage.log_out(token)
        return
    sent = request.headers.get(places()[0], "").rpartition(" ")[2]
    named = [text for one in (token, sent) if (text := text_of(one))]
    visit.passage.resolve(one for one in named if one != visit.alias)
    visit.passage.log_out(token)


def password_changed(user: object = None) -> None:
    """End the sessions of a user whose password was changed, and refuse all JWTs from
    before. ``user`` is a user object or a key; without one it is who makes the request.
    The session of this request stays, if it is that user's.

    Where Flask-SQLAlchemy is used, this takes effect with the application's next
    commit, or at once if nothing waits for one; else before the response is sent.
    """
    with ending() as passage:
        passage.password_changed(user)


def role_changed(user: object = None) -> None:
    """The same for a user whose rights were changed."""
    with ending() as passage:
        passage.role_changed(user)


def account_ended(user: object = None) -> None:
    """End all sessions of a user, before the account is deleted or after it was
    switched off.
    """
    with ending() as passage:
        passage.account_ended(user)


# -- the request at hand ---------------------------------------------------------------


def current_visit() -> Visit | None:
    """The request at hand, until its response is made. What keeps a request alive for
    longer, as tests do, is outside of it.
    """
    if not has_request_context():
        return None
    if EXTENSION not in current_app.extensions:
        raise RuntimeError(
            "the bridge to the sessions is not installed: "
            "call install(app) where the application is made"
        )
    visit: Visit | None = request.environ.get(VISIT)
    return None if visit is None or visit.passage.is_over else visit


def passage_of(
    client: Client, *, is_own: bool = True, path: str = "", by_page: bool = True
) -> Passage:
    """A new passage."""
    legacy = Legacy(service.store, lambda _: None)
    return Passage(
        service.store,
        legacy,
        RULES,
        client,
        is_own=is_own,
        path=path,
        by_page=by_page,
    )


def session_of_cookie(token: str) -> Session | None:
    """The session of the cookie, if a token stands for the cookie in this request."""
    visit = current_visit()
    if visit is None or visit.alias is None or token != visit.alias:
        return None
    return visit.passage.opened[token].session


def ended_claims(token: str) -> Claims | None:
    """The claims of a stand-in whose session has ended; None if it never was one."""
    for row in service.store.database.fetch(
        statements.CLAIMS_OF, jwt_hash=tokens.jwt_id(token)
    ):
        found: Claims = json.loads(str(row["claims"]))
        return found
    return None


def text_of(token: object) -> str | None:
    """A token as text; None for what can be none."""
    if isinstance(token, bytes):
        return token.decode("utf-8", "replace")
    return token if isinstance(token, str) else None


@contextmanager
def ending(named: Iterable[str | bytes] = ()) -> Iterator[Passage]:
    """Around what ends sessions; ``named`` are tokens that it speaks of."""
    visit = current_visit()
    passage = passage_of(Client()) if visit is None else visit.passage
    passage.resolve(text for one in named if (text := text_of(one)) is not None)
    yield passage
    if visit is None:
        passage.carry_out()
    elif taking_part.AT_ONCE:
        end_now(visit)


def end_now(visit: Visit) -> None:
    """End what is to be ended, with what the application has begun, if it has begun
    anything.
    """
    passage, ends = visit.passage, list(visit.passage.ends)
    now = service.store.clock()
    work = None
    try:
        with taking_part.joined() as work:
            passage.carry_out(work)
    except Exception:
        if work is None:
            raise
        passage.ends += ends  # again, on a connection of its own
    else:
        if work is not None:
            visit.joined += ends
            visit.joined_at = visit.joined_at or now


# -- before and after ------------------------------------------------------------------


def begin() -> None:
    """What a request brought: of its cookie the application sees a name that is good
    for this request only, where it looks for its tokens.
    """
    settings = service.store.settings
    forwarded = request.headers.getlist("X-Forwarded-For")
    place = client_address(request.remote_addr, forwarded, settings.trusted_proxies)
    is_own = cookies.is_own_request(
        request.method,
        request.headers.get("Host"),
        request.headers.get("Origin"),
        request.headers.get("Sec-Fetch-Site"),
        settings,
    )
    client = Client(place, request.headers.get("User-Agent", ""))
    by_page = "Sec-Fetch-Site" in request.headers or "Origin" in request.headers
    visit = Visit(
        passage_of(client, is_own=is_own, path=request.path, by_page=by_page)
    )
    request.environ[VISIT] = visit
    if request.method == "OPTIONS":
        return
    header, scheme, own_cookies = places()
    name = "HTTP_" + header.upper().replace("-", "_")
    if not settings.accept_bearer:
        if is_session_token(request.environ.get(name)):
            del request.environ[name]
        replace_cookies(own_cookies, None)
    visit.passage.cookie = request.cookies.get(settings.cookie) if is_own else None
    if visit.passage.cookie is None or not says_nothing(request.environ.get(name)):
        return
    if any(one in request.cookies for one in own_cookies):
        return
    visit.alias = visit.passage.take_cookie(visit.passage.cookie)
    if visit.alias is not None:
        request.environ[name] = f"{scheme} {visit.alias}".strip()
        replace_cookies(own_cookies, LEGACY_COOKIE_PREFIX + visit.alias)


def places() -> Places:
    """Where the application looks for its tokens."""
    found: Callable[[], Places] | None = current_app.extensions.get(PLACES)
    if found is not None:
        return found()
    return "Authorization", SCHEME, [LEGACY_COOKIE] if LEGACY_COOKIE else []


def replace_cookies(names: list[str], value: str | None) -> None:
    """Let the application see another value in its own cookies, or none."""
    if names:
        pairs = request.environ.get("HTTP_COOKIE", "").split(";")
        kept = [one for one in pairs if one.partition("=")[0].strip() not in names]
        if value is not None:
            quoted = f'"{value}"' if " " in value else value  # RFC 6265 section 4.1.1
            kept += [f"{name}={quoted}" for name in names]
        request.environ["HTTP_COOKIE"] = "; ".join(one.strip() for one in kept)
    # Werkzeug keeps what it has read
    for read in ("authorization", "cookies"):
        vars(request._get_current_object()).pop(read, None)  # type: ignore[attr-defined]  # a LocalProxy has it


def is_session_token(sent: str | None) -> bool:
    """Whether a header carries what stood for a session; service tokens stay."""
    return tokens.is_token((sent or "").rpartition(" ")[2])


def says_nothing(sent: str | None) -> bool:
    """Whether a header says nothing of who it is. Some front ends that have no token
    send the word for that.
    """
    word = (sent or "").strip().rpartition(" ")[2]
    return word in NOTHING or word.lower() == SCHEME.lower()


def complete(response: Response) -> Response:
    """Add to a response what it must carry."""
    visit = current_visit()
    if visit is None:
        return response
    passage = visit.passage
    if response.status_code >= 500:
        passage.stand_ins.clear()  # they are not in the response
    passage.is_over = True
    if (passage.has_work or visit.joined) and taking_part.must_wait():
        visit.is_late = True
    else:
        response = settled(visit, response, is_last=False)
        visit.is_late = bool(passage.stand_ins)
    if passage.cookie is not None or passage.is_asked:
        response.vary.add("Cookie")
    if passage.set_cookie is not None:
        response.headers.add("Set-Cookie", passage.set_cookie)
        response.headers["Cache-Control"] = cookies.NO_STORE[1]
        passage.set_cookie = None
    return response


def settled(visit: Visit, response: Response, *, is_last: bool) -> Response:
    """The response, when all is done that the request asked for; another one where it
    could not be done.
    """
    passage = visit.passage
    try:
        repeat_what_was_undone(visit)
        passage.settle(is_last=is_last)
    except Exception as error:
        code, text = refusal_of(error)
        if code == 500:
            current_app.logger.exception("the session could not be written")
        passage.stand_ins.clear()
        passage.set_cookie = None
        refused = jsonify(detail=text)
        refused.status_code = code
        if code == 401:
            refused.headers["WWW-Authenticate"] = SCHEME or "Bearer"
        return refused
    return response


def repeat_what_was_undone(visit: Visit) -> None:
    """End again what was ended in a transaction of the application's that came to
    nothing.
    """
    joined, visit.joined = visit.joined, []
    store, passage = service.store, visit.passage
    for end in joined:
        if end.kind == "one":
            passage.ends.append(end)  # to do it twice is no mistake
            continue
        owner = passage.user_id if end.whose is None else passage.key_of(end.whose)
        if owner is None or visit.joined_at is None:
            continue
        found = store.database.fetch(statements.TOKENS_VALID_AFTER, user_id=owner)
        since = rows.moment(found[0]["tokens_valid_after"]) if found else None
        if since is None or since < visit.joined_at:
            passage.ends.append(end)


class LateResponse:
    """The application in WSGI (PEP 3333), but that a response which could not be
    finished while the application held its database waits until it has let go.
    """

    def __init__(self, app: Flask, inner: WSGIApplication) -> None:
        self.app = app
        self.inner = inner

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer a request."""
        held: list[tuple[str, list[tuple[str, str]]]] = []

        def hold(
            status: str,
            headers: list[tuple[str, str]],
            error: Any = None,
            /,
        ) -> Callable[[bytes], object]:
            visit: Visit | None = environ.get(VISIT)
            if visit is None or not visit.is_late:
                return start_response(status, headers, error)
            held[:] = [(status, list(headers))]
            return lambda _: None

        try:
            body = self.inner(environ, hold)
        except BaseException:
            self.finish(environ)
            raise
        refused = self.finish(environ)
        if not held:
            return body
        status, headers = held[0]
        if refused is not None:
            getattr(body, "close", lambda: None)()
            return refused(environ, start_response)
        passage: Passage = environ[VISIT].passage
        if passage.set_cookie is not None:
            headers = [one for one in headers if one[0].lower() != "cache-control"]
            headers += [("Set-Cookie", passage.set_cookie), cookies.NO_STORE]
        start_response(status, headers)
        return body

    def finish(self, environ: WSGIEnvironment) -> Response | None:
        """Do what is left to do, now that the application has let go of its database.
        A response, where it could not be done.
        """
        visit: Visit | None = environ.get(VISIT)
        if visit is None:
            return None
        passage = visit.passage
        if passage.is_over and not visit.is_late and not visit.joined:
            return None
        if not passage.is_over:
            # an error went past everything; nobody got these
            passage.stand_ins.clear()
            passage.to_exchange.clear()
        passage.is_over = True
        with self.context():
            if visit.joined and taking_part.must_wait():
                # a context that stays, as in tests: the application has yet to end what
                # it has begun, and what was ended goes with it
                return None
            response = Response()
            answer = settled(visit, response, is_last=True)
            return None if answer is response else answer

    def context(self) -> AbstractContextManager[object]:
        """The application's context: a test's own, if there is one."""
        if has_app_context() and current_app == self.app:
            return nullcontext()
        return self.app.app_context()
