"""``LOGIN_SESSIONS`` in Django's settings: how the sessions behave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from difflib import get_close_matches

from django.conf import settings as project
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from .legacy import LegacyToken
from .settings import PRESETS, Settings
from .settings import settings as generated

# What stands in LOGIN_SESSIONS beside the fields of Settings:
# "aal1", "aal2" or "aal3"; single fields count for more
PRESET = "preset"
# the dotted name of a function that verifies a JWT and gives a LegacyToken, or None
VERIFY_JWT = "verify_jwt"
# the name of the cookie that JWTs come in, if they do
JWT_COOKIE = "jwt_cookie"
# where Redis is, as "redis://localhost:6379/0"
REDIS_URL = "redis_url"


def given() -> Mapping[str, object]:
    """``LOGIN_SESSIONS``, whose keys are known. Raises ImproperlyConfigured for one
    that is not.
    """
    values: Mapping[str, object] = getattr(project, "LOGIN_SESSIONS", {})
    known = [field.name for field in fields(Settings)] + [
        PRESET,
        VERIFY_JWT,
        JWT_COOKIE,
        REDIS_URL,
    ]
    for name in values:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            raise ImproperlyConfigured(
                f"LOGIN_SESSIONS has an unknown key {name!r}{hint}"
            )
    return values


def configured() -> Settings:
    """The settings of the sessions. Raises ImproperlyConfigured for a preset that is
    none, and a value of the wrong type.
    """
    values = dict(given())
    preset = str(values.pop(PRESET, "aal1"))
    if preset not in PRESETS:
        raise ImproperlyConfigured(
            f"LOGIN_SESSIONS['preset'] is {preset!r}; "
            f"it must be one of {', '.join(PRESETS)}"
        )
    # what Django trusts for its own check of origins is trusted here; patterns are not,
    # for a sibling domain is another's
    origins = tuple(
        origin for origin in project.CSRF_TRUSTED_ORIGINS if "*" not in origin
    )
    base = replace(
        PRESETS[preset],
        trusted_origins=origins,
        phase=generated.phase,
        accept_bearer=generated.accept_bearer,
    )
    for field in fields(Settings):
        usual = getattr(base, field.name)
        if (
            field.name in values
            and usual is not None
            and not isinstance(values[field.name], type(usual))
        ):
            kind = type(usual).__name__
            raise ImproperlyConfigured(
                f"LOGIN_SESSIONS[{field.name!r}] is {values[field.name]!r}; "
                f"it must be a {kind}"
            )
    chosen = {
        field.name: values[field.name]
        for field in fields(Settings)
        if field.name in values
    }
    return replace(base, **chosen)  # type: ignore[arg-type]  # the types were looked at


def verify_jwt(token: str) -> LegacyToken | None:
    """What a JWT says, by the function that ``LOGIN_SESSIONS`` names; nothing where it
    names none.
    """
    name = given().get(VERIFY_JWT)
    if not isinstance(name, str):
        return None
    found = import_string(name)(token)
    return found if isinstance(found, LegacyToken) else None


def jwt_cookie() -> str:
    """The name of the cookie that JWTs come in, or ""."""
    return str(given().get(JWT_COOKIE, ""))


def redis_url() -> str:
    """Where Redis is."""
    return str(given().get(REDIS_URL, "redis://localhost:6379/0"))
