"""Was this user logged in at 2:14 am on March 4?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from . import rows, statements
from .database import Database
from .settings import Settings
from .store import utc_now
from .types import UTC, Answer, Session, UserId, Verdict

# the marks that say of which times the tables can tell
RECORDED_SINCE = "recorded_since"
KEPT_SINCE = "kept_since"
JWT_ACCEPTED_UNTIL = "jwt_accepted_until"


class Audit:
    """Answers from the sessions in use and those that were put away."""

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock

    async def was_logged_in(self, user_id: UserId, at: datetime) -> Answer:
        """Whether the user had a session at a time, which must have a time zone.

        Sessions keep the limits they were made with, so the answer does not change with
        the settings. It is ``unknown`` for times before sessions were recorded, beyond
        what is kept, or when JWTs were accepted, which leave no trace. Raises
        ValueError.
        """
        if at.tzinfo is None:
            raise ValueError(
                "a time needs its zone, as 2026-03-04T02:14+01:00; "
                "without it nobody knows which moment is meant"
            )
        at = at.astimezone(UTC)
        found = [
            rows.session(row)
            for row in await self.database.fetch(
                statements.SESSIONS_OF, user_id=user_id
            )
        ]
        live = sorted(
            (one for one in found if one.created_at <= at < one.ends_at),
            key=lambda one: one.created_at,
        )
        if live:
            verdict: Verdict = (
                "active"
                if any(is_used_since(one, found, at) for one in live)
                else "valid"
            )
            return Answer(verdict, at, self.settings.touch_interval, tuple(live))
        reason = await self.blindness(at)
        return Answer(
            "unknown" if reason else "no",
            at,
            self.settings.touch_interval,
            reason=reason,
        )

    async def was_active(self, user_id: UserId, at: datetime) -> bool | None:
        """The same in one word: True, False, or None where it is not known."""
        answer = await self.was_logged_in(user_id, at)
        return None if answer.verdict == "unknown" else answer.verdict != "no"

    async def blindness(self, at: datetime) -> str:
        """Why the tables cannot tell of a time; "" if they can."""
        found = await self.database.fetch(statements.AUDIT_MARKS)
        marks = {str(row["name"]): rows.certain(row["at"]) for row in found}
        if at > self.clock():
            return "that time has not come yet"
        if RECORDED_SINCE not in marks or at < marks[RECORDED_SINCE]:
            return "sessions were not recorded then"
        if KEPT_SINCE in marks and at < marks[KEPT_SINCE]:
            return "what was recorded then is not kept any more"
        if self.settings.phase != "session_only":
            return "JWTs are accepted, and leave no trace until they are exchanged"
        if (
            JWT_ACCEPTED_UNTIL in marks
            and at <= marks[JWT_ACCEPTED_UNTIL] + self.settings.touch_interval
        ):
            return "JWTs were still accepted then, and left no trace"
        return ""


def is_used_since(session: Session, found: list[Session], at: datetime) -> bool:
    """Whether a session, or the one that took its place, was used at a time or
    later.
    """
    return any(
        one.family_id == session.family_id
        and (one.last_used_at >= at or one.created_at > at)
        for one in found
    )


def moment(text: str, zone: str | None = None) -> datetime:
    """The moment that a person means by a date and a time, with an offset in the text
    or the name of a time zone.

    Raises ValueError for a time that the zone's clocks skipped, and for one that they
    showed twice, since then an offset must say which.
    """
    try:
        given = datetime.fromisoformat(text.strip().replace("Z", "+00:00"))
    except ValueError:
        raise ValueError(f"{text!r} is no time; write it as 2026-03-04T02:14") from None
    if given.tzinfo is not None:
        return given
    if zone is None:
        raise ValueError(
            "a time needs its zone: add an offset, as 2026-03-04T02:14+01:00, "
            "or name one, as America/New_York"
        )
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError(
            f"there is no time zone {zone!r}; they are named as Europe/Berlin"
        ) from None
    first, second = (
        given.replace(tzinfo=place, fold=0),
        given.replace(tzinfo=place, fold=1),
    )
    if first.astimezone(UTC).astimezone(place).replace(tzinfo=None) != given:
        raise ValueError(
            f"{text} does not exist in {zone}: the clocks were put forward over it"
        )
    if first.utcoffset() != second.utcoffset():
        offsets = " or ".join(
            f"{one:%z}"[:3] + ":" + f"{one:%z}"[3:5] for one in (first, second)
        )
        raise ValueError(
            f"{text} was shown twice by the clocks of {zone}; "
            f"add {offsets} to say which is meant"
        )
    return first
