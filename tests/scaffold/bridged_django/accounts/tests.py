"""What clients of the application see. None of these tests knows how sessions are kept, but for their tables and their cookie."""

import time
from unittest import mock, skipIf

import jwt
from django.conf import settings
from django.db import connection
from django.test import AsyncClient, Client, TransactionTestCase, override_settings
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts import tokens
from accounts.models import User

COOKIE = "__Host-sid"
FOREIGN = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}


class Device:
    """A client of the API that keeps the token that it was given, and cookies unless it is told not to."""

    def __init__(self, name="", *, keeps_cookies=True):
        self.browser, self.token, self.refresh, self.keeps_cookies = Client(), "", "", keeps_cookies
        if name:
            answer = self.send("post", "/login", {"username": name, "password": "password"})
            assert answer.status_code == 200, answer.content
            self.token, self.refresh = answer.json()["token"], answer.json()["refresh"]

    def send(self, method, path, body=None, **headers):
        if self.token:
            headers.setdefault("authorization", f"Token {self.token}")
        answer = getattr(self.browser, method)(path, body, content_type="application/json", headers=headers)
        if not self.keeps_cookies:
            self.browser.cookies.clear()
        return answer

    def status(self, path="/articles"):
        return self.send("get", path).status_code

    def by_cookie_alone(self):
        copy = Device()
        copy.browser.cookies[COOKIE] = self.browser.cookies[COOKIE].value
        return copy


class Bridged(TransactionTestCase):
    def setUp(self):
        self.user = User.objects.create_user("ann", password="password")
        self.boss = User.objects.create_user("boss", password="password", role="manager")
        self.phone, self.laptop = Device("ann", keeps_cookies=False), Device("ann")

    def rows(self, table):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            return cursor.fetchone()[0]

    def old_jwt(self, user=None, **claims):
        """A JWT that was handed out before there were sessions."""
        user = user or self.user
        return tokens.sign({"id": user.pk, "role": user.role, "exp": int(time.time()) + 600, **claims})

    def with_token(self, token):
        device = Device()
        device.token = token
        return device


class LoggingIn(Bridged):
    def test_the_body_has_a_stand_in_and_the_response_the_cookie(self):
        answer = Client().post("/login", {"username": "ann", "password": "password"})
        cookie, body = answer.cookies[COOKIE], answer.json()
        self.assertEqual(cookie.OutputString(), f"__Host-sid={cookie.value}; HttpOnly; Path=/; SameSite=Lax; Secure")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertIn("Cookie", answer.headers["Vary"])
        self.assertNotIn(".", body["token"])
        self.assertEqual(len({body["token"], body["refresh"], cookie.value}), 3)

    def test_one_session_for_all_tokens_of_a_login(self):
        before = self.rows("sessions"), self.rows("session_exchanges")
        Device("ann")
        self.assertEqual((self.rows("sessions"), self.rows("session_exchanges")), (before[0] + 1, before[1] + 2))

    def test_the_header_alone_and_the_cookie_alone_open_it(self):
        self.assertEqual(self.phone.send("get", "/articles").json(), {"by": "ann"})
        self.assertEqual(self.laptop.by_cookie_alone().send("get", "/articles").json(), {"by": "ann"})
        self.assertEqual(self.laptop.by_cookie_alone().send("post", "/articles").json(), {"by": "ann"})
        self.assertEqual(Device().status(), 401)
        self.assertEqual(self.with_token("A" * 43).status(), 401)

    def test_views_of_a_middleware_of_its_own(self):
        self.assertEqual(self.phone.send("get", "/page").json(), {"member": "ann"})
        self.assertEqual(self.laptop.by_cookie_alone().send("get", "/page").json(), {"member": "ann"})
        self.assertEqual(Device().send("get", "/page").json(), {"member": None})

    def test_the_cookie_s_token_stands_in_no_body(self):
        laptop = self.laptop.by_cookie_alone()
        for path in ("/me", "/articles", "/page"):
            said = laptop.send("get", path).content.decode()
            self.assertNotIn(laptop.browser.cookies[COOKIE].value, said)

    def test_a_handler_that_gives_the_user_with_a_token_goes_on_with_the_session(self):
        before = self.rows("sessions")
        for device in (self.phone, self.laptop.by_cookie_alone()):
            again = self.with_token(device.send("get", "/me").json()["token"])
            self.assertEqual(again.status(), 200)
        self.assertEqual(self.rows("sessions"), before)

    def test_the_first_token_outlives_many_later_ones(self):
        for _ in range(25):
            self.phone.send("get", "/me")
        self.assertEqual(self.phone.status(), 200)
        self.assertEqual(self.laptop.by_cookie_alone().status(), 200)

    def test_registration_logs_in(self):
        answer = Client().post("/register", {"username": "new", "password": "password"})
        self.assertEqual(answer.status_code, 201)
        self.assertEqual(self.with_token(answer.json()["token"]).send("get", "/articles").json(), {"by": "new"})

    def test_a_second_login_in_the_same_browser_replaces_the_first(self):
        first = self.laptop.by_cookie_alone()
        self.laptop.token = ""
        answer = self.laptop.send("post", "/login", {"username": "boss", "password": "password"})
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.laptop.send("get", "/articles").json(), {"by": "boss"})
        self.assertEqual(first.status(), 200)

    def test_a_login_for_another_site_sets_no_cookie(self):
        answer = Client().post("/login", {"username": "ann", "password": "password"}, headers=FOREIGN)
        self.assertNotIn(COOKIE, answer.cookies)

    def test_what_failed_leaves_nothing(self):
        before = self.rows("sessions"), self.rows("session_exchanges")
        answer = Client().post("/fail", {"username": "late"})
        self.assertEqual(answer.status_code, 500)
        if settings.DATABASES["default"]["ATOMIC_REQUESTS"]:
            self.assertNotIn(COOKIE, answer.cookies)
            self.assertEqual((self.rows("sessions"), self.rows("session_exchanges")), before)

    @override_settings(LOGIN_SESSIONS={"max_sessions": 2, "at_max_sessions": "reject"})
    def test_one_session_too_many_lets_nobody_in(self):
        answer = Client().post("/login", {"username": "ann", "password": "password"})
        self.assertEqual(answer.status_code, 409)
        self.assertNotIn(COOKIE, answer.cookies)
        self.assertNotIn("token", answer.content.decode())

    def test_without_the_database_nobody_is_let_in(self):
        with mock.patch("sessions.store.SessionStore.create", side_effect=RuntimeError), self.assertLogs("sessions.bridge", "ERROR"):
            answer = Client(raise_request_exception=False).post("/login", {"username": "ann", "password": "password"})
        self.assertEqual(answer.status_code, 500)
        self.assertNotIn("token", answer.content.decode())
        self.assertNotIn(COOKIE, answer.cookies)


class Refreshing(Bridged):
    def test_it_goes_on_with_the_session(self):
        before = self.rows("sessions")
        answer = Client().post("/refresh", {"refresh": self.phone.refresh})
        self.assertEqual(self.with_token(answer.json()["token"]).status(), 200)
        self.assertEqual(self.rows("sessions"), before)

    def test_it_ends_with_the_session(self):
        self.assertEqual(self.phone.send("post", "/logout").status_code, 204)
        self.assertEqual(Client().post("/refresh", {"refresh": self.phone.refresh}).status_code, 403)


class Ending(Bridged):
    """At the very next request of every other device."""

    def test_logout_by_the_header(self):
        self.assertEqual(self.phone.send("post", "/logout").status_code, 204)
        self.assertEqual(self.phone.status(), 401)
        self.assertEqual(self.laptop.status(), 200)

    def test_logout_by_the_cookie(self):
        copy, token = self.laptop.by_cookie_alone(), self.laptop.token
        self.laptop.token = ""
        answer = self.laptop.send("post", "/logout")
        self.assertEqual(answer.cookies[COOKIE]["max-age"], "0")
        self.assertEqual(copy.status(), 401)
        self.assertEqual(self.with_token(token).status(), 401)
        self.assertEqual(self.phone.status(), 200)

    def test_a_new_password_ends_the_others(self):
        copy = self.laptop.by_cookie_alone()
        answer = self.phone.send("post", "/password", {"password": "new"})
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.phone.status(), 200)
        self.assertEqual(self.with_token(answer.json()["token"]).status(), 200)
        self.assertEqual((self.laptop.status(), copy.status()), (401, 401))

    def test_a_new_password_by_the_cookie_alone(self):
        self.laptop.token = ""
        self.assertEqual(self.laptop.send("post", "/password", {"password": "new"}).status_code, 200)
        self.assertEqual(self.laptop.status(), 200)
        self.assertEqual(self.phone.status(), 401)

    def test_a_reset_ends_all_and_logs_in(self):
        answer = Client().post("/reset", {"username": "ann", "password": "new"})
        self.assertEqual(answer.status_code, 200)
        self.assertEqual((self.phone.status(), self.laptop.status()), (401, 401))
        self.assertEqual(self.with_token(answer.json()["token"]).status(), 200)

    def test_deactivation(self):
        boss = Device("boss")
        self.assertEqual(boss.send("patch", f"/users/{self.user.pk}", {"is_active": False}).status_code, 204)
        self.assertEqual((self.phone.status(), self.laptop.by_cookie_alone().status()), (401, 401))
        boss.send("patch", f"/users/{self.user.pk}", {"is_active": True})
        self.assertEqual((self.phone.status(), self.laptop.by_cookie_alone().status()), (401, 401))
        self.assertEqual(boss.status(), 200)

    def test_deactivation_behind_django_s_back(self):
        User.objects.filter(pk=self.user.pk).update(is_active=False)
        self.assertEqual((self.phone.status(), self.laptop.by_cookie_alone().status()), (401, 401))

    def test_deletion(self):
        boss = Device("boss")
        self.assertEqual(boss.send("delete", f"/users/{self.user.pk}").status_code, 204)
        self.assertEqual((self.phone.status(), self.laptop.by_cookie_alone().status()), (401, 401))

    def test_a_change_of_role(self):
        boss = Device("boss")
        self.assertEqual(self.phone.status("/managers"), 403)
        boss.send("patch", f"/users/{self.user.pk}", {"role": "manager"})
        self.assertEqual((self.phone.status("/managers"), self.laptop.by_cookie_alone().status("/managers")), (200, 200))
        User.objects.filter(pk=self.user.pk).update(role="member")
        self.assertEqual((self.phone.status("/managers"), self.laptop.by_cookie_alone().status("/managers")), (403, 403))

    def test_a_token_ends_when_its_claims_say_so(self):
        with mock.patch.object(tokens, "LIFETIME", -1):
            short = Device("ann")
        answer = short.send("get", "/articles")
        self.assertEqual((answer.status_code, answer.json()), (401, {"detail": "expired"}))
        # the cookie does not end with it
        self.assertEqual(short.by_cookie_alone().status(), 200)


class OldJwts(Bridged):
    """Handed out before there were sessions."""

    def test_it_works_and_is_exchanged_once(self):
        device, before = self.with_token(self.old_jwt()), self.rows("sessions")
        first = device.send("get", "/articles")
        self.assertEqual(first.json(), {"by": "ann"})
        self.assertIn(COOKIE, first.cookies)
        self.assertNotIn(COOKIE, device.send("get", "/articles").cookies)
        self.assertEqual(self.rows("sessions"), before + 1)
        self.assertEqual(device.by_cookie_alone().send("get", "/articles").json(), {"by": "ann"})

    def test_its_role_is_read_from_the_row(self):
        device = self.with_token(self.old_jwt(role="manager"))
        self.assertEqual(device.status("/managers"), 403)

    def test_it_ends_with_its_session(self):
        for is_new in (True, False):
            with self.subTest(is_new=is_new):
                jwt_ = self.old_jwt(number=is_new)
                if not is_new:
                    self.assertEqual(self.with_token(jwt_).status(), 200)
                self.assertEqual(self.with_token(jwt_).send("post", "/logout").status_code, 204)
                self.assertEqual(self.with_token(jwt_).status(), 401)

    def test_a_new_password_ends_it_exchanged_or_not(self):
        used, unused = self.old_jwt(number=1), self.old_jwt(number=2, iat=int(time.time()) - 60)
        self.assertEqual(self.with_token(used).status(), 200)
        self.phone.send("post", "/password", {"password": "new"})
        self.assertEqual((self.with_token(used).status(), self.with_token(unused).status()), (401, 401))

    def test_who_changes_the_password_with_it_stays(self):
        device = self.with_token(self.old_jwt(iat=int(time.time()) - 60))
        answer = device.send("post", "/password", {"password": "new"})
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(device.status(), 200)
        self.assertEqual(device.by_cookie_alone().status(), 200)
        self.assertEqual(self.phone.status(), 401)

    def test_what_the_library_refuses_is_refused(self):
        forged = jwt.encode({"id": self.user.pk, "role": "manager"}, "x" * 32, algorithm="HS256")
        before = self.rows("sessions")
        self.assertEqual(self.with_token(forged).status(), 401)
        expired = self.with_token(self.old_jwt(exp=1)).send("get", "/articles")
        self.assertEqual((expired.status_code, expired.json()), (401, {"detail": "expired"}))
        self.assertEqual(self.rows("sessions"), before)

    def test_session_only_refuses_it(self):
        exchanged = self.old_jwt()
        self.assertEqual(self.with_token(exchanged).status(), 200)
        with override_settings(LOGIN_SESSIONS={"phase": "session_only"}):
            self.assertEqual(self.with_token(exchanged).status(), 401)
            self.assertEqual(self.with_token(self.old_jwt(number=1)).status(), 401)
            self.assertEqual((self.phone.status(), self.laptop.by_cookie_alone().status()), (200, 200))
            self.assertEqual(Device("ann").status(), 200)

    @override_settings(LOGIN_SESSIONS={"phase": "jwt_only"})
    def test_jwt_only_is_as_before(self):
        before = self.rows("sessions")
        device = Device("ann")
        self.assertEqual(device.token.count("."), 2)
        self.assertNotIn(COOKIE, device.browser.cookies)
        self.assertEqual(device.status(), 200)
        self.assertEqual(self.rows("sessions"), before)
        # and takes what the next phase hands out
        self.assertEqual((self.phone.status(), self.laptop.by_cookie_alone().status()), (200, 200))


class CookieOnly(Bridged):
    @override_settings(LOGIN_SESSIONS={"phase": "session_only", "accept_bearer": False})
    def test_the_header_is_not_read_and_no_token_handed_out(self):
        self.assertEqual(self.phone.status(), 401)
        # the cookie counts, whatever stands in the header
        self.assertEqual(self.laptop.status(), 200)
        answer = Client().post("/login", {"username": "ann", "password": "password"})
        self.assertEqual(answer.json(), {"token": "the-session-is-in-the-cookie", "refresh": "the-session-is-in-the-cookie"})
        browser = Client()
        browser.cookies[COOKIE] = answer.cookies[COOKIE].value
        self.assertEqual(browser.get("/articles").json(), {"by": "ann"})


class OtherSites(Bridged):
    def test_the_cookie_is_not_taken_from_an_unsafe_request(self):
        before = self.laptop.by_cookie_alone()
        self.assertEqual(before.send("post", "/articles", **FOREIGN).status_code, 401)
        self.assertEqual(before.send("get", "/articles", **FOREIGN).status_code, 200)
        # no other site can send the header
        self.assertEqual(self.phone.send("post", "/articles", **FOREIGN).status_code, 200)
        self.assertEqual(before.status(), 200)

    @override_settings(CSRF_TRUSTED_ORIGINS=["https://app.example"])
    def test_an_origin_that_django_trusts_is_trusted(self):
        answer = self.laptop.by_cookie_alone().send("post", "/articles", origin="https://app.example")
        self.assertEqual(answer.status_code, 200)


class Pages(Bridged):
    """The application has a cookie of its own for its tokens."""

    def setUp(self):
        super().setUp()
        self.browser = Client()
        self.browser.post("/page-login", {"username": "ann", "password": "password"})

    def member(self, method="get", *names, **headers):
        """As whom a browser is taken that has only the cookies that are named."""
        browser = Client()
        for name in names:
            browser.cookies[name] = self.browser.cookies[name].value
        return getattr(browser, method)("/page", headers=headers).json()["member"]

    def test_either_cookie_will_do_and_both(self):
        self.assertTrue(self.browser.cookies["access_token"].value)
        self.assertNotEqual(self.browser.cookies["access_token"].value, self.browser.cookies[COOKIE].value)
        for names in ((COOKIE,), ("access_token",), (COOKIE, "access_token")):
            self.assertEqual(self.member("get", *names), "ann")
            self.assertEqual(self.member("post", *names), "ann")

    def test_other_sites_bring_neither(self):
        for names in ((COOKIE,), ("access_token",), (COOKIE, "access_token")):
            self.assertIsNone(self.member("post", *names, **FOREIGN))
            self.assertEqual(self.member("get", *names, **FOREIGN), "ann")
        self.browser.cookies["access_token"] = self.old_jwt()
        self.assertIsNone(self.member("post", "access_token", **FOREIGN))

    def test_a_jwt_of_before(self):
        self.browser.cookies["access_token"] = self.old_jwt()
        answer = Client().get("/page", headers={"cookie": f"access_token={self.old_jwt()}"})
        self.assertEqual((answer.json(), COOKIE in answer.cookies), ({"member": "ann"}, True))

    def test_the_end(self):
        Device("boss").send("patch", f"/users/{self.user.pk}", {"is_active": False})
        self.assertIsNone(self.member("get", COOKIE, "access_token"))

    def test_the_last_phase(self):
        with override_settings(LOGIN_SESSIONS={"phase": "session_only", "accept_bearer": False}):
            self.assertIsNone(self.member("get", "access_token"))
            self.assertEqual(self.member("get", COOKIE, "access_token"), "ann")


class Admin(Bridged):
    def setUp(self):
        super().setUp()
        if not settings.HAS_ADMIN:
            self.skipTest("this project has no admin")
        self.root = User.objects.create_superuser("root", password="password")

    def test_its_login_goes_on_working_and_is_django_s_own(self):
        before, browser = self.rows("sessions"), Client()
        answer = browser.post("/admin/login/?next=/admin/", {"username": "root", "password": "password"})
        self.assertEqual((answer.status_code, set(answer.cookies)), (302, {"sessionid", "csrftoken"}))
        self.assertEqual(browser.get("/admin/accounts/user/").status_code, 200)
        self.assertEqual(self.rows("sessions"), before)
        browser.post("/admin/logout/")
        self.assertEqual(browser.get("/admin/").status_code, 302)

    def test_what_it_does_to_users_ends_their_sessions(self):
        browser = Client()
        browser.force_login(self.root)
        self.assertEqual(browser.post(f"/admin/accounts/user/{self.user.pk}/delete/", {"post": "yes"}).status_code, 302)
        self.assertEqual((self.phone.status(), self.laptop.by_cookie_alone().status()), (401, 401))

    def test_a_password_that_it_sets_ends_the_user_s_sessions(self):
        browser = Client()
        browser.force_login(self.root)
        path = f"/admin/accounts/user/{self.user.pk}/password/"
        answer = browser.post(path, {"password1": "a new one: 81", "password2": "a new one: 81"})
        self.assertEqual(answer.status_code, 302)
        self.assertEqual((self.phone.status(), self.laptop.by_cookie_alone().status()), (401, 401))
        self.assertEqual(browser.get("/admin/").status_code, 200)

    def test_both_kinds_of_session_in_one_browser(self):
        browser = self.laptop.browser
        browser.force_login(self.root)
        self.assertEqual(browser.get("/admin/").status_code, 200)
        self.assertEqual(browser.get("/articles").json(), {"by": "ann"})
        browser.post("/admin/logout/")
        self.assertEqual((browser.get("/admin/").status_code, browser.get("/articles").status_code), (302, 401))


class OutsideOfARequest(Bridged):
    def test_jwts_are_made_and_verified_as_before(self):
        token = self.user.token
        self.assertEqual(jwt.decode(token, settings.SECRET_KEY, algorithms=["HS256"])["id"], self.user.pk)
        self.assertEqual(tokens.read(token)["role"], "member")
        self.assertRaises(jwt.InvalidTokenError, tokens.read, "nonsense")
        self.assertRaises(jwt.InvalidTokenError, tokens.read, "A" * 43)

    def test_what_was_handed_out_in_a_request_is_known(self):
        self.assertEqual(tokens.read(self.phone.token)["id"], self.user.pk)
        self.phone.send("post", "/logout")
        self.assertRaises(jwt.InvalidTokenError, tokens.read, self.phone.token)

    def test_views_without_the_middleware(self):
        from accounts import views

        request = APIRequestFactory().get("/me")
        force_authenticate(request, self.user, {"role": "member"})
        answer = views.Me.as_view()(request)
        self.assertEqual(answer.data["token"].count("."), 2)
        request = APIRequestFactory().get("/articles", HTTP_AUTHORIZATION=f"Token {self.old_jwt()}")
        self.assertEqual(views.Articles.as_view()(request).data, {"by": "ann"})

    def test_scripts_end_sessions(self):
        from sessions.bridge import account_ended, log_out

        log_out(self.phone.token)
        self.assertEqual((self.phone.status(), self.laptop.status()), (401, 200))
        account_ended(self.user)
        self.assertEqual(self.laptop.status(), 401)


@skipIf(settings.DATABASES["default"]["ATOMIC_REQUESTS"], "Django has no asynchronous views in ATOMIC_REQUESTS")
class Coroutines(Bridged):
    async def test_the_header_and_the_cookie(self):
        for headers, cookie in (({"authorization": f"Token {self.phone.token}"}, ""), ({}, self.laptop.browser.cookies[COOKIE].value)):
            client = AsyncClient()
            client.cookies[COOKIE] = cookie
            answer = await client.get("/async-page", headers=headers)
            self.assertEqual(answer.json(), {"id": self.user.pk})

    async def test_logout(self):
        client, headers = AsyncClient(), {"authorization": f"Token {self.phone.token}"}
        self.assertEqual((await client.get("/async-logout", headers=headers)).status_code, 200)
        with self.assertRaises(jwt.InvalidTokenError):
            await client.get("/async-page", headers=headers)
