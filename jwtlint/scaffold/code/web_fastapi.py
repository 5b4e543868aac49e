"""Sessions in FastAPI: dependencies for routes, what logs in and out, and routes for a
user's own sessions.

    app = FastAPI()
    install(app)

    @app.get("/me")
    async def me(user: CurrentUser) -> Profile: ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, TypeAlias

from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
    HTTPException,
    Request,
    Response,
    Security,
    WebSocketException,
    status,
)
from pydantic import BaseModel
from starlette.requests import HTTPConnection

from . import cookies, users
from .application import Db, get_db
from .asgi import (
    SCHEMES,
    SessionMiddleware,
    Visit,
    session_bearer,
    session_cookie,
    watch,
)
from .database import Transaction
from .devices import client_address, family
from .legacy import Legacy, LegacyToken
from .service import store
from .store import SessionStore
from .types import Client, Issued, LoginOvertaken, Session, TooManySessions, UserId
from .users import User

__all__ = [
    "CurrentSession",
    "CurrentUser",
    "FreshSession",
    "OptionalSession",
    "current_session",
    "current_user",
    "fresh_session",
    "install",
    "log_in",
    "log_out",
    "optional_session",
    "reauthenticate",
    "rotate",
    "router",
    "watch",
]


def install(
    app: FastAPI,
    *,
    prefix: str = "",
    verify: Callable[[str], LegacyToken | None] | None = None,
    legacy_cookie: str | None = None,
    store: SessionStore = store,
) -> None:
    """Add sessions to an application: the middleware, and the routes of this module
    behind ``prefix``.

    ``verify`` is the application's verification of its JWTs, for as long as there are
    some; ``legacy_cookie`` the cookie that they come in, if they come in one.
    """
    legacy = None if verify is None else Legacy(store, verify)
    app.add_middleware(
        SessionMiddleware, store=store, legacy=legacy, legacy_cookie=legacy_cookie
    )
    app.include_router(router, prefix=prefix)


# -- what a request brings -------------------------------------------------------------


def client_of(connection: HTTPConnection) -> Client:
    """Where a request comes from."""
    peer = connection.client.host if connection.client else None
    proxies = Visit.of(connection).store.settings.trusted_proxies
    forwarded = connection.headers.getlist("x-forwarded-for")
    return Client(
        client_address(peer, forwarded, proxies),
        connection.headers.get("user-agent", ""),
    )


def require_own_request(connection: HTTPConnection) -> None:
    """Refuse what another site made the browser send. A WebSocket is opened by a GET,
    and is none the less never safe.
    """
    method = (
        "POST"
        if connection.scope["type"] == "websocket"
        else str(connection.scope["method"])
    )
    headers = connection.headers
    own = cookies.is_own_request(
        method,
        headers.get("host"),
        headers.get("origin"),
        headers.get("sec-fetch-site"),
        Visit.of(connection).store.settings,
    )
    if not own:
        raise refusal(
            connection,
            status.HTTP_403_FORBIDDEN,
            "this request comes from another site",
        )


def refusal(
    connection: HTTPConnection,
    code: int,
    detail: object,
    headers: dict[str, str] | None = None,
) -> HTTPException | WebSocketException:
    """What to raise; a WebSocket is refused before it is opened."""
    if connection.scope["type"] == "websocket":
        return WebSocketException(status.WS_1008_POLICY_VIOLATION, "log in to continue")
    return HTTPException(code, detail, headers)


def unauthorized(connection: HTTPConnection) -> HTTPException | WebSocketException:
    """401: there is no live session (RFC 9110 section 11.6.1 asks for the challenge,
    RFC 6750 section 3 says what it looks like).
    """
    visit = Visit.of(connection)
    settings = visit.store.settings
    challenge = f'Cookie cookie-name="{settings.cookie}"'
    jwts = visit.legacy is not None and settings.phase != "session_only"
    if settings.accept_bearer or jwts:
        sent = connection.headers.get("authorization")
        challenge = 'Bearer error="invalid_token"' if sent else "Bearer"
    return refusal(
        connection,
        status.HTTP_401_UNAUTHORIZED,
        "log in to continue",
        {"WWW-Authenticate": challenge},
    )


# -- who it is -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who makes a request. ``user`` is None where it was not read yet; ``session``
    where a JWT has none yet (phase ``jwt_only``).
    """

    user_id: UserId
    session: Session | None
    user: User | None


async def signed_in(
    connection: HTTPConnection,
    cookie: Annotated[str | None, Security(session_cookie)],
    bearer: Annotated[str | None, Security(session_bearer)],
) -> SignedIn | None:
    """Who makes the request: by the cookie, else by the header, else by a JWT, as the
    phase allows. Nobody costs no query.
    """
    visit = Visit.of(connection)
    visit.reads_cookie = True
    if cookie is not None:
        require_own_request(connection)
        found = await by_token(connection, cookie, is_cookie=True)
        if found is not None:
            return found
    if bearer is not None and visit.store.settings.accept_bearer:
        found = await by_token(connection, bearer)
        if found is not None:
            return found
    if visit.legacy is None:
        return None
    if bearer is not None:
        return await by_jwt(connection, visit.legacy, bearer)
    jwt = connection.cookies.get(visit.legacy_cookie) if visit.legacy_cookie else None
    if jwt is None:
        return None
    require_own_request(connection)
    return await by_jwt(
        connection, visit.legacy, jwt.strip('"').removeprefix("Bearer ")
    )


async def by_token(
    connection: HTTPConnection, token: str, *, is_cookie: bool = False
) -> SignedIn | None:
    """Who has the session that a token opens; session and user are read together. A
    cookie that opens nothing is taken back.
    """
    visit = Visit.of(connection)
    client = client_of(connection)
    if visit.store.is_cached:
        session = await visit.store.look_up(token, client)
        if session is not None:
            return SignedIn(session.user_id, session, None)
        if await visit.store.is_replaced(token):
            return None
    else:
        for id_ in visit.store.ids_of(token):
            row = await users.look_up(visit.store.database, id_)
            if row is None:
                continue
            session = await visit.store.admit(row[0], client)
            if session is not None and users.is_enabled(row[1]):
                return SignedIn(session.user_id, session, row[1])
            if row[0].is_replaced:
                return None
    if is_cookie:
        visit.set_cookie = cookies.delete_cookie(visit.store.settings)
        return None
    session = await visit.store.admit_stand_in(token, client)
    return None if session is None else SignedIn(session.user_id, session, None)


async def by_jwt(
    connection: HTTPConnection, legacy: Legacy, jwt: str
) -> SignedIn | None:
    """Who has the session that a JWT stands for; the cookie is handed out when the JWT
    is exchanged.
    """
    if legacy.issues_jwt:
        token = await legacy.check(jwt)
        return None if token is None else SignedIn(token.user_id, None, None)
    found = await legacy.session_for(jwt, client_of(connection))
    if isinstance(found, Issued):
        Visit.of(connection).set_cookie = cookies.set_cookie(
            found.token, legacy.store.settings
        )
        found = found.session
    return None if found is None else SignedIn(found.user_id, found, None)


Found: TypeAlias = Annotated[SignedIn | None, Depends(signed_in)]


async def optional_session(found: Found) -> Session | None:
    """The session, or None for those who are not logged in."""
    session = found.session if found else None
    return None if session is None or session.needs_reauthentication else session


async def unproved_session(connection: HTTPConnection, found: Found) -> Session:
    """The session, also one whose user must prove again who they are: for the route
    that lets them do so.
    """
    return session_in(connection, found)


def session_in(connection: HTTPConnection, found: SignedIn | None) -> Session:
    """The session of who makes a request; 401 without one."""
    if found is None or found.session is None:
        raise unauthorized(connection)
    return found.session


async def current_session(connection: HTTPConnection, found: Found) -> Session:
    """The session; 401 without one. For routes and for WebSockets."""
    session = session_in(connection, found)
    if session.needs_reauthentication:
        raise stale(connection)
    return session


async def fresh_session(connection: HTTPConnection, found: Found) -> Session:
    """The session of a user who proved a short while ago who they are, for changes of
    password, e-mail and second factors (V7.5.1).
    """
    session = session_in(connection, found)
    held = Visit.of(connection).store
    if not session.is_fresh(held.clock(), held.settings.fresh_for):
        raise stale(connection)
    return session


def stale(connection: HTTPConnection) -> HTTPException | WebSocketException:
    """403: the user must prove again who they are; the page asks for the password and
    then repeats the request.
    """
    seconds = int(Visit.of(connection).store.settings.fresh_for.total_seconds())
    detail = {
        "code": "reauthentication_required",
        "message": "prove again who you are",
        "max_age": seconds,
    }
    return refusal(connection, status.HTTP_403_FORBIDDEN, detail)


async def current_user(
    connection: HTTPConnection, found: Found, db: Annotated[Db, Depends(get_db)]
) -> User:
    """The user, as the application's own database session has it; 401 without a
    session.
    """
    if found is None:
        raise unauthorized(connection)
    if found.session is not None and found.session.needs_reauthentication:
        raise stale(connection)
    if found.user is not None:
        return await users.attach(db, found.user)
    user = await users.load(db, found.user_id)
    if user is None or not users.is_enabled(user):
        raise unauthorized(connection)
    return user


CurrentSession: TypeAlias = Annotated[Session, Depends(current_session)]
OptionalSession: TypeAlias = Annotated[Session | None, Depends(optional_session)]
FreshSession: TypeAlias = Annotated[Session, Depends(fresh_session)]
CurrentUser: TypeAlias = Annotated[User, Depends(current_user)]


# -- in and out ------------------------------------------------------------------------


async def log_in(
    request: Request,
    response: Response,
    user_id: UserId,
    method: str = "password",
    *,
    by: str | None = None,
    transaction: Transaction | None = None,
) -> Issued:
    """Log a user in who has just proved who they are by ``method``; the session that
    the request came with ends. ``by`` names an administrator who takes the user's
    place.

    A user who is not committed yet, as at signing up, is logged in within the same
    ``transaction``. The token is in the cookie; whoever gives it to a client that has
    none (``accept_bearer``) must see to it that no script of a page gets it.
    """
    require_own_request(request)
    visit = Visit.of(request)
    old = await visit.store.opened_by(request.cookies.get(visit.store.settings.cookie))
    try:
        issued = await visit.store.create(
            user_id,
            client_of(request),
            method,
            by=by,
            replaces=old,
            began=visit.began,
            transaction=transaction,
        )
    except TooManySessions as error:
        raise HTTPException(status.HTTP_409_CONFLICT, str(error)) from None
    except LoginOvertaken as error:
        raise HTTPException(
            status.HTTP_401_UNAUTHORIZED, str(error), {"WWW-Authenticate": "Cookie"}
        ) from None
    hand_out(request, response, issued)
    return issued


async def log_out(
    request: Request, response: Response, *, reason: str = "logout"
) -> None:
    """End the session that a request came with, and take the cookie back. Without a
    session nothing is wrong.
    """
    require_own_request(request)
    visit = Visit.of(request)
    bearer = cookies.bearer_token(request.headers.get("authorization"), SCHEMES)
    for token in (
        request.cookies.get(visit.store.settings.cookie),
        bearer if visit.store.settings.accept_bearer else None,
    ):
        session = await visit.store.opened_by(token)
        if session is not None:
            await visit.store.revoke(session, reason=reason)
    jwt = bearer or (
        request.cookies.get(visit.legacy_cookie) if visit.legacy_cookie else None
    )
    if visit.legacy is not None and jwt is not None:
        await visit.legacy.end(jwt.strip('"').removeprefix("Bearer "), reason)
    response.headers.append("set-cookie", cookies.delete_cookie(visit.store.settings))
    response.headers["cache-control"] = cookies.NO_STORE[1]


async def reauthenticate(
    request: Request,
    response: Response,
    session: Session,
    method: str = "password",
    *,
    transaction: Transaction | None = None,
) -> Issued:
    """The user of a session (see ``unproved_session``) has proved again who they are: a
    new token, and the time limits begin again.
    """
    require_own_request(request)
    held = Visit.of(request).store
    issued = await held.reauthenticate(
        session, client_of(request), method=method, transaction=transaction
    )
    return renewed(request, response, issued)


async def rotate(
    request: Request,
    response: Response,
    session: Session,
    reason: str,
    *,
    transaction: Transaction | None = None,
) -> Issued:
    """Give a session a new token, as when its user gains rights."""
    held = Visit.of(request).store
    issued = await held.rotate(
        session, client_of(request), reason=reason, transaction=transaction
    )
    return renewed(request, response, issued)


def renewed(request: Request, response: Response, issued: Issued | None) -> Issued:
    """Hand out a new token, unless the session ended meanwhile."""
    if issued is None:
        raise unauthorized(request)
    hand_out(request, response, issued)
    return issued


def hand_out(request: Request, response: Response, issued: Issued) -> None:
    """Send a token, in the one place where it may stand."""
    response.headers.append(
        "set-cookie", cookies.set_cookie(issued.token, Visit.of(request).store.settings)
    )
    response.headers["cache-control"] = cookies.NO_STORE[1]


# -- a user's own sessions -------------------------------------------------------------

router = APIRouter(tags=["sessions"])


class OwnSession(BaseModel):
    """One of the user's sessions, as they see it. ``handle`` names it and opens
    nothing.
    """

    handle: str
    device: str
    place: str | None
    created_at: datetime
    last_used_at: datetime
    method: str
    is_this: bool


class Ended(BaseModel):
    """How many sessions were ended, and in how many seconds that holds everywhere."""

    ended: int
    within_seconds: int


# some versions of FastAPI take an annotation None that is a string for a body
@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT, response_model=None)
async def end_this(request: Request, response: Response) -> None:
    """Log out."""
    await log_out(request, response)


@router.get("/sessions")
async def list_own(
    request: Request, response: Response, session: CurrentSession
) -> list[OwnSession]:
    """Where the user is logged in."""
    response.headers["cache-control"] = cookies.NO_STORE[1]
    return [
        OwnSession(
            handle=one.handle,
            device=family(one.last_user_agent),
            place=one.last_ip,
            created_at=one.created_at,
            last_used_at=one.last_used_at,
            method=one.auth_method,
            is_this=one.handle == session.handle,
        )
        for one in await Visit.of(request).store.live(session.user_id)
    ]


@router.post("/sessions/revoke-others")
async def end_others(request: Request, session: FreshSession) -> Ended:
    """Log out everywhere else."""
    held = Visit.of(request).store
    done = await held.revoke_all(
        session.user_id, reason="log out elsewhere", keep=session
    )
    return Ended(ended=done.count, within_seconds=int(done.within.total_seconds()))


@router.delete("/sessions/{handle}")
async def end_one(
    request: Request, response: Response, handle: str, session: FreshSession
) -> Ended:
    """Log out somewhere; 404 for what is not the user's own."""
    held = Visit.of(request).store
    done = await held.revoke_handle(session.user_id, handle)
    if done is None:
        raise HTTPException(status.HTTP_404_NOT_FOUND, "you have no such session")
    if handle == session.handle:
        response.headers.append("set-cookie", cookies.delete_cookie(held.settings))
    return Ended(ended=done.count, within_seconds=int(done.within.total_seconds()))
