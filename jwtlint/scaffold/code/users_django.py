"""From a token to its session and its user, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.conf import settings as project
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import Manager

from . import rows, statements, tokens
from .database import with_values
from .service import database, store
from .types import Client, Session, UserId

PREFIX = "login_session_"
# why a session ended whose place another one took
REPLACED = frozenset({"rotated", "reauthenticated", "replaced"})


@dataclass(frozen=True, slots=True)
class Found:
    """What a token opens: the live session and its user, or neither. ``is_replaced``:
    another token took its place.
    """

    session: Session | None = None
    user: AbstractBaseUser | None = None
    is_replaced: bool = False


def key(user: AbstractBaseUser) -> UserId:
    """A user's key, as the sessions have it."""
    return UserId(str(user.pk))


def look_up(token: str, client: Client) -> Found:
    """The live session that a token opens, and its user, who must be active. What
    cannot be a token is not asked for.
    """
    if not tokens.is_token(token):
        return Found()
    if not is_joined():
        session = store.look_up(token, client)
        if session is None:
            row = store.find(token)
            return Found(
                is_replaced=row is not None and row["revoked_reason"] in REPLACED
            )
        user = user_of(session.user_id)
        return Found(session, user) if user else Found()
    for id_ in tokens.token_ids(token, store.settings.peppers):
        statement, values = with_values(joined(), {"id": id_}, database.sqlite)
        for user in get_user_model()._default_manager.raw(
            statement, values, using=database.using
        ):
            session = rows.session(
                {name: vars(user).pop(PREFIX + name) for name in statements.COLUMNS}
            )
            admitted = store.admit(session, client) if may_log_in(user) else None
            if admitted is not None:
                return Found(admitted, user)
            return Found(is_replaced=session.revoked_reason in REPLACED)
    return Found()


def user_of(user_id: UserId) -> AbstractBaseUser | None:
    """The active user that has a key."""
    user = get_user_model()._default_manager.filter(pk=user_id).first()
    return user if user is not None and may_log_in(user) else None


def may_log_in(user: AbstractBaseUser) -> bool:
    """Whether a user is active; models without ``is_active`` have none that are not."""
    return bool(getattr(user, "is_active", True))


@cache
def is_joined() -> bool:
    """Whether one plain join gives the user as the ORM would.

    Not where a cache answers for the session, where the model's manager leaves out
    users, where the model inherits columns from another table, or where Django gives
    times without their zone.
    """
    model = get_user_model()
    is_plain = type(model._default_manager).get_queryset is Manager.get_queryset
    return (
        not store.is_cached and is_plain and not model._meta.parents and project.USE_TZ
    )


@cache
def joined() -> str:
    """The look-up with the user's columns."""
    columns = ", ".join(f"s.{name} AS {PREFIX}{name}" for name in statements.COLUMNS)
    _, start, rest = statements.LOOK_UP.partition("FROM")
    return f"SELECT u.*, {columns} {start}{rest}"
