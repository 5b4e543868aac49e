"""Logging in and out, new tokens, and the end of sessions.
``django.contrib.auth.login()`` and ``logout()`` do the same.

What is done here takes part in the transaction that is under way. The middleware sends
the new token, if its session was committed.
"""

from __future__ import annotations

from datetime import datetime

from asgiref.sync import sync_to_async
from django.contrib.auth import user_logged_in, user_logged_out
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest
from django.middleware.csrf import rotate_token

from . import users
from .requests import (
    Identity,
    by_cookie,
    by_header,
    carried,
    identity_of,
    plain,
    refuse_foreign,
)
from .service import database, store
from .store import Ended
from .types import Issued, Session


def session_of(request: HttpRequest) -> Session | None:
    """The session that a request is made in, or None."""
    return identity_of(plain(request)).session


def needed_session(request: HttpRequest) -> Session:
    """The session that a request is made in. Raises PermissionDenied without one."""
    session = session_of(request)
    if session is None:
        raise PermissionDenied("the request is made in no session")
    return session


def log_in(
    request: HttpRequest,
    user: AbstractBaseUser,
    method: str = "password",
    *,
    by: str | None = None,
    began: datetime | None = None,
) -> Issued:
    """Log in a user who has just proved who they are by ``method``. The session that
    the request came with ends.

    ``by`` names an administrator who takes the user's place. ``began`` is when the proof was given, where that was in an earlier request. Raises
    PermissionDenied for a request from another site, LoginOvertaken and
    TooManySessions; the middleware answers the latter two.
    """
    request, given = plain(request), request
    known = carried(request)
    refuse_foreign(request)
    began = None if users.key(user) in known.ended else began or known.began
    issued = store.create(
        users.key(user),
        known.client,
        method,
        by=by,
        replaces=session_of(request),
        began=began,
    )
    adopt(request, user, issued)
    given.user = user
    if hasattr(request, "session") and request.session.session_key:
        request.session.cycle_key()
    rotate_token(request)
    known.is_logging_in = True
    try:
        user_logged_in.send(sender=type(user), request=request, user=user)
    finally:
        known.is_logging_in = False
    return issued


def adopt(request: HttpRequest, user: AbstractBaseUser, issued: Issued) -> None:
    """From now on the request is made in a new session, and its response hands out the
    token.
    """
    request = plain(request)
    known = carried(request)
    known.issued, known.takes_cookie_back = issued, False
    known.by_cookie, known.by_header = Identity(user, issued.session, "cookie"), None
    vars(request)["user"] = user


def log_out(request: HttpRequest) -> None:
    """End the session that a request is made in, and take the cookie back."""
    request, given = plain(request), request
    user = by_cookie(request).user or by_header(request).user
    user_logged_out.send(sender=type(user), request=request, user=user)
    if hasattr(request, "session"):
        request.session.flush()
    given.user = AnonymousUser()


def leave(request: HttpRequest) -> None:
    """The part of logging out that concerns the sessions: those of the cookie and of the
    header end, be they two.
    """
    request = plain(request)
    found = [by_header(request).session, carried(request).named]
    try:
        found.append(by_cookie(request).session)
    except PermissionDenied:
        # another site's page cannot log a cookie out, but what it sends in the header
        if not any(found):
            raise
    for session in {one.id: one for one in found if one is not None}.values():
        store.revoke(session, reason="logout")
    forget(request)


def forget(request: HttpRequest) -> None:
    """From now on the request is made by nobody, and its response takes the cookie
    back.
    """
    request = plain(request)
    known = carried(request)
    known.issued, known.takes_cookie_back = None, True
    known.by_cookie, known.by_header, known.named = Identity(), Identity(), None
    vars(request)["user"] = AnonymousUser()


def reauthenticate(request: HttpRequest, method: str = "password") -> Issued | None:
    """The user has proved again who they are: a new token, and the time limits begin
    again. None if the session has ended.
    """
    request = plain(request)
    session = session_of(request)
    if session is None:
        return None
    refuse_foreign(request)
    return replaced(
        request, store.reauthenticate(session, carried(request).client, method=method)
    )


def rotate(request: HttpRequest, reason: str = "privilege change") -> Issued | None:
    """A new token for the session, as at a change of rights. None if the session has
    ended.
    """
    request = plain(request)
    session = session_of(request)
    if session is None:
        return None
    return replaced(
        request, store.rotate(session, carried(request).client, reason=reason)
    )


def replaced(request: HttpRequest, issued: Issued | None) -> Issued | None:
    """The request goes on with the new token, if there is one."""
    user = identity_of(request).user
    if issued is not None and user is not None:
        adopt(request, user, issued)
    return issued


def credentials_changed(
    request: HttpRequest | None,
    user: AbstractBaseUser,
    reason: str,
    *,
    is_over: bool = False,
    using: str | None = None,
) -> Ended:
    """A user's password or second factor was changed, or the user was deactivated: end
    the user's sessions.

    The session that the request is made in stays, if it is the user's own, under a new
    token; ``is_over``: it ends as well. Saving or deleting a user calls this by itself;
    call it for second factors, and after ``QuerySet.update()``, which tells nobody.
    """
    request = plain(request) if request is not None else None
    session = session_of(request) if request is not None else None
    own = (
        session if session is not None and session.user_id == users.key(user) else None
    )
    keep = None if is_over else own
    by = str(session.user_id) if session is not None else "system"
    with transaction.atomic(using=using or database.using):
        work = database.within(using)
        ended = store.revoke_all(
            users.key(user), reason=reason, by=by, keep=keep, transaction=work
        )
        if request is not None:
            carried(request).ended.add(users.key(user))
            if keep is not None:
                replaced(
                    request,
                    store.reauthenticate(
                        keep, carried(request).client, transaction=work
                    ),
                )
            elif own is not None:
                forget(request)
    return ended


# the same for async views
alog_in = sync_to_async(log_in, thread_sensitive=True)
alog_out = sync_to_async(log_out, thread_sensitive=True)
areauthenticate = sync_to_async(reauthenticate, thread_sensitive=True)
arotate = sync_to_async(rotate, thread_sensitive=True)
asession_of = sync_to_async(session_of, thread_sensitive=True)
