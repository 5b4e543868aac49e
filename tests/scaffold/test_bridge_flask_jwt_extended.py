"""A Flask application with flask-jwt-extended, made by a factory, and the bridge to its sessions."""

from __future__ import annotations

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
    with flask_apps.extended(tmp_path, url) as application:
        application.add("ada")
        application.add("bob")
        yield application


def log_in(device: FlaskClient, name: str = "ada", **more: object) -> Any:
    """Log in; what is handed out."""
    response = device.post("/login", json={"name": name, "password": "secret", **more}, base_url=SITE)
    assert response.status_code == 200
    return response.json


def send(device: FlaskClient, method: str, path: str, token: str | None = None, **more: Any) -> Any:
    """A request, with a token in the header or without."""
    headers = more.pop("headers", {}) | ({} if token is None else {"Authorization": f"Bearer {token}"})
    return device.open(path, method=method, headers=headers, base_url=SITE, **more)


def jwt_of(number: int = 1, kind: str = "access", **more: object) -> str:
    """A JWT that the application made before it had sessions."""
    made = datetime.now(timezone.utc) - timedelta(minutes=1)
    payload = {
        "fresh": False,
        "iat": made,
        "nbf": made,
        "jti": f"j{number}",
        "type": kind,
        "sub": str(number),
        "exp": made + timedelta(minutes=15),
    }
    return jwt.encode({**payload, **more}, KEY, algorithm="HS256")


def header_only(app: Application) -> FlaskClient:
    """A client that keeps no cookies."""
    return app.flask.test_client(use_cookies=False)


def test_a_login_gives_stand_ins_for_both_tokens_and_the_cookie(app: Application) -> None:
    device = app.device()
    given = log_in(device)
    assert given["access_token"].count(".") == given["refresh_token"].count(".") == 0
    assert len(app.rows("SELECT 1 FROM sessions")) == 1
    seen = send(header_only(app), "GET", "/me", given["access_token"]).json
    assert (seen["name"], seen["identity"], seen["claims"]["type"], seen["claims"]["fresh"]) == ("ada", "1", "access", True)
    assert seen["claims"]["jti"] == given["jti"]
    assert seen["header"]["typ"] == "session"
    by_cookie = send(device, "GET", "/me").json
    assert (by_cookie["name"], by_cookie["identity"]) == ("ada", "1")


def test_the_type_of_a_token_counts(app: Application) -> None:
    given = log_in(app.device())
    client = header_only(app)
    assert send(client, "GET", "/me", given["refresh_token"]).json == {"msg": "Only non-refresh tokens are allowed"}
    assert send(client, "POST", "/refresh", given["access_token"]).json == {"msg": "Only refresh tokens are allowed"}
    again = send(client, "POST", "/refresh", given["refresh_token"]).json["access_token"]
    assert send(client, "GET", "/me", again).json["claims"]["fresh"] is False
    # the new one stands for the same session
    assert len(app.rows("SELECT 1 FROM sessions")) == 1
    assert send(client, "POST", "/fresh", given["access_token"]).json == {"ok": True}
    assert send(client, "POST", "/fresh", again).json == {"msg": "Fresh token required"}


def test_the_cookie_serves_for_access_and_for_refreshing(app: Application) -> None:
    device = app.device()
    log_in(device)
    own = {"Origin": SITE}
    token = send(device, "POST", "/refresh", headers=own).json["access_token"]
    assert send(header_only(app), "GET", "/me", token).json["name"] == "ada"
    assert send(device, "POST", "/fresh", headers=own).status_code == 200
    clock = app.store.clock
    app.store.clock = lambda: clock() + timedelta(minutes=11)
    # who logged in a while ago is not fresh any more, though the session goes on
    assert send(device, "POST", "/fresh", headers=own).json == {"msg": "Fresh token required"}
    assert send(device, "GET", "/me").status_code == 200


def test_who_need_not_be_logged_in_may_be(app: Application) -> None:
    device = app.device()
    given = log_in(device)
    assert send(device, "GET", "/perhaps").json == {"name": "ada"}
    assert send(header_only(app), "GET", "/perhaps", given["access_token"]).json == {"name": "ada"}
    assert send(header_only(app), "GET", "/perhaps").json == {"name": None}
    send(device, "POST", "/logout", headers={"Origin": SITE})
    assert send(device, "GET", "/perhaps").json == {"name": None}
    # a cookie whose session has ended is no cookie
    device.set_cookie(COOKIE, "A" * 43, domain="app.example.org")
    assert send(device, "GET", "/perhaps").json == {"name": None}


def test_an_ended_session_gets_the_librarys_answer_to_revoked_tokens(app: Application) -> None:
    here, there = app.device(), app.device()
    given, other = log_in(here), log_in(there)
    client = header_only(app)
    assert send(client, "POST", "/logout", given["access_token"]).json == {"ok": True}
    for path, token in (("/me", given["access_token"]), ("/perhaps", given["access_token"])):
        revoked = send(client, "GET", path, token)
        assert (revoked.status_code, revoked.json) == (401, {"msg": "Token has been revoked"})
    assert send(client, "POST", "/refresh", given["refresh_token"]).status_code == 401
    assert send(here, "GET", "/me").json == {"msg": "Missing Authorization Header"}
    assert send(client, "GET", "/me", other["access_token"]).status_code == 200
    # what never was a token is none
    assert send(client, "GET", "/me", "A" * 43).status_code == 422


def test_an_expired_stand_in_gets_the_librarys_answer(app: Application) -> None:
    device = app.device()
    given = log_in(device)
    clock = app.store.clock
    app.store.clock = lambda: clock() + timedelta(minutes=16)
    expired = send(header_only(app), "GET", "/me", given["access_token"])
    assert (expired.status_code, expired.json) == (401, {"msg": "Token has expired"})
    assert send(header_only(app), "POST", "/refresh", given["refresh_token"]).status_code == 200
    assert send(device, "GET", "/me").status_code == 200


def test_callbacks_see_what_they_saw(app: Application) -> None:
    seen: list[tuple[str, Any]] = []

    @app.module.jwt.expired_token_loader
    def expired(header: Any, payload: Any) -> Any:
        seen.append(("expired", payload["sub"]))
        return {"own": "expired"}, 401

    @app.module.jwt.revoked_token_loader
    def revoked(header: Any, payload: Any) -> Any:
        seen.append(("revoked", payload["sub"]))
        return {"own": "revoked"}, 401

    given = log_in(app.device())
    old = jwt_of()
    client = header_only(app)
    assert send(client, "GET", "/me", old).status_code == 200
    send(client, "POST", "/logout", given["access_token"])
    send(client, "POST", "/logout", old)
    assert send(client, "GET", "/me", given["access_token"]).json == {"own": "revoked"}
    assert send(client, "GET", "/me", old).json == {"own": "revoked"}
    given = log_in(app.device())
    clock = app.store.clock
    app.store.clock = lambda: clock() + timedelta(minutes=16)
    assert send(client, "GET", "/me", given["access_token"]).json == {"own": "expired"}
    assert seen == [("revoked", "1"), ("revoked", "1"), ("expired", "1")]


def test_the_blocklist_goes_on_blocking(app: Application) -> None:
    given = log_in(app.device())
    client = header_only(app)
    assert send(client, "POST", "/block", given["access_token"]).status_code == 200
    assert send(client, "GET", "/me", given["access_token"]).json == {"msg": "Token has been revoked"}


def test_a_new_password_ends_the_other_sessions(app: Application) -> None:
    here, there = app.device(), app.device()
    given, other = log_in(here), log_in(there)
    client, old = header_only(app), jwt_of()
    assert send(client, "POST", "/password", given["access_token"], json={"password": "new"}).status_code == 200
    assert send(client, "GET", "/me", other["access_token"]).status_code == send(there, "GET", "/me").status_code == 401
    assert send(client, "GET", "/me", old).json == {"msg": "Token has been revoked"}
    assert send(client, "GET", "/me", given["access_token"]).status_code == send(here, "GET", "/me").status_code == 200


def test_sessions_end_with_their_user(app: Application) -> None:
    device = app.device()
    given, bobs = log_in(device), log_in(app.device(), "bob")
    client = header_only(app)
    assert send(client, "DELETE", "/user/ada").status_code == 200
    assert send(client, "GET", "/me", given["access_token"]).status_code == 401
    assert send(device, "GET", "/me").status_code == 401
    assert send(client, "GET", "/me", bobs["access_token"]).status_code == 200


def test_a_role_is_the_one_of_now(app: Application) -> None:
    given = log_in(app.device())
    client = header_only(app)
    old = jwt_of(role="admin")
    assert send(client, "GET", "/me", old).json["claims"]["role"] == "user"
    send(client, "POST", "/role/ada/admin")
    assert send(client, "GET", "/me", given["access_token"]).json["claims"]["role"] == "admin"


def test_a_jwt_of_before_is_exchanged_and_refused_in_the_last_phase(app: Application) -> None:
    device, old, refresh = app.device(), jwt_of(), jwt_of(kind="refresh")
    assert send(device, "GET", "/me", old).json["name"] == "ada"
    assert send(device, "GET", "/me").json["name"] == "ada"
    token = send(header_only(app), "POST", "/refresh", refresh).json["access_token"]
    assert send(header_only(app), "GET", "/me", token).status_code == 200
    app.set(phase="session_only")
    assert send(header_only(app), "GET", "/me", old).json == {"msg": "Token has been revoked"}
    assert send(header_only(app), "GET", "/me", token).status_code == send(device, "GET", "/me").status_code == 200
    # one that is no good gets the library's answer in any phase
    assert send(header_only(app), "GET", "/me", old[:-5] + "AAAAA").status_code == 422


def test_before_the_change_nothing_changes(app: Application) -> None:
    app.set(phase="jwt_only")
    device = app.device()
    given = log_in(device)
    assert given["access_token"].count(".") == 2
    assert send(header_only(app), "GET", "/me", given["access_token"]).json["header"]["alg"] == "HS256"
    assert device.get_cookie(COOKIE, "app.example.org") is None


def test_in_the_end_the_cookie_alone_counts(app: Application) -> None:
    device = app.device()
    given = log_in(device)
    app.set(phase="session_only", accept_bearer=False)
    assert send(header_only(app), "GET", "/me", given["access_token"]).json == {"msg": "Missing Authorization Header"}
    assert send(device, "GET", "/me").status_code == 200


def test_who_comes_from_another_site_is_a_stranger(app: Application) -> None:
    device = app.device()
    log_in(device)
    refused = send(device, "POST", "/change", headers={"Origin": "https://evil.example"})
    assert (refused.status_code, refused.json) == (401, {"msg": "Missing Authorization Header"})
    assert send(device, "POST", "/change", headers={"Origin": SITE}).status_code == 200


def test_tokens_in_the_librarys_own_cookies(tmp_path: Path) -> None:
    with flask_apps.extended(tmp_path, f"sqlite:///{tmp_path}/app.db", JWT_TOKEN_LOCATION=["cookies"]) as app:
        app.add("ada")
        device = app.device()
        given = log_in(device, cookies=True)
        own = device.get_cookie("access_token_cookie", "app.example.org")
        csrf = device.get_cookie("csrf_access_token", "app.example.org")
        assert own is not None and csrf is not None
        assert own.value == given["access_token"]
        assert send(device, "GET", "/me").json["name"] == "ada"
        assert send(device, "POST", "/change").json == {"msg": "Missing CSRF token"}
        assert send(device, "POST", "/change", headers={"X-CSRF-TOKEN": "x"}).json == {"msg": "CSRF double submit tokens do not match"}
        assert send(device, "POST", "/change", headers={"X-CSRF-TOKEN": csrf.value}).json == {"changed": True}
        # the session's cookie alone
        device.delete_cookie("access_token_cookie", domain="app.example.org")
        assert send(device, "GET", "/me").json["name"] == "ada"
        assert send(device, "POST", "/change", headers={"Origin": SITE, "X-CSRF-TOKEN": csrf.value}).json == {"changed": True}
        assert send(device, "POST", "/logout", headers={"Origin": SITE, "X-CSRF-TOKEN": csrf.value}).status_code == 200
        assert send(device, "GET", "/me").status_code == 401


def test_tokens_anywhere(tmp_path: Path) -> None:
    locations = ["json", "query_string", "headers"]
    config = {"JWT_TOKEN_LOCATION": locations, "JWT_HEADER_NAME": "X-Access-Token", "JWT_HEADER_TYPE": ""}
    with flask_apps.extended(tmp_path, f"sqlite:///{tmp_path}/app.db", **config) as app:
        app.add("ada")
        device = app.device()
        token = log_in(device)["access_token"]
        client = header_only(app)
        assert client.post("/change", json={"access_token": token}).json == {"changed": True}
        assert client.get(f"/me?jwt={token}").json["name"] == "ada"
        assert client.get("/me", headers={"X-Access-Token": token}).json["name"] == "ada"
        assert send(device, "GET", "/me").json["name"] == "ada"


def test_resources_of_flask_restful(tmp_path: Path, url: str) -> None:
    with flask_apps.restful(tmp_path, url) as app:
        app.add("ada")
        device, other, client = app.device(), app.device(), header_only(app)
        given, elsewhere = log_in(device), log_in(other)
        assert send(client, "GET", "/secret", given["access_token"]).json == {"answer": 42, "name": "ada"}
        assert send(device, "GET", "/secret").json == {"answer": 42, "name": "ada"}
        assert send(client, "GET", "/secret").json == {"msg": "Missing Authorization Header"}
        assert send(client, "GET", "/secret", given["refresh_token"]).json == {"msg": "Only non-refresh tokens are allowed"}
        assert send(client, "POST", "/logout", given["access_token"]).status_code == 200
        assert send(client, "GET", "/secret", given["access_token"]).json == {"msg": "Token has been revoked"}
        assert send(other, "GET", "/secret").status_code == send(client, "GET", "/secret", elsewhere["access_token"]).status_code == 200
        # who is called otherwise from now on is so in all tokens
        with app.flask.app_context(), app.database.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE users SET name = 'lovelace' WHERE id = 1")
        assert send(client, "GET", "/secret", elsewhere["access_token"]).json["name"] == "lovelace"


def test_tests_of_the_application_with_one_context_and_one_connection(tmp_path: Path) -> None:
    """As test suites do: a context that stays, SQLite in memory, and rows that the test makes in the application's own session."""
    with flask_apps.extended(tmp_path, "sqlite://") as app:
        context = app.flask.test_request_context()
        context.push()
        app.database.create_all()
        import app.models as models

        app.database.session.add_all([models.User(name=name, password="secret") for name in ("ada", "bob")])
        app.database.session.commit()
        ada, bob, client = app.device(), app.device(), header_only(app)
        with ada:
            given = log_in(ada)
            bobs = log_in(bob, "bob")
            assert send(client, "GET", "/me", given["access_token"]).json["name"] == "ada"
            assert send(client, "GET", "/me", bobs["access_token"]).json["name"] == "bob"
            assert send(client, "GET", "/perhaps").json == {"name": None}
            assert send(ada, "GET", "/me").json["name"] == "ada"
            assert send(bob, "GET", "/me").json["name"] == "bob"
        # what the application has begun is its own to end
        app.database.session.add(models.User(name="eve", password="secret"))
        app.database.session.flush()
        assert send(client, "GET", "/me", given["access_token"]).json["name"] == "ada"
        log_in(bob, "bob")
        app.database.session.rollback()
        assert app.database.session.query(models.User).count() == 2
        assert send(client, "POST", "/password", given["access_token"], json={"password": "secret"}).status_code == 200
        assert send(client, "POST", "/logout", bobs["access_token"]).status_code == 200
        assert send(client, "GET", "/me", bobs["access_token"]).status_code == 401
        context.pop()
