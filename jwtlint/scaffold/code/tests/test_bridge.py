"""Behind an application's tokens stand sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from fastapi import FastAPI

from .. import bridge
from ..passage import IN_COOKIE
from ..types import UserId
from .browser import Browser
from .front import stage
from .replies import Reply
from .site_bridge import bearer, claims_for, signed, site
from .support import EVERYTHING, PHONE, Stage
from .together import bound, together

SID = "__Host-sid"


@dataclass
class Device:
    """A browser, and the token that its page was given."""

    browser: Browser
    token: str
    refresh: str = ""

    async def by_header(self, path: str = "/me", method: str = "GET") -> Reply:
        """A request with the token and without the cookie."""
        client = Browser(self.browser.app, self.browser.client)
        return await client.send(method, path, bearer(self.token))


@asynccontextmanager
async def running(**changes: object) -> AsyncIterator[tuple[Stage, FastAPI]]:
    """The application in the phase ``both``, or with other settings."""
    async with stage(**{"phase": "both", "accept_bearer": True, **changes}) as s:
        async with site(s) as app:
            yield s, app


async def logged_in(app: FastAPI, user_id: UserId) -> Device:
    """A device on which a user has just logged in."""
    browser = Browser(app)
    reply = await browser.post(f"/login/{user_id}")
    assert reply.status == 200
    return Device(browser, reply.json()["access"], reply.json()["refresh"])


async def test_a_login_gives_a_stand_in_and_a_cookie_which_stands_nowhere_else() -> None:
    async with running() as (s, app):
        user = await s.user()
        browser = Browser(app)
        reply = await browser.post(f"/login/{user}")
        secret = browser.jar[SID]
        assert reply.header("set-cookie") == (
            f"{SID}={secret}; Path=/; Secure; HttpOnly; SameSite=Lax"
        )
        assert reply.header("cache-control") == "no-store"
        assert "." not in reply.json()["access"]
        assert secret not in reply.text
        by_cookie = await browser.get("/me")
        assert by_cookie.status == 200 and secret not in by_cookie.text
        assert "Cookie" in by_cookie.header("vary")


async def test_header_and_cookie_each_do_alone() -> None:
    async with running() as (s, app):
        user = await s.user()
        device = await logged_in(app, user)
        by_header = (await device.by_header()).json()
        by_cookie = (await device.browser.get("/me")).json()
        assert by_header == claims_for(s, user)
        assert {**by_cookie, "exp": by_header["exp"]} == by_header
        # the cookie is good for as long as the session
        assert by_cookie["exp"] > by_header["exp"]
        assert (await Browser(app).get("/me")).status == 401


async def test_an_expired_stand_in_gets_the_librarys_error() -> None:
    async with running() as (s, app):
        device = await logged_in(app, await s.user())
        s.clock.advance(seconds=899)
        assert (await device.by_header()).status == 200
        s.clock.advance(seconds=1)
        assert (await device.by_header()).json() == {"detail": "the token is too old"}
        assert (await device.browser.get("/me")).status == 200


async def test_a_refreshed_token_is_of_the_same_session() -> None:
    async with running() as (s, app):
        device = await logged_in(app, await s.user())
        device.token = device.refresh
        reply = await device.by_header("/refresh", "POST")
        assert reply.status == 200 and reply.all("set-cookie") == []
        assert await s.number_of("sessions") == 1
        again = Device(device.browser, reply.json()["access"])
        assert (await again.by_header()).status == 200
        assert (await device.browser.post("/logout")).status == 200
        assert (await again.by_header()).status == 401
        assert (await device.by_header("/refresh", "POST")).status == 401


async def test_a_logout_ends_header_and_cookie() -> None:
    async with running() as (s, app):
        device = await logged_in(app, await s.user())
        kept = device.browser.jar[SID]
        await device.browser.post("/logout")
        assert SID not in device.browser.jar
        assert (await device.by_header()).json() == {"detail": "no good token"}
        device.browser.jar[SID] = kept
        assert (await device.browser.get("/me")).status == 401


async def test_a_new_password_ends_the_other_devices_and_jwts() -> None:
    async with running() as (s, app):
        user = await s.user()
        here, there = await logged_in(app, user), await logged_in(app, user)
        jwt = Device(Browser(app, PHONE), signed(claims_for(s, user)))
        s.clock.advance(seconds=10)
        assert (await here.by_header("/password", "POST")).status == 200
        assert (await here.by_header()).status == 200
        assert (await there.by_header()).status == 401
        assert (await there.browser.get("/me")).status == 401
        assert (await jwt.by_header()).status == 401


async def test_sessions_end_whatever_the_response_is() -> None:
    async with running() as (s, app):
        user = await s.user()
        device = await logged_in(app, user)
        assert (await Browser(app).post(f"/switch-off/{user}")).status == 500
        assert (await device.by_header()).status == 401


async def test_a_user_who_is_deleted_is_out() -> None:
    async with running() as (s, app):
        user = await s.user()
        device = await logged_in(app, user)
        await s.database.execute(
            'DELETE FROM "users" WHERE "id" = :user_id', user_id=user
        )
        assert (await device.by_header()).status == 401
        assert (await device.browser.get("/me")).status == 401


async def test_a_jwt_from_before_is_exchanged_and_ends_with_its_session() -> None:
    async with running() as (s, app):
        jwt = signed(claims_for(s, await s.user()))
        browser = Browser(app)
        assert (await browser.get("/me", bearer(jwt))).status == 200
        assert SID in browser.jar
        assert (await browser.get("/me")).json()["type"] == "access"
        assert (await browser.get("/me", bearer(jwt))).all("set-cookie") == []
        assert await s.number_of("sessions") == 1
        await browser.post("/logout", bearer(jwt))
        reply = await browser.get("/me", bearer(jwt))
        assert reply.json() == {"detail": "no good token"}


async def test_many_requests_with_one_jwt_make_one_session() -> None:
    async with running() as (s, app):
        jwt = signed(claims_for(s, await s.user()))

        async def ask(_: int) -> Reply:
            return await Browser(app).get("/me", bearer(jwt))

        found = await together([bound(ask, number) for number in range(20)])
        replies = [one for one in found if isinstance(one, Reply)]
        assert [reply.status for reply in replies] == [200] * 20
        assert sum(len(reply.all("set-cookie")) for reply in replies) == 1
        assert await s.number_of("sessions") == 1


async def test_forged_jwts_make_no_session() -> None:
    async with running() as (s, app):
        jwt = signed(claims_for(s, await s.user()), b"another secret")
        assert (await Browser(app).get("/me", bearer(jwt))).status == 401
        assert await s.number_of("sessions") == 0


async def test_another_site_is_a_stranger() -> None:
    async with running() as (s, app):
        device = await logged_in(app, await s.user())
        foreign = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}
        assert (await device.browser.post("/change", foreign)).status == 401
        assert (await device.browser.post("/change")).status == 200


async def test_the_tables_hold_no_token() -> None:
    async with running() as (s, app):
        user = await s.user()
        device = await logged_in(app, user)
        jwt = signed(claims_for(s, user))
        await Browser(app, PHONE).get("/me", bearer(jwt))
        dump = ""
        for sql in EVERYTHING.values():
            dump += str([dict(row) for row in await s.database.fetch(sql)])
        secrets = (device.browser.jar[SID], device.token, device.refresh, jwt)
        assert "access" in dump
        assert [secret for secret in secrets if secret in dump] == []


async def test_the_phase_before_hands_out_jwts() -> None:
    async with running(phase="jwt_only") as (s, app):
        browser = Browser(app)
        reply = await browser.post(f"/login/{await s.user()}")
        assert reply.json()["access"].count(".") == 2 and not browser.jar
        assert (await browser.get("/me", bearer(reply.json()["access"]))).status == 200
        assert await s.number_of("sessions") == 0


async def test_the_phase_after_refuses_jwts() -> None:
    async with running(phase="session_only") as (s, app):
        user = await s.user()
        jwt = signed(claims_for(s, user))
        reply = await Browser(app).get("/me", bearer(jwt))
        assert reply.json() == {"detail": "no good token"}
        assert (await (await logged_in(app, user)).by_header()).status == 200


async def test_at_the_end_the_cookie_alone_counts() -> None:
    async with running(phase="session_only", accept_bearer=False) as (s, app):
        user = await s.user()
        device = await logged_in(app, user)
        assert (device.token, device.refresh) == (IN_COOKIE,) * 2
        assert (await device.browser.get("/me")).json()["type"] == "access"
        async with site(s.with_settings(accept_bearer=True)) as before:
            device.token = (await logged_in(before, user)).token
        assert (await device.by_header()).status == 401


def test_outside_of_a_request_nothing_changes() -> None:
    assert bridge.token_for("a.b.c") == "a.b.c"
    assert bridge.token_for(b"a.b.c") == b"a.b.c"
    assert bridge.claims_of("a.b.c", lambda: {"sub": "1"}) == {"sub": "1"}
