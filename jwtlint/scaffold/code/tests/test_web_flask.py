"""What only Flask has: the login page, the objects that stand for the request's own."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue

from .. import service
from ..web import (
    Sessions,
    current_session,
    current_user,
    login_required,
    require_session,
)
from .browser import Browser
from .front import stage
from .people import key_of
from .site import site


def test_who_must_log_in_is_sent_to_the_login_page_and_back() -> None:
    with stage() as s, site(s, login_view="login_page") as app:

        @app.get("/login")
        def login_page() -> ResponseReturnValue:
            return "log in"

        reply = Browser(app).get("/me?tab=2", {"accept": "text/html"})
        assert reply.status == 302
        assert unquote(reply.header("location")) == "/login?next=/me?tab=2"
        reply = Browser(app).get("//evil.example/me", {"accept": "text/html"})
        assert unquote(reply.header("location")) == "/login?next=/me"
        # what is no page is answered with the status
        reply = Browser(app).get("/me", {"accept": "application/json"})
        assert reply.status == 401
        assert Browser(app).post("/change", {"accept": "text/html"}).status == 401


def test_nobody_is_false() -> None:
    with stage() as s, site(s) as app:

        @app.get("/who")
        def who() -> ResponseReturnValue:
            return [bool(current_user), bool(current_session)]

        assert Browser(app).get("/who").json() == [False, False]
        browser = Browser(app)
        browser.post(f"/login/{s.user()}")
        assert browser.get("/who").json() == [True, True]


def test_who_logs_in_is_the_user_for_the_rest_of_the_request() -> None:
    with stage() as s, site(s) as app:
        user = s.user()

        @app.post("/in")
        def enter() -> ResponseReturnValue:
            from ..web import log_in

            assert not current_user
            log_in(user)
            return {"user": key_of(current_user)}

        assert Browser(app).post("/in").json() == {"user": str(user)}


def test_a_function_view_may_be_asynchronous() -> None:
    pytest.importorskip("asgiref", reason="Flask runs asynchronous views with asgiref")
    with stage() as s, site(s) as app:

        @app.get("/later")
        @login_required
        async def later() -> ResponseReturnValue:
            return {"user": key_of(current_user)}

        browser, user = Browser(app), s.user()
        assert browser.get("/later").status == 401
        browser.post(f"/login/{user}")
        assert browser.get("/later").json() == {"user": str(user)}


def test_what_runs_before_each_request_may_ask_who_it_is() -> None:
    with stage() as s, site(s) as app:
        seen: list[bool] = []
        first = app.before_request_funcs.setdefault(None, [])
        first.insert(0, lambda: seen.append(bool(current_user)))
        browser = Browser(app)
        browser.post(f"/login/{s.user()}")
        assert browser.get("/me").status == 200
        assert seen == [False, True]


def test_the_extension_may_be_given_its_application_later() -> None:
    app = Flask(__name__)
    sessions = Sessions(url_prefix="/account")
    assert "sessions" not in app.extensions
    sessions.init_app(app)
    assert sessions.store is service.store
    rules = {rule.rule for rule in app.url_map.iter_rules()}
    assert {"/account/logout", "/account/sessions"} <= rules


def test_sessions_that_are_not_installed_say_so() -> None:
    app = Flask(__name__)
    with app.test_request_context("/"), pytest.raises(RuntimeError, match="Sessions"):
        require_session()
