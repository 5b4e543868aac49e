"""A user's own sessions, as JSON: the list, the end of one, of all others, of this one;
and proving again who one is.

Unsafe methods need Django's CSRF token, as a form field or as ``X-CSRFToken``. (Only
where the bridge is there, a token in the Authorization header will do in its place.)
"""

from __future__ import annotations

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from . import auth, users
from .decorators import fresh_login_required, login_required, refusal
from .devices import family
from .requests import identity_of
from .service import store
from .store import Ended
from .types import Session


def shown(session: Session, current: Session) -> dict[str, object]:
    """A session as its user sees it. What opens it is not among it."""
    return {
        "handle": session.handle,
        "device": family(session.last_user_agent),
        "place": session.last_ip,
        "created_at": session.created_at.isoformat(),
        "last_used_at": session.last_used_at.isoformat(),
        "method": session.auth_method,
        "is_this": session.handle == current.handle,
    }


def told(ended: Ended) -> JsonResponse:
    """How many sessions were ended, and in how many seconds that holds everywhere."""
    within = int(ended.within.total_seconds())
    return JsonResponse({"ended": ended.count, "within_seconds": within})


@never_cache
@require_http_methods(["GET", "HEAD"])
@login_required
def my_sessions(request: HttpRequest) -> HttpResponseBase:
    """The user's live sessions, the newest first."""
    current = auth.needed_session(request)
    found = [shown(session, current) for session in store.live(current.user_id)]
    return JsonResponse(found, safe=False)


@never_cache
@require_http_methods(["DELETE", "POST"])
@fresh_login_required
def end_one(request: HttpRequest, handle: str) -> HttpResponseBase:
    """End one session of the user's. 404, and nothing changes, for a handle that the
    user has no session with. Needs a fresh login (OWASP ASVS 5.0 V7.5.2).
    """
    current = auth.needed_session(request)
    ended = store.revoke_handle(current.user_id, handle)
    if ended is None:
        return refusal("you have no such session", "not_found", 404)
    if handle == current.handle:
        auth.log_out(request)
    return told(ended)


@never_cache
@require_http_methods(["POST"])
@fresh_login_required
def end_others(request: HttpRequest) -> HttpResponseBase:
    """End all other sessions of the user. Needs a fresh login, or a thief could lock
    the owner out.
    """
    current = auth.needed_session(request)
    return told(
        store.revoke_all(current.user_id, reason="log out elsewhere", keep=current)
    )


@never_cache
@require_http_methods(["POST"])
def log_out(request: HttpRequest) -> HttpResponseBase:
    """End this session; where cookie and header bring one each, both. To do so twice is
    no mistake.
    """
    auth.log_out(request)
    return HttpResponse(status=204)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["POST"])
def reauthenticate(request: HttpRequest) -> HttpResponseBase:
    """Prove again who one is, with the field ``password``: a new token, and a fresh
    login.
    """
    identity = identity_of(request)
    if identity.user is None:
        return refusal("log in first", "login_required", 401)
    # through all backends, so that what limits guesses at the login limits them here
    user = authenticate(
        request,
        username=identity.user.get_username(),
        password=request.POST.get("password", ""),
    )
    if user is None or users.key(user) != users.key(identity.user):
        return refusal("that is not the password", "wrong_password", 403)
    if auth.reauthenticate(request) is None:
        return refusal("log in first", "login_required", 401)
    return HttpResponse(status=204)
