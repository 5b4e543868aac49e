"""A Flask application with PyJWT by hand, and the bridge to its sessions: real Flask, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import flask_apps
import jwt
import pytest
from flask.testing import FlaskClient
from flask_apps import KEY, Application

COOKIE = "__Host-sid"
SITE = "https://app.example.org"


@pytest.fixture
def app(tmp_path: Path, url: str) -> Iterator[Application]:
    with flask_apps.by_hand(tmp_path, url) as application:
        application.add("ada")
        application.add("bob")
        yield application


def log_in(device: FlaskClient, name: str = "ada") -> str:
    """Log in; what is handed out."""
    response = device.post("/login", json={"name": name, "password": "secret"}, base_url=SITE)
    assert response.status_code == 200
    token: str = response.json["token"]
    return token


def me(device: FlaskClient, token: str | None = None) -> Any:
    """Who one is, by the cookie or by a header."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    return device.get("/me", headers=headers, base_url=SITE)


def jwt_of(number: int = 1, *, minutes_ago: float = 1, **more: object) -> str:
    """A JWT that the application made before it had sessions."""
    made = datetime.now(timezone.utc) - timedelta(minutes=minutes_ago)
    return jwt.encode({"sub": str(number), "role": "user", "iat": made, "exp": made + timedelta(hours=1), **more}, KEY, algorithm="HS256")


def header_only(app: Application) -> FlaskClient:
    """A client that keeps no cookies."""
    return app.flask.test_client(use_cookies=False)


def test_a_login_hands_out_a_stand_in_and_the_cookie(app: Application) -> None:
    device = app.device()
    response = device.post("/login", json={"name": "ada", "password": "secret"}, base_url=SITE)
    token = response.json["token"]
    assert token.count(".") == 0
    [cookie] = response.headers.getlist("Set-Cookie")
    assert cookie.startswith(f"{COOKIE}=") and "HttpOnly" in cookie and "Secure" in cookie and "SameSite=Lax" in cookie
    assert response.headers["Cache-Control"] == "no-store"
    assert cookie.partition("=")[2].partition(";")[0] != token
    # with the header alone, as an API client has it
    reply = me(header_only(app), token)
    assert reply.json["name"] == "ada"
    assert reply.json["claims"]["sub"] == reply.json["early"] == "1"
    # with the cookie alone, as a browser has it
    reply = me(device)
    assert reply.json["name"] == "ada"
    assert "Cookie" in reply.headers["Vary"]


def test_the_cookies_token_is_never_in_a_body(app: Application) -> None:
    device = app.device()
    log_in(device)
    cookie = device.get_cookie(COOKIE, "app.example.org")
    assert cookie is not None
    echoed = device.get("/echo", base_url=SITE)
    assert echoed.json["headers"]["Authorization"].startswith("Bearer ")
    assert cookie.value not in echoed.json["headers"]["Authorization"]
    # and what is in the body is of use to nobody else
    alias = echoed.json["headers"]["Authorization"].removeprefix("Bearer ")
    assert me(header_only(app), alias).status_code == 401


def test_a_registration_logs_in(app: Application) -> None:
    device = app.device()
    response = device.post("/register", json={"name": "eve", "password": "secret"}, base_url=SITE)
    assert response.status_code == 201
    assert me(header_only(app), response.json["token"]).json["name"] == "eve"
    assert me(device).json["name"] == "eve"


def test_a_logout_ends_this_session_only(app: Application) -> None:
    here, there = app.device(), app.device()
    token, other = log_in(here), log_in(there)
    response = here.post("/logout", headers={"Authorization": f"Bearer {token}"}, base_url=SITE)
    assert response.status_code == 200
    assert "Max-Age=0" in response.headers.getlist("Set-Cookie")[0]
    assert me(header_only(app), token).status_code == 401
    assert me(here).status_code == 401
    assert me(header_only(app), other).status_code == me(there).status_code == 200


def test_a_logout_with_the_cookie_ends_the_stand_ins(app: Application) -> None:
    device = app.device()
    token = log_in(device)
    assert device.post("/logout", headers={"Origin": SITE}, base_url=SITE).status_code == 200
    assert me(header_only(app), token).status_code == 401


@pytest.mark.parametrize("path", ["/password", "/password-late"])
def test_a_new_password_ends_the_other_sessions(app: Application, path: str) -> None:
    here, there, bob = app.device(), app.device(), app.device()
    token, other, bobs = log_in(here), log_in(there), log_in(bob, "bob")
    old = jwt_of()
    changed = header_only(app).post(path, json={"password": "new"}, headers={"Authorization": f"Bearer {token}"}, base_url=SITE)
    assert changed.status_code == 200
    assert me(there).status_code == me(header_only(app), other).status_code == 401
    assert me(header_only(app), old).status_code == 401
    assert me(here).status_code == me(header_only(app), token).status_code == 200
    assert me(header_only(app), bobs).status_code == 200


def test_a_reset_ends_all_sessions_and_may_log_in_at_once(app: Application) -> None:
    before, device = app.device(), app.device()
    other = log_in(before)
    response = device.post("/reset", json={"name": "ada", "password": "new"}, base_url=SITE)
    assert response.status_code == 200
    assert me(header_only(app), other).status_code == me(before).status_code == 401
    assert me(header_only(app), response.json["token"]).status_code == me(device).status_code == 200


def test_sessions_end_with_their_user(app: Application) -> None:
    device = app.device()
    token, bobs = log_in(device), log_in(app.device(), "bob")
    assert header_only(app).delete("/user/ada").status_code == 200
    assert me(device).status_code == me(header_only(app), token).status_code == 401
    assert me(header_only(app), bobs).status_code == 200


def test_a_disabled_user_is_let_in_no_more(app: Application) -> None:
    device = app.device()
    token = log_in(device)
    with app.flask.app_context(), app.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE users SET is_active = false WHERE id = 1")
    assert me(device).status_code == me(header_only(app), token).status_code == 401


def test_a_role_is_the_one_of_now(app: Application) -> None:
    device = app.device()
    token, old = log_in(device), jwt_of(role="admin")
    headers = {"Authorization": f"Bearer {token}"}
    assert device.get("/admin", headers=headers).status_code == 403
    # a JWT of the time before says what was true then
    assert header_only(app).get("/admin", headers={"Authorization": f"Bearer {old}"}).status_code == 403
    header_only(app).post("/role/ada/admin")
    assert device.get("/admin", headers=headers).status_code == device.get("/admin", base_url=SITE).status_code == 200
    header_only(app).post("/role/ada/user")
    assert device.get("/admin", headers=headers).status_code == device.get("/admin", base_url=SITE).status_code == 403


def test_a_jwt_of_before_is_exchanged_and_ends_with_its_session(app: Application) -> None:
    device, old = app.device(), jwt_of()
    reply = me(device, old)
    assert reply.json["name"] == "ada"
    assert reply.headers.getlist("Set-Cookie")[0].startswith(f"{COOKIE}=")
    assert me(device).json["name"] == "ada"
    # it is exchanged once
    again = me(header_only(app), old)
    assert again.status_code == 200
    assert not again.headers.getlist("Set-Cookie")
    assert len(app.rows("SELECT 1 FROM sessions")) == 1
    device.post("/logout", headers={"Authorization": f"Bearer {old}"}, base_url=SITE)
    assert me(header_only(app), old).status_code == me(device).status_code == 401


def test_a_jwt_is_refused_in_the_last_phase_and_sessions_are_not(app: Application) -> None:
    device, old = app.device(), jwt_of()
    token = log_in(device)
    app.set(phase="session_only")
    refused = me(header_only(app), old)
    assert refused.status_code == 401
    assert "not accepted any more" in refused.json["error"]
    assert me(header_only(app), token).status_code == me(device).status_code == 200
    assert me(header_only(app), log_in(app.device())).status_code == 200


def test_before_the_change_nothing_changes(app: Application) -> None:
    app.set(phase="jwt_only")
    device = app.device()
    token = log_in(device)
    assert token.count(".") == 2
    assert device.get_cookie(COOKIE, "app.example.org") is None
    assert me(header_only(app), token).json["name"] == "ada"
    assert app.rows("SELECT 1 FROM sessions") == []


def test_a_jwt_that_is_no_good_gets_the_applications_answer(app: Application) -> None:
    for token in (jwt_of(minutes_ago=90), jwt_of() + "x", "x.y.z", "nothing"):
        assert me(header_only(app), token).status_code == 401
    assert me(header_only(app), jwt_of(minutes_ago=90)).json["error"] == "expired"
    assert me(header_only(app), jwt_of()[:-5] + "AAAAA").json["error"] == "Signature verification failed"
    assert app.rows("SELECT 1 FROM sessions") == []


def test_a_stand_in_expires_as_the_jwt_would_have_and_the_session_does_not(app: Application) -> None:
    device = app.device()
    token = log_in(device)
    clock = app.store.clock
    app.store.clock = lambda: clock() + timedelta(minutes=16)
    assert me(header_only(app), token).json == {"error": "expired"}
    assert me(device).status_code == 200
    app.store.clock = lambda: clock() + timedelta(days=31)
    assert me(device).status_code == 401


def test_in_the_end_the_cookie_alone_counts(app: Application) -> None:
    device = app.device()
    token = log_in(device)
    app.set(phase="session_only", accept_bearer=False)
    assert me(header_only(app), token).status_code == 401
    assert me(device).status_code == 200
    assert me(device, token).status_code == 200
    other = app.device()
    assert log_in(other) == "the-session-is-in-the-cookie"
    assert me(other).status_code == 200


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_who_comes_from_another_site_is_a_stranger(app: Application, headers: dict[str, str]) -> None:
    device = app.device()
    token = log_in(device)
    refused = device.post("/change", headers=headers, base_url=SITE)
    assert (refused.status_code, refused.json) == (401, {"error": "no token"})
    assert device.post("/change", headers={"Origin": SITE}, base_url=SITE).status_code == 200
    # who has the stand-in did not need the browser's help
    assert header_only(app).post("/change", headers={**headers, "Authorization": f"Bearer {token}"}).status_code == 200
    # another site can log nobody in
    forged = app.device().post("/login", json={"name": "bob", "password": "secret"}, headers=headers, base_url=SITE)
    assert not forged.headers.getlist("Set-Cookie")


def test_an_error_hands_out_nothing(app: Application) -> None:
    device = app.device()
    token = log_in(device)
    count = len(app.rows("SELECT 1 FROM session_exchanges"))
    failed = device.post("/fails", headers={"Authorization": f"Bearer {token}"}, base_url=SITE)
    assert failed.status_code == 500
    assert len(app.rows("SELECT 1 FROM session_exchanges")) == count


def test_too_many_sessions_are_refused(app: Application) -> None:
    app.set(max_sessions=1, at_max_sessions="reject")
    log_in(app.device())
    refused = app.device().post("/login", json={"name": "ada", "password": "secret"}, base_url=SITE)
    assert refused.status_code == 409
    assert "token" not in refused.json
    assert not refused.headers.getlist("Set-Cookie")


def test_outside_of_a_request_there_are_jwts(app: Application) -> None:
    device = app.device()
    bridge, tokens = app.bridge, __import__("app.tokens", fromlist=["KEY"])
    with app.flask.app_context():
        assert bridge.token_for(b"a.b.c") == b"a.b.c"
    with app.flask.test_request_context("/"):
        assert tokens.read_token(jwt_of())["sub"] == "1"
    # a test client keeps the request alive after its response
    with device:
        token = log_in(device)
        minted = jwt_of()
        assert bridge.token_for(minted) == minted
        assert tokens.read_token(minted)["sub"] == "1"
        assert tokens.read_token(token)["sub"] == "1"
    # a script may end sessions
    with app.flask.app_context():
        bridge.password_changed(1)
    assert me(header_only(app), token).status_code == 401


def test_what_is_ended_with_the_applications_transaction_ends_though_that_is_undone(app: Application) -> None:
    @app.flask.post("/undone")
    def undone() -> Any:
        user = app.module.User.query.filter_by(name="ada").first()
        user.password = "new"
        app.database.session.flush()
        app.bridge.password_changed(user)
        app.database.session.rollback()
        return {}

    device = app.device()
    token = log_in(device)
    assert header_only(app).post("/undone").status_code == 200
    assert me(header_only(app), token).status_code == 401


@pytest.mark.parametrize("end", ["commits", "rolls back"])
def test_a_new_password_and_the_end_of_the_sessions_are_committed_together(app: Application, end: str) -> None:
    seen: list[int] = []

    @app.flask.post("/together")
    def together() -> Any:
        user = app.module.User.query.filter_by(name="ada").first()
        user.password = "new"
        app.database.session.flush()
        app.bridge.password_changed(user)
        thread = threading.Thread(target=lambda: seen.append(me(header_only(app), token).status_code))
        thread.start()
        thread.join()
        app.database.session.commit() if end == "commits" else app.database.session.rollback()
        thread = threading.Thread(target=lambda: seen.append(me(header_only(app), token).status_code))
        thread.start()
        thread.join()
        return {}

    token = log_in(app.device())
    assert header_only(app).post("/together").status_code == 200
    assert seen == [200, 401 if end == "commits" else 200]
    assert me(header_only(app), token).status_code == 401


def test_a_test_that_commits_by_itself_waits_for_nothing(app: Application) -> None:
    @app.flask.post("/uncommitted")
    def uncommitted() -> Any:
        user = app.module.User.query.filter_by(name="ada").first()
        user.password = "new"
        app.database.session.flush()
        app.bridge.password_changed(user)
        return {}

    token = log_in(app.device())
    with app.flask.app_context():
        assert header_only(app).post("/uncommitted").status_code == 200
        assert me(header_only(app), token).status_code == 200
        app.database.session.commit()
    assert me(header_only(app), token).status_code == 401


def test_who_commits_after_the_response_is_logged_in_all_the_same(app: Application) -> None:
    @app.flask.post("/sign-up-late")
    def sign_up() -> Any:
        user = app.module.User(name="zoe", password="secret")
        app.database.session.add(user)
        app.database.session.flush()
        return {"token": app.module.make_token(user)}

    @app.flask.teardown_request
    def commit(error: BaseException | None) -> None:
        app.database.session.commit()

    device = app.device()
    response = device.post("/sign-up-late", base_url=SITE)
    assert response.status_code == 200
    assert response.headers.getlist("Set-Cookie")[0].startswith(f"{COOKIE}=")
    assert me(header_only(app), response.json["token"]).json["name"] == "zoe"
    assert me(device).json["name"] == "zoe"


def test_an_application_without_the_bridge_says_so(app: Application) -> None:
    from flask import Flask

    with Flask("other").test_request_context("/"), pytest.raises(RuntimeError, match="install"):
        app.bridge.token_for("a.b.c")
