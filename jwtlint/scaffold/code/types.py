"""What sessions are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal, TypeAlias

UserId: TypeAlias = int
UTC = timezone(timedelta(0))

EventKind: TypeAlias = Literal[
    "created",
    "rotated",
    "reauthenticated",
    "touched",
    "revoked",
    "expired",
    "suspected",
    "rejected",
]
Verdict: TypeAlias = Literal["active", "valid", "no", "unknown"]


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request comes from. ``address`` is the client's own (see
    ``devices.client_address``), or None.
    """

    address: str | None = None
    user_agent: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """One row of the table: one login on one device.

    ``id`` is the hash of the cookie's token and opens nothing by itself. ``family_id``
    is the public handle: it stays the same when the token is replaced. ``ip`` and
    ``user_agent`` are the login's, ``last_ip`` and ``last_user_agent`` the latest
    use's. ``auth_at`` is when the user last proved who they are; None means that they
    must do so again before anything else.
    """

    id: str
    user_id: UserId
    created_at: datetime
    last_used_at: datetime
    user_agent: str
    ip: str | None
    revoked_at: datetime | None
    expires_at: datetime
    idle_seconds: int
    auth_at: datetime | None
    auth_method: str
    revoked_reason: str | None
    revoked_by: str | None
    family_id: str
    last_ip: str | None
    last_user_agent: str

    @property
    def handle(self) -> str:
        """What lists show and what is named to revoke the session."""
        return self.family_id

    @property
    def needs_reauthentication(self) -> bool:
        """Whether the user must prove again who they are (the session was seen on a
        second device).
        """
        return self.auth_at is None

    @property
    def is_replaced(self) -> bool:
        """Whether another took its place: the browser has a newer cookie, which the
        answer to an older request must not take away.
        """
        return self.revoked_reason in ("rotated", "reauthenticated", "replaced")

    @property
    def ends_at(self) -> datetime:
        """When it ends, or ended, if it is not used again."""
        limit = min(
            self.expires_at, self.last_used_at + timedelta(seconds=self.idle_seconds)
        )
        return limit if self.revoked_at is None else min(limit, self.revoked_at)

    def is_live(self, at: datetime) -> bool:
        """Whether it opens anything at a time: not revoked, not idle for too long, not
        too old.
        """
        return self.revoked_at is None and at < self.ends_at

    def is_fresh(self, at: datetime, within: timedelta) -> bool:
        """Whether the user proved who they are within the last so many minutes."""
        return self.auth_at is not None and at - self.auth_at < within


@dataclass(frozen=True, slots=True)
class Issued:
    """A new session and the token for its cookie. The token exists here and in the
    browser, and nowhere else.
    """

    token: str
    session: Session


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a user was logged in at a time.

    ``active``: a session was used at or after that time, having begun before it.
    ``valid``: a session could have been used then, and was not any more. ``unknown``:
    nothing was recorded then. Times are right to ``precision``.
    """

    verdict: Verdict
    at: datetime
    precision: timedelta
    sessions: tuple[Session, ...] = ()
    reason: str = ""


class SessionError(Exception):
    """Something that a caller of the store did wrong, or that a user must be told."""


class TooManySessions(SessionError):
    """The user has as many sessions as the settings allow, and the settings say to
    refuse one more.
    """


class LoginOvertaken(SessionError):
    """The user's sessions were ended (a new password, an administrator) while this
    login was under way.
    """
