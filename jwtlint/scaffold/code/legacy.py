"""From JWTs to sessions without a flag day.

Three phases, each a value of ``Settings.phase``. All of them accept sessions, so that
during a rolling deployment a process of the phase before knows what one of the next
phase hands out:

- ``jwt_only``: logins hand out JWTs as before; nothing else changes.
- ``both``: logins hand out sessions; a JWT is exchanged for a session on its first use,
  once, and from then on stands for that session, so it can be ended like one.
- ``session_only``: JWTs are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from . import rows, statements, tokens
from .audit import JWT_ACCEPTED_UNTIL
from .store import SessionStore
from .types import Client, Issued, LoginOvertaken, Session, UserId

EVERYONE = "tokens_valid_after"


@dataclass(frozen=True, slots=True)
class LegacyToken:
    """What a verified JWT says: whose it is, and when it was issued (None: it does not
    say).
    """

    user_id: UserId
    issued_at: datetime | None


@dataclass(frozen=True, slots=True)
class Use:
    """How many JWTs were exchanged in the time asked about, and when the latest was:
    the figures that say when to go on.
    """

    exchanged: int
    latest: datetime | None


class Legacy:
    """Accepts the application's JWTs while the phase allows it.

    ``verify`` is the application's own verification: it takes a JWT and gives what it
    says, or None if it is no good.
    """

    def __init__(
        self, store: SessionStore, verify: Callable[[str], LegacyToken | None]
    ) -> None:
        self.store = store
        self.verify = verify
        self.marked_at: datetime | None = None

    @property
    def issues_jwt(self) -> bool:
        """Whether logins still hand out JWTs."""
        return self.store.settings.phase == "jwt_only"

    async def check(self, jwt: str) -> LegacyToken | None:
        """What a JWT says, if it is accepted: in this phase, issued before the cut-off,
        and not ended by a revoke of all, nor with the session it was exchanged for.
        """
        settings = self.store.settings
        if (
            settings.phase == "session_only"
            or tokens.is_token(jwt)
            or jwt.count(".") not in (2, 4)
        ):
            return None
        found = self.verify(jwt)
        if found is None or self.is_too_new(found.issued_at):
            return None
        if not await self.is_in_force(found):
            return None
        if self.issues_jwt and await self.is_ended(jwt):
            return None
        await self.mark()
        return found

    def is_too_new(self, issued_at: datetime | None) -> bool:
        """Whether a JWT was issued when nobody issued any more, or may have been."""
        until = self.store.settings.jwt_issued_before
        return until is not None and (issued_at is None or issued_at >= until)

    async def is_in_force(self, found: LegacyToken) -> bool:
        """Whether no revoke of all came after a JWT was issued."""
        ends = await self.ended_before(found.user_id)
        # the times in a JWT are whole seconds (RFC 7519 section 2, NumericDate)
        return ends is None or (
            found.issued_at is not None
            and found.issued_at >= ends.replace(microsecond=0)
        )

    async def is_ended(self, jwt: str) -> bool:
        """Whether a process of a later phase exchanged a JWT for a session that was
        ended since.
        """
        for row in await self.store.database.fetch(
            statements.EXCHANGED, jwt_hash=tokens.jwt_id(jwt)
        ):
            return not await self.store.database.fetch(
                statements.LOOK_UP_FAMILY,
                user_id=UserId(str(row["user_id"])),
                family_id=str(row["family_id"]),
            )
        return False

    async def session_for(self, jwt: str, client: Client) -> Session | Issued | None:
        """The session that a JWT stands for; an :class:`Issued` when it was exchanged
        just now, for its token must be sent.
        """
        if self.store.settings.phase != "both":
            return None
        name = tokens.jwt_id(jwt)
        known = await self.store.database.fetch(statements.EXCHANGED, jwt_hash=name)
        if not known:
            found = await self.check(jwt)
            if found is None or not await self.store.database.fetch(
                statements.USER_EXISTS, user_id=found.user_id
            ):
                return None
            try:
                issued = await self.exchange(name, found, client)
            except LoginOvertaken:
                return None
            if issued is not None:
                return issued
            known = await self.store.database.fetch(statements.EXCHANGED, jwt_hash=name)
        elif self.verify(jwt) is None:
            return None
        await self.mark()
        return (
            await self.of_family(
                UserId(str(known[0]["user_id"])), str(known[0]["family_id"]), client
            )
            if known
            else None
        )

    async def exchange(
        self, name: str, found: LegacyToken, client: Client
    ) -> Issued | None:
        """Make the session; None if another request was faster. Both take the row of
        the JWT's name, so only one of them gets it.
        """
        family = tokens.new_family()
        async with self.store.database.transaction() as work:
            await work.fetch(statements.LOCK_USER, user_id=found.user_id)
            now = self.store.clock()
            taken = await work.execute(
                statements.EXCHANGE,
                jwt_hash=name,
                family_id=family,
                user_id=found.user_id,
                now=now,
            )
            if not taken:
                return None
            began = found.issued_at and found.issued_at + timedelta(seconds=1)
            return await self.store.create(
                found.user_id,
                client,
                "jwt",
                began=began,
                family_id=family,
                transaction=work,
            )

    async def of_family(
        self, user_id: UserId, family: str, client: Client
    ) -> Session | None:
        """The live session with a handle."""
        for row in await self.store.database.fetch(
            statements.LOOK_UP_FAMILY, user_id=user_id, family_id=family
        ):
            return await self.store.admit(rows.session(row), client)
        return None

    async def end(self, jwt: str, reason: str = "logout") -> None:
        """End the session that a JWT stands for. One that was not exchanged yet is
        exchanged for a session that ends at once.
        """
        found = await self.session_for(jwt, Client())
        session = found.session if isinstance(found, Issued) else found
        if session is not None:
            await self.store.revoke(session, reason=reason)

    async def ended_before(self, user_id: UserId) -> datetime | None:
        """JWTs of the user that were issued before this time are refused; None: none
        are.
        """
        own = await self.store.database.fetch(
            statements.TOKENS_VALID_AFTER, user_id=user_id
        )
        marks = await self.store.database.fetch(statements.AUDIT_MARKS)
        ends = [rows.moment(row["tokens_valid_after"]) for row in own]
        ends += [rows.moment(row["at"]) for row in marks if row["name"] == EVERYONE]
        return max((one for one in ends if one is not None), default=None)

    async def mark(self) -> None:
        """Note that JWTs are accepted now, so that the audit does not take silence for
        absence.
        """
        now = self.store.clock()
        if (
            self.marked_at is None
            or now - self.marked_at >= self.store.settings.touch_interval
        ):
            self.marked_at = now
            await self.store.database.execute(
                statements.MARK_AUDIT, name=JWT_ACCEPTED_UNTIL, at=now
            )

    async def use(self, since: datetime) -> Use:
        """How many JWTs were exchanged since a time."""
        row = (await self.store.database.fetch(statements.JWT_USE, since=since))[0]
        return Use(int(str(row["exchanged"])), rows.moment(row["latest"]))
