"""An authentication backend for what has a token and no request through the middleware:
consumers of WebSockets, RPC, workers.
"""

from __future__ import annotations

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from . import users
from .requests import client_of
from .types import Client, UserId


class SessionTokenBackend(BaseBackend):
    """``authenticate(request, session_token=…)`` gives the user whose live session the
    token opens. No session is made.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        session_token: str | None = None,
        **credentials: object,
    ) -> AbstractBaseUser | None:
        """The user, or None."""
        if session_token is None:
            return None
        found = users.look_up(
            session_token, client_of(request) if request is not None else Client()
        )
        if found.session is None or found.session.needs_reauthentication:
            return None
        return found.user

    def get_user(self, user_id: object) -> AbstractBaseUser | None:
        """The active user that has a key."""
        return users.user_of(UserId(str(user_id)))
