"""The bridge: what an application hands out and takes that speaks of JWTs, with
sessions behind it.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from flask import Flask, request
from flask.typing import ResponseReturnValue

from .. import bridge, service, taking_part
from ..passage import IN_COOKIE, Rules
from ..types import UserId
from .browser import Browser
from .front import stage
from .people import own_people
from .replies import Reply
from .support import START, Stage

BOTH = {"phase": "both", "accept_bearer": True}


class NoGood(Exception):
    """What the application's JWT library raises."""


class Expired(NoGood):
    """The same, for what is too old."""


def jwt_of(user_id: UserId, **more: object) -> str:
    """What looks like a JWT; its signature is the word ``good``."""
    claims = {"sub": str(user_id), "iat": int(START.timestamp()), **more}
    parts = (json.dumps(one).encode() for one in ({"alg": "none"}, claims))
    written = (urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts)
    return ".".join([*written, "good"])


def verified(token: str) -> dict[str, Any]:
    """What the application's JWT library does."""
    if not token.endswith(".good"):
        raise NoGood
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "==="))
    return found


def claims_of_request() -> dict[str, Any]:
    """What the application does in its views."""
    token = request.headers.get("Authorization", "").rpartition(" ")[2]
    found: dict[str, Any] = bridge.claims_of(
        token, lambda: verified(token), expired=Expired, invalid=NoGood
    )
    return found


@contextmanager
def site(s: Stage) -> Iterator[Flask]:
    """The application, on the tables of a stage."""
    app = Flask(__name__)
    bridge.install(app)

    @app.errorhandler(NoGood)
    def refuse(error: NoGood) -> ResponseReturnValue:
        return {"error": type(error).__name__}, 401

    @app.post("/login/<user_id>")
    def login(user_id: str) -> ResponseReturnValue:
        ends = (START + timedelta(minutes=15)).timestamp()
        return {"token": bridge.token_for(jwt_of(UserId(user_id), exp=ends))}

    @app.get("/me")
    def me() -> ResponseReturnValue:
        return {"user": claims_of_request()["sub"]}

    @app.post("/change")
    def change() -> ResponseReturnValue:
        return {"user": claims_of_request()["sub"]}

    @app.post("/logout")
    def logout() -> ResponseReturnValue:
        claims_of_request()
        bridge.log_out()
        return {}

    @app.post("/password")
    def password() -> ResponseReturnValue:
        claims_of_request()
        bridge.password_changed()
        return {}

    @app.post("/ended/<user_id>")
    def ended(user_id: str) -> ResponseReturnValue:
        bridge.account_ended(UserId(user_id))
        return {}

    rules = Rules(bridge.KEY, bridge.LARGEST_KEY, (("sub", bridge.KEY),))
    with ExitStack() as patches:
        patches.enter_context(own_people())
        patches.enter_context(patch.object(service, "store", s.store))
        patches.enter_context(patch.object(bridge, "RULES", rules))
        patches.enter_context(patch.object(bridge, "LEGACY_COOKIE", ""))
        # this application has begun nothing in the database
        patches.enter_context(patch.object(taking_part, "joined", nullcontext))
        patches.enter_context(patch.object(taking_part, "must_wait", bool))
        yield app


def with_token(app: Flask, token: str, path: str = "/me") -> Reply:
    """A request of a client that has no cookies."""
    headers = {"authorization": f"{bridge.SCHEME} {token}".strip()}
    client = Browser(app)
    return client.get(path, headers) if path == "/me" else client.post(path, headers)


def test_a_login_gives_a_stand_in_and_the_cookie() -> None:
    with stage(**BOTH) as s, site(s) as app:
        browser, user = Browser(app), s.user()
        token = browser.post(f"/login/{user}").json()["token"]
        assert "." not in token
        assert with_token(app, token).json() == {"user": str(user)}
        assert browser.get("/me").json() == {"user": str(user)}
        assert token not in browser.jar.values()
        assert Browser(app).get("/me").status == 401


def test_a_logout_ends_both() -> None:
    with stage(**BOTH) as s, site(s) as app:
        browser, other, user = Browser(app), Browser(app), s.user()
        token = browser.post(f"/login/{user}").json()["token"]
        other.post(f"/login/{user}")
        assert browser.post("/logout").status == 200
        assert browser.get("/me").status == with_token(app, token).status == 401
        assert other.get("/me").status == 200


def test_a_new_password_ends_the_others_and_the_jwts() -> None:
    with stage(**BOTH) as s, site(s) as app:
        browser, other, user = Browser(app), Browser(app), s.user()
        browser.post(f"/login/{user}")
        token = other.post(f"/login/{user}").json()["token"]
        s.clock.advance(minutes=1)
        assert browser.post("/password").status == 200
        assert browser.get("/me").status == 200
        assert other.get("/me").status == with_token(app, token).status == 401
        assert with_token(app, jwt_of(user)).status == 401


def test_sessions_end_with_the_account() -> None:
    with stage(**BOTH) as s, site(s) as app:
        browser, user = Browser(app), s.user()
        token = browser.post(f"/login/{user}").json()["token"]
        assert Browser(app).post(f"/ended/{user}").status == 200
        assert browser.get("/me").status == with_token(app, token).status == 401


def test_a_jwt_is_exchanged_once_and_ends_with_its_session() -> None:
    with stage(**BOTH) as s, site(s) as app:
        user = s.user()
        jwt = jwt_of(user)
        assert with_token(app, jwt).header("set-cookie")
        assert not with_token(app, jwt).header("set-cookie")
        assert s.number_of("sessions") == 1
        assert with_token(app, jwt, "/logout").status == 200
        assert with_token(app, jwt).status == 401
        assert with_token(app, jwt_of(user) + "?").status == 401


def test_the_last_phases_refuse_jwts_and_then_headers() -> None:
    with stage(**BOTH) as s:
        user = s.user()
        with site(s) as app:
            browser = Browser(app)
            token = browser.post(f"/login/{user}").json()["token"]
        later = s.with_settings(phase="session_only")
        with site(later) as app:
            assert with_token(app, jwt_of(user)).status == 401
            assert with_token(app, token).status == 200
        last = s.with_settings(phase="session_only", accept_bearer=False)
        with site(last) as app:
            assert with_token(app, token).status == 401
            browser.app = app
            assert browser.get("/me").status == 200
            assert browser.post(f"/login/{user}").json() == {"token": IN_COOKIE}


def test_a_stand_in_ends_by_its_own_claims_and_the_cookie_does_not() -> None:
    with stage(**BOTH) as s, site(s) as app:
        browser, user = Browser(app), s.user()
        token = browser.post(f"/login/{user}").json()["token"]
        s.clock.advance(minutes=16)
        assert with_token(app, token).json() == {"error": "Expired"}
        assert browser.get("/me").status == 200


def test_another_site_is_a_stranger() -> None:
    with stage(**BOTH) as s, site(s) as app:
        browser, user = Browser(app), s.user()
        browser.post(f"/login/{user}")
        evil = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
        assert browser.post("/change", evil).status == 401
        assert browser.post("/change").status == 200


def test_outside_of_a_request_there_are_jwts() -> None:
    with stage(**BOTH) as s, site(s) as app:
        user = s.user()
        jwt = jwt_of(user)
        assert bridge.token_for(jwt) == jwt
        with app.test_request_context("/"):
            assert bridge.token_for(jwt.encode()) == jwt.encode()
            assert bridge.claims_of(jwt, lambda: verified(jwt)) == verified(jwt)
        with Flask("other").test_request_context("/"), pytest.raises(RuntimeError):
            bridge.token_for(jwt)
