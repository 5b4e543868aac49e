"""A small application with sessions, for the tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from flask import Flask, abort, g
from flask.typing import ResponseReturnValue

from .. import hooks, service, web
from ..application import Db
from ..legacy import LegacyToken
from ..types import UserId
from ..web import (
    Sessions,
    current_session,
    current_user,
    fresh_login_required,
    log_in,
    login_required,
    reauthenticate,
    require_session,
    rotate,
    unproved_session,
)
from .people import key_of, own_people, session_of, transaction_of
from .support import Stage


@contextmanager
def site(
    s: Stage,
    verify: Callable[[str], LegacyToken | None] | None = None,
    legacy_cookie: str | None = None,
    login_view: str | None = None,
) -> Iterator[Flask]:
    """The application, on the tables of a stage."""
    app = Flask(__name__)
    Sessions(
        app,
        store=s.store,
        verify=verify,
        legacy_cookie=legacy_cookie,
        login_view=login_view,
    )

    def db_of_stage() -> Db:
        if "db" not in g:
            g.held = ExitStack()
            g.db = g.held.enter_context(session_of(s))
        db: Db = g.db
        return db

    def release() -> None:
        if "held" in g:
            g.held.close()

    add_views(app, s)
    with ExitStack() as patches:
        patches.enter_context(own_people())
        patches.enter_context(patch.object(service, "store", s.store))
        patches.enter_context(patch.object(web, "get_db", db_of_stage))
        patches.enter_context(patch.object(web, "release_db", release))
        yield app


def add_views(app: Flask, s: Stage) -> None:
    """Views as an application has them."""

    @app.post("/login/<user_id>")
    def login(user_id: str) -> ResponseReturnValue:
        log_in(UserId(user_id))
        return {"logged_in": True}

    @app.post("/login-too-late/<user_id>")
    def login_too_late(user_id: str) -> ResponseReturnValue:
        hooks.password_changed(UserId(user_id))
        log_in(UserId(user_id))
        return {"logged_in": True}

    @app.get("/public")
    def public() -> ResponseReturnValue:
        return {"hello": "everybody"}

    @app.get("/perhaps")
    def perhaps() -> ResponseReturnValue:
        return {"logged_in": bool(current_session)}

    @app.get("/session")
    def session_only() -> ResponseReturnValue:
        return {"user": str(require_session().user_id)}

    @app.get("/me")
    @login_required
    def me() -> ResponseReturnValue:
        return {"user": key_of(current_user)}

    @app.get("/both")
    @login_required
    def both() -> ResponseReturnValue:
        return {"user": key_of(current_user), "handle": current_session.handle}

    @app.post("/change")
    @login_required
    def change() -> ResponseReturnValue:
        return {"changed": True}

    @app.post("/email")
    @fresh_login_required
    def email() -> ResponseReturnValue:
        return {"changed": True}

    @app.post("/reauthenticate")
    def prove() -> ResponseReturnValue:
        reauthenticate(unproved_session(), "passkey")
        return {"proved": True}

    @app.post("/promote")
    @login_required
    def promote() -> ResponseReturnValue:
        rotate(require_session(), "became an administrator")
        return {"promoted": True}

    @app.post("/password/<outcome>")
    @fresh_login_required
    def password(outcome: str) -> ResponseReturnValue:
        session = require_session(fresh=True)
        with transaction_of(s) as work:
            hooks.password_changed(session.user_id, keep=session, transaction=work)
            if outcome == "fails":
                abort(500)
        return {"changed": True}
