"""Tests of this project that log in with Django's test client go on working.

``TEST_RUNNER = "app.sessions.testing.Runner"`` gives the client to all of Django's test
cases; with pytest-django call ``install()`` in ``conftest.py``. Use ``LoginClient()``
where tests make clients by themselves.
"""

from __future__ import annotations

from importlib import import_module

from django import test
from django.conf import settings as project
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.test.runner import DiscoverRunner

from .auth import log_in
from .service import store


class LoginClient(test.Client):
    """Django's test client, whose ``login()`` and ``force_login()`` make sessions in
    the table.
    """

    def _login(self, user: AbstractBaseUser, backend: str | None = None) -> None:
        request = HttpRequest()
        if "django.contrib.sessions" in project.INSTALLED_APPS:
            request.session = import_module(project.SESSION_ENGINE).SessionStore(
                self.cookies[project.SESSION_COOKIE_NAME].value
                if project.SESSION_COOKIE_NAME in self.cookies
                else None
            )
        self.cookies[store.settings.cookie] = log_in(request, user).token

    def logout(self) -> None:
        """End the session, and forget all cookies."""
        cookie = self.cookies.get(store.settings.cookie)
        if cookie is not None:
            session = store.opened_by(cookie.value)
            if session is not None:
                store.revoke(session, reason="logout")
        super().logout()


def install() -> None:
    """Give the client to all of Django's test cases."""
    test.SimpleTestCase.client_class = LoginClient


class Runner(DiscoverRunner):
    """Django's test runner, with the client."""

    def setup_test_environment(self, **kwargs: object) -> None:
        """Prepare the tests."""
        install()
        super().setup_test_environment(**kwargs)
