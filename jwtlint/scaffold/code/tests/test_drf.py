"""Sessions in Django REST framework."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connections
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path
from rest_framework import permissions, throttling
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from .. import auth, statements, users
from ..drf import IsFresh, SessionTableAuthentication
from ..legacy import LegacyToken
from ..service import database, legacy, store
from ..types import Client, UserId
from .django_support import (
    COOKIE,
    FOREIGN,
    IPHONE,
    MIDDLEWARE,
    OWN,
    QUERIES,
    START,
    Browser,
    SessionCase,
    new_user,
)

VERIFY = f"{__name__}.verify"


def verify(token: str) -> LegacyToken | None:
    """A JWT of the tests: ``good.<user>.<seconds after the start>``."""
    head, user, seconds = token.split(".")
    issued = START + timedelta(seconds=int(seconds))
    return LegacyToken(UserId(user), issued) if head == "good" else None


class Api(APIView):
    """What all views of the tests have."""

    authentication_classes = (SessionTableAuthentication,)
    permission_classes: tuple[type[permissions.BasePermission], ...] = (
        permissions.IsAuthenticated,
    )
    throttle_classes: tuple[type[throttling.BaseThrottle], ...] = ()

    def get(self, request: Request) -> Response:
        """Who asks, and in which session."""
        session = request.auth
        return Response({"user": str(request.user.pk), "in_session": bool(session)})

    def post(self, request: Request) -> Response:
        """The same, as if something changed."""
        return self.get(request)


class Open(Api):
    """For everybody."""

    permission_classes = (permissions.AllowAny,)


class Fresh(Api):
    """For those who have just proved who they are."""

    permission_classes = (IsFresh,)


class Once(throttling.UserRateThrottle):
    """One request in a day for each user."""

    rate = "1/day"


class Rare(Api):
    """Seldom."""

    throttle_classes = (Once,)


class LogIn(APIView):
    """A login of the API's own."""

    authentication_classes = (SessionTableAuthentication,)
    permission_classes = (permissions.AllowAny,)

    def post(self, request: Request) -> Response:
        """Log in the user that is named: the tests know no passwords here."""
        user = get_user_model()._default_manager.get(pk=request.POST["user"])
        auth.log_in(request, user, "passkey")
        return Response({"user": str(request.user.pk)})


class TakePlace(Api):
    """An administrator takes a user's place."""

    def post(self, request: Request) -> Response:
        """Log in as the user that is named."""
        user = get_user_model()._default_manager.get(pk=request.POST["user"])
        auth.log_in(request, user, "impersonation", by=f"admin:{request.user.pk}")
        return Response({"user": str(request.user.pk)})


class LogOut(Api):
    """A logout of the API's own."""

    def post(self, request: Request) -> Response:
        """Log out."""
        auth.log_out(request)
        return Response({"user": str(request.user.pk)})


urlpatterns = [
    path("api/log-out/", LogOut.as_view()),
    path("api/", Api.as_view()),
    path("api/open/", Open.as_view()),
    path("api/fresh/", Fresh.as_view()),
    path("api/rare/", Rare.as_view()),
    path("api/log-in/", LogIn.as_view()),
    path("api/take-place/", TakePlace.as_view()),
]


def bearer(token: str, scheme: str = "Bearer") -> dict[str, str]:
    """The header that carries a token."""
    return {"authorization": f"{scheme} {token}"}


class ApiCase(SessionCase):
    """The browser of a user is logged in; the API is asked."""

    def setUp(self) -> None:
        super().setUp()
        cache.clear()
        urls = override_settings(ROOT_URLCONF=__name__)
        urls.enable()
        self.addCleanup(urls.disable)


class CookieInApi(ApiCase):
    """With the cookie."""

    def test_the_user_and_the_session(self) -> None:
        with CaptureQueriesContext(connections[database.using]) as queries:
            answer = self.browser.get("/api/")
        self.assertLessEqual(len(queries), QUERIES)
        self.assertEqual(answer.json(), {"user": str(self.user.pk), "in_session": True})

    def test_nobody_is_401_and_not_403(self) -> None:
        answer = Browser().get("/api/")
        self.assertEqual(answer.status_code, 401)
        self.assertEqual(answer.headers["WWW-Authenticate"], 'Session realm="api"')
        store.revoke_all(self.key, reason="test")
        self.assertEqual(self.browser.get("/api/").status_code, 401)
        self.assertEqual(Browser().get("/api/open/").status_code, 200)

    def test_django_s_csrf_token_is_asked_for(self) -> None:
        strict = Browser(enforce_csrf_checks=True)
        strict.cookies[COOKIE] = self.browser.token
        self.assertEqual(strict.get("/api/").status_code, 200)
        self.assertEqual(strict.post("/api/").status_code, 403)
        strict.cookies["csrftoken"] = "a" * 32
        headers = {"x-csrftoken": "a" * 32, "origin": OWN}
        self.assertEqual(strict.post("/api/", headers=headers).status_code, 200)
        # nobody in particular needs none
        open_to_all = Browser(enforce_csrf_checks=True).post("/api/open/")
        self.assertEqual(open_to_all.status_code, 200)

    def test_other_sites_are_refused(self) -> None:
        headers = {"origin": FOREIGN, "sec-fetch-site": "cross-site"}
        self.assertEqual(self.browser.post("/api/", headers=headers).status_code, 403)
        with override_settings(MIDDLEWARE=MIDDLEWARE[:-1]):
            self.assertEqual(
                self.browser.post("/api/", headers=headers).status_code, 403
            )

    def test_a_login_is_fresh_for_some_minutes(self) -> None:
        self.assertEqual(self.browser.get("/api/fresh/").status_code, 200)
        self.clock.advance(minutes=10)
        self.assertEqual(self.browser.get("/api/fresh/").status_code, 403)

    def test_throttles_count_by_user(self) -> None:
        self.assertEqual(self.browser.get("/api/rare/").status_code, 200)
        self.assertEqual(self.browser.get("/api/rare/").status_code, 429)
        stranger, other = new_user(), Browser()
        other.cookies[COOKIE] = store.create(users.key(stranger), Client()).token
        self.assertEqual(other.get("/api/rare/").status_code, 200)

    def test_a_login_of_the_api_s_own(self) -> None:
        browser, body = Browser(), {"user": str(self.user.pk)}
        answer = browser.post("/api/log-in/", body)
        self.assertEqual(answer.json(), {"user": str(self.user.pk)})
        self.assertEqual(browser.get("/api/").json()["user"], str(self.user.pk))
        headers = {"origin": FOREIGN, "sec-fetch-site": "cross-site"}
        refused = Browser().post("/api/log-in/", body, headers=headers)
        self.assertEqual(refused.status_code, 403)
        self.assertNotIn(COOKIE, refused.cookies)

    @override_settings(LOGIN_SESSIONS={"max_sessions": 1, "at_max_sessions": "reject"})
    def test_one_session_too_many_is_refused(self) -> None:
        second, body = Browser(), {"user": str(self.user.pk)}
        self.assertEqual(second.post("/api/log-in/", body).status_code, 409)
        self.assertNotIn(COOKIE, second.cookies)

    def test_who_takes_a_user_s_place_is_written_down(self) -> None:
        old, other = Browser(), new_user()
        old.cookies[COOKIE] = self.browser.token
        answer = self.browser.post("/api/take-place/", {"user": str(other.pk)})
        self.assertEqual(answer.json(), {"user": str(other.pk)})
        self.assertEqual(self.browser.get("/api/").json()["user"], str(other.pk))
        self.assertEqual(old.get("/api/").status_code, 401)
        events = database.fetch(
            statements.EVENTS_OF_USER,
            user_id=users.key(other),
            since=START - timedelta(days=1),
            until=START + timedelta(days=1),
        )
        self.assertEqual(
            [(str(row["kind"]), str(row["actor"])) for row in events],
            [("created", f"admin:{self.user.pk}")],
        )

    @override_settings(LOGIN_SESSIONS={"shared_session": "step_up"})
    def test_a_second_device_is_nobody_until_it_logs_in(self) -> None:
        thief = Browser(IPHONE, "203.0.113.9")
        thief.cookies[COOKIE] = self.browser.token
        self.assertEqual(thief.get("/api/").status_code, 401)
        self.assertEqual(self.browser.get("/api/").status_code, 401)


class HeaderInApi(ApiCase):
    """With a token in a header."""

    def status(self, token: str, scheme: str = "Bearer") -> int:
        """What is answered to a new browser, whose CSRF token is asked for."""
        browser = Browser(enforce_csrf_checks=True)
        return browser.post("/api/", headers=bearer(token, scheme)).status_code

    def test_opaque_tokens_are_accepted_only_if_the_settings_say_so(self) -> None:
        self.assertEqual(self.status(self.browser.token), 401)
        with override_settings(LOGIN_SESSIONS={"accept_bearer": True}):
            for scheme in ("Bearer", "Token", "bearer"):
                self.assertEqual(self.status(self.browser.token, scheme), 200)
            self.assertEqual(self.status("x" * 43), 401)
            self.assertEqual(self.status(self.browser.token, "Basic"), 401)

    def test_session_only_refuses_jwts(self) -> None:
        values = {"phase": "session_only", "verify_jwt": VERIFY}
        with override_settings(LOGIN_SESSIONS=values):
            self.assertEqual(self.status(f"good.{self.user.pk}.0"), 401)

    def test_jwt_only_accepts_jwts_and_makes_no_session(self) -> None:
        before = self.number_of("sessions")
        values = {"phase": "jwt_only", "verify_jwt": VERIFY}
        with override_settings(LOGIN_SESSIONS=values):
            headers = bearer(f"good.{self.user.pk}.0", "JWT")
            answer = Browser().get("/api/", headers=headers)
            self.assertEqual(
                answer.json(), {"user": str(self.user.pk), "in_session": False}
            )
            self.assertEqual(self.status(f"bad.{self.user.pk}.0"), 401)
            self.assertEqual(self.status("no.jwt"), 401)
            # and sessions of the next phase
            self.assertEqual(self.browser.get("/api/").status_code, 200)
        self.assertEqual(self.number_of("sessions"), before)

    @override_settings(LOGIN_SESSIONS={"phase": "both", "verify_jwt": VERIFY})
    def test_both_exchanges_a_jwt_once_and_hands_out_the_cookie(self) -> None:
        before = self.number_of("sessions")
        jwt = f"good.{self.user.pk}.0"
        tab = Browser()
        first = tab.get("/api/", headers=bearer(jwt))
        self.assertEqual(first.json(), {"user": str(self.user.pk), "in_session": True})
        self.assertIn(COOKIE, first.cookies)
        self.assertNotIn(COOKIE, tab.get("/api/", headers=bearer(jwt)).cookies)
        self.assertEqual(self.number_of("sessions"), before + 1)
        self.assertEqual(tab.get("/api/").json()["user"], str(self.user.pk))
        # the header needs no CSRF token, though the cookie comes with it
        strict = Browser(enforce_csrf_checks=True)
        strict.cookies[COOKIE] = tab.token
        self.assertEqual(strict.post("/api/", headers=bearer(jwt)).status_code, 200)
        # and ends with its session
        store.revoke_all(self.key, reason="stolen", by="admin")
        self.assertEqual(self.status(jwt), 401)

    @override_settings(LOGIN_SESSIONS={"phase": "both", "verify_jwt": VERIFY})
    def test_logout_ends_what_the_jwt_stood_for(self) -> None:
        jwt = f"good.{self.user.pk}.0"
        tab = Browser()
        tab.get("/api/", headers=bearer(jwt))
        with override_settings(ROOT_URLCONF="app.sessions.tests.django_urls"):
            tab.post("/account/logout")
        self.assertEqual(self.status(jwt), 401)

    @override_settings(LOGIN_SESSIONS={"phase": "both", "verify_jwt": VERIFY})
    def test_logout_with_a_jwt_ends_it(self) -> None:
        jwt = f"good.{self.user.pk}.0"
        strict = Browser(enforce_csrf_checks=True)
        answer = strict.post("/api/log-out/", headers=bearer(jwt))
        self.assertEqual(answer.json(), {"user": "None"})
        self.assertEqual(strict.token, "")
        self.assertEqual(self.status(jwt), 401)

    @override_settings(LOGIN_SESSIONS={"phase": "both", "verify_jwt": VERIFY})
    def test_a_new_password_ends_jwts_that_were_not_exchanged(self) -> None:
        self.clock.advance(minutes=1)
        self.user.set_password("something new")
        self.user.save()
        self.assertEqual(self.status(f"good.{self.user.pk}.0"), 401)
        self.clock.advance(minutes=1)
        self.assertEqual(self.status(f"good.{self.user.pk}.120"), 200)

    @override_settings(LOGIN_SESSIONS={"accept_bearer": True})
    def test_logout_with_the_session_s_own_token(self) -> None:
        token = self.browser.token
        answer = Browser().post("/api/log-out/", headers=bearer(token))
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.status(token), 401)
        self.assertEqual(self.browser.session_row.revoked_reason, "logout")

    def test_going_back_a_phase_logs_nobody_out(self) -> None:
        jwt, tab = f"good.{self.user.pk}.0", Browser()
        for phase in ("jwt_only", "both", "session_only", "both", "jwt_only"):
            values = {"phase": phase, "verify_jwt": VERIFY}
            with self.subTest(phase), override_settings(LOGIN_SESSIONS=values):
                self.assertEqual(self.browser.get("/api/").status_code, 200)
                headers = bearer(jwt) if phase != "session_only" else {}
                self.assertEqual(tab.get("/api/", headers=headers).status_code, 200)

    def test_a_jwt_in_a_cookie_needs_django_s_token(self) -> None:
        values = {"phase": "both", "verify_jwt": VERIFY, "jwt_cookie": "access_token"}
        with override_settings(LOGIN_SESSIONS=values):
            strict = Browser(enforce_csrf_checks=True)
            strict.cookies["access_token"] = f"good.{self.user.pk}.0"
            self.assertEqual(strict.post("/api/").status_code, 403)
            self.assertEqual(strict.get("/api/").status_code, 200)
            foreign = strict.post("/api/", headers={"origin": FOREIGN})
            self.assertEqual(foreign.status_code, 403)

    @override_settings(LOGIN_SESSIONS={"phase": "both", "verify_jwt": VERIFY})
    def test_a_counter_says_when_to_go_on(self) -> None:
        self.status(f"good.{self.user.pk}.0")
        self.assertEqual(legacy.use(START - timedelta(days=1)).exchanged, 1)
        found = database.fetch(statements.AUDIT_MARKS)
        self.assertIn("jwt_accepted_until", [row["name"] for row in found])

    def test_inactive_users_are_refused(self) -> None:
        if not hasattr(self.user, "is_active"):
            self.skipTest("this user model has no is_active")
        type(self.user)._base_manager.filter(pk=self.user.pk).update(is_active=False)
        for phase in ("jwt_only", "both"):
            values = {"phase": phase, "verify_jwt": VERIFY, "accept_bearer": True}
            with self.subTest(phase), override_settings(LOGIN_SESSIONS=values):
                self.assertEqual(self.status(f"good.{self.user.pk}.0"), 401)
                self.assertEqual(self.status(self.browser.token), 401)
