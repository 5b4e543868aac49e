"""What stands in the place of JWTs, from the client's side. ``manage.py test`` runs
this as well as pytest.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.test import override_settings
from django.urls import include, path

from .. import bridge, subjects, tokens, users
from ..bridge import EXPIRED, INVALID, claims_of, token_for
from ..claims import found_at, payload_of, plain, put
from ..passage import IN_COOKIE
from ..requests import identity_of
from ..service import database, store
from ..types import UserId
from .django_support import COOKIE, FOREIGN, START, Browser, SessionCase, new_user

BRIDGED = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "app.sessions.bridge.BridgeMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
HOUR = 3600


# -- an application with JWTs, signed by hand: its library is none of these tests' -----


def encoded(value: bytes) -> str:
    """In base64url, as JWTs have it."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def signature(text: str) -> str:
    """Of a JWT's first two parts."""
    return encoded(hmac.digest(b"only for tests", text.encode(), hashlib.sha256))


def jwt_of(user: AbstractBaseUser, **more: Any) -> str:
    """A JWT of the application."""
    now = int(store.clock().timestamp())
    claims: dict[str, Any] = {"iat": now, "exp": now + HOUR, **more}
    for claim, attribute in bridge.IDENTIFIERS:
        value = plain(user.pk if attribute == bridge.KEY else getattr(user, attribute))
        put(claims, claim, value)
    for claim, _ in bridge.FRESH:
        put(claims, claim, "as it was when the JWT was made")
    parts = [encoded(json.dumps(one).encode()) for one in ({"alg": "HS256"}, claims)]
    text = ".".join(parts)
    return f"{text}.{signature(text)}"


def verified(jwt: str) -> dict[str, Any]:
    """What the application's library does with a JWT."""
    claims = payload_of(jwt)
    if claims is None or signature(jwt.rpartition(".")[0]) != jwt.rpartition(".")[2]:
        raise INVALID("not a good JWT")
    if claims["exp"] <= store.clock().timestamp():
        raise EXPIRED("expired")
    return claims


def user_in(request: HttpRequest) -> AbstractBaseUser:
    """The user whom a test names."""
    found: AbstractBaseUser = get_user_model()._default_manager.get(
        pk=request.POST["user"]
    )
    return found


def log_in(request: HttpRequest) -> HttpResponse:
    user = user_in(request)
    return JsonResponse(
        {"access": token_for(jwt_of(user)), "other": token_for(jwt_of(user, other=1))}
    )


def sign_up_and_fail(request: HttpRequest) -> HttpResponse:
    """The user is gone before the response is made."""
    with transaction.atomic(using=database.using):
        token = token_for(jwt_of(new_user()))
        transaction.set_rollback(True, using=database.using)
    return JsonResponse({"access": token})


def of_members(
    view: Callable[[HttpRequest, dict[str, Any]], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A view for those who have a token."""

    def wrapped(request: HttpRequest) -> HttpResponse:
        token = request.headers.get("Authorization", "").rpartition(" ")[2]
        try:
            claims = claims_of(token, lambda: verified(token))
        except (EXPIRED, INVALID) as error:
            return JsonResponse({"error": str(error)}, status=401)
        return view(request, claims)

    return wrapped


@of_members
def who(request: HttpRequest, claims: dict[str, Any]) -> HttpResponse:
    return JsonResponse(claims)


@of_members
def shown_by(request: HttpRequest, claims: dict[str, Any]) -> HttpResponse:
    return JsonResponse({"by": identity_of(request).by})


@of_members
def log_out(request: HttpRequest, claims: dict[str, Any]) -> HttpResponse:
    bridge.log_out()
    return HttpResponse(status=204)


@of_members
def change_password(request: HttpRequest, claims: dict[str, Any]) -> HttpResponse:
    user = user_in(request)
    user.set_password("something new")
    user.save()
    return HttpResponse(status=204)


@of_members
def change_password_unseen(
    request: HttpRequest, claims: dict[str, Any]
) -> HttpResponse:
    """No signal is sent."""
    bridge.password_changed(user_in(request))
    return HttpResponse(status=204)


@of_members
def end_account(request: HttpRequest, claims: dict[str, Any]) -> HttpResponse:
    bridge.account_ended(user_in(request))
    return HttpResponse(status=204)


def reading(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A middleware of the application's own that looks at the token first."""

    def middleware(request: HttpRequest) -> HttpResponse:
        token = request.headers.get("Authorization", "").rpartition(" ")[2]
        try:
            claims_of(token, lambda: verified(token))
        except (EXPIRED, INVALID):
            pass
        return get_response(request)

    return middleware


urlpatterns = [
    path("account/", include("app.sessions.urls")),
    path("log-in/", log_in),
    path("sign-up-and-fail/", sign_up_and_fail),
    path("who/", who),
    path("shown-by/", shown_by),
    path("log-out/", log_out),
    path("change-password/", change_password),
    path("change-password-unseen/", change_password_unseen),
    path("end-account/", end_account),
]


# -- and its clients -------------------------------------------------------------------


class BridgeCase(SessionCase):
    """A user with a browser, in which a session was made without a token, and two
    devices that have tokens.
    """

    def setUp(self) -> None:
        super().setUp()
        values = {"phase": "both", "accept_bearer": True}
        changed = override_settings(
            ROOT_URLCONF=__name__, MIDDLEWARE=BRIDGED, LOGIN_SESSIONS=values
        )
        changed.enable()
        self.addCleanup(changed.disable)
        # Django's client keeps the middleware that it began with
        known, self.browser = self.browser, Browser()
        self.browser.cookies = known.cookies
        self.phone, self.laptop = self.token(), self.token()

    def token(self, browser: Browser | None = None) -> str:
        """The token of a new login."""
        body = {"user": str(self.user.pk)}
        said = (browser or Browser()).post("/log-in/", body).json()
        return str(said["access"])

    def send(self, token: str, url: str = "/who/", **headers: str) -> Any:
        """Send a token in the header."""
        headers["authorization"] = f"{bridge.SCHEME} {token}"
        body = {"user": str(self.user.pk)}
        if url == "/who/":
            return Browser().get(url, headers=headers)
        return Browser().post(url, body, headers=headers)

    def status(self, token: str) -> int:
        """What is answered to a token."""
        return int(self.send(token).status_code)

    def assert_names_the_user(self, claims: dict[str, Any]) -> None:
        """Claims name the user as the application's do."""
        told = [found_at(claims, claim) for claim, _ in bridge.IDENTIFIERS]
        wanted = payload_of(jwt_of(self.user)) or {}
        meant = [found_at(wanted, claim) for claim, _ in bridge.IDENTIFIERS]
        self.assertEqual([str(one) for one in told], [str(one) for one in meant])


class StandIns(BridgeCase):
    """What a login hands out."""

    def test_the_body_has_one_and_the_cookie_is_set(self) -> None:
        browser = Browser()
        answer = browser.post("/log-in/", {"user": str(self.user.pk)})
        said = answer.json()
        self.assertTrue(tokens.is_token(said["access"]))
        self.assertEqual(len({said["access"], said["other"], browser.token}), 3)
        self.assertTrue(answer.cookies[COOKIE]["httponly"])
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        for token in (said["access"], said["other"]):
            self.assertEqual(self.status(token), 200)

    def test_one_session_for_all_tokens_of_a_login(self) -> None:
        before = self.number_of("sessions")
        self.token()
        self.assertEqual(self.number_of("sessions"), before + 1)

    def test_the_header_alone(self) -> None:
        claims = self.send(self.phone).json()
        self.assert_names_the_user(claims)
        self.assertEqual(claims["exp"], int(START.timestamp()) + HOUR)

    def test_the_cookie_alone(self) -> None:
        browser = Browser()
        self.token(browser)
        for one in (browser, self.browser):
            answer = one.get("/who/")
            self.assert_names_the_user(answer.json())
            self.assertNotIn(one.token, answer.content.decode())
            self.assertIn("Cookie", answer.headers["Vary"])

    def test_rights_are_read_from_the_row(self) -> None:
        jwt = jwt_of(self.user)
        for token in (self.phone, jwt):
            claims = self.send(token).json()
            self.assert_names_the_user(claims)
            for claim, attribute in bridge.FRESH:
                now = plain(subjects.at(self.user, attribute))
                self.assertEqual(found_at(claims, claim), json.loads(json.dumps(now)))

    def test_what_opens_nothing(self) -> None:
        for token in (tokens.new_token(), "", "a.b.c", jwt_of(self.user)[:-4] + "AAAA"):
            with self.subTest(token=token[-10:]):
                self.assertEqual(self.status(token), 401)
        self.assertEqual(Browser().get("/who/").status_code, 401)

    def test_it_expires_as_the_jwt_would_and_the_cookie_does_not(self) -> None:
        browser = Browser()
        token = self.token(browser)
        self.clock.advance(seconds=HOUR)
        self.assertEqual(self.status(token), 401)
        self.assertEqual(browser.get("/who/").status_code, 200)

    def test_a_second_login_ends_the_first_once_the_cookie_alone_counts(self) -> None:
        browser = Browser()
        first = self.token(browser)
        self.assertEqual((self.status(self.token(browser)), self.status(first)), (200, 200))
        old, values = Browser(), {"phase": "session_only", "accept_bearer": False}
        old.cookies[COOKIE] = browser.token
        with override_settings(LOGIN_SESSIONS=values):
            self.token(browser)
            self.assertEqual(browser.get("/who/").status_code, 200)
            self.assertEqual(old.get("/who/").status_code, 401)

    def test_other_sites_bring_no_session(self) -> None:
        headers = {"origin": FOREIGN, "sec-fetch-site": "cross-site"}
        browser, body = Browser(), {"user": str(self.user.pk)}
        self.token(browser)
        refused = browser.post("/log-out/", body, headers=headers)
        self.assertEqual(refused.status_code, 401)
        self.assertEqual(browser.get("/who/").status_code, 200)
        forged = Browser().post("/log-in/", body, headers=headers)
        self.assertNotIn(COOKIE, forged.cookies)

    def test_the_tables_hold_no_token(self) -> None:
        names = ("sessions", "session_exchanges")
        dump = "".join(str(database.fetch(f'SELECT * FROM "{one}"')) for one in names)
        self.assertIn(tokens.jwt_id(self.phone), dump)
        self.assertNotIn(self.phone, dump)

    def test_a_user_who_is_not_there_is_not_logged_in(self) -> None:
        before = self.number_of("sessions")
        with self.assertLogs("app.sessions.passage", "WARNING"):
            answer = Browser().post("/sign-up-and-fail/")
        self.assertNotIn(COOKIE, answer.cookies)
        self.assertEqual(self.status(answer.json()["access"]), 401)
        self.assertEqual(self.number_of("sessions"), before)

    def test_what_cannot_be_written_lets_nobody_in(self) -> None:
        body = {"user": str(self.user.pk)}
        limit = {"max_sessions": 1, "at_max_sessions": "reject"}
        with override_settings(LOGIN_SESSIONS={"phase": "both", **limit}):
            refused = Browser().post("/log-in/", body)
        with (
            mock.patch.object(store, "create", side_effect=RuntimeError),
            self.assertLogs("app.sessions.bridge", "ERROR"),
        ):
            broken = Browser().post("/log-in/", body)
        self.assertEqual((refused.status_code, broken.status_code), (409, 500))
        for answer in (refused, broken):
            self.assertNotIn(COOKIE, answer.cookies)
            self.assertNotIn("access", answer.content.decode())


class Ends(BridgeCase):
    """At the very next request of every device."""

    def statuses(self) -> tuple[int, int, int]:
        """What the phone, the laptop and the browser get."""
        browser = self.browser.get("/who/").status_code
        return self.status(self.phone), self.status(self.laptop), browser

    def test_logout(self) -> None:
        self.assertEqual(self.send(self.phone, "/log-out/").status_code, 204)
        self.assertEqual(self.statuses(), (401, 200, 200))
        answer = self.browser.post("/log-out/")
        self.assertEqual(answer.cookies[COOKIE]["max-age"], "0")
        self.assertEqual(self.statuses(), (401, 200, 401))

    def test_a_new_password(self) -> None:
        for url in ("/change-password/", "/change-password-unseen/"):
            with self.subTest(url):
                self.clock.advance(seconds=1)
                mine, other = self.token(), self.token()
                self.assertEqual(self.send(mine, url).status_code, 204)
                self.assertEqual((self.status(mine), self.status(other)), (200, 401))

    def test_an_account_that_ends(self) -> None:
        self.assertEqual(self.send(self.phone, "/end-account/").status_code, 204)
        self.assertEqual(self.statuses(), (401, 401, 401))

    def test_deletion(self) -> None:
        self.user.delete()
        self.assertEqual(self.statuses(), (401, 401, 401))

    def test_scripts(self) -> None:
        bridge.log_out(self.phone)
        self.assertEqual(self.statuses(), (401, 200, 200))
        bridge.account_ended(users.key(self.user))
        self.assertEqual(self.statuses(), (401, 401, 401))


class OwnRoutes(BridgeCase):
    """This package's own addresses, with Django's check of CSRF tokens in force."""

    def setUp(self) -> None:
        super().setUp()
        login = Browser()
        self.mine, self.cookie = self.token(login), login.token

    def ask(
        self,
        url: str,
        token: str = "",
        cookie: str = "",
        *,
        has_csrf: bool = False,
        more: dict[str, str] | None = None,
    ) -> Any:
        """Send a token in the header, a cookie, or both."""
        client, headers = Browser(enforce_csrf_checks=True), dict(more or {})
        if token:
            headers["authorization"] = f"{bridge.SCHEME} {token}"
        if cookie:
            client.cookies[COOKIE] = cookie
        if has_csrf:
            client.cookies["csrftoken"] = headers["x-csrftoken"] = "c" * 32
        send = client.get if url == "sessions" else client.post
        return send(f"/account/{url}", headers=headers)

    def is_live(self, cookie: str) -> bool:
        """Whether a cookie opens a session."""
        return bool(self.ask("sessions", cookie=cookie).status_code == 200)

    def test_logout_by_header(self) -> None:
        self.assertEqual(self.ask("logout", self.mine).status_code, 204)
        self.assertEqual((self.status(self.mine), self.is_live(self.cookie)), (401, False))
        self.assertEqual((self.status(self.phone), self.status(self.laptop)), (200, 200))

    def test_logout_by_cookie(self) -> None:
        answer = self.ask("logout", cookie=self.cookie, has_csrf=True)
        self.assertEqual(answer.status_code, 204)
        self.assertEqual(answer.cookies[COOKIE].value, "")
        self.assertEqual((self.status(self.mine), self.is_live(self.cookie)), (401, False))
        self.assertEqual(self.status(self.phone), 200)

    def test_logout_by_both_ends_both(self) -> None:
        answer = self.ask("logout", self.phone, self.cookie)
        self.assertEqual(answer.status_code, 204)
        self.assertEqual(answer.cookies[COOKIE].value, "")
        for token in (self.phone, self.mine):
            self.assertEqual(self.status(token), 401)
        self.assertFalse(self.is_live(self.cookie))
        self.assertEqual(self.status(self.laptop), 200)

    def test_logout_by_a_cookie_beside_a_header_that_opens_nothing(self) -> None:
        wrong = tokens.new_token()
        answer = self.ask("logout", wrong, self.cookie, has_csrf=True)
        self.assertEqual(answer.status_code, 204)
        self.assertFalse(self.is_live(self.cookie))

    def test_the_list(self) -> None:
        for token, cookie in ((self.mine, ""), ("", self.cookie), (self.mine, self.cookie)):
            found = self.ask("sessions", token, cookie).json()
            self.assertEqual(len(found), 4)
            self.assertEqual(sum(one["is_this"] for one in found), 1)
        self.assertEqual(self.ask("sessions", tokens.new_token()).status_code, 401)
        self.assertEqual(self.ask("sessions").status_code, 401)

    def test_the_end_of_one_and_of_all_others(self) -> None:
        found = self.ask("sessions", self.phone).json()
        phone = next(one["handle"] for one in found if one["is_this"])
        ended = self.ask(f"sessions/{phone}", self.mine)
        self.assertEqual((ended.status_code, ended.json()["ended"]), (200, 1))
        self.assertEqual((self.status(self.phone), self.status(self.mine)), (401, 200))
        ended = self.ask("sessions/revoke-others", self.mine)
        self.assertEqual((ended.status_code, ended.json()["ended"]), (200, 2))
        self.assertEqual((self.status(self.laptop), self.status(self.mine)), (401, 200))
        self.assertTrue(self.is_live(self.cookie))

    def test_a_cookie_needs_a_csrf_token_whatever_stands_in_the_header(self) -> None:
        user, self.user = self.user, new_user()
        other, self.user = self.token(), user
        for token in ("", "null", "a.b.c", tokens.new_token(), jwt_of(self.user), other):
            for url in ("logout", "sessions/revoke-others"):
                with self.subTest(url, token=token[-10:]):
                    self.assertEqual(self.ask(url, token, self.cookie).status_code, 403)
        self.assertTrue(self.is_live(self.cookie))
        self.assertEqual((self.status(self.phone), self.status(other)), (200, 200))

    def test_a_cookie_needs_it_though_the_application_has_looked_at_it(self) -> None:
        with override_settings(MIDDLEWARE=[*BRIDGED, f"{__name__}.reading"]):
            self.assertEqual(self.ask("logout", cookie=self.cookie).status_code, 403)
            self.assertEqual(self.ask("logout", self.phone).status_code, 204)
        with override_settings(
            MIDDLEWARE=[BRIDGED[0], BRIDGED[1], f"{__name__}.reading", *BRIDGED[2:]]
        ):
            self.assertEqual(self.ask("logout", cookie=self.cookie).status_code, 403)
            self.assertEqual(self.ask("logout", self.laptop).status_code, 204)
        self.assertTrue(self.is_live(self.cookie))

    def test_what_a_cookie_shows_is_shown_by_the_cookie_alone(self) -> None:
        for token in (self.mine, jwt_of(self.user)):
            self.assertEqual(self.send(token, "/shown-by/").json(), {"by": "header"})
        browser = Browser()
        browser.cookies[COOKIE] = self.cookie
        self.assertEqual(browser.get("/shown-by/").json(), {"by": "cookie"})

    def test_other_sites(self) -> None:
        headers = {"origin": FOREIGN, "sec-fetch-site": "cross-site"}
        for token in ("", self.mine):
            refused = self.ask("logout", token, self.cookie, more=headers)
            self.assertEqual(refused.status_code, 403)
        self.assertEqual((self.status(self.mine), self.is_live(self.cookie)), (200, True))
        # a front end that lives elsewhere, and has no cookies
        self.assertEqual(self.ask("logout", self.mine, more=headers).status_code, 204)
        self.assertEqual(self.status(self.mine), 401)

    def test_a_token_whose_own_time_is_over_ends_its_session_and_no_more(self) -> None:
        self.clock.advance(seconds=HOUR)
        self.assertEqual(self.ask("sessions", self.mine).status_code, 401)
        self.assertEqual(self.ask("sessions/revoke-others", self.mine).status_code, 401)
        self.assertTrue(self.is_live(self.cookie))
        self.assertEqual(self.ask("logout", self.mine).status_code, 204)
        self.assertFalse(self.is_live(self.cookie))

    def test_jwts_count_once_they_were_exchanged(self) -> None:
        jwt = jwt_of(self.user)
        self.assertEqual(self.ask("sessions", jwt).status_code, 401)
        self.assertEqual(self.status(jwt), 200)
        self.assertEqual(self.ask("sessions", jwt).status_code, 200)
        self.assertEqual(self.ask("logout", jwt).status_code, 204)
        self.assertEqual((self.status(jwt), self.status(self.phone)), (401, 200))

    def test_in_the_last_phase_the_cookie_alone_counts(self) -> None:
        values = {"phase": "session_only", "accept_bearer": False}
        with override_settings(LOGIN_SESSIONS=values):
            self.assertEqual(self.ask("sessions", self.mine).status_code, 401)
            self.assertEqual(self.ask("logout", self.mine).status_code, 403)
            self.assertEqual(self.ask("logout", self.mine, self.cookie).status_code, 403)
            self.assertTrue(self.is_live(self.cookie))
            answer = self.ask("logout", self.mine, self.cookie, has_csrf=True)
            self.assertEqual(answer.status_code, 204)
            self.assertFalse(self.is_live(self.cookie))


class OldJwts(BridgeCase):
    """Handed out before there were sessions."""

    def test_it_is_exchanged_once(self) -> None:
        jwt, before = jwt_of(self.user), self.number_of("sessions")
        first = self.send(jwt)
        self.assertEqual((first.status_code, COOKIE in first.cookies), (200, True))
        self.assertNotIn(COOKIE, self.send(jwt).cookies)
        self.assertEqual(self.number_of("sessions"), before + 1)
        browser = Browser()
        browser.cookies[COOKIE] = first.cookies[COOKIE].value
        self.assert_names_the_user(browser.get("/who/").json())

    def test_it_ends_with_its_session(self) -> None:
        jwt = jwt_of(self.user)
        self.assertEqual(self.send(jwt, "/log-out/").status_code, 204)
        self.assertEqual(self.status(jwt), 401)
        self.assertEqual(self.status(self.phone), 200)

    def test_a_new_password_ends_those_that_were_not_exchanged(self) -> None:
        jwt, mine = jwt_of(self.user, other=1), jwt_of(self.user)
        self.clock.advance(minutes=1)
        self.assertEqual(self.send(mine, "/change-password/").status_code, 204)
        self.assertEqual((self.status(mine), self.status(jwt)), (200, 401))

    def test_phases(self) -> None:
        jwt = jwt_of(self.user)
        for phase, status in (("jwt_only", 200), ("both", 200), ("session_only", 401)):
            values = {"phase": phase, "accept_bearer": True}
            with self.subTest(phase), override_settings(LOGIN_SESSIONS=values):
                handed = self.token()
                self.assertEqual(tokens.is_token(handed), phase != "jwt_only")
                self.assertEqual(self.status(handed), 200)
                self.assertEqual(self.status(jwt), status)
                self.assertEqual(self.status(self.phone), 200)
                self.assertEqual(self.browser.get("/who/").status_code, 200)

    def test_the_last_phase_takes_the_cookie_alone(self) -> None:
        values = {"phase": "session_only", "accept_bearer": False}
        with override_settings(LOGIN_SESSIONS=values):
            browser = Browser()
            self.assertEqual(self.token(browser), IN_COOKIE)
            self.assertEqual(browser.get("/who/").status_code, 200)
            self.assertEqual(self.status(self.phone), 401)

    def test_outside_of_a_request(self) -> None:
        jwt = jwt_of(self.user)
        self.assertEqual(token_for(jwt), jwt)
        self.assertEqual(claims_of(jwt, lambda: verified(jwt)), verified(jwt))
        claims = claims_of(self.phone, lambda: verified(self.phone))
        self.assert_names_the_user(claims)
        store.revoke_all(UserId(self.key), reason="test")
        with self.assertRaises(INVALID):
            claims_of(self.phone, lambda: verified(self.phone))

    def test_the_time_that_a_jwt_may_be_of(self) -> None:
        early = jwt_of(self.user)
        until = self.clock.advance(minutes=1)
        late = jwt_of(self.user, iat=int((until + timedelta(minutes=1)).timestamp()))
        values = {"phase": "both", "jwt_issued_before": until}
        with override_settings(LOGIN_SESSIONS=values):
            self.assertEqual((self.status(early), self.status(late)), (200, 401))
