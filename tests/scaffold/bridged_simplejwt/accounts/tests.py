"""What clients of the application see."""

import json
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.test import Client, TransactionTestCase, override_settings
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import User

COOKIE = "__Host-sid"
FOREIGN = {"origin": "https://evil.example", "sec-fetch-site": "cross-site"}


class Device:
    """A client of the API that keeps the tokens that it was given, and cookies."""

    def __init__(self, name=""):
        self.browser, self.access, self.refresh = Client(), "", ""
        if name:
            answer = self.send("post", "/token", {"username": name, "password": "password"})
            assert answer.status_code == 200, answer.content
            self.access, self.refresh = answer.json()["access"], answer.json()["refresh"]

    def send(self, method, path, body=None, **headers):
        if self.access:
            headers.setdefault("authorization", f"Bearer {self.access}")
        return getattr(self.browser, method)(path, body, content_type="application/json", headers=headers)

    def status(self, path="/articles"):
        return self.send("get", path).status_code

    def renewed(self):
        return Client().post("/token/refresh", {"refresh": self.refresh}, content_type="application/json")

    def by_cookie_alone(self):
        copy = Device()
        copy.browser.cookies[COOKIE] = self.browser.cookies[COOKIE].value
        return copy


class Bridged(TransactionTestCase):
    def setUp(self):
        self.user = User.objects.create_user("ann", password="password")
        self.boss = User.objects.create_user("boss", password="password", role="manager")
        self.phone, self.laptop = Device("ann"), Device("ann")

    def rows(self, table):
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{table}"')
            return cursor.fetchall()

    def with_token(self, token):
        device = Device()
        device.access = str(token)
        return device

    def assert_ended(self, device):
        self.assertEqual((device.status(), device.renewed().status_code, device.by_cookie_alone().status()), (401, 401, 401))

    def assert_alive(self, device):
        self.assertEqual((device.status(), device.by_cookie_alone().status()), (200, 200))


class Tokens(Bridged):
    def test_a_login_gives_stand_ins_and_the_cookie(self):
        answer = Client().post("/token", {"username": "ann", "password": "password"})
        self.assertEqual(set(answer.json()), {"access", "refresh"})
        self.assertNotIn(".", answer.json()["access"] + answer.json()["refresh"])
        self.assertTrue(answer.cookies[COOKIE]["httponly"])
        self.assertNotIn(answer.cookies[COOKIE].value, answer.content.decode())

    def test_header_and_cookie(self):
        self.assertEqual(self.phone.send("get", "/articles").json(), {"by": "ann"})
        for method in ("get", "post"):
            self.assertEqual(self.phone.by_cookie_alone().send(method, "/articles").json(), {"by": "ann"})
        self.assertEqual(self.phone.by_cookie_alone().send("post", "/articles", **FOREIGN).status_code, 401)

    def test_each_token_for_its_own_use(self):
        self.assertEqual(self.with_token(self.phone.refresh).status(), 401)
        wrong = Client().post("/token/refresh", {"refresh": self.phone.access})
        self.assertEqual(wrong.status_code, 401)

    def test_refresh(self):
        before = len(self.rows("sessions"))
        answer = self.phone.renewed()
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(self.with_token(answer.json()["access"]).status(), 200)
        self.assertEqual(len(self.rows("sessions")), before)
        old, self.phone.refresh = self.phone.refresh, answer.json()["refresh"]
        self.assertEqual(self.phone.renewed().status_code, 200)
        again = Client().post("/token/refresh", {"refresh": old}).status_code
        self.assertEqual(again, 401 if settings.SIMPLE_JWT["BLACKLIST_AFTER_ROTATION"] else 200)
        self.assert_alive(self.phone)

    def test_verify(self):
        self.assertEqual(Client().post("/token/verify", {"token": self.phone.access}).status_code, 200)
        self.phone.send("post", "/logout", {"refresh": self.phone.refresh})
        self.assertEqual(Client().post("/token/verify", {"token": self.phone.access}).status_code, 401)

    def test_claims_of_the_application_s_own_are_read_from_the_row(self):
        self.assertEqual((self.phone.status("/managers"), Device("boss").status("/managers")), (403, 200))
        boss = Device("boss")
        boss.send("patch", f"/users/{self.user.pk}", {"role": "manager"})
        self.assertEqual((self.phone.status("/managers"), self.phone.by_cookie_alone().status("/managers")), (200, 200))
        User.objects.update(role="member")
        self.assertEqual((self.phone.status("/managers"), boss.by_cookie_alone().status("/managers")), (403, 403))

    def test_the_tables_open_nothing(self):
        tables = "sessions", "session_exchanges", "token_blacklist_outstandingtoken"
        dump = json.dumps([self.rows(name) for name in tables], default=str)
        for device in (self.phone, self.laptop):
            for secret in (device.access, device.refresh, device.browser.cookies[COOKIE].value):
                self.assertNotIn(secret, dump)

    def test_an_access_token_expires(self):
        request = {"username": "ann", "password": "password"}
        lifetime, AccessToken.lifetime = AccessToken.lifetime, timedelta(seconds=-1)
        try:
            short = Device("ann")
        finally:
            AccessToken.lifetime = lifetime
        answer = short.send("get", "/articles")
        self.assertEqual((answer.status_code, answer.json()["code"]), (401, "token_not_valid"))
        self.assertEqual(short.by_cookie_alone().status(), 200)
        self.assertEqual(Client().post("/token", request).status_code, 200)


class Ending(Bridged):
    def test_logout_by_the_blacklist(self):
        for device, path in ((self.phone, "/logout"), (self.laptop, "/token/blacklist")):
            with self.subTest(path):
                other = Device("ann")
                answer = device.send("post", path, {"refresh": device.refresh})
                self.assertIn(answer.status_code, (200, 204))
                copy = Device()
                copy.access, copy.refresh = device.access, device.refresh
                self.assertEqual((copy.status(), copy.renewed().status_code), (401, 401))
                self.assertEqual(answer.cookies[COOKIE]["max-age"], "0")
                self.assert_alive(other)

    def test_logout_after_a_rotation(self):
        answer = self.phone.renewed().json()
        self.phone.access, self.phone.refresh = answer["access"], answer["refresh"]
        copy = self.phone.by_cookie_alone()
        self.phone.send("post", "/logout", {"refresh": self.phone.refresh})
        self.assertEqual((self.phone.status(), copy.status(), self.phone.renewed().status_code), (401, 401, 401))

    def test_django_s_logout(self):
        copy = self.phone.by_cookie_alone()
        self.assertEqual(self.phone.send("post", "/django-logout").status_code, 204)
        self.assertEqual((self.phone.status(), copy.status(), self.phone.renewed().status_code), (401, 401, 401))
        self.assert_alive(self.laptop)

    def test_logout_everywhere(self):
        self.laptop.by_cookie_alone()
        copy = Device()
        copy.access = self.phone.access
        self.assertEqual(self.phone.send("post", "/logout-everywhere").status_code, 204)
        self.assertEqual(copy.status(), 401)
        self.assert_ended(self.laptop)

    def test_another_device_is_put_on_the_blacklist(self):
        self.assertEqual(self.phone.send("post", "/end-one", {"newest": True}).status_code, 204)
        self.assert_ended(self.laptop)
        self.assert_alive(self.phone)

    def test_a_script_that_uses_the_blacklist(self):
        RefreshToken(self.phone.refresh).blacklist()
        self.assert_ended(self.phone)
        self.assert_alive(self.laptop)

    def test_a_new_password(self):
        self.assertEqual(self.phone.send("post", "/password", {"password": "new"}).status_code, 204)
        self.assert_alive(self.phone)
        self.assertEqual(self.phone.renewed().status_code, 200)
        self.assert_ended(self.laptop)

    def test_deactivation(self):
        Device("boss").send("patch", f"/users/{self.user.pk}", {"is_active": False})
        self.assert_ended(self.phone)

    def test_deletion(self):
        Device("boss").send("delete", f"/users/{self.user.pk}")
        self.assert_ended(self.phone)


class OldJwts(Bridged):
    """Made outside of a request, they are JWTs as they were before there were sessions."""

    def setUp(self):
        super().setUp()
        self.old = RefreshToken.for_user(self.user)
        self.old["role"] = "manager"

    def test_access(self):
        access = str(self.old.access_token)
        self.assertEqual(access.count("."), 2)
        device = self.with_token(access)
        self.assertEqual((device.status(), device.status("/managers")), (200, 403))
        self.assertEqual(device.by_cookie_alone().status(), 200)
        self.phone.send("post", "/password", {"password": "new"})
        self.assertEqual((device.status(), device.by_cookie_alone().status()), (401, 401))

    def test_refresh(self):
        device = Device()
        device.refresh = str(self.old)
        answer = device.renewed()
        self.assertEqual(answer.status_code, 200)
        self.assertNotIn(".", answer.json()["access"] + answer.json()["refresh"])
        browser = Device()
        browser.browser.cookies[COOKIE] = answer.cookies[COOKIE].value
        self.assertEqual(browser.status(), 200)
        self.assertEqual(self.with_token(answer.json()["access"]).status(), 200)

    def test_logout(self):
        used = str(self.old.access_token)
        self.assertEqual(self.with_token(used).status(), 200)
        device = Device()
        device.access, device.refresh = used, str(self.old)
        self.assertEqual(device.send("post", "/logout", {"refresh": device.refresh}).status_code, 204)
        self.assertEqual((device.renewed().status_code, device.status()), (401, 401))

    def test_session_only(self):
        with override_settings(LOGIN_SESSIONS={"phase": "session_only"}):
            self.assertEqual(self.with_token(self.old.access_token).status(), 401)
            self.assert_alive(self.phone)

    def test_jwt_only(self):
        with override_settings(LOGIN_SESSIONS={"phase": "jwt_only"}):
            before = len(self.rows("sessions"))
            device = Device("ann")
            self.assertEqual((device.access.count("."), device.status()), (2, 200))
            self.assertEqual(device.renewed().status_code, 200)
            self.assertEqual(len(self.rows("sessions")), before)
            self.assert_alive(self.phone)

    def test_the_cookie_alone(self):
        with override_settings(LOGIN_SESSIONS={"phase": "session_only", "accept_bearer": False}):
            self.assertEqual(self.with_token(self.phone.access).status(), 401)
            answer = Client().post("/token", {"username": "ann", "password": "password"})
            self.assertEqual(answer.json(), {"access": "the-session-is-in-the-cookie", "refresh": "the-session-is-in-the-cookie"})
            self.assertEqual(self.phone.by_cookie_alone().status(), 200)


class Library(Bridged):
    def test_scripts_make_and_read_jwts(self):
        access = AccessToken.for_user(self.user)
        self.assertEqual(AccessToken(str(access))["user_id"], str(self.user.pk))
        self.assertRaises(TokenError, AccessToken, "nonsense")

    def test_what_was_handed_out_is_known_everywhere(self):
        self.assertEqual(AccessToken(self.phone.access)["role"], "member")
        self.phone.send("post", "/logout", {"refresh": self.phone.refresh})
        self.assertRaises(TokenError, AccessToken, self.phone.access)

    def test_the_list_of_outstanding_tokens_goes_on(self):
        self.assertEqual(OutstandingToken.objects.filter(user=self.user).count(), 2)

    def test_the_admin_s_login_is_django_s_own(self):
        User.objects.create_superuser("root", password="password")
        before, browser = len(self.rows("sessions")), Client()
        answer = browser.post("/admin/login/?next=/admin/", {"username": "root", "password": "password"})
        self.assertEqual((answer.status_code, set(answer.cookies)), (302, {"sessionid", "csrftoken"}))
        self.assertEqual(browser.get("/admin/accounts/user/").status_code, 200)
        self.assertEqual(len(self.rows("sessions")), before)
