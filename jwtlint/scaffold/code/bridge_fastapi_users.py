"""fastapi-users with sessions behind its tokens. Two classes with the library's names:

    from app.sessions.strategy import BaseUserManager, JWTStrategy

The strategy hands out tokens that end with their session; the manager ends sessions at
a new password, at a reset, and where a user is switched off or deleted. The library's
tokens for verifying an e-mail and for resetting a password stay what they are.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jwt
from fastapi import Request
from fastapi_users import exceptions, models, schemas
from fastapi_users import manager as library
from fastapi_users.authentication.strategy import jwt as strategy
from fastapi_users.jwt import decode_jwt

from .bridge import account_ended, claims_of, log_out, password_changed, token_for

__all__ = ["BaseUserManager", "JWTStrategy"]


class JWTStrategy(strategy.JWTStrategy[models.UP, models.ID]):
    """Tokens that can be ended."""

    async def write_token(self, user: models.UP) -> str:
        """What is handed out at a login."""
        return token_for(await super().write_token(user))

    async def read_token(
        self,
        token: str | None,
        user_manager: library.BaseUserManager[models.UP, models.ID],
    ) -> models.UP | None:
        """Whose token it is, or None."""
        if token is None:
            return None
        try:
            claims: dict[str, Any] = claims_of(
                token,
                partial(self.verified, token),
                invalid=jwt.InvalidTokenError,
                expired=jwt.ExpiredSignatureError,
            )
        except jwt.PyJWTError:
            return None
        # another strategy of the application may have handed it out
        named = claims.get("aud", [])
        audience = [named] if isinstance(named, str) else named
        if not set(audience) & set(self.token_audience):
            return None
        try:
            return await user_manager.get(user_manager.parse_id(claims.get("sub")))
        except (exceptions.UserNotExists, exceptions.InvalidID, TypeError):
            return None

    def verified(self, token: str) -> dict[str, Any]:
        """The claims of a JWT; the library's errors for a bad one."""
        return decode_jwt(
            token, self.decode_key, self.token_audience, algorithms=[self.algorithm]
        )

    async def destroy_token(self, token: str, user: models.UP) -> None:
        """Log out."""
        log_out(token)


class BaseUserManager(library.BaseUserManager[models.UP, models.ID]):
    """A manager of users that ends their sessions when it must."""

    async def reset_password(
        self, token: str, password: str, request: Request | None = None
    ) -> models.UP:
        """Set a new password; all sessions end."""
        user = await super().reset_password(token, password, request)
        password_changed(user)
        return user

    async def update(
        self,
        user_update: schemas.UU,
        user: models.UP,
        safe: bool = False,
        request: Request | None = None,
    ) -> models.UP:
        """Change a user; with a new password the other sessions end, and with the
        account all.
        """
        updated = await super().update(user_update, user, safe, request)
        if user_update.password is not None:
            password_changed(updated)
        if not updated.is_active:
            account_ended(updated)
        return updated

    async def delete(self, user: models.UP, request: Request | None = None) -> None:
        """Delete a user; all sessions end."""
        account_ended(user)
        await super().delete(user, request)
