"""Sessions in Django, from the browser's side. ``manage.py test`` runs this as well as
pytest.
"""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import ClassVar, cast
from unittest import mock
from urllib.parse import urlencode

from django.apps import apps
from django.conf import settings as project
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from django.http import HttpRequest
from django.test import AsyncClient, RequestFactory, SimpleTestCase, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from .. import configuration, rows, statements, tokens
from ..checks import check_key, check_middleware, check_settings
from ..legacy import LegacyToken
from ..service import audit, database, store
from ..testing import LoginClient
from ..types import UTC, Client, UserId
from .django_support import (
    COOKIE,
    FOREIGN,
    IPHONE,
    LINUX,
    MIDDLEWARE,
    OWN,
    PASSWORD,
    QUERIES,
    START,
    Browser,
    CommittedCase,
    SessionCase,
    new_user,
)

LIST = "/account/sessions"
OTHERS = "/account/sessions/revoke-others"
# Django before 4.2 cannot read what its AsyncClient sends as multipart/form-data
FORM = "application/x-www-form-urlencoded"


def verify(token: str) -> LegacyToken | None:
    """A JWT of the tests: ``good.<user>.<seconds>`` after the start."""
    head, user, seconds = token.split(".")
    return (
        LegacyToken(UserId(user), START + timedelta(seconds=int(seconds)))
        if head == "good"
        else None
    )


class Cookies(SessionCase):
    """The cookie, byte for byte."""

    def test_login_sets_it(self) -> None:
        response = Browser().log_in(self.user)
        token = response.cookies[COOKIE].value
        self.assertEqual(
            response.cookies[COOKIE].OutputString(),
            f"__Host-sid={token}; HttpOnly; Path=/; SameSite=Lax; Secure",
        )
        self.assertRegex(token, r"^[A-Za-z0-9_-]{43}$")
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    def test_logout_takes_it_back(self) -> None:
        response = self.browser.post("/account/logout")
        self.assertEqual(
            response.cookies[COOKIE].OutputString(),
            '__Host-sid=""; expires=Thu, 01 Jan 1970 00:00:00 GMT; '
            "HttpOnly; Max-Age=0; Path=/; SameSite=Lax; Secure",
        )
        self.assertEqual(response.headers["Cache-Control"], "no-store")

    @override_settings(LOGIN_SESSIONS={"insecure_development_cookie": True})
    def test_one_flag_allows_http_on_localhost(self) -> None:
        response = Browser().log_in(self.user)
        token = response.cookies["sid"].value
        self.assertEqual(
            response.cookies["sid"].OutputString(),
            f"sid={token}; HttpOnly; Path=/; SameSite=Lax",
        )

    def test_the_cookie_of_an_ended_session_is_taken_back(self) -> None:
        store.revoke_all(self.key, reason="test")
        response = self.browser.get("/who/")
        self.assertEqual(response.cookies[COOKIE]["max-age"], 0)
        self.assertIsNone(response.json()["user"])

    def test_a_late_request_with_a_replaced_token_does_not_take_the_new_one_back(
        self,
    ) -> None:
        old = self.browser.token
        self.browser.post("/rotate/")
        late = Browser()
        late.cookies[COOKIE] = old
        response = late.get("/who/")
        self.assertIsNone(response.json()["user"])
        self.assertNotIn(COOKIE, response.cookies)

    def test_responses_vary_by_cookie_where_the_user_was_asked_for(self) -> None:
        self.assertIn("Cookie", self.browser.get("/who/").headers["Vary"])
        self.assertNotIn("Vary", self.browser.get("/").headers)


class Tokens(SessionCase):
    """What opens a session, and what does not."""

    def test_an_id_that_the_server_did_not_issue_opens_nothing_and_makes_no_row(
        self,
    ) -> None:
        before = self.number_of("sessions"), self.number_of("session_events")
        thief = Browser()
        thief.cookies[COOKIE] = tokens.new_token()
        self.assertEqual(thief.get(LIST).status_code, 401)
        self.assertEqual(
            (self.number_of("sessions"), self.number_of("session_events")), before
        )

    def test_the_hash_in_the_table_is_no_token(self) -> None:
        thief = Browser()
        thief.cookies[COOKIE] = self.browser.session_row.id
        self.assertIsNone(thief.who())

    def test_what_cannot_be_a_token_is_refused_without_a_query(self) -> None:
        for value in ("", "x", "x" * 10_240, "é" * 43, "x" * 42 + "\0", "x" * 43 + "="):
            with (
                self.subTest(value=value[:50]),
                self.assertNumQueries(0, using=database.using),
            ):
                browser = Browser()
                browser.cookies[COOKIE] = value
                self.assertEqual(browser.get(LIST).status_code, 401)

    def test_a_token_in_a_url_or_a_header_is_ignored(self) -> None:
        self.assertIsNone(
            Browser().who(
                f"/who/?{COOKIE}={self.browser.token}&token={self.browser.token}"
            )
        )
        self.assertIsNone(
            Browser()
            .get("/who/", headers={"authorization": f"Bearer {self.browser.token}"})
            .json()["user"]
        )

    def test_the_token_stands_in_no_table_and_in_no_answer(self) -> None:
        said = self.browser.get(LIST).content.decode()
        self.assertNotIn(self.browser.token, said)
        self.assertNotIn(self.browser.session_row.id, said)
        names = [
            model._meta.db_table
            for model in apps.get_app_config("login_sessions").get_models()
        ]
        names += (
            ["django_session"] if apps.is_installed("django.contrib.sessions") else []
        )
        dump = "".join(str(database.fetch(f'SELECT * FROM "{name}"')) for name in names)
        self.assertIn(self.browser.session_row.id, dump)
        self.assertNotIn(self.browser.token, dump)

    def test_one_query_for_a_user_and_none_for_nobody(self) -> None:
        with CaptureQueriesContext(connections[database.using]) as queries:
            self.assertEqual(self.browser.who(), str(self.user.pk))
        self.assertLessEqual(len(queries), QUERIES)
        with self.assertNumQueries(0, using=database.using):
            self.assertIsNone(Browser().who())
        with self.assertNumQueries(0, using=database.using):
            self.browser.get("/")

    def test_a_thousand_requests_in_a_minute_write_at_most_once(self) -> None:
        self.clock.advance(minutes=5)
        with mock.patch.object(store, "touch", wraps=store.touch) as touch:
            for _ in range(1_000):
                self.browser.who()
                self.clock.advance(seconds=0.059)
        self.assertEqual(touch.call_count, 1)

    def test_the_user_is_what_the_orm_gives(self) -> None:
        response = self.browser.get("/who/")
        user = cast(AbstractBaseUser, response.wsgi_request.user)
        real = get_user_model()._default_manager.get(pk=self.user.pk)
        self.assertEqual(
            {
                field.attname: getattr(user, field.attname)
                for field in real._meta.concrete_fields
            },
            {
                field.attname: getattr(real, field.attname)
                for field in real._meta.concrete_fields
            },
        )
        self.assertFalse(user._state.adding)
        self.assertEqual(user._state.db, database.using)


class Lifecycle(SessionCase):
    """How long sessions live, and when they get a new token."""

    def test_login_ends_the_session_that_the_request_came_with(self) -> None:
        for path in ("/log-in/", "/django-log-in/"):
            with self.subTest(path):
                old = Browser()
                old.cookies[COOKIE] = self.browser.token
                self.browser.log_in(self.user, path)
                self.assertNotEqual(old.token, self.browser.token)
                self.assertIsNone(old.who())
                self.assertEqual(self.browser.who(), str(self.user.pk))

    def test_limits_hold_to_the_second(self) -> None:
        idle, absolute = store.settings.idle_timeout, store.settings.absolute_timeout
        self.clock.now = START + idle - timedelta(seconds=1)
        self.assertIsNotNone(self.browser.who())
        self.clock.now += idle
        self.assertIsNone(self.browser.who())
        busy = self.other()
        began = self.clock.now
        while self.clock.now + idle / 2 < began + absolute:
            self.clock.now += idle / 2
            busy.who()
        self.clock.now = began + absolute - timedelta(seconds=1)
        self.assertIsNotNone(busy.who())
        self.clock.now += timedelta(seconds=1)
        self.assertIsNone(busy.who())

    def test_a_change_of_rights_gives_a_new_token(self) -> None:
        old = self.browser.token
        self.browser.post("/rotate/")
        self.assertNotEqual(self.browser.token, old)
        self.assertEqual(self.browser.who(), str(self.user.pk))

    def test_a_token_whose_session_was_rolled_back_is_not_handed_out(self) -> None:
        old = self.browser.token
        response = self.browser.post("/rotate-and-fail/")
        self.assertNotIn(COOKIE, response.cookies)
        self.assertEqual(self.browser.token, old)
        self.assertEqual(self.browser.who(), str(self.user.pk))

    def test_a_session_that_is_ended_during_a_request_stays_ended(self) -> None:
        self.clock.advance(minutes=5)
        response = self.browser.post("/revoke-meanwhile/")
        self.assertNotIn(COOKIE, response.cookies)
        self.assertIsNone(self.browser.who())

    def test_reauthentication_makes_a_login_fresh_again(self) -> None:
        self.assertEqual(self.browser.get("/fresh/").status_code, 200)
        self.clock.advance(minutes=10)
        self.assertEqual(
            self.browser.get("/fresh/").json()["code"], "fresh_login_required"
        )
        self.assertEqual(self.browser.get("/fresh-async/").status_code, 403)
        old = self.browser.token
        self.assertEqual(
            self.browser.post(
                "/account/reauthenticate", {"password": "wrong"}
            ).status_code,
            403,
        )
        self.assertEqual(
            self.browser.post(
                "/account/reauthenticate", {"password": PASSWORD}
            ).status_code,
            204,
        )
        self.assertNotEqual(self.browser.token, old)
        self.assertEqual(self.browser.get("/fresh/").status_code, 200)
        self.assertEqual(self.browser.get("/fresh-async/").status_code, 200)

    def test_pages_are_redirected_to_the_login(self) -> None:
        for path in ("/private/", "/fresh/"):
            response = Browser().get(path, headers={"accept": "text/html"})
            self.assertEqual(response.status_code, 302)
            self.assertIn("next=" + path, response.headers["Location"])
        self.assertEqual(self.browser.get("/private/").status_code, 200)

    @override_settings(LOGIN_SESSIONS={"max_sessions": 1, "at_max_sessions": "reject"})
    def test_one_session_too_many_is_refused(self) -> None:
        for path in ("/log-in/", "/django-log-in/"):
            second = Browser()
            response = second.log_in(self.user, path)
            self.assertEqual(response.status_code, 409)
            self.assertIsNone(second.who())

    def test_django_s_own_session_logs_nobody_in(self) -> None:
        self.browser.log_in(self.user, "/django-log-in/")
        self.browser.cookies.pop(COOKIE)
        self.assertIsNone(self.browser.who())

    async def test_async_views_log_in_and_out(self) -> None:
        client = AsyncClient()
        form = {"username": self.user.get_username(), "password": PASSWORD}
        response = await client.post("/log-in-async/", urlencode(form), FORM)
        token = response.cookies[COOKIE].value
        said = (await client.get("/who-async/")).json()["user"]
        self.assertEqual(said, str(self.user.pk))
        await client.post("/log-out-async/")
        client.cookies[COOKIE] = token
        self.assertIsNone((await client.get("/who-async/")).json()["user"])

    async def test_async_views_know_the_session_of_a_change(self) -> None:
        client = AsyncClient()
        client.cookies[COOKIE] = self.browser.token
        form = {"password": "something new"}
        await client.post("/change-password-async/", urlencode(form), FORM)
        self.assertNotEqual(client.cookies[COOKIE].value, self.browser.token)
        response = await client.get("/who-async/")
        self.assertEqual(response.json()["user"], str(self.user.pk))

    async def test_async_views(self) -> None:
        client = AsyncClient()
        client.cookies[COOKIE] = self.browser.token
        response = await client.get("/who-async/")
        self.assertEqual(response.json()["user"], str(self.user.pk))
        self.assertIsNone((await AsyncClient().get("/who-async/")).json()["user"])


class Ends(SessionCase):
    """How sessions end."""

    def test_my_sessions(self) -> None:
        self.other()
        found = self.browser.get(LIST).json()
        self.assertEqual(
            [one["device"] for one in found], ["Safari on iOS", "Chrome on Linux"]
        )
        self.assertEqual(
            [one["place"] for one in found], ["203.0.113.9", "198.51.100.7"]
        )
        self.assertEqual([one["is_this"] for one in found], [False, True])

    def test_one_is_ended_by_its_handle(self) -> None:
        phone = self.other()
        for _ in range(2):
            self.assertEqual(
                self.browser.delete(f"{LIST}/{phone.session_row.handle}").status_code,
                200,
            )
        self.assertIsNone(phone.who())
        self.assertIsNotNone(self.browser.who())

    def test_to_end_the_current_one_is_to_log_out(self) -> None:
        self.browser.post(f"{LIST}/{self.browser.session_row.handle}")
        self.assertEqual(self.browser.token, "")

    def test_another_user_s_session_is_not_found_and_not_ended(self) -> None:
        stranger = Browser()
        stranger.log_in(new_user())
        for handle in (stranger.session_row.handle, "none"):
            self.assertEqual(self.browser.delete(f"{LIST}/{handle}").status_code, 404)
        self.assertIsNotNone(stranger.who())

    def test_all_others_are_ended_with_a_fresh_login_only(self) -> None:
        phone = self.other()
        self.clock.advance(minutes=11)
        self.assertEqual(self.browser.post(OTHERS).status_code, 403)
        self.assertIsNotNone(phone.who())
        self.browser.post("/account/reauthenticate", {"password": PASSWORD})
        self.assertEqual(self.browser.post(OTHERS).json()["ended"], 1)
        self.assertEqual(self.browser.post(OTHERS).json()["ended"], 0)
        self.assertIsNone(phone.who())
        self.assertIsNotNone(self.browser.who())

    def test_logout_ends_the_session_on_the_server(self) -> None:
        for path in ("/account/logout", "/django-log-out/"):
            with self.subTest(path):
                browser = self.other()
                copy = Browser()
                copy.cookies[COOKIE] = browser.token
                browser.post(path)
                self.assertIsNone(copy.who())
                self.assertEqual(browser.post("/account/logout").status_code, 204)

    def test_a_new_password_ends_the_others_and_renews_this_one(self) -> None:
        phone, old = self.other(), self.browser.token
        self.browser.post("/change-password/", {"password": "something new"})
        self.assertIsNone(phone.who())
        self.assertNotEqual(self.browser.token, old)
        self.assertEqual(self.browser.who(), str(self.user.pk))

    def test_django_s_own_view_of_a_new_password(self) -> None:
        phone, old = self.other(), self.browser.token
        path = "/django-change-password/"
        self.browser.post(path, {"password": "something new"})
        self.assertIsNone(phone.who())
        self.assertNotEqual(self.browser.token, old)
        self.assertEqual(self.browser.who(), str(self.user.pk))
        self.assertNotIn("sessionid", self.browser.cookies)

    def test_a_reset_password_ends_all(self) -> None:
        self.user.set_password("something new")
        self.user.save(update_fields=["password"])
        self.assertIsNone(self.browser.who())

    def test_an_upgraded_hash_does_not_stop_the_login_that_upgrades_it(self) -> None:
        hashers = [
            "django.contrib.auth.hashers.PBKDF2PasswordHasher",
            "django.contrib.auth.hashers.MD5PasswordHasher",
        ]
        self.clock.advance(seconds=1)
        with override_settings(PASSWORD_HASHERS=hashers):
            browser = Browser()
            self.assertEqual(browser.log_in(self.user).status_code, 204)
            self.assertEqual(browser.who(), str(self.user.pk))

    def test_models_that_stand_for_the_user_model_count_as_well(self) -> None:
        models = [one for one in apps.get_models() if one._meta.proxy]
        proxies = [one for one in models if issubclass(one, get_user_model())]
        if not proxies:
            self.skipTest("this project has no proxy of its user model")
        for number, proxy in enumerate(proxies):
            with self.subTest(proxy):
                browser = Browser()
                browser.cookies[COOKIE] = store.create(self.key, Client()).token
                self.assertIsNotNone(browser.who())
                user = proxy._base_manager.get(pk=self.user.pk)
                user.set_password(f"something new {number}")
                user.save()
                self.assertIsNone(browser.who())

    def test_deactivation_ends_all(self) -> None:
        if not hasattr(self.user, "is_active"):
            self.skipTest("this user model has no is_active")
        vars(self.user).update(is_active=False)
        self.user.save()
        self.assertIsNone(self.browser.who())
        vars(self.user).update(is_active=True)
        self.user.save()
        self.assertIsNone(self.browser.who())

    def test_an_inactive_user_is_nobody_even_if_nobody_was_told(self) -> None:
        if not hasattr(self.user, "is_active"):
            self.skipTest("this user model has no is_active")
        get_user_model()._base_manager.filter(pk=self.user.pk).update(is_active=False)
        self.assertIsNone(self.browser.who())

    def test_other_changes_end_nothing(self) -> None:
        vars(self.user).update(last_login=now())
        self.user.save()
        self.assertIsNotNone(self.browser.who())

    def test_what_is_rolled_back_ended_nothing(self) -> None:
        try:
            with transaction.atomic(using=database.using):
                self.user.set_password("something new")
                self.user.save()
                raise LookupError
        except LookupError:
            pass
        self.assertIsNotNone(self.browser.who())

    def test_deleted_users_sessions_go_to_the_history(self) -> None:
        id_, key = self.browser.session_row.id, self.key
        for end in (
            lambda: self.user.delete(),
            lambda: self.browser.post("/delete-account/"),
        ):
            with self.subTest(), transaction.atomic(using=database.using):
                end()
                self.assertEqual(self.number_of("sessions"), 0)
                kept = database.fetch(statements.SESSIONS_OF, user_id=key)
                self.assertEqual(
                    [row["revoked_reason"] for row in kept if row["id"] == id_],
                    ["user deleted"],
                )
                transaction.set_rollback(True, using=database.using)

    def test_queryset_delete_as_well(self) -> None:
        key = self.key
        get_user_model()._default_manager.filter(pk=self.user.pk).delete()
        self.assertEqual(self.number_of("sessions"), 0)
        self.assertEqual(len(database.fetch(statements.SESSIONS_OF, user_id=key)), 1)

    def test_a_login_that_was_overtaken_by_a_revoke_is_refused(self) -> None:
        late = Browser()

        def slowly(
            request: HttpRequest, username: str, password: str
        ) -> AbstractBaseUser | None:
            self.clock.advance(seconds=1)
            store.revoke_all(self.key, reason="stolen", by="admin")
            self.clock.advance(seconds=1)
            return authenticate(request, username=username, password=password)

        with mock.patch("app.sessions.tests.django_urls.contrib.authenticate", slowly):
            self.assertEqual(late.log_in(self.user).status_code, 409)
        self.assertIsNone(late.who())


class Committed(CommittedCase):
    """Without a transaction around it, a change of a user is committed by itself."""

    def test_a_new_password_ends_the_others_and_renews_this_one(self) -> None:
        phone, old = self.other(), self.browser.token
        self.browser.post("/change-password/", {"password": "something new"})
        self.assertIsNone(phone.who())
        self.assertNotEqual(self.browser.token, old)
        self.assertEqual(self.browser.who(), str(self.user.pk))

    def change(self) -> None:
        """Change the password, or be stopped by an error."""
        self.user.set_password("something new")
        with self.assertRaises(MemoryError):
            self.user.save()

    def has_changed(self) -> bool:
        """Whether the new password is in the database."""
        user = get_user_model()._default_manager.get(pk=self.user.pk)
        return bool(user.check_password("something new"))

    def test_no_session_outlives_a_new_password_though_the_process_ends(self) -> None:
        name = "app.sessions.receivers.credentials_changed"
        with mock.patch(name, side_effect=MemoryError):
            self.change()
        self.assertTrue(self.has_changed())
        self.assertIsNone(self.browser.who())

    def test_no_new_password_where_sessions_could_not_be_ended(self) -> None:
        with mock.patch.object(store, "revoke_all", side_effect=MemoryError):
            self.change()
        self.assertFalse(self.has_changed())
        self.assertIsNotNone(self.browser.who())


class Forgery(SessionCase):
    """Requests that other sites make browsers send."""

    def test_unsafe_requests_of_other_sites_are_refused(self) -> None:
        for headers in (
            {"sec-fetch-site": "cross-site", "origin": FOREIGN},
            {"sec-fetch-site": "same-site", "origin": "https://blog.testserver"},
            {"origin": FOREIGN},
            {"origin": "null"},
        ):
            with self.subTest(headers):
                self.assertEqual(
                    self.browser.post("/rotate/", headers=headers).status_code, 403
                )
        self.assertEqual(
            self.browser.get("/who/", headers={"origin": FOREIGN}).status_code, 200
        )

    def test_own_requests_and_clients_that_are_no_browsers_are_let_in(self) -> None:
        for headers in (
            {},
            {"sec-fetch-site": "same-origin", "origin": OWN},
            {"origin": OWN},
        ):
            with self.subTest(headers):
                self.assertEqual(
                    self.browser.post("/rotate/", headers=headers).status_code, 204
                )

    def test_origins_that_are_trusted(self) -> None:
        for settings in (
            {"LOGIN_SESSIONS": {"trusted_origins": (FOREIGN,)}},
            {"CSRF_TRUSTED_ORIGINS": [FOREIGN]},
        ):
            with self.subTest(settings), override_settings(**settings):
                headers = {"origin": FOREIGN, "sec-fetch-site": "cross-site"}
                self.assertEqual(
                    self.browser.post("/rotate/", headers=headers).status_code, 204
                )

    def test_a_login_from_another_site_is_refused(self) -> None:
        for path in ("/log-in/", "/django-log-in/"):
            with self.subTest(path):
                victim = Browser()
                response = victim.log_in(
                    self.user,
                    path,
                    **{"origin": FOREIGN, "sec-fetch-site": "cross-site"},
                )
                self.assertEqual(response.status_code, 403)
                self.assertEqual(victim.token, "")

    def test_django_s_token_is_still_asked_for(self) -> None:
        strict = Browser(enforce_csrf_checks=True)
        strict.cookies[COOKIE] = self.browser.token
        self.assertEqual(
            strict.post(
                "/rotate/", headers={"sec-fetch-site": "same-origin"}
            ).status_code,
            403,
        )

    def test_login_changes_django_s_token(self) -> None:
        browser = Browser()
        browser.cookies["csrftoken"] = "a" * 32
        browser.log_in(self.user)
        self.assertNotEqual(browser.cookies["csrftoken"].value, "a" * 32)


class Devices(SessionCase):
    """Where requests come from."""

    def test_a_forged_header_changes_nothing(self) -> None:
        response = self.browser.get("/place/", headers={"x-forwarded-for": "192.0.2.1"})
        self.assertEqual(response.json()["address"], "198.51.100.7")

    @override_settings(LOGIN_SESSIONS={"trusted_proxies": 1})
    def test_behind_a_proxy_the_last_address_counts(self) -> None:
        for sent, found in (
            ("6.6.6.6, 192.0.2.1", "192.0.2.1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("", "198.51.100.7"),
        ):
            response = self.browser.get("/place/", headers={"x-forwarded-for": sent})
            self.assertEqual(response.json()["address"], found)

    def stolen(self) -> Browser:
        """A browser on another device that has the same cookie."""
        thief = Browser(IPHONE, "203.0.113.9")
        thief.cookies[COOKIE] = self.browser.token
        return thief

    def test_a_second_device_is_written_down(self) -> None:
        self.assertIsNotNone(self.stolen().who())
        self.assertIn("suspected", self.events())

    def test_a_newer_browser_is_no_second_device(self) -> None:
        self.clock.advance(days=1)
        newer = Browser(LINUX.replace("142", "143"))
        newer.cookies[COOKIE] = self.browser.token
        self.assertIsNotNone(newer.who())
        self.assertNotIn("suspected", self.events())

    @override_settings(LOGIN_SESSIONS={"shared_session": "step_up"})
    def test_a_second_device_may_have_to_log_in_again(self) -> None:
        self.assertIsNone(self.stolen().who())
        self.assertIsNone(self.browser.who())
        self.assertEqual(
            self.browser.post(
                "/account/reauthenticate", {"password": PASSWORD}
            ).status_code,
            204,
        )
        self.assertIsNotNone(self.browser.who())
        self.assertIsNone(self.stolen().who())

    @override_settings(LOGIN_SESSIONS={"shared_session": "revoke"})
    def test_a_second_device_may_end_the_session(self) -> None:
        self.assertIsNone(self.stolen().who())
        self.assertIsNone(self.browser.who())

    @override_settings(LOGIN_SESSIONS={"shared_session": "revoke"})
    def test_what_is_found_out_is_kept_though_the_view_s_transaction_is_undone(
        self,
    ) -> None:
        settings = connections[database.using].settings_dict
        with (
            mock.patch.dict(settings, ATOMIC_REQUESTS=True),
            self.settings(DEBUG_PROPAGATE_EXCEPTIONS=False),
        ):
            thief = self.stolen()
            thief.raise_request_exception = False
            self.assertEqual(
                thief.post("/change-password/", {"password": "mine"}).status_code, 500
            )
        self.assertIsNone(self.browser.who())


class Phases(SessionCase):
    """What becomes of JWTs; Django REST framework's part is in ``test_drf.py``."""

    def test_plain_views_never_take_a_jwt(self) -> None:
        for phase in ("jwt_only", "both", "session_only"):
            values = {"phase": phase, "verify_jwt": f"{__name__}.verify"}
            with self.subTest(phase), override_settings(LOGIN_SESSIONS=values):
                jwt = f"good.{self.user.pk}.0"
                response = Browser().get(
                    "/who/", headers={"authorization": f"Bearer {jwt}"}
                )
                self.assertIsNone(response.json()["user"])

    def test_every_phase_knows_sessions(self) -> None:
        for phase in ("jwt_only", "both", "session_only"):
            with (
                self.subTest(phase),
                override_settings(LOGIN_SESSIONS={"phase": phase}),
            ):
                self.assertEqual(self.browser.who(), str(self.user.pk))


class Commands(SessionCase):
    """What the auditor asks."""

    def run_command(self, *words: str) -> tuple[str, int]:
        """What the command prints, and its exit status."""
        out, status = io.StringIO(), 0
        with mock.patch("sys.stdout", out):
            try:
                call_command("sessions", *words)
            except SystemExit as ended:
                status = int(str(ended.code))
        return out.getvalue(), status

    def test_was_active(self) -> None:
        # no mark but this one: others make the answer "unknown" for good reasons, as one
        # of JWTs that were accepted does
        database.execute('DELETE FROM "session_audit"')
        database.execute(
            statements.MARK_AUDIT, name="recorded_since", at=START - timedelta(days=1)
        )
        self.clock.advance(hours=1)
        for at, verdict, status in (
            ("2026-03-04T02:14", "valid", 0),
            ("2026-03-04T01:59", "no", 1),
            ("2020-01-01T00:00", "unknown", 3),
        ):
            said, ended = self.run_command(
                "was-active", str(self.user.pk), at, "--zone", "UTC"
            )
            self.assertIn(f"UTC: {verdict}", said)
            self.assertEqual(ended, status, said)

    def test_list_and_revoke(self) -> None:
        self.assertIn("Chrome on Linux", self.run_command("list", str(self.user.pk))[0])
        said, _ = self.run_command(
            "revoke-user", str(self.user.pk), "--reason", "stolen", "--by", "admin"
        )
        self.assertIn("1 sessions ended", said)
        self.assertIsNone(self.browser.who())
        self.clock.advance(seconds=1)
        self.assertIn("revoked", self.run_command("events", str(self.user.pk))[0])

    def test_the_models_are_those_of_the_migration(self) -> None:
        call_command(
            "makemigrations", "login_sessions", check=True, dry_run=True, verbosity=0
        )

    def test_times_are_kept_when_clocks_show_an_hour_twice(self) -> None:
        # 01:14 in New York, before and after the clocks are put back
        first = datetime(2026, 11, 1, 5, 14, tzinfo=UTC)
        for number in range(2):
            at = first + timedelta(hours=number)
            database.execute(statements.MARK_AUDIT, name=f"test{number}", at=at)
            found = database.fetch(statements.AUDIT_MARKS)
            kept = {row["name"]: rows.moment(row["at"]) for row in found}
            self.assertEqual(kept[f"test{number}"], at)

    def test_a_failure_is_no_answer(self) -> None:
        for error, said in ((DatabaseError, "no answer"), (ValueError, "no zone")):
            failing = mock.patch.object(audit, "was_logged_in", side_effect=error(said))
            with failing, self.assertRaisesMessage(CommandError, said) as raised:
                self.run_command("was-active", str(self.user.pk), "2026-03-04T02:14Z")
            self.assertEqual(raised.exception.returncode, 2)

    def test_maintain(self) -> None:
        self.clock.advance(days=40)
        self.assertIn("1 sessions put away", self.run_command("maintain")[0])
        self.assertEqual(self.number_of("sessions"), 0)
        at = START + timedelta(seconds=1)
        self.assertEqual(audit.was_logged_in(self.key, at).verdict, "valid")


class Clients(SessionCase):
    """Tests of the project go on as they are."""

    def test_force_login_and_logout(self) -> None:
        client = LoginClient()
        client.force_login(self.user)
        self.assertEqual(client.get("/who/").json()["user"], str(self.user.pk))
        client.logout()
        self.assertIsNone(client.get("/who/").json()["user"])
        self.assertEqual(len(store.live(self.key)), 1)

    def test_login(self) -> None:
        client = LoginClient()
        name = self.user.get_username()
        self.assertTrue(client.login(username=name, password=PASSWORD))
        self.assertEqual(client.get("/who/").json()["user"], str(self.user.pk))

    def test_the_backend_takes_a_token(self) -> None:
        backends = ["app.sessions.backends.SessionTokenBackend"]
        with override_settings(AUTHENTICATION_BACKENDS=backends):
            request = RequestFactory().get("/", HTTP_USER_AGENT=LINUX)
            self.assertEqual(
                authenticate(request, session_token=self.browser.token), self.user
            )
            self.assertIsNone(authenticate(request, session_token=tokens.new_token()))


class Admin(SessionCase):
    """Django's admin, if the project has it."""

    def test_login_and_reading(self) -> None:
        if not apps.is_installed("django.contrib.admin"):
            self.skipTest("this project has no admin")
        with override_settings(
            ROOT_URLCONF="app.sessions.tests.django_urls_admin",
            MIDDLEWARE=[
                *MIDDLEWARE,
                "django.contrib.messages.middleware.MessageMiddleware",
            ],
        ):
            admin = new_user(is_staff=True, is_superuser=True)
            browser = Browser()
            response = browser.log_in(admin, reverse("admin:login"))
            self.assertEqual(response.status_code, 302)
            self.assertIn(COOKIE, response.cookies)
            self.assertNotIn("sessionid", browser.cookies)
            self.assertEqual(
                browser.get(
                    reverse("admin:login_sessions_loginsession_changelist")
                ).status_code,
                200,
            )
            self.assertEqual(
                browser.get(
                    reverse("admin:login_sessions_sessionevent_changelist")
                ).status_code,
                200,
            )
            self.assertEqual(
                browser.get(
                    reverse("admin:login_sessions_loginsession_add")
                ).status_code,
                403,
            )
            browser.post(reverse("admin:logout"))
            self.assertEqual(browser.get(reverse("admin:index")).status_code, 302)


class Configuration(SimpleTestCase):
    """``LOGIN_SESSIONS``."""

    wrong: ClassVar = [
        ({"idle_timout": timedelta(1)}, "did you mean 'idle_timeout'"),
        ({"idle_timeout": 60}, "must be a timedelta"),
        ({"preset": "aal9"}, "aal1, aal2, aal3"),
    ]

    def test_mistakes_are_said(self) -> None:
        for values, said in self.wrong:
            with (
                self.subTest(values),
                mock.patch.object(project, "LOGIN_SESSIONS", values, create=True),
            ):
                with self.assertRaisesMessage(ImproperlyConfigured, said):
                    configuration.configured()
                self.assertEqual(
                    [error.id for error in check_settings(None)],
                    ["login_sessions.E001"],
                )

    def test_presets(self) -> None:
        values = {"preset": "aal3", "absolute_timeout": timedelta(hours=1)}
        with override_settings(LOGIN_SESSIONS=values):
            self.assertEqual(store.settings.idle_timeout, timedelta(minutes=15))
            self.assertEqual(store.settings.absolute_timeout, timedelta(hours=1))

    def test_checks(self) -> None:
        with override_settings(MIDDLEWARE=[]):
            self.assertEqual(
                [error.id for error in check_middleware(None)], ["login_sessions.E003"]
            )
        both = [*MIDDLEWARE, "django.contrib.auth.middleware.AuthenticationMiddleware"]
        with override_settings(MIDDLEWARE=both):
            self.assertEqual(
                [error.id for error in check_middleware(None)], ["login_sessions.E004"]
            )
        with override_settings(
            LOGIN_SESSIONS={"insecure_development_cookie": True}, DEBUG=False
        ):
            self.assertEqual(
                [error.id for error in check_settings(None)], ["login_sessions.E002"]
            )
        self.assertEqual(check_key(None), [])
