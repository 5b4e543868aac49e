"""Sessions in Flask: the extension, decorators for views, what logs in and out, and
views for a user's own sessions.

    sessions = Sessions(app)

    @app.get("/me")
    @login_required
    def me() -> ResponseReturnValue:
        return {"name": current_user.name}
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar, cast

from flask import (
    Blueprint,
    Flask,
    Response,
    abort,
    current_app,
    jsonify,
    make_response,
    redirect,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from werkzeug.local import LocalProxy

from . import cookies, users
from .application import get_db, release_db
from .database import Transaction
from .devices import client_address, family
from .legacy import Legacy, LegacyToken
from .service import store
from .store import SessionStore
from .types import Client, Issued, LoginOvertaken, Session, TooManySessions, UserId
from .users import User

__all__ = [
    "Sessions",
    "blueprint",
    "current_session",
    "current_user",
    "fresh_login_required",
    "log_in",
    "log_out",
    "login_required",
    "reauthenticate",
    "rotate",
]

P = ParamSpec("P")
R = TypeVar("R")

# where a request's own is kept: ``g`` may be that of several requests, as in tests that
# push a context
VISIT = "sessions.web"
SCHEMES = ("bearer", "token")  # "Token" is what older clients of REST frameworks send


class Sessions:
    """The extension: ``Sessions(app)``, or ``sessions = Sessions()`` and later
    ``sessions.init_app(app)``.

    ``login_view`` is the endpoint of the login page, to which those who must log in are
    sent, if it is a page that they asked for; without it they get 401. ``verify`` is
    the application's verification of its JWTs, for as long as there are some;
    ``legacy_cookie`` the cookie that they come in, if they come in one.
    """

    def __init__(
        self,
        app: Flask | None = None,
        *,
        url_prefix: str = "",
        login_view: str | None = None,
        verify: Callable[[str], LegacyToken | None] | None = None,
        legacy_cookie: str | None = None,
        store: SessionStore = store,
    ) -> None:
        self.url_prefix = url_prefix
        self.login_view = login_view
        self.legacy = None if verify is None else Legacy(store, verify)
        self.legacy_cookie = legacy_cookie
        self.store = store
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Add sessions to an application."""
        app.extensions["sessions"] = self
        app.before_request(self.begin)
        app.after_request(self.complete)
        app.teardown_request(self.release)
        app.register_blueprint(blueprint, url_prefix=self.url_prefix or None)

    def begin(self) -> None:
        """Note when the request began, and refuse what another site made the browser
        send.
        """
        visit_of_request()
        if self.store.settings.cookie in request.cookies or (
            self.legacy_cookie and self.legacy_cookie in request.cookies
        ):
            require_own_request()

    def complete(self, response: Response) -> Response:
        """Add to a response what it must carry."""
        visit: Visit | None = request.environ.get(VISIT)
        if visit is None:
            return response
        if visit.is_asked:
            response.vary.add("Cookie")
        if visit.set_cookie is not None:
            response.headers.add("Set-Cookie", visit.set_cookie)
            response.headers["Cache-Control"] = cookies.NO_STORE[1]
        return response

    def release(self, error: BaseException | None) -> None:
        """Let go of what the request held."""
        release_db()


@dataclass(slots=True)
class SignedIn:
    """Who makes a request. ``user`` is None where it was not read yet; ``session``
    where a JWT has none yet (phase ``jwt_only``).
    """

    user_id: UserId
    session: Session | None
    user: User | None


@dataclass(slots=True)
class Visit:
    """One request as far as sessions are concerned: when it began, who makes it, what
    its response hands out or takes back.
    """

    began: datetime
    is_asked: bool = False
    found: SignedIn | None = None
    set_cookie: str | None = None


def extension() -> Sessions:
    """The extension of the current application. Raises RuntimeError where there is
    none.
    """
    found = current_app.extensions.get("sessions")
    if found is None or not isinstance(found, Sessions):
        raise RuntimeError(
            "sessions are not installed: "
            "call Sessions(app) where the application is made"
        )
    return found


def visit_of_request() -> Visit:
    """The request as far as sessions are concerned; whoever looks first makes it."""
    if VISIT not in request.environ:
        request.environ[VISIT] = Visit(extension().store.clock())
    visit: Visit = request.environ[VISIT]
    return visit


# -- what a request brings -------------------------------------------------------------


def client_of_request() -> Client:
    """Where the request comes from."""
    forwarded = request.headers.getlist("X-Forwarded-For")
    place = client_address(
        request.remote_addr, forwarded, extension().store.settings.trusted_proxies
    )
    return Client(place, request.headers.get("User-Agent", ""))


def require_own_request() -> None:
    """Refuse what another site made the browser send."""
    headers = request.headers
    own = cookies.is_own_request(
        request.method,
        headers.get("Host"),
        headers.get("Origin"),
        headers.get("Sec-Fetch-Site"),
        extension().store.settings,
    )
    if not own:
        refuse(403, "this request comes from another site")


def refuse(
    code: int, detail: object, headers: dict[str, str] | None = None
) -> NoReturn:
    """Answer with an error."""
    abort(make_response(jsonify(detail=detail), code, headers or {}))


def unauthorized() -> NoReturn:
    """401, or the login page (RFC 9110 section 11.6.1 asks for the challenge, RFC 6750
    section 3 says what it looks like).
    """
    sessions = extension()
    if (
        sessions.login_view is not None
        and request.method == "GET"
        and request.accept_mimetypes.accept_html
    ):
        # the path only: to send somebody on to an address that a link names would be an
        # open redirect
        abort(
            redirect(url_for(sessions.login_view, next=request.full_path.rstrip("?")))
        )
    sent = request.headers.get("Authorization")
    settings = sessions.store.settings
    jwts = sessions.legacy is not None and settings.phase != "session_only"
    if settings.accept_bearer or jwts:
        challenge = 'Bearer error="invalid_token"' if sent else "Bearer"
    else:
        challenge = f'Cookie cookie-name="{settings.cookie}"'
    refuse(401, "log in to continue", {"WWW-Authenticate": challenge})


def stale() -> NoReturn:
    """403: the user must prove again who they are; the page asks for the password and
    then repeats the request.
    """
    seconds = int(extension().store.settings.fresh_for.total_seconds())
    refuse(
        403,
        {
            "code": "reauthentication_required",
            "message": "prove again who you are",
            "max_age": seconds,
        },
    )


# -- who it is -------------------------------------------------------------------------


def signed_in() -> SignedIn | None:
    """Who makes the request: by the cookie, else by the header, else by a JWT, as the
    phase allows. It is found out once a request.
    """
    sessions, visit = extension(), visit_of_request()
    if not visit.is_asked:
        visit.is_asked = True
        visit.found = identify(sessions, visit)
    return visit.found


def identify(sessions: Sessions, visit: Visit) -> SignedIn | None:
    """Find out who makes the request. Nobody costs no query."""
    cookie = request.cookies.get(sessions.store.settings.cookie)
    bearer = cookies.bearer_token(request.headers.get("Authorization"), SCHEMES)
    if cookie is not None:
        found = by_token(sessions, visit, cookie, is_cookie=True)
        if found is not None:
            return found
    if bearer is not None and sessions.store.settings.accept_bearer:
        found = by_token(sessions, visit, bearer)
        if found is not None:
            return found
    jwt = bearer or (
        request.cookies.get(sessions.legacy_cookie) if sessions.legacy_cookie else None
    )
    if sessions.legacy is None or jwt is None:
        return None
    return by_jwt(sessions.legacy, visit, jwt.strip('"').removeprefix("Bearer "))


def by_token(
    sessions: Sessions, visit: Visit, token: str, *, is_cookie: bool = False
) -> SignedIn | None:
    """Who has the session that a token opens; session and user are read together. A
    cookie that opens nothing is taken back.
    """
    store, client = sessions.store, client_of_request()
    if store.is_cached:
        session = store.look_up(token, client)
        if session is not None:
            return SignedIn(session.user_id, session, None)
        if store.is_replaced(token):
            return None
    else:
        for id_ in store.ids_of(token):
            row = users.look_up(store.database, id_)
            if row is None:
                continue
            session = store.admit(row[0], client)
            if session is not None and users.is_enabled(row[1]):
                return SignedIn(
                    session.user_id, session, users.attach(get_db(), row[1])
                )
            if row[0].is_replaced:
                return None
    if is_cookie:
        visit.set_cookie = cookies.delete_cookie(store.settings)
        return None
    session = store.admit_stand_in(token, client)
    return None if session is None else SignedIn(session.user_id, session, None)


def by_jwt(legacy: Legacy, visit: Visit, jwt: str) -> SignedIn | None:
    """Who has the session that a JWT stands for; the cookie is handed out when the JWT
    is exchanged.
    """
    if legacy.issues_jwt:
        token = legacy.check(jwt)
        return None if token is None else SignedIn(token.user_id, None, None)
    found = legacy.session_for(jwt, client_of_request())
    if isinstance(found, Issued):
        visit.set_cookie = cookies.set_cookie(found.token, legacy.store.settings)
        found = found.session
    return None if found is None else SignedIn(found.user_id, found, None)


def session_of_request() -> Session | None:
    """The session, or None for those who are not logged in, or must prove again who
    they are.
    """
    found = signed_in()
    session = found.session if found else None
    return None if session is None or session.needs_reauthentication else session


def user_of_request() -> User | None:
    """The user, as the application's own database session has it, or None."""
    found = signed_in()
    if found is None or (
        found.session is not None and found.session.needs_reauthentication
    ):
        return None
    if found.user is None:
        found.user = users.load(get_db(), found.user_id)
    return (
        found.user if found.user is not None and users.is_enabled(found.user) else None
    )


# they stand for what the request at hand has; both are false where nobody is logged in
current_session = cast(Session, LocalProxy(session_of_request))
current_user = cast(User, LocalProxy(user_of_request))


def require_session(*, fresh: bool = False) -> Session:
    """The session; 401 without one, 403 if the user must prove again who they are."""
    found = signed_in()
    if found is None or found.session is None:
        unauthorized()
    store = extension().store
    is_good = (
        found.session.is_fresh(store.clock(), store.settings.fresh_for)
        if fresh
        else not found.session.needs_reauthentication
    )
    if not is_good:
        stale()
    return found.session


def login_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let in those who are logged in."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        found = signed_in()
        if found is not None and found.session is not None:
            require_session()
        if user_of_request() is None:
            unauthorized()
        return current_app.ensure_sync(view)(*args, **kwargs)  # type: ignore[no-any-return]  # what the view gives

    return guarded


def fresh_login_required(view: Callable[P, R]) -> Callable[P, R]:
    """Let in those who proved a short while ago who they are: for changes of password,
    e-mail and second factors (V7.5.1).
    """

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        require_session(fresh=True)
        return current_app.ensure_sync(view)(*args, **kwargs)  # type: ignore[no-any-return]  # what the view gives

    return guarded


# -- in and out ------------------------------------------------------------------------


def log_in(
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
    require_own_request()
    store, visit = extension().store, visit_of_request()
    old = store.opened_by(request.cookies.get(store.settings.cookie))
    try:
        issued = store.create(
            user_id,
            client_of_request(),
            method,
            by=by,
            replaces=old,
            began=visit.began,
            transaction=transaction,
        )
    except TooManySessions as error:
        refuse(409, str(error))
    except LoginOvertaken as error:
        refuse(401, str(error), {"WWW-Authenticate": "Cookie"})
    return hand_out(issued)


def log_out(*, reason: str = "logout") -> None:
    """End the session that the request came with, and take the cookie back. Without a
    session nothing is wrong.
    """
    require_own_request()
    sessions, visit = extension(), visit_of_request()
    settings = sessions.store.settings
    bearer = cookies.bearer_token(request.headers.get("Authorization"), SCHEMES)
    for token in (
        request.cookies.get(settings.cookie),
        bearer if settings.accept_bearer else None,
    ):
        session = sessions.store.opened_by(token)
        if session is not None:
            sessions.store.revoke(session, reason=reason)
    jwt = bearer or (
        request.cookies.get(sessions.legacy_cookie) if sessions.legacy_cookie else None
    )
    if sessions.legacy is not None and jwt is not None:
        sessions.legacy.end(jwt.strip('"').removeprefix("Bearer "), reason)
    visit.is_asked, visit.found = True, None
    visit.set_cookie = cookies.delete_cookie(settings)


def reauthenticate(
    session: Session,
    method: str = "password",
    *,
    transaction: Transaction | None = None,
) -> Issued:
    """The user of a session has proved again who they are: a new token, and the time
    limits begin again.
    """
    require_own_request()
    return renewed(
        extension().store.reauthenticate(
            session, client_of_request(), method=method, transaction=transaction
        )
    )


def rotate(
    session: Session, reason: str, *, transaction: Transaction | None = None
) -> Issued:
    """Give a session a new token, as when its user gains rights."""
    return renewed(
        extension().store.rotate(
            session, client_of_request(), reason=reason, transaction=transaction
        )
    )


def renewed(issued: Issued | None) -> Issued:
    """Hand out a new token, unless the session ended meanwhile."""
    if issued is None:
        unauthorized()
    return hand_out(issued)


def hand_out(issued: Issued) -> Issued:
    """Send a token, in the one place where it may stand; for the rest of the request
    the user is who logged in.
    """
    visit = visit_of_request()
    visit.set_cookie = cookies.set_cookie(issued.token, extension().store.settings)
    visit.is_asked, visit.found = (
        True,
        SignedIn(issued.session.user_id, issued.session, None),
    )
    return issued


def unproved_session() -> Session:
    """The session, also one whose user must prove again who they are: for the view that
    lets them do so.
    """
    found = signed_in()
    if found is None or found.session is None:
        unauthorized()
    return found.session


# -- a user's own sessions -------------------------------------------------------------

blueprint = Blueprint("login_sessions", __name__)


@blueprint.post("/logout")
def end_this() -> ResponseReturnValue:
    """Log out."""
    log_out()
    return "", 204


@blueprint.get("/sessions")
@login_required
def list_own() -> ResponseReturnValue:
    """Where the user is logged in. ``handle`` names a session and opens nothing."""
    session = require_session()
    shown = [
        {
            "handle": one.handle,
            "device": family(one.last_user_agent),
            "place": one.last_ip,
            "created_at": one.created_at.isoformat(),
            "last_used_at": one.last_used_at.isoformat(),
            "method": one.auth_method,
            "is_this": one.handle == session.handle,
        }
        for one in extension().store.live(session.user_id)
    ]
    return jsonify(shown), 200, dict([cookies.NO_STORE])


@blueprint.post("/sessions/revoke-others")
@fresh_login_required
def end_others() -> ResponseReturnValue:
    """Log out everywhere else."""
    session = require_session(fresh=True)
    done = extension().store.revoke_all(
        session.user_id, reason="log out elsewhere", keep=session
    )
    return {"ended": done.count, "within_seconds": int(done.within.total_seconds())}


@blueprint.delete("/sessions/<handle>")
@fresh_login_required
def end_one(handle: str) -> ResponseReturnValue:
    """Log out somewhere; 404 for what is not the user's own."""
    session = require_session(fresh=True)
    done = extension().store.revoke_handle(session.user_id, handle)
    if done is None:
        refuse(404, "you have no such session")
    if handle == session.handle:
        visit_of_request().set_cookie = cookies.delete_cookie(
            extension().store.settings
        )
    return {"ended": done.count, "within_seconds": int(done.within.total_seconds())}
