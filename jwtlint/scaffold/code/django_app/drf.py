"""Sessions in Django REST framework: ``DEFAULT_AUTHENTICATION_CLASSES =
["app.sessions.drf.SessionTableAuthentication"]``.
"""

from __future__ import annotations

from django.contrib.auth.base_user import AbstractBaseUser
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from .auth import session_of
from .requests import Identity, by_cookie, by_header, plain
from .service import store
from .types import Session


class SessionTableAuthentication(SessionAuthentication):
    """Accepts the cookie, with Django's CSRF token on unsafe methods, and what
    ``Settings.phase`` and ``accept_bearer`` allow.

    ``request.user`` is the user, ``request.auth`` the session (None for a JWT that was
    not exchanged).
    """

    def authenticate(
        self, request: Request
    ) -> tuple[AbstractBaseUser, Session | None] | None:
        """The user and the session; None, so that another class may try, where there
        are none. Raises PermissionDenied.
        """
        http = plain(request)
        # the header comes first: no other site can send it, so it needs no CSRF token
        identity = by_header(http)
        if identity.admitted is None:
            identity = by_cookie(http)
        return self.accepted(request, identity)

    def accepted(
        self, request: Request, identity: Identity
    ) -> tuple[AbstractBaseUser, Session | None] | None:
        """The same for what a request was found to carry."""
        user = identity.admitted
        if user is None:
            return None
        if identity.by == "cookie":
            self.enforce_csrf(request)
        return user, identity.session

    def authenticate_header(self, request: Request) -> str:
        """What ``WWW-Authenticate`` says, so that requests of nobody are answered with
        401.
        """
        return 'Session realm="api"'


class IsFresh(BasePermission):
    """Lets in users who proved who they are within the last ``Settings.fresh_for``."""

    message = "prove again who you are"
    code = "fresh_login_required"

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the login is fresh."""
        session = session_of(plain(request))
        return session is not None and session.is_fresh(
            store.clock(), store.settings.fresh_for
        )
