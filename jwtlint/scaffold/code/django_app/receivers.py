"""What happens to sessions when users log in, log out, or are changed by any other part
of the project, the admin included.
"""

from __future__ import annotations

from django.apps import apps
from django.conf import settings as project
from django.contrib.auth import get_user_model, user_logged_in, user_logged_out
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.signals import setting_changed
from django.db import connections
from django.db.models.signals import post_save, pre_delete, pre_save
from django.http import HttpRequest
from django.utils.module_loading import import_string

from . import users
from .auth import adopt, credentials_changed, leave, session_of
from .checks import MIDDLEWARE
from .configuration import configured
from .requests import carried, current_request, plain, refuse_foreign
from .service import audit, store

CHANGED = "_login_sessions_end_because"
WATCHED = ("password", "is_active")


def connect() -> None:
    """Listen."""
    user_model = get_user_model()
    user_logged_in.connect(on_login, dispatch_uid="login_sessions.on_login")
    user_logged_out.connect(on_logout, dispatch_uid="login_sessions.on_logout")
    # models that inherit from the user model, proxies too, send signals of their own
    for model in apps.get_models():
        if issubclass(model, user_model):
            pre_save.connect(
                before_saving, model, dispatch_uid="login_sessions.before_saving"
            )
            post_save.connect(
                after_saving, model, dispatch_uid="login_sessions.after_saving"
            )
            pre_delete.connect(
                before_deleting, model, dispatch_uid="login_sessions.before_deleting"
            )
    setting_changed.connect(
        on_setting_changed, dispatch_uid="login_sessions.on_setting_changed"
    )


def on_login(
    sender: object, request: HttpRequest | None, user: AbstractBaseUser, **_: object
) -> None:
    """``django.contrib.auth.login()`` was called, as by the admin: make the session.

    Not where the project keeps Django's own middleware, whose sessions that then is
    about.
    """
    if (
        request is None
        or MIDDLEWARE not in project.MIDDLEWARE
        or carried(request).is_logging_in
    ):
        return
    known = carried(request)
    # until there is a session
    vars(plain(request))["user"] = AnonymousUser()
    refuse_foreign(request)
    began = None if users.key(user) in known.ended else known.began
    issued = store.create(
        users.key(user),
        known.client,
        method_of(user),
        replaces=session_of(request),
        began=began,
    )
    adopt(request, user, issued)


def method_of(user: AbstractBaseUser) -> str:
    """By what a user was authenticated: a password, or the backend's name."""
    name = str(getattr(user, "backend", ""))
    return (
        "password"
        if not name or issubclass(import_string(name), ModelBackend)
        else name
    )


def on_logout(sender: object, request: HttpRequest | None, **_: object) -> None:
    """``django.contrib.auth.logout()`` was called: end the session."""
    if request is not None:
        leave(request)


def before_saving(
    sender: type[AbstractBaseUser],
    instance: AbstractBaseUser,
    using: str,
    **options: object,
) -> None:
    """See whether the password or the activity changes.

    Outside of a transaction the change is committed by itself; so the sessions end
    before it, and again after it, for logins that came between. Then no session
    outlives the change, wherever the process is stopped.
    """
    fields, is_raw = options.get("update_fields"), options.get("raw")
    vars(instance).pop(CHANGED, None)
    if (
        instance._state.adding
        or is_raw
        or (isinstance(fields, frozenset) and not fields.intersection(WATCHED))
    ):
        return
    before = sender._base_manager.using(using).filter(pk=instance.pk).first()
    if before is None:
        return
    if before.password != instance.password:
        vars(instance)[CHANGED] = "password changed"
    elif users.may_log_in(before) and not users.may_log_in(instance):
        vars(instance)[CHANGED] = "deactivated"
    if CHANGED in vars(instance) and not connections[using].in_atomic_block:
        request = current_request.get()
        session = session_of(request) if request is not None else None
        by = str(session.user_id) if session is not None else "system"
        store.revoke_all(
            users.key(instance),
            reason=str(vars(instance)[CHANGED]),
            by=by,
            keep=session,
        )


def after_saving(
    sender: object, instance: AbstractBaseUser, using: str, **_: object
) -> None:
    """End the sessions, in the transaction of the change."""
    reason = vars(instance).pop(CHANGED, None)
    if reason is not None:
        is_over = not users.may_log_in(instance)
        credentials_changed(
            current_request.get(), instance, str(reason), is_over=is_over, using=using
        )


def before_deleting(
    sender: object, instance: AbstractBaseUser, using: str, **_: object
) -> None:
    """End the sessions, in the transaction of the deletion; the database then puts them
    into the history.
    """
    vars(instance).pop(CHANGED, None)
    credentials_changed(
        current_request.get(), instance, "user deleted", is_over=True, using=using
    )


def on_setting_changed(sender: object, setting: str, **_: object) -> None:
    """Tests override settings."""
    if setting in ("LOGIN_SESSIONS", "CSRF_TRUSTED_ORIGINS"):
        store.settings = audit.settings = configured()
