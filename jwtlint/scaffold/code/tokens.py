"""Tokens: 256 random bits for the browser, a hash of them for the database."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import datetime

# 32 bytes in base64url without padding (RFC 4648 section 5), behind the month where the
# table is partitioned by it
TOKEN = re.compile(r"(?:[0-9]{4}\.)?[A-Za-z0-9_-]{43}", re.ASCII)


def new_token(month: datetime | None = None) -> str:
    """A new token. With ``month`` it says in which partition its row lies."""
    secret = secrets.token_urlsafe(32)
    return secret if month is None else f"{month:%y%m}.{secret}"


def new_family() -> str:
    """A new public handle: 96 random bits, which open nothing."""
    return secrets.token_urlsafe(12)


def is_token(value: object) -> bool:
    """Whether a cookie can be a token at all; if not, the database need not be
    asked.
    """
    return (
        isinstance(value, str)
        and len(value) <= 48
        and TOKEN.fullmatch(value) is not None
    )


def token_id(token: str, pepper: bytes = b"") -> str:
    """The ``id`` of the row that a token opens: 43 characters, behind the month if the
    token has one.
    """
    month, dot, _ = token.rpartition(".")
    data = token.encode("ascii")
    digest = (
        hmac.digest(pepper, data, "sha256") if pepper else hashlib.sha256(data).digest()
    )
    return month + dot + urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def token_ids(token: str, peppers: Sequence[bytes]) -> list[str]:
    """The ids that a token may have, the current pepper's first. After the peppers were
    changed, older rows have older ids.
    """
    return [token_id(token, pepper) for pepper in peppers] or [token_id(token)]


def jwt_id(token: str) -> str:
    """Under which name a JWT that was exchanged is remembered."""
    return (
        urlsafe_b64encode(hashlib.sha256(token.encode("utf-8", "replace")).digest())
        .rstrip(b"=")
        .decode("ascii")
    )
