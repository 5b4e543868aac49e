"""A user's own sessions, as JSON: the list, the end of one, of all others, of this one;
and proving again who one is.

Unsafe methods need Django's CSRF token, as a form field or as ``X-CSRFToken``.
"""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from . import auth, users
from .decorators import fresh_login_required, login_required
from .devices import family
from .requests import by_cookie
from .service import store
from .types import Session


def shown(session: Session, current: Session | None) -> dict[str, object]:
    """A session as its user sees it. What opens it is not among it."""
    return {
        "handle": session.handle,
        "device": family(session.last_user_agent),
        "place": session.last_ip,
        "method": session.auth_method,
        "created_at": session.created_at.isoformat(),
        "last_used_at": session.last_used_at.isoformat(),
        "expires_at": session.ends_at.isoformat(),
        "is_current": current is not None and session.handle == current.handle,
    }


@never_cache
@require_http_methods(["GET", "HEAD"])
@login_required
def my_sessions(request: HttpRequest) -> HttpResponseBase:
    """The user's live sessions, the newest first."""
    current = auth.session_of(request)
    found = store.live(current.user_id) if current is not None else []
    return JsonResponse({"sessions": [shown(session, current) for session in found]})


@never_cache
@require_http_methods(["DELETE", "POST"])
@login_required
def end_one(request: HttpRequest, handle: str) -> HttpResponseBase:
    """End one session of the user's. 404, and nothing changes, for a handle that the
    user has no session with.
    """
    current = auth.session_of(request)
    if current is not None and handle == current.handle:
        auth.log_out(request)
    elif current is None or store.revoke_handle(current.user_id, handle) is None:
        return JsonResponse(
            {"detail": "you have no such session", "code": "not_found"}, status=404
        )
    return HttpResponse(status=204)


@never_cache
@require_http_methods(["DELETE", "POST"])
@fresh_login_required
def end_others(request: HttpRequest) -> HttpResponseBase:
    """End all other sessions of the user. Needs a fresh login, or a thief could lock
    the owner out.
    """
    current = auth.session_of(request)
    if current is None:
        return HttpResponse(status=401)
    ended = store.revoke_all(current.user_id, reason="ended by the user", keep=current)
    return JsonResponse({"ended": ended.count})


@never_cache
@require_http_methods(["POST"])
def log_out(request: HttpRequest) -> HttpResponseBase:
    """End this session. To do so twice is no mistake."""
    auth.log_out(request)
    return HttpResponse(status=204)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["POST"])
def reauthenticate(request: HttpRequest) -> HttpResponseBase:
    """Prove again who one is, with the field ``password``: a new token, and a fresh
    login.
    """
    identity = by_cookie(request)
    if identity.user is None:
        return JsonResponse(
            {"detail": "log in first", "code": "login_required"}, status=401
        )
    # through all backends, so that what limits guesses at the login limits them here
    user = authenticate(
        request,
        username=identity.user.get_username(),
        password=request.POST.get("password", ""),
    )
    if user is None or users.key(user) != users.key(identity.user):
        return JsonResponse(
            {"detail": "that is not the password", "code": "wrong_password"}, status=403
        )
    if auth.reauthenticate(request) is None:
        return JsonResponse(
            {"detail": "log in first", "code": "login_required"}, status=401
        )
    return HttpResponse(status=204)
