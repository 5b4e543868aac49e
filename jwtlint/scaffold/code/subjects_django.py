"""The users that claims speak of: found by what a claim says, and what is read from
their rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db.models import Model

from . import users
from .database import Database
from .types import UserId


def read(
    database: Database, user_id: UserId, paths: Iterable[str]
) -> tuple[bool, dict[str, object]] | None:
    """Whether a user's account may be used, and what the user has at some paths of
    attributes ("role", "group.name"); None if there is no such user.
    """
    manager = get_user_model()._default_manager
    user = manager.using(database.using).filter(pk=user_id).first()
    if user is None:
        return None
    return users.may_log_in(user), {path: at(user, path) for path in paths}


def key_by(database: Database, attribute: str, value: object) -> UserId | None:
    """The key of the user who has a value in a field that is not the key."""
    manager = get_user_model()._default_manager
    try:
        user = manager.using(database.using).filter(**{attribute: value}).first()
    except (TypeError, ValueError, ValidationError):
        return None
    return None if user is None else users.key(user)


def key_of(user: object) -> object:
    """The key of a user object; None for what is none."""
    return user.pk if isinstance(user, Model) else None


def at(start: object, path: str) -> object:
    """What stands at a path of attributes; None where it ends early."""
    return reduce(lambda one, name: getattr(one, name, None), path.split("."), start)
