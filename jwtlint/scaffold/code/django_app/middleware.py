"""Who makes a request, and which cookie its response sets.

It replaces ``django.contrib.auth.middleware.AuthenticationMiddleware``, and stands
where that stood.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from asgiref.sync import sync_to_async
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.base import SessionBase
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from .requests import by_cookie, carried, current_request, refuse_foreign
from .responses import is_committed, send
from .service import database, store
from .types import LoginOvertaken, Session, TooManySessions

# what Django puts into its own session; it shows nothing here
DJANGO_KEYS = ("_auth_user_id", "_auth_user_backend", "_auth_user_hash")


class LoginSessionMiddleware(AuthenticationMiddleware):
    """Sets ``request.user`` and ``request.session_row``, both found by one query when
    they are first asked for.

    ``session_row`` stands for the row until it is asked: without one it is false, but
    not ``None``; ``auth.session_of()`` gives ``None``. In async views use ``await
    request.auser()`` and ``await request.asession_row()``. Django's own session
    (``request.session``), if there is one, stays what it is; it logs nobody in.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Say how the user is found."""
        carried(request)
        current_request.set(request)
        vars(request).update(
            user=SimpleLazyObject(lambda: user_of(request)),
            auser=partial(sync_to_async(user_of, thread_sensitive=True), request),
            session_row=SimpleLazyObject(lambda: session_of(request)),
            asession_row=partial(
                sync_to_async(session_of, thread_sensitive=True), request
            ),
        )

    def process_view(
        self,
        request: HttpRequest,
        view: Callable[..., HttpResponseBase],
        arguments: object,
        names: object,
    ) -> None:
        """Refuse requests of other sites that bring the cookie."""
        if store.settings.cookie not in request.COOKIES:
            return
        if "Authorization" not in request.headers:
            refuse_foreign(request)
            if connections[database.using].settings_dict["ATOMIC_REQUESTS"]:
                # what the look-up writes down must not be undone with the view's own
                # transaction
                by_cookie(request)

    def process_exception(
        self, request: HttpRequest, error: Exception
    ) -> HttpResponse | None:
        """Logins that are refused."""
        if isinstance(error, TooManySessions | LoginOvertaken):
            return HttpResponse(str(error), status=409, content_type="text/plain")
        return None

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Hand out a new token, or take back the cookie of a session that has ended."""
        current_request.set(None)
        known = carried(request)
        if known.by_cookie is not None:
            patch_vary_headers(response, ["Cookie"])
        if known.by_header is not None:
            patch_vary_headers(response, ["Authorization"])
        if hasattr(request, "session"):
            clear(request.session)
        if known.issued is not None and is_committed(known.issued):
            send(response, known.issued.token)
        elif known.takes_cookie_back:
            # with the attributes that it was set with, or browsers leave it where it is
            send(response, "", max_age=0, expires="Thu, 01 Jan 1970 00:00:00 GMT")
        return response


def clear(session: SessionBase) -> None:
    """Take out of Django's own session what ``login()`` and
    ``update_session_auth_hash()`` put into it.
    """
    if session.modified:
        found = [session.pop(name, None) for name in DJANGO_KEYS]
        if any(found) and not session.keys():
            session.flush()


def user_of(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    """The user who makes a request."""
    return by_cookie(request).admitted or AnonymousUser()


def session_of(request: HttpRequest) -> Session | None:
    """The session that a request is made in."""
    return by_cookie(request).session
