"""What the tests of Django's part stand on: a user, a browser, and a clock that stands
still.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from http.cookies import Morsel
from itertools import count
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.http import HttpResponse
from django.test import (
    Client,
    SimpleTestCase,
    TestCase,
    TransactionTestCase,
    override_settings,
)

from .. import rows, statements, tokens, users
from ..service import audit, database, legacy, store
from ..types import Session, UserId

NUMBERS = count(1)
PASSWORD = "correct horse battery staple"
LINUX = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) "
    "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1"
)
HOST = "testserver"
OWN = f"http://{HOST}"
FOREIGN = "https://evil.example"
START = datetime(2026, 3, 4, 2, 0, tzinfo=timezone.utc)
COOKIE = "__Host-sid"
# for a user who is logged in: see users.is_joined
QUERIES = 1 if users.is_joined() else 2
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "app.sessions.middleware.LoginSessionMiddleware",
]


def new_user(**values: object) -> AbstractBaseUser:
    """A user with a password. Fields that your model insists on are filled by their
    type; mend this where that is not enough.
    """
    model, number = get_user_model(), next(NUMBERS)
    for field in model._meta.concrete_fields:
        if (
            field.name in values
            or field.has_default()
            or field.null
            or isinstance(field, models.AutoField)
        ):
            continue
        if isinstance(field, models.EmailField):
            values[field.name] = f"user{number}@example.com"
        elif isinstance(field, models.CharField | models.TextField):
            if field.primary_key or not field.blank:
                values[field.name] = f"user{number}"
        elif isinstance(field, models.DateTimeField):
            values[field.name] = START
        elif isinstance(field, models.DateField):
            values[field.name] = START.date()
        elif isinstance(field, models.BooleanField):
            values[field.name] = False
        elif isinstance(field, models.IntegerField):
            values[field.name] = number
        elif isinstance(field, models.FloatField | models.DecimalField):
            values[field.name] = 1
    user = model(**values)
    user.set_password(PASSWORD)
    user.save()
    return user


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        """Move on."""
        self.now += timedelta(**by)
        return self.now


class Browser(Client):
    """Django's test client, from one address, with one name."""

    def __init__(
        self,
        agent: str = LINUX,
        address: str = "198.51.100.7",
        *,
        enforce_csrf_checks: bool = False,
    ) -> None:
        super().__init__(enforce_csrf_checks)
        self.defaults.update(HTTP_USER_AGENT=agent, REMOTE_ADDR=address)

    def generic(  # type: ignore[override]
        self,
        *args: Any,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> HttpResponse:
        """Send a request; Django before 4.2 knows no ``headers``."""
        for name, value in (headers or {}).items():
            extra["HTTP_" + name.upper().replace("-", "_")] = value
        return super().generic(*args, **extra)  # type: ignore[return-value]

    def log_in(
        self, user: AbstractBaseUser, path: str = "/log-in/", **headers: str
    ) -> HttpResponse:
        """Log in with the password."""
        return self.post(
            path,
            {"username": user.get_username(), "password": PASSWORD},
            headers=headers,
        )  # type: ignore[return-value]

    @property
    def token(self) -> str:
        """The token in the cookie, or ""."""
        cookie: Morsel[str] | None = self.cookies.get(COOKIE)
        return cookie.value if cookie is not None else ""

    @property
    def session_row(self) -> Session:
        """The session that the cookie opens, as the table has it."""
        return rows.session(
            database.fetch(statements.LOOK_UP, id=tokens.token_id(self.token))[0]
        )

    def who(self, path: str = "/who/") -> str | None:
        """As whom the application takes this browser."""
        found: str | None = self.get(path).json()["user"]
        return found


alike = override_settings(
    ROOT_URLCONF="app.sessions.tests.django_urls",
    MIDDLEWARE=MIDDLEWARE,
    ALLOWED_HOSTS=["*"],
    LOGIN_SESSIONS={"phase": "session_only", "accept_bearer": False},
    CSRF_TRUSTED_ORIGINS=[],
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    AUTHENTICATION_BACKENDS=["django.contrib.auth.backends.ModelBackend"],
)


def used_databases() -> set[str]:
    """The databases that the tests may use."""
    return {database.using}


class LoggedIn(SimpleTestCase):
    """A user who is logged in, in a browser."""

    databases = used_databases()

    def setUp(self) -> None:
        self.clock = Clock()
        real = store.clock, audit.clock
        store.clock = audit.clock = self.clock
        # what an earlier test noted was undone with it
        legacy.marked_at = None
        self.addCleanup(lambda: vars(store).update(clock=real[0]))
        self.addCleanup(lambda: vars(audit).update(clock=real[1]))
        self.user = new_user()
        self.browser = Browser()
        self.assertEqual(self.browser.log_in(self.user).status_code, 204)

    @property
    def key(self) -> UserId:
        """The user's key."""
        return users.key(self.user)

    def other(self, agent: str = IPHONE, address: str = "203.0.113.9") -> Browser:
        """Another browser in which the same user is logged in."""
        browser = Browser(agent, address)
        self.assertEqual(browser.log_in(self.user).status_code, 204)
        return browser

    def events(self) -> list[str]:
        """The kinds of the events of the user's sessions, the oldest first."""
        until = self.clock.now + timedelta(seconds=1)
        found = database.fetch(
            statements.EVENTS_OF_USER, user_id=self.key, since=START, until=until
        )
        return [str(row["kind"]) for row in found]

    def number_of(self, table: str) -> int:
        """How many rows a table has."""
        return int(str(database.fetch(f'SELECT count(*) AS n FROM "{table}"')[0]["n"]))


@alike
class SessionCase(LoggedIn, TestCase):
    """In a transaction, which is undone."""


@alike
class CommittedCase(LoggedIn, TransactionTestCase):
    """What is done is committed, and the tables are emptied afterwards."""
