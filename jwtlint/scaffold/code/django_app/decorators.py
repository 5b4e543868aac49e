"""Views for users who are logged in, and for those who have just proved who they are.

Pages are redirected to the login; what does not ask for HTML gets 401 or 403 in JSON.
Django's own ``login_required`` works as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import TypeVar, cast

from asgiref.sync import sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase

from .requests import identity_of
from .service import store

View = TypeVar("View", bound=Callable[..., object])

Obstacle = Callable[[HttpRequest], HttpResponseBase | None]


def login_required(view: View) -> View:
    """Lets in users who are logged in."""
    return guarded(view, no_login)


def fresh_login_required(view: View) -> View:
    """Lets in users who proved who they are within the last ``Settings.fresh_for``.

    For changes of passwords, e-mail addresses and second factors, and for the end of
    other sessions.
    """
    return guarded(view, no_fresh_login)


def guarded(view: View, obstacle: Obstacle) -> View:
    """A view, sync or async, that is reached only where nothing stands in the way."""
    if iscoroutinefunction(view):
        awaited = cast(Callable[..., Awaitable[HttpResponseBase]], view)

        @wraps(view)
        async def in_loop(
            request: HttpRequest, *args: object, **kwargs: object
        ) -> HttpResponseBase:
            answer = await sync_to_async(obstacle, thread_sensitive=True)(request)
            return answer or await awaited(request, *args, **kwargs)

        return cast(View, in_loop)
    called = cast(Callable[..., HttpResponseBase], view)

    @wraps(view)
    def in_thread(
        request: HttpRequest, *args: object, **kwargs: object
    ) -> HttpResponseBase:
        return obstacle(request) or called(request, *args, **kwargs)

    return cast(View, in_thread)


def no_login(request: HttpRequest) -> HttpResponseBase | None:
    """What is answered to a request of nobody; None if it is somebody's."""
    return (
        None
        if identity_of(request).admitted
        else refused(request, 401, "log in first", "login_required")
    )


def no_fresh_login(request: HttpRequest) -> HttpResponseBase | None:
    """What is answered where the login is too long ago; None if it is not."""
    identity = identity_of(request)
    session = identity.session
    if identity.admitted is None or session is None:
        return refused(request, 401, "log in first", "login_required")
    if session.is_fresh(store.clock(), store.settings.fresh_for):
        return None
    return refused(request, 403, "prove again who you are", "fresh_login_required")


def refused(
    request: HttpRequest, status: int, detail: str, code: str
) -> HttpResponseBase:
    """A redirect to the login for a page, else the status with the reason."""
    if "text/html" in request.headers.get("Accept", ""):
        return redirect_to_login(request.get_full_path())
    return refusal(detail, code, status)


def refusal(detail: str, code: str, status: int) -> JsonResponse:
    """Why something is refused, for people and for programs."""
    response = JsonResponse({"detail": detail, "code": code}, status=status)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Session"
    return response
