"""What ``manage.py check`` says of the sessions."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.apps import AppConfig
from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from .configuration import configured
from .types import UserId

PACKAGE = "app.sessions."
MIDDLEWARE = "app.sessions.middleware.LoginSessionMiddleware"
REPLACED = "django.contrib.auth.middleware.AuthenticationMiddleware"


def register() -> None:
    """Have them asked."""
    checks.register(check_settings, checks.Tags.security)
    checks.register(check_middleware, checks.Tags.security)
    checks.register(check_key, checks.Tags.models)


def check_settings(
    app_configs: Sequence[AppConfig] | None, **_: object
) -> list[checks.CheckMessage]:
    """``LOGIN_SESSIONS`` is right."""
    try:
        found = configured()
    except ImproperlyConfigured as error:
        return [checks.Error(str(error), id="login_sessions.E001")]
    if found.insecure_development_cookie and not project.DEBUG:
        said = (
            "LOGIN_SESSIONS['insecure_development_cookie'] is set though DEBUG is off: "
            "the cookie is sent in the clear"
        )
        return [checks.Error(said, id="login_sessions.E002")]
    return []


def check_middleware(
    app_configs: Sequence[AppConfig] | None, **_: object
) -> list[checks.CheckMessage]:
    """A middleware of this package is there, and nothing beside it says who the user
    is.
    """
    names = list(project.MIDDLEWARE)
    if not any(name.startswith(PACKAGE) for name in names):
        said = f"MIDDLEWARE lacks {MIDDLEWARE!r}"
        return [
            checks.Error(
                said,
                hint=f"Put it where {REPLACED!r} stands.",
                id="login_sessions.E003",
            )
        ]
    if MIDDLEWARE in names and REPLACED in names:
        said = f"MIDDLEWARE has {REPLACED!r} beside {MIDDLEWARE!r}, which replaces it"
        return [
            checks.Error(said, hint=f"Remove {REPLACED!r}.", id="login_sessions.E004")
        ]
    return []


def check_key(
    app_configs: Sequence[AppConfig] | None, **_: object
) -> list[checks.CheckMessage]:
    """``types.UserId`` is the type of the user model's key."""
    field: object = get_user_model()._meta.pk
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    kind: type = (
        UUID
        if isinstance(field, models.UUIDField)
        else int
        if isinstance(field, models.IntegerField)
        else str
    )
    if kind is UserId:
        return []
    said = (
        f"types.UserId is {UserId.__name__}, but the key of {project.AUTH_USER_MODEL} "
        f"is of type {kind.__name__}"
    )
    return [
        checks.Error(
            said, hint="Change types.py and the migration.", id="login_sessions.E005"
        )
    ]
