"""What tokens say: claims, as they stand in JSON."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from enum import Enum
from typing import Any, TypeAlias

from .types import UTC

Claims: TypeAlias = dict[str, Any]

MAX_JWT = 16_384  # characters; longer ones are not looked into


def is_jwt(text: str) -> bool:
    """Whether a text has the form of a signed JWT (RFC 7515 section 3.1)."""
    return text.count(".") == 2 and len(text) <= MAX_JWT


def payload_of(jwt: str) -> Claims | None:
    """What a JWT says; nobody has looked at its signature. None if it is none."""
    if not is_jwt(jwt):
        return None
    part = jwt.split(".")[1]
    try:
        found = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def moment(value: object) -> datetime | None:
    """A NumericDate (RFC 7519 section 2); None for anything else."""
    if not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def ends_of(claims: Claims) -> float:
    """The time in the claim ``exp``; without it, never."""
    ends = claims.get("exp")
    return float(ends) if isinstance(ends, int | float) else float("inf")


def found_at(claims: object, path: str) -> object:
    """What stands at a path of claims, or None."""
    for name in path.split("."):
        if not isinstance(claims, Mapping):
            return None
        claims = claims.get(name)
    return claims


def put(claims: Claims, path: str, value: object) -> None:
    """Put a value at a path of claims."""
    *outer, last = path.split(".")
    for name in outer:
        claims = claims.setdefault(name, {})
    claims[last] = value


def has(claims: object, path: str) -> bool:
    """Whether something stands at a path of claims, be it null."""
    outer, _, last = path.rpartition(".")
    inner = found_at(claims, outer) if outer else claims
    return isinstance(inner, Mapping) and last in inner


def refreshed(claims: Claims, fresh: Claims) -> Claims:
    """Claims with those that were read anew; none is added."""
    made = deepcopy(claims)
    for claim, value in fresh.items():
        if has(made, claim):
            put(made, claim, value)
    return made


def plain(value: object) -> object:
    """A value as it would stand in JSON."""
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    is_json = value is None or isinstance(value, str | int | float | dict)
    return value if is_json else str(value)


def is_scalar(value: object) -> bool:
    """Whether a value is a number or a text that a database takes."""
    if isinstance(value, str):
        return 0 < len(value) <= 1_000 and "\0" not in value and is_unicode(value)
    return isinstance(value, int) and not isinstance(value, bool)


def is_unicode(value: str) -> bool:
    """Whether a text has no half characters (JSON can have some)."""
    return not any("\ud800" <= sign <= "\udfff" for sign in value)
