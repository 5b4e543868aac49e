"""From a database's rows to what the store works with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from .types import UTC, Session, UserId

Value: TypeAlias = str | int | datetime | UserId | None
Row: TypeAlias = Mapping[str, object]

MOMENTS = ("created_at", "last_used_at", "revoked_at", "expires_at", "auth_at")


def moment(value: object) -> datetime | None:
    """A time from a column. SQLite has none and keeps text, in UTC."""
    if value is None:
        return None
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def certain(value: object) -> datetime:
    """A time from a column that is never NULL."""
    found = moment(value)
    if found is None:
        raise ValueError("a column that must hold a time is NULL")
    return found


def text(value: object) -> str | None:
    """A text, or an address, which some drivers give as an object."""
    return (
        None if value is None else str(value).removesuffix("/32").removesuffix("/128")
    )


def session(row: Row) -> Session:
    """A session from its row."""
    return Session(
        id=str(row["id"]),
        user_id=UserId(str(row["user_id"])),
        created_at=certain(row["created_at"]),
        last_used_at=certain(row["last_used_at"]),
        user_agent=str(row["user_agent"]),
        ip=text(row["ip"]),
        revoked_at=moment(row["revoked_at"]),
        expires_at=certain(row["expires_at"]),
        idle_seconds=int(str(row["idle_seconds"])),
        auth_at=moment(row["auth_at"]),
        auth_method=str(row["auth_method"]),
        revoked_reason=text(row["revoked_reason"]),
        revoked_by=text(row["revoked_by"]),
        family_id=str(row["family_id"]),
        last_ip=text(row["last_ip"]),
        last_user_agent=str(row["last_user_agent"]),
    )


def packed(session: Session) -> str:
    """A session as text, for the cache."""
    values = {name: getattr(session, name) for name in Session.__slots__}
    return json.dumps(
        {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in values.items()
        },
        default=str,
    )


def unpacked(data: str) -> Session:
    """The session that :func:`packed` made text of."""
    found: dict[str, object] = json.loads(data)
    return session(found)


def sqlite_time(value: datetime) -> str:
    """A time as SQLite keeps it: text in UTC that sorts as the times do."""
    return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def sqlite_form(sql: str) -> str:
    """A statement without what SQLite lacks: the type ``inet``, and row locks, which a
    transaction's write lock makes up for.
    """
    sql = sql.replace("CAST(:ip AS inet)", ":ip").replace(
        "CAST(:last_ip AS inet)", ":last_ip"
    )
    return sql.replace("FOR UPDATE SKIP LOCKED", "").replace("FOR UPDATE", "")
