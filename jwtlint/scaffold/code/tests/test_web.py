"""Sessions over HTTP: cookies, other sites, devices, lifecycle, revocation, and the way
from JWTs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest

from .. import hooks, tokens, users
from ..legacy import LegacyToken
from ..types import Client, Session, UserId
from .browser import Browser
from .front import stage
from .people import counted, transaction_of
from .replies import ORIGIN, Reply
from .site import site
from .support import CHROME_ON_LINUX, HOME, PHONE, Stage
from .together import bound, together

SID = "__Host-sid"
SET = re.compile(
    r"__Host-sid=([A-Za-z0-9_-]{43}); Path=/; Secure; HttpOnly; SameSite=Lax"
)
DELETED = "__Host-sid=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax"


async def only_session(s: Stage, user: UserId) -> Session:
    """The one session of a user."""
    found = await s.store.live(user)
    assert len(found) == 1
    return found[0]


def code_of(reply: Reply) -> object:
    """The machine's word for what is wrong."""
    detail = reply.json()["detail"]
    return detail["code"] if isinstance(detail, dict) else detail


# -- the cookie ------------------------------------------------------------------------


async def test_login_sets_the_cookie_byte_for_byte_and_is_not_stored() -> None:
    async with stage() as s, site(s) as app:
        reply = await Browser(app).post(f"/login/{await s.user()}")
        assert reply.status == 200
        assert SET.fullmatch(reply.header("set-cookie"))
        assert reply.header("cache-control") == "no-store"


async def test_only_the_development_cookie_lacks_secure() -> None:
    async with stage(insecure_development_cookie=True) as s, site(s) as app:
        browser = Browser(app)
        reply = await browser.post(f"/login/{await s.user()}")
        cookie = r"sid=[A-Za-z0-9_-]{43}; Path=/; HttpOnly; SameSite=Lax"
        assert re.fullmatch(cookie, reply.header("set-cookie"))
        assert (await browser.get("/session")).status == 200
        gone = await browser.post("/logout")
        expected = "sid=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        assert gone.header("set-cookie") == expected


async def test_the_token_stands_in_set_cookie_and_nowhere_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(1)
    async with stage() as s, site(s) as app:
        browser = Browser(app)
        replies = [await browser.post(f"/login/{await s.user()}")]
        seen = {browser.jar[SID]}
        for path in ("/me", "/session", "/both", "/sessions"):
            replies.append(await browser.get(path))
        for path in ("/reauthenticate", "/promote", "/password/works"):
            replies.append(await browser.post(path))
            seen.add(browser.jar[SID])
        replies.append(await browser.post("/sessions/revoke-others"))
        assert [reply.status for reply in replies] == [200] * len(replies)
        assert len(seen) == 3
        for reply in replies:
            told = [f"{k}: {v}" for k, v in reply.headers if k.lower() != "set-cookie"]
            assert not any(token in reply.text + "".join(told) for token in seen)
        assert not any(token in caplog.text for token in seen)


@pytest.mark.parametrize(
    "value", ["", "x" * 10_240, "\xe9" * 43, "x" * 42 + "\0", "x; y=" + "x" * 43]
)
async def test_a_cookie_that_cannot_be_a_token_is_refused_without_a_query(
    value: str,
) -> None:
    async with stage() as s, site(s) as app:
        with counted(s) as statements:
            reply = await Browser(app).get("/me", {"cookie": f"{SID}={value}"})
        assert reply.status == 401
        assert statements == []


async def test_a_cookie_that_the_server_did_not_issue_opens_nothing() -> None:
    async with stage() as s, site(s) as app:
        reply = await Browser(app).get("/me", {"cookie": f"{SID}={tokens.new_token()}"})
        assert reply.status == 401
        assert reply.header("www-authenticate") == f'Cookie cookie-name="{SID}"'
        assert reply.header("set-cookie") == DELETED
        assert await s.number_of("sessions") == 0


async def test_a_token_in_the_url_is_ignored() -> None:
    async with stage() as s, site(s) as app:
        issued = await s.store.create(await s.user(), HOME)
        for name in (SID, "sid", "token", "access_token", "session"):
            reply = await Browser(app).get(f"/me?{name}={issued.token}")
            assert reply.status == 401


async def test_a_token_in_the_authorization_header_is_ignored_unless_allowed() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        sent = {"authorization": f"Bearer {issued.token}"}
        async with site(s) as app:
            assert (await Browser(app).get("/me", sent)).status == 401
        async with site(s.with_settings(accept_bearer=True)) as app:
            assert (await Browser(app).get("/me", sent)).status == 200
            other = {"authorization": f"Token {issued.token}"}
            assert (await Browser(app).post("/change", other)).status == 200
            assert (await Browser(app).post("/logout", sent)).status == 204
            reply = await Browser(app).get("/me", sent)
            assert (reply.status, reply.all("set-cookie")) == (401, [])
            challenge = 'Bearer error="invalid_token"'
            assert reply.header("www-authenticate") == challenge


async def test_nobody_costs_no_query() -> None:
    async with stage() as s, site(s) as app:
        with counted(s) as statements:
            assert (await Browser(app).get("/public")).status == 200
            assert (await Browser(app).get("/me")).status == 401
            reply = await Browser(app).get("/perhaps")
        assert reply.json() == {"logged_in": False}
        assert statements == []


async def test_session_and_user_cost_one_query_at_most() -> None:
    async with stage() as s, site(s) as app:
        browser, user = Browser(app), await s.user()
        await browser.post(f"/login/{user}")
        for path in ("/session", "/me", "/both", "/perhaps"):
            with counted(s) as statements:
                reply = await browser.get(path)
            assert reply.status == 200
            assert len(statements) <= 1, (path, statements)
        assert (await browser.get("/both")).json() == {
            "user": str(user),
            "handle": (await only_session(s, user)).handle,
        }


# -- in and out ------------------------------------------------------------------------


async def test_logout_ends_the_session_and_takes_the_cookie_back() -> None:
    async with stage() as s, site(s) as app:
        browser, user = Browser(app), await s.user()
        await browser.post(f"/login/{user}")
        token = browser.jar[SID]
        for _ in range(2):
            reply = await browser.post("/logout", {"cookie": f"{SID}={token}"})
            assert reply.status == 204
            assert reply.header("set-cookie") == DELETED
            assert reply.header("cache-control") == "no-store"
        assert SID not in browser.jar
        reply = await browser.get("/me", {"cookie": f"{SID}={token}"})
        assert reply.status == 401
        assert await s.store.live(user) == []


async def test_login_ends_the_session_that_the_request_came_with() -> None:
    async with stage() as s, site(s) as app:
        browser, user = Browser(app), await s.user()
        await browser.post(f"/login/{user}")
        before = browser.jar[SID]
        await browser.post(f"/login/{user}")
        assert browser.jar[SID] != before
        assert (await browser.get("/me")).status == 200
        reply = await Browser(app).get("/me", {"cookie": f"{SID}={before}"})
        assert reply.status == 401
        assert len(await s.store.live(user)) == 1


async def test_login_never_takes_over_a_token_that_somebody_chose() -> None:
    async with stage() as s, site(s) as app:
        browser, chosen = Browser(app), tokens.new_token()
        browser.jar[SID] = chosen
        reply = await browser.post(f"/login/{await s.user()}")
        assert len(reply.all("set-cookie")) == 1
        assert browser.jar[SID] != chosen
        assert (await browser.get("/me")).status == 200


async def test_a_login_that_a_new_password_overtook_is_refused() -> None:
    async with stage() as s, site(s) as app:
        user = await s.user()
        reply = await Browser(app).post(f"/login-too-late/{user}")
        assert reply.status == 401
        assert reply.all("set-cookie") == []
        assert await s.store.live(user) == []


async def test_one_session_too_many_is_refused_with_a_reason() -> None:
    async with stage(max_sessions=1, at_max_sessions="reject") as s, site(s) as app:
        user = await s.user()
        assert (await Browser(app).post(f"/login/{user}")).status == 200
        reply = await Browser(app).post(f"/login/{user}")
        assert reply.status == 409
        assert "only 1 sessions" in reply.text


# -- other sites -----------------------------------------------------------------------

FOREIGN = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://["},
    {"origin": "https://app.example.org.evil.example"},
    {"origin": "https://other.example.org"},
    {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://other.example.org", "sec-fetch-site": "same-site"},
]
OWN = [
    {},
    {"origin": ORIGIN},
    {"origin": ORIGIN.upper().replace("HTTPS", "https")},
    {"origin": ORIGIN, "sec-fetch-site": "same-origin"},
    {"sec-fetch-site": "none"},
]


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_another_site_cannot_change_anything(headers: dict[str, str]) -> None:
    async with stage() as s, site(s) as app:
        browser = Browser(app)
        await browser.post(f"/login/{await s.user()}")
        for path in ("/change", "/logout", "/sessions/revoke-others", "/promote"):
            assert (await browser.post(path, headers)).status == 403
        assert (await browser.delete("/sessions/anything", headers)).status == 403
        assert (await browser.get("/me")).status == 200


@pytest.mark.parametrize("headers", OWN, ids=str)
async def test_the_applications_own_pages_can(headers: dict[str, str]) -> None:
    async with stage() as s, site(s) as app:
        browser = Browser(app)
        assert (await browser.post(f"/login/{await s.user()}", headers)).status == 200
        assert (await browser.post("/change", headers)).status == 200


@pytest.mark.parametrize("headers", FOREIGN, ids=str)
async def test_another_site_cannot_log_a_browser_in(headers: dict[str, str]) -> None:
    async with stage() as s, site(s) as app:
        user = await s.user()
        reply = await Browser(app).post(f"/login/{user}", headers)
        assert reply.status == 403
        assert reply.all("set-cookie") == []
        assert await s.store.live(user) == []


async def test_an_origin_that_the_settings_name_can() -> None:
    front = "https://front.example.org"
    headers = {"origin": front, "sec-fetch-site": "same-site"}
    async with stage(trusted_origins=(front,)) as s, site(s) as app:
        browser = Browser(app)
        user = await s.user()
        assert (await browser.post(f"/login/{user}", headers)).status == 200
        assert (await browser.post("/change", headers)).status == 200
        headers["origin"] = "https://evil.example"
        assert (await browser.post("/change", headers)).status == 403


# -- devices ---------------------------------------------------------------------------


async def test_a_forged_forwarded_for_changes_nothing() -> None:
    forged = {"x-forwarded-for": "203.0.113.66, 127.0.0.1"}
    async with stage() as s, site(s) as app:
        browser, user = Browser(app), await s.user()
        await browser.post(f"/login/{user}", forged)
        s.clock.advance(minutes=5)
        assert (await browser.get("/me", forged)).status == 200
        session = await only_session(s, user)
        assert (session.ip, session.last_ip) == (HOME.address, HOME.address)


async def test_behind_a_proxy_the_address_that_the_proxy_added_counts() -> None:
    told = {"x-forwarded-for": "203.0.113.66, ::ffff:192.0.2.7"}
    proxy = Client("10.0.0.1", CHROME_ON_LINUX)
    async with stage(trusted_proxies=1) as s, site(s) as app:
        user = await s.user()
        await Browser(app, proxy).post(f"/login/{user}", told)
        assert (await only_session(s, user)).ip == "192.0.2.7"


async def test_on_a_second_device_the_user_proves_again_who_they_are() -> None:
    async with stage(shared_session="step_up") as s, site(s) as app:
        browser, thief = Browser(app), Browser(app, PHONE)
        user = await s.user()
        await browser.post(f"/login/{user}")
        thief.jar[SID] = browser.jar[SID]
        s.clock.advance(seconds=1)
        for path in ("/me", "/session", "/both", "/sessions"):
            reply = await thief.get(path)
            assert (reply.status, code_of(reply)) == (403, "reauthentication_required")
        assert (await thief.get("/perhaps")).json() == {"logged_in": False}
        assert (await browser.get("/me")).status == 403
        assert (await browser.post("/reauthenticate")).status == 200
        assert (await browser.get("/me")).status == 200
        assert (await thief.get("/me")).status == 401


async def test_a_session_on_two_devices_ends_where_the_settings_say_so() -> None:
    async with stage(shared_session="revoke") as s, site(s) as app:
        browser, thief = Browser(app), Browser(app, PHONE)
        await browser.post(f"/login/{await s.user()}")
        thief.jar[SID] = browser.jar[SID]
        assert (await thief.get("/me")).status == 401
        assert (await browser.get("/me")).status == 401


# -- lifecycle -------------------------------------------------------------------------


@pytest.mark.parametrize(("seconds", "status"), [(3599, 200), (3600, 401)])
async def test_a_session_that_is_not_used_ends(seconds: int, status: int) -> None:
    async with stage(idle_timeout=timedelta(hours=1)) as s, site(s) as app:
        browser = Browser(app)
        await browser.post(f"/login/{await s.user()}")
        s.clock.advance(seconds=seconds)
        assert (await browser.get("/me")).status == status


@pytest.mark.parametrize(("seconds", "status"), [(3599, 200), (3600, 401)])
async def test_a_session_ends_however_much_it_is_used(
    seconds: int, status: int
) -> None:
    async with stage(absolute_timeout=timedelta(hours=1)) as s, site(s) as app:
        browser = Browser(app)
        await browser.post(f"/login/{await s.user()}")
        for _ in range(59):
            s.clock.advance(minutes=1)
            assert (await browser.get("/me")).status == 200
        s.clock.advance(seconds=seconds - 59 * 60)
        assert (await browser.get("/me")).status == status


async def test_the_cookie_does_not_say_when_the_session_ends() -> None:
    async with stage() as s, site(s) as app:
        reply = await Browser(app).post(f"/login/{await s.user()}")
        told = reply.header("set-cookie").lower()
        assert "max-age" not in told and "expires" not in told


async def test_sensitive_changes_need_a_fresh_login() -> None:
    async with stage() as s, site(s) as app:
        browser = Browser(app)
        await browser.post(f"/login/{await s.user()}")
        s.clock.advance(minutes=9, seconds=59)
        assert (await browser.post("/email")).status == 200
        s.clock.advance(seconds=1)
        for path in ("/email", "/password/works", "/sessions/revoke-others"):
            reply = await browser.post(path)
            assert (reply.status, code_of(reply)) == (403, "reauthentication_required")
        assert (await browser.delete("/sessions/anything")).status == 403
        assert (await browser.get("/me")).status == 200
        assert (await browser.post("/reauthenticate")).status == 200
        assert (await browser.post("/email")).status == 200


async def test_reauthentication_gives_a_new_token_in_the_same_session() -> None:
    async with stage() as s, site(s) as app:
        browser, user = Browser(app), await s.user()
        await browser.post(f"/login/{user}")
        before, token = await only_session(s, user), browser.jar[SID]
        s.clock.advance(hours=1)
        reply = await browser.post("/reauthenticate")
        assert SET.fullmatch(reply.header("set-cookie"))
        assert reply.header("cache-control") == "no-store"
        after = await only_session(s, user)
        assert (after.handle, after.auth_method) == (before.handle, "passkey")
        assert after.id != before.id and browser.jar[SID] != token
        reply = await Browser(app).get("/me", {"cookie": f"{SID}={token}"})
        assert reply.status == 401


async def test_a_gain_of_rights_gives_a_new_token() -> None:
    async with stage() as s, site(s) as app:
        browser = Browser(app)
        await browser.post(f"/login/{await s.user()}")
        token = browser.jar[SID]
        assert (await browser.post("/promote")).status == 200
        assert (await browser.get("/me")).status == 200
        reply = await Browser(app).get("/me", {"cookie": f"{SID}={token}"})
        assert reply.status == 401


async def test_an_answer_to_an_older_request_does_not_take_the_newer_cookie() -> None:
    async with stage() as s, site(s) as app:
        browser = Browser(app)
        await browser.post(f"/login/{await s.user()}")
        old = f"{SID}={browser.jar[SID]}"
        await browser.post("/promote")
        # it was sent before the answer with the new cookie came
        late = await browser.get("/me", {"cookie": old})
        assert (late.status, late.all("set-cookie")) == (401, [])
        assert (await browser.get("/me")).status == 200


async def test_nothing_is_kept_by_a_cache_on_the_way() -> None:
    async with stage() as s, site(s) as app:
        browser = Browser(app)
        await browser.post(f"/login/{await s.user()}")
        assert "cookie" in (await browser.get("/me")).header("vary").lower()
        reply = await browser.get("/sessions")
        assert reply.header("cache-control") == "no-store"


# -- revocation ------------------------------------------------------------------------


async def test_users_see_their_sessions() -> None:
    async with stage() as s, site(s) as app:
        user = await s.user()
        home, phone = Browser(app), Browser(app, PHONE)
        await phone.post(f"/login/{user}")
        s.clock.advance(minutes=1)
        await home.post(f"/login/{user}")
        await Browser(app).post(f"/login/{await s.user()}")
        shown = (await home.get("/sessions")).json()
        assert [one["device"] for one in shown] == ["Chrome on Linux", "Safari on iOS"]
        assert [one["place"] for one in shown] == [HOME.address, PHONE.address]
        assert [one["is_this"] for one in shown] == [True, False]
        assert shown[1]["created_at"].startswith("2026-03-04T02:00:00")
        for one in shown:
            names = {"handle", "device", "place", "created_at", "last_used_at"}
            assert set(one) == names | {"method", "is_this"}
        live = await s.store.live(user)
        assert [one["handle"] for one in shown] == [one.handle for one in live]
        assert not any(one.id in str(shown) for one in live)


async def test_users_end_a_session_on_another_device() -> None:
    async with stage() as s, site(s) as app:
        user = await s.user()
        home, phone = Browser(app), Browser(app, PHONE)
        await home.post(f"/login/{user}")
        await phone.post(f"/login/{user}")
        shown = (await home.get("/sessions")).json()
        handle = next(one["handle"] for one in shown if not one["is_this"])
        for count in (1, 0):
            reply = await home.delete(f"/sessions/{handle}")
            assert reply.status == 200
            assert reply.json() == {"ended": count, "within_seconds": 0}
        assert (await phone.get("/me")).status == 401
        assert (await home.get("/me")).status == 200


async def test_to_end_the_own_session_is_to_log_out() -> None:
    async with stage() as s, site(s) as app:
        browser, user = Browser(app), await s.user()
        await browser.post(f"/login/{user}")
        handle = (await only_session(s, user)).handle
        reply = await browser.delete(f"/sessions/{handle}")
        assert reply.header("set-cookie") == DELETED
        assert SID not in browser.jar
        assert await s.store.live(user) == []


async def test_another_users_session_is_not_found() -> None:
    async with stage() as s, site(s) as app:
        victim, attacker = Browser(app), Browser(app)
        user = await s.user()
        await victim.post(f"/login/{user}")
        await attacker.post(f"/login/{await s.user()}")
        session = await only_session(s, user)
        for name in (session.handle, session.id, "no-such-handle"):
            assert (await attacker.delete(f"/sessions/{name}")).status == 404
        assert (await victim.get("/me")).status == 200


async def test_users_log_out_everywhere_else() -> None:
    async with stage() as s, site(s) as app:
        user = await s.user()
        home, phone, stranger = Browser(app), Browser(app, PHONE), Browser(app)
        await home.post(f"/login/{user}")
        await phone.post(f"/login/{user}")
        await stranger.post(f"/login/{await s.user()}")
        for count in (1, 0):
            reply = await home.post("/sessions/revoke-others")
            assert reply.json() == {"ended": count, "within_seconds": 0}
        assert (await phone.get("/me")).status == 401
        assert (await home.get("/me")).status == 200
        assert (await stranger.get("/me")).status == 200


async def test_a_new_password_ends_the_other_sessions_in_its_own_transaction() -> None:
    async with stage() as s, site(s) as app:
        user = await s.user()
        home, phone = Browser(app), Browser(app, PHONE)
        await home.post(f"/login/{user}")
        await phone.post(f"/login/{user}")
        assert (await home.post("/password/fails")).status == 500
        assert (await phone.get("/me")).status == 200
        assert (await home.post("/password/works")).status == 200
        assert (await phone.get("/me")).status == 401
        assert (await home.get("/me")).status == 200


@pytest.mark.parametrize(
    "name", ["second_factor_changed", "role_changed", "account_ended"]
)
async def test_other_changes_end_sessions_in_their_own_transaction(name: str) -> None:
    async with stage() as s, site(s) as app:
        browser, user = Browser(app), await s.user()
        await browser.post(f"/login/{user}")
        hook = getattr(hooks, name)

        async def change(error: Exception | None) -> None:
            async with transaction_of(s) as work:
                await hook(user, by="admin:7", transaction=work)
                if error is not None:
                    raise error

        with pytest.raises(RuntimeError):
            await change(RuntimeError("the change could not be saved"))
        assert (await browser.get("/me")).status == 200
        before = await only_session(s, user)
        await change(None)
        assert (await browser.get("/me")).status == 401
        assert (await s.row(before)).revoked_by == "admin:7"


async def test_a_user_who_is_deleted_or_switched_off_is_out() -> None:
    async with stage() as s, site(s) as app:
        browser, user = Browser(app), await s.user()
        await browser.post(f"/login/{user}")
        with patch.object(users, "is_enabled", lambda _: False):
            assert (await browser.get("/me")).status == 401
        await browser.post(f"/login/{user}")
        if not s.store.is_cached:
            with patch.object(users, "is_enabled", lambda _: False):
                assert (await browser.get("/session")).status == 401
            await browser.post(f"/login/{user}")
        sql = 'DELETE FROM "users" WHERE "id" = :user_id'
        await s.database.execute(sql, user_id=user)
        assert (await browser.get("/me")).status == 401


async def test_every_worker_refuses_on_the_next_request() -> None:
    async with stage() as s, site(s) as one, site(s.with_settings()) as another:
        here, there = Browser(one), Browser(another)
        await here.post(f"/login/{await s.user()}")
        there.jar = type(here.jar)(here.jar)
        assert (await there.get("/me")).status == 200
        token = here.jar.sent()
        await here.post("/logout")
        for browser in (there, here):
            assert (await browser.get("/me", {"cookie": token})).status == 401


async def test_no_session_outlives_its_end_among_many_requests_at_once() -> None:
    async with stage(touch_interval=timedelta(0)) as s, site(s) as app:
        browsers = [Browser(app) for _ in range(10)]
        for browser in browsers:
            await browser.post(f"/login/{await s.user()}")
        wrong: list[str] = []
        ended: set[int] = set()

        async def client(number: int) -> None:
            browser = browsers[number % 10]
            token = {"cookie": f"{SID}={browser.jar.get(SID, 'gone')}"}
            for turn in range(6):
                was_ended = number % 10 in ended
                reply = await Browser(app).get("/me", token)
                if was_ended and reply.status == 200:
                    wrong.append(f"{number} lives after its end")
                if reply.status != 200 and number % 2:
                    wrong.append(f"{number} was lost: {reply.status}")
                if turn == 3 and number < 10 and number % 2 == 0:
                    await Browser(app).post("/logout", token)
                    ended.add(number)

        calls = [bound(client, number) for number in range(50)]
        results = await together(calls)
        assert [one for one in results if isinstance(one, BaseException)] == []
        assert wrong == []
        assert await s.number_of("sessions") == 10


# -- from JWTs -------------------------------------------------------------------------

JWT = "header.payload.signature"


def verifier(user: UserId, s: Stage) -> Callable[[str], LegacyToken | None]:
    """The application's verification of its JWTs: this one, issued a minute ago."""
    return {JWT: LegacyToken(user, s.clock.now - timedelta(minutes=1))}.get


async def test_before_the_move_jwts_open_what_they_opened() -> None:
    async with stage(phase="jwt_only") as s:
        user = await s.user()
        async with site(s, verify=verifier(user, s)) as app:
            browser = Browser(app)
            reply = await browser.get("/me", {"authorization": f"Bearer {JWT}"})
            assert (reply.status, reply.json()) == (200, {"user": str(user)})
            assert browser.jar == {}
            wrong = {"authorization": "Bearer a.b.c"}
            reply = await browser.get("/me", wrong)
            assert reply.status == 401
            assert await s.number_of("sessions") == 0
            # a process of the next phase may have handed out a session already
            await browser.post(f"/login/{user}")
            assert (await browser.get("/me")).status == 200


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "Token"])
async def test_a_jwt_is_exchanged_once_for_a_session(scheme: str) -> None:
    async with stage(phase="both") as s:
        user = await s.user()
        async with site(s, verify=verifier(user, s)) as app:
            browser = Browser(app)
            sent = {"authorization": f"{scheme} {JWT}"}
            reply = await browser.get("/me", sent)
            assert (reply.status, reply.json()) == (200, {"user": str(user)})
            assert SET.fullmatch(reply.header("set-cookie"))
            assert reply.header("cache-control") == "no-store"
            assert (await browser.get("/both")).status == 200
            # a client without a cookie jar goes on sending the JWT
            for _ in range(2):
                reply = await Browser(app).get("/both", sent)
                assert (reply.status, reply.all("set-cookie")) == (200, [])
            assert (await only_session(s, user)).auth_method == "jwt"


async def test_a_jwt_in_a_cookie_is_exchanged_and_checked_like_a_cookie() -> None:
    async with stage(phase="both") as s:
        user = await s.user()
        sent = {"cookie": f'access_token="Bearer {JWT}"'}
        verify = verifier(user, s)
        async with site(s, verify, "access_token") as app:
            foreign = sent | {"sec-fetch-site": "cross-site"}
            assert (await Browser(app).post("/change", foreign)).status == 403
            browser = Browser(app)
            assert (await browser.get("/me", sent)).status == 200
            assert (await browser.get("/me")).status == 200


async def test_twenty_tabs_at_once_get_one_session() -> None:
    async with stage(phase="both") as s:
        user = await s.user()
        async with site(s, verify=verifier(user, s)) as app:
            sent = {"authorization": f"Bearer {JWT}"}

            async def tab(_: int) -> Reply:
                return await Browser(app).get("/session", sent)

            replies = await together([bound(tab, number) for number in range(20)])
            found = [one for one in replies if isinstance(one, Reply)]
            assert [one.status for one in found] == [200] * 20
            assert sum(len(one.all("set-cookie")) for one in found) == 1
            await only_session(s, user)


async def test_logout_ends_the_jwt_too() -> None:
    async with stage(phase="both") as s:
        user = await s.user()
        async with site(s, verify=verifier(user, s)) as app:
            sent = {"authorization": f"Bearer {JWT}"}
            assert (await Browser(app).post("/logout", sent)).status == 204
            reply = await Browser(app).get("/me", sent)
            assert reply.status == 401
            assert reply.header("www-authenticate").startswith(("Bearer", "Cookie"))
            assert await s.store.live(user) == []


async def test_log_out_everywhere_ends_jwts_that_were_not_exchanged() -> None:
    async with stage(phase="both") as s:
        user = await s.user()
        async with site(s, verify=verifier(user, s)) as app:
            browser = Browser(app)
            await browser.post(f"/login/{user}")
            assert (await browser.post("/sessions/revoke-others")).status == 200
            sent = {"authorization": f"Bearer {JWT}"}
            assert (await Browser(app).get("/me", sent)).status == 401


async def test_after_the_move_jwts_open_nothing() -> None:
    async with stage(phase="session_only") as s:
        user = await s.user()
        async with site(s, verify=verifier(user, s)) as app:
            sent = {"authorization": f"Bearer {JWT}"}
            with counted(s) as statements:
                assert (await Browser(app).get("/me", sent)).status == 401
            assert statements == []
            await Browser(app).post(f"/login/{user}")


async def test_going_back_a_phase_logs_nobody_out() -> None:
    async with stage(phase="both") as s:
        user = await s.user()
        verify = verifier(user, s)
        browser = Browser(None)  # type: ignore[arg-type]  # it gets its site below
        for phase in ("both", "jwt_only", "both", "session_only", "both"):
            earlier = s.with_settings(phase=phase)
            async with site(earlier, verify=verify) as app:
                browser.app = app
                sent = {} if browser.jar else {"authorization": f"Bearer {JWT}"}
                assert (await browser.get("/me", sent)).status == 200
