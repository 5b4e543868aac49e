"""djangorestframework-simplejwt, with sessions behind its tokens.

Everything of it that signs or reads a token does so by one object,
``rest_framework_simplejwt.state.token_backend``; so that is where the sessions are put
in, when Django starts. Views, serializers, claims that ``get_token()`` adds, djoser and
dj-rest-auth need no change, and no setting does.

A refresh token that is put on the blacklist ends its session, unless the same request
hands out others for it, as the rotation of refresh tokens does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.apps import apps
from django.db.models import Model
from django.db.models.signals import post_save, pre_save
from rest_framework_simplejwt import exceptions, state
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.settings import api_settings

from . import bridge, statements, tokens
from .passage import payload_of
from .service import database, store
from .types import UserId

BLACKLIST = "token_blacklist"
# what stands in the list of outstanding tokens in the place of a token that opens
# something
HASHED = "stands for a session: "
INVALID = exceptions.TokenBackendError
# of older versions
EXPIRED: type[Exception] = getattr(exceptions, "TokenBackendExpiredToken", INVALID)

__all__ = ["JWTAuthentication", "SessionTokenBackend", "connect"]


class SessionTokenBackend(TokenBackend):
    """Signs and reads what the application's own backend does, and hands out what
    stands for it.
    """

    def __init__(self, inner: TokenBackend) -> None:
        vars(self).update(vars(inner))
        self.inner = inner

    def encode(self, payload: dict[str, Any]) -> str:
        """A token for some claims."""
        minted().add(str(payload.get(api_settings.JTI_CLAIM)))
        return bridge.token_for(self.inner.encode(payload))

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        """The claims of a token. Raises TokenBackendError."""
        claims: dict[str, Any] = bridge.claims_of(
            token,
            lambda: self.inner.decode(token, verify),
            expired=EXPIRED if verify else None,
            invalid=INVALID,
        )
        return claims


def connect() -> None:
    """Put the sessions in."""
    if not isinstance(state.token_backend, SessionTokenBackend):
        state.token_backend = SessionTokenBackend(state.token_backend)
    if apps.is_installed("rest_framework_simplejwt.token_blacklist"):
        pre_save.connect(
            before_listing,
            apps.get_model(BLACKLIST, "OutstandingToken"),
            dispatch_uid="login_sessions.before_listing",
        )
        post_save.connect(
            after_blacklisting,
            apps.get_model(BLACKLIST, "BlacklistedToken"),
            dispatch_uid="login_sessions.after_blacklisting",
        )
