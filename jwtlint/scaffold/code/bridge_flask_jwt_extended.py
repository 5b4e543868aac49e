"""flask-jwt-extended with sessions behind it: what it decodes may be a stand-in.

In the place of ``from flask_jwt_extended import JWTManager``:

    from app.sessions.jwt_manager import JWTManager

``@jwt_required()``, ``get_jwt_identity()``, ``current_user`` and the callbacks stay as
they are. What makes tokens is wrapped where it is called:
``token_for(create_access_token(identity=user))``.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import Any

from flask import Flask
from flask_jwt_extended import JWTManager as PlainJWTManager
from flask_jwt_extended import get_unverified_jwt_headers, view_decorators
from flask_jwt_extended.config import config
from flask_jwt_extended.exceptions import (
    CSRFError,
    JWTDecodeError,
    RevokedTokenError,
    UserLookupError,
)
from flask_jwt_extended.internal_utils import verify_token_type
from jwt import ExpiredSignatureError, decode

from . import tokens

__all__ = ["JWTManager"]

# what callbacks get as the header of a stand-in, which has none
NO_HEADER: dict[str, Any] = {"alg": "none", "typ": "session"}


class JWTManager(PlainJWTManager):
    """The library's manager. Sessions that ended get its answer to revoked tokens,
    stand-ins whose claim ``exp`` is past the one to expired tokens.
    """

    def init_app(self, app: Flask, add_context_processor: bool = False) -> None:
        """Add it to an application."""
        super().init_app(app, add_context_processor)
        app.extensions["session_bridge_places"] = places

    def refusal(self, claims: dict[str, Any]) -> Exception:
        """What to raise for a session that has ended: of a user whom the application
        does not load any more it has an answer of its own.
        """
        load = self._user_lookup_callback
        if load is not None and load(NO_HEADER, claims) is None:
            return UserLookupError("the user is gone", NO_HEADER, claims)
        return RevokedTokenError(NO_HEADER, claims)

    def _decode_jwt_from_config(
        self,
        encoded_token: str,
        csrf_value: str | None = None,
        allow_expired: bool = False,
    ) -> dict[str, Any]:
        """The claims of a token."""
        # not before now: this module is imported where there are no models yet
        from . import bridge, service

        def verify() -> dict[str, Any]:
            if tokens.is_token(encoded_token):
                known = bridge.ended_claims(encoded_token)
                if known is not None:
                    raise self.refusal(known)
            return PlainJWTManager._decode_jwt_from_config(
                self, encoded_token, csrf_value, allow_expired
            )

        def claims(expired: type[Exception] | None) -> dict[str, Any]:
            found: dict[str, Any] = bridge.claims_of(
                encoded_token, verify, expired=expired, invalid=SessionEnded
            )
            return found

        try:
            found = claims(None if allow_expired else StandInExpired)
        except StandInExpired as error:
            error.jwt_header, error.jwt_data = NO_HEADER, claims(None)
            raise
        except SessionEnded as error:
            raise RevokedTokenError(*parts_of(encoded_token)) from error
        if not tokens.is_token(encoded_token):
            return found
        if config.identity_claim_key not in found:
            raise JWTDecodeError(f"Missing claim: {config.identity_claim_key}")
        found = {"type": "access", "fresh": False, "jti": None} | found
        session = bridge.session_of_cookie(encoded_token)
        if session is not None:
            store = service.store
            is_fresh = session.is_fresh(store.clock(), store.settings.fresh_for)
            return CookieClaims(found, is_fresh=is_fresh)
        if csrf_value and not compare_digest(str(found.get("csrf")), csrf_value):
            raise CSRFError("CSRF double submit tokens do not match")
        return found


class SessionEnded(Exception):
    """The session that a token stood for has ended."""


class StandInExpired(ExpiredSignatureError):
    """The claim ``exp`` of a stand-in is past; with what the library's callback is
    given.
    """

    jwt_header: dict[str, Any]
    jwt_data: dict[str, Any]


class CookieClaims(dict[str, Any]):
    """Claims of a request that came with the session's cookie and with no token. The
    cookie serves where the application asks for either type of token, and is fresh for
    as long as the settings say.
    """

    def __init__(self, claims: dict[str, Any], *, is_fresh: bool) -> None:
        super().__init__(claims)
        self["fresh"] = self["fresh"] if is_fresh else False


def places() -> tuple[str, str, list[str]]:
    """Where the library looks for its tokens, as it is configured."""
    locations = config.token_location
    own = [config.access_cookie_name, config.refresh_cookie_name]
    is_cookie = "cookies" in locations and "headers" not in locations
    return config.header_name, config.header_type, own if is_cookie else []


def parts_of(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The header and the payload of a token that was verified before."""
    if tokens.is_token(token):
        return NO_HEADER, {}
    payload = decode(token, options={"verify_signature": False})
    return get_unverified_jwt_headers(token), payload


def header_of(encoded_token: str) -> dict[str, Any]:
    """The header of a token."""
    if tokens.is_token(encoded_token):
        return NO_HEADER
    header: dict[str, Any] = get_unverified_jwt_headers(encoded_token)
    return header


def require_type(decoded_token: dict[str, Any], refresh: bool) -> None:
    """Refuse tokens for access where one for refreshing is asked for, and the other
    way round.
    """
    if not isinstance(decoded_token, CookieClaims):
        verify_token_type(decoded_token, refresh)


# the library's decorators ask these two, which no subclass can replace
vars(view_decorators)["get_unverified_jwt_headers"] = header_of
vars(view_decorators)["verify_token_type"] = require_type
