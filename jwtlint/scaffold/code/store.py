"""The store of sessions: made, looked up, touched, replaced, ended.

What makes it safe, in short: an id that the server did not issue opens nothing; the
table holds hashes; a row is never brought back, since no statement inserts where it
meant to update; and what must take effect together stands in one transaction.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from . import rows, statements, tokens
from .database import Database, Transaction
from .devices import address, is_other_device, network, takes_turns
from .rows import Row
from .settings import Settings
from .types import (
    UTC,
    Client,
    EventKind,
    Issued,
    LoginOvertaken,
    Session,
    TooManySessions,
    UserId,
)

MAX_USER_AGENT = 400  # characters that are kept


def utc_now() -> datetime:
    """The time, as the store counts it."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Ended:
    """How many sessions were ended, and within what time every process sees it (none,
    but where the cache could not be told).
    """

    count: int
    within: timedelta = timedelta(0)


class SessionStore:
    """All that is done with sessions.

    Where a method takes ``transaction``, it takes part in the application's own
    (``database.within(…)``), so that, for example, a new password and the end of the
    old sessions are committed together; else it makes its own.
    """

    # whether look-ups may be answered without the database; if not, session and user
    # are read together
    is_cached = False

    def __init__(
        self,
        database: Database,
        settings: Settings,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.database = database
        self.settings = settings
        self.clock = clock

    # -- making ------------------------------------------------------------------------

    async def create(
        self,
        user_id: UserId,
        client: Client,
        method: str = "password",
        *,
        by: str | None = None,
        replaces: Session | None = None,
        began: datetime | None = None,
        family_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> Issued:
        """A new session for a user who has just proved who they are by ``method``.

        ``by`` is who acts, if that is not the user: an administrator who takes the
        user's place. ``replaces`` is the session that the request came with, which ends
        (against fixation). ``began`` is when the login began: if the user's sessions
        were ended since, the proof may be out of date, and :class:`LoginOvertaken` is
        raised. Raises :class:`TooManySessions` where the settings say so.
        """
        async with self.taking_part(transaction) as work:
            found = await work.fetch(statements.LOCK_USER, user_id=user_id)
            ends = [rows.moment(value) for value in found[0].values()]
            if began is not None and any(end and began <= end for end in ends):
                raise LoginOvertaken(
                    "the user's sessions were ended while this login was under way; "
                    "log in again"
                )
            now, actor = self.clock(), by or str(user_id)
            if replaces is not None:
                await self.end(work, replaces, "replaced", actor, now)
            await self.make_room(work, user_id, now)
            issued = self.new(
                user_id, client, method, now, family_id or tokens.new_family()
            )
            await self.insert(work, issued.session)
            await self.record(
                work, "created", issued.session, now, client, reason=method, actor=actor
            )
        return issued

    def new(
        self,
        user_id: UserId,
        client: Client,
        method: str,
        now: datetime,
        family_id: str,
    ) -> Issued:
        """A session that is not in the database yet."""
        token = tokens.new_token(now if self.settings.partition_by_month else None)
        place, agent = address(client.address), readable(client.user_agent)
        return Issued(
            token,
            Session(
                id=tokens.token_ids(token, self.settings.peppers)[0],
                user_id=user_id,
                created_at=now,
                last_used_at=now,
                user_agent=agent,
                ip=place,
                revoked_at=None,
                expires_at=now + self.settings.absolute_timeout,
                idle_seconds=int(self.settings.idle_timeout.total_seconds()),
                auth_at=now,
                auth_method=method,
                revoked_reason=None,
                revoked_by=None,
                family_id=family_id,
                last_ip=place,
                last_user_agent=agent,
            ),
        )

    async def insert(self, work: Transaction, session: Session) -> None:
        """Write a new row."""
        await work.execute(
            statements.INSERT,
            id=session.id,
            user_id=session.user_id,
            created_at=session.created_at,
            last_used_at=session.last_used_at,
            user_agent=session.user_agent,
            ip=session.ip,
            expires_at=session.expires_at,
            idle_seconds=session.idle_seconds,
            auth_at=session.auth_at,
            auth_method=session.auth_method,
            family_id=session.family_id,
            last_ip=session.last_ip,
            last_user_agent=session.last_user_agent,
        )

    async def make_room(
        self, work: Transaction, user_id: UserId, now: datetime
    ) -> None:
        """See to it that one more session is allowed. The user's row is locked, so
        logins at once are counted one by one.
        """
        if self.settings.max_sessions is None:
            return
        live = [
            one for one in await self.live_in(work, user_id, now) if one.is_live(now)
        ]
        surplus = live[: max(0, len(live) + 1 - self.settings.max_sessions)]
        if surplus and self.settings.at_max_sessions == "reject":
            raise TooManySessions(
                f"only {self.settings.max_sessions} sessions are allowed at once; "
                "end one on another device first"
            )
        for session in surplus:
            await self.end(work, session, "too many sessions", "system", now)

    # -- using -------------------------------------------------------------------------

    async def look_up(self, token: str | None, client: Client) -> Session | None:
        """The live session that a cookie's token opens, or None. It costs one read by
        primary key.
        """
        row = await self.find(token)
        return None if row is None else await self.admit(rows.session(row), client)

    async def find(self, token: str | None) -> Row | None:
        """The row that a token opens, whether or not it is live. What cannot be a token
        is not asked for.
        """
        for id_ in self.ids_of(token):
            for row in await self.database.fetch(statements.LOOK_UP, id=id_):
                return row
        return None

    def ids_of(self, token: str | None) -> list[str]:
        """The ids that a token's row may have; none for what cannot be a token."""
        if token is None or not tokens.is_token(token):
            return []
        return tokens.token_ids(token, self.settings.peppers)

    async def opened_by(self, token: str | None) -> Session | None:
        """The session that a token opens, if nobody has ended it yet; for ending it.
        This is not a use: nothing is written.
        """
        row = await self.find(token)
        if row is None:
            return await self.stood_for(token)
        return None if row["revoked_at"] is not None else rows.session(row)

    async def stood_for(self, token: str | None) -> Session | None:
        """The session that a stand-in of the bridge stands for, if nobody has ended it
        yet; for ending it.
        """
        for row in await self.stand_ins(token):
            return rows.session(row)
        return None

    async def admit_stand_in(self, token: str, client: Client) -> Session | None:
        """The session that a stand-in opens now: it is live, and the claims of the
        stand-in are not too old (RFC 7519 section 4.1.4).
        """
        for row in await self.stand_ins(token):
            ends = json.loads(str(row["claims"])).get("exp")
            if not isinstance(ends, int | float) or ends > self.clock().timestamp():
                return await self.admit(rows.session(row), client)
        return None

    async def stand_ins(self, token: str | None) -> list[Row]:
        """The row of a stand-in with its session's; none where the cookie alone
        counts.
        """
        if not self.settings.accept_bearer or not tokens.is_token(token):
            return []
        return await self.database.fetch(
            statements.LOOK_UP_STAND_IN, jwt_hash=tokens.jwt_id(str(token))
        )

    async def is_replaced(self, token: str) -> bool:
        """Whether another session took the place of the one that a token opened."""
        row = await self.find(token)
        return row is not None and rows.session(row).is_replaced

    async def is_still_live(self, session: Session) -> bool:
        """Whether a session that was let in before, or what took its place, opens
        anything now. This is not a use: nothing is written.
        """
        now = self.clock()
        found = await self.database.fetch(
            statements.LOOK_UP_FAMILY,
            user_id=session.user_id,
            family_id=session.family_id,
        )
        live = [one for one in map(rows.session, found) if one.is_live(now)]
        return any(not one.needs_reauthentication for one in live)

    async def admit(self, session: Session, client: Client) -> Session | None:
        """The session, if it opens anything now. That it was used is written down, at
        most once in a while.
        """
        now = self.clock()
        if not session.is_live(now):
            await self.reject(session, client, now)
            return None
        moved = client.address is not None and network(client.address) != network(
            session.last_ip
        )
        if moved or is_other_device(
            session.last_user_agent, readable(client.user_agent)
        ):
            return await self.seen_elsewhere(session, client, now)
        if now - session.last_used_at >= self.settings.touch_interval:
            return await self.touch(session, client, now)
        return session

    async def touch(
        self, session: Session, client: Client, now: datetime, *, moved: bool = False
    ) -> Session | None:
        """Write down that a session is used. Where no live row is found, the session
        was ended meanwhile, and the answer is None.
        """
        place, agent = (
            address(client.address) or session.last_ip,
            readable(client.user_agent),
        )
        before = now if moved else now - self.settings.touch_interval
        async with self.database.transaction() as work:
            changed = await work.execute(
                statements.TOUCH,
                id=session.id,
                now=now,
                before=before,
                last_ip=place,
                last_user_agent=agent,
            )
            if changed and (moved or self.settings.record_every_touch):
                await self.record(work, "touched", session, now, client)
        if changed:
            return replace(
                session, last_used_at=now, last_ip=place, last_user_agent=agent
            )
        # another request was faster, or the session is over
        for row in await self.database.fetch(statements.LOOK_UP, id=session.id):
            again = rows.session(row)
            return again if again.is_live(now) else None
        return None

    async def seen_elsewhere(
        self, session: Session, client: Client, now: datetime
    ) -> Session | None:
        """A session is used from another network or on another device than last
        time.
        """
        since = now - self.settings.alternation_window
        other_device = is_other_device(
            session.last_user_agent, readable(client.user_agent)
        )
        if await self.database.fetch(
            statements.RECENT_EVENT, id=session.id, kind="suspected", since=since
        ):
            # it was said already; each further turn would only cost writes
            late = now - session.last_used_at >= self.settings.touch_interval
            return await self.touch(session, client, now) if late else session
        found = await self.database.fetch(
            statements.RECENT_PLACES, id=session.id, since=since
        )
        places = [(rows.certain(row["at"]), rows.text(row["ip"])) for row in found]
        touched = await self.touch(session, client, now, moved=True)
        if touched is None:
            return None
        if other_device:
            return await self.suspect(touched, client, now, "used on another device")
        if takes_turns(places, now, client.address, self.settings.alternation_window):
            return await self.suspect(
                touched, client, now, "used from two networks in turns"
            )
        return touched

    async def suspect(
        self, session: Session, client: Client, now: datetime, reason: str
    ) -> Session | None:
        """One session on two devices: write it down, and do what the settings say."""
        policy = self.settings.shared_session
        async with self.database.transaction() as work:
            await self.record(work, "suspected", session, now, client, reason=reason)
            if policy == "revoke":
                await self.revoke_handle(
                    session.user_id,
                    session.handle,
                    reason=reason,
                    by="system",
                    transaction=work,
                )
            elif policy == "step_up":
                await work.execute(statements.ASK_AGAIN, id=session.id)
                await self.announce([session.id])
        if policy == "revoke":
            return None
        return replace(session, auth_at=None) if policy == "step_up" else session

    async def reject(self, session: Session, client: Client, now: datetime) -> None:
        """Write down that an ended session was tried, at most once in a while."""
        since = now - self.settings.touch_interval
        if not await self.database.fetch(
            statements.RECENT_EVENT, id=session.id, kind="rejected", since=since
        ):
            async with self.database.transaction() as work:
                await self.record(
                    work,
                    "rejected",
                    session,
                    now,
                    client,
                    reason=session.revoked_reason or "expired",
                )

    # -- replacing ---------------------------------------------------------------------

    async def rotate(
        self,
        session: Session,
        client: Client,
        *,
        reason: str = "privilege change",
        transaction: Transaction | None = None,
    ) -> Issued | None:
        """Give a session a new token, as at a change of rights; the old token ends at
        once. None if the session has ended.
        """
        return await self.renew(session, client, "rotated", reason, transaction)

    async def reauthenticate(
        self,
        session: Session,
        client: Client,
        *,
        method: str = "password",
        transaction: Transaction | None = None,
    ) -> Issued | None:
        """The user has proved again who they are: a new token, and the time limits
        begin again. None if the session has ended.
        """
        return await self.renew(session, client, "reauthenticated", method, transaction)

    async def renew(
        self,
        session: Session,
        client: Client,
        kind: EventKind,
        reason: str,
        transaction: Transaction | None,
    ) -> Issued | None:
        """A new row in the same family; the old one ends in the same transaction."""
        async with self.taking_part(transaction) as work:
            await work.fetch(statements.LOCK_KNOWN_USER, user_id=session.user_id)
            now = self.clock()
            current = [
                rows.session(row)
                for row in await work.fetch(statements.LOCK, id=session.id)
            ]
            if not current or not current[0].is_live(now):
                return None
            if not await work.execute(
                statements.REVOKE,
                id=session.id,
                now=now,
                reason=kind,
                revoked_by=str(session.user_id),
            ):
                return None
            await self.announce([session.id])
            issued = self.new(
                session.user_id, client, current[0].auth_method, now, session.family_id
            )
            if kind == "rotated":
                kept = replace(
                    issued.session,
                    auth_at=current[0].auth_at,
                    expires_at=current[0].expires_at,
                )
            else:
                kept = replace(issued.session, auth_method=reason)
            kept = replace(kept, ip=current[0].ip, user_agent=current[0].user_agent)
            await self.insert(work, kept)
            await self.record(work, kind, kept, now, client, reason=reason)
        return Issued(issued.token, kept)

    # -- ending ------------------------------------------------------------------------

    async def revoke(
        self,
        session: Session,
        *,
        reason: str = "logout",
        by: str | None = None,
        transaction: Transaction | None = None,
    ) -> Ended:
        """End a session, as at logout. To end it twice is no mistake."""
        found = await self.revoke_handle(
            session.user_id,
            session.handle,
            reason=reason,
            by=by,
            transaction=transaction,
        )
        return found or Ended(0)

    async def revoke_handle(
        self,
        user_id: UserId,
        handle: str,
        *,
        reason: str = "ended by the user",
        by: str | None = None,
        transaction: Transaction | None = None,
    ) -> Ended | None:
        """End the session of a user that has this handle. None, and nothing changes, if
        the user has no such session.
        """
        async with self.taking_part(transaction) as work:
            if not await work.fetch(
                statements.HAS_FAMILY, user_id=user_id, family_id=handle
            ):
                return None
            await work.fetch(statements.LOCK_KNOWN_USER, user_id=user_id)
            now, actor = self.clock(), by or str(user_id)
            ended = await work.fetch(
                statements.REVOKE_FAMILY,
                user_id=user_id,
                family_id=handle,
                now=now,
                reason=reason,
                revoked_by=actor,
            )
            await self.record_ends(work, ended, user_id, now, reason, actor)
            within = await self.announce([str(row["id"]) for row in ended])
        return Ended(len(ended), within)

    async def revoke_all(
        self,
        user_id: UserId,
        *,
        reason: str,
        by: str | None = None,
        keep: Session | None = None,
        transaction: Transaction | None = None,
    ) -> Ended:
        """End all sessions of a user, but for ``keep``; JWTs that were not exchanged
        yet, and logins under way, end too.

        Call it in the transaction that changes a password or a second factor, or that
        deactivates or deletes the user (OWASP ASVS 5.0 V7.4.2, V7.4.3).
        """
        async with self.taking_part(transaction) as work:
            now, actor = self.clock(), by or str(user_id)
            await work.execute(statements.END_TOKENS_OF_USER, user_id=user_id, now=now)
            ended = await work.fetch(
                statements.REVOKE_USER,
                user_id=user_id,
                keep=keep.family_id if keep else "",
                now=now,
                reason=reason,
                revoked_by=actor,
            )
            await self.record_ends(work, ended, user_id, now, reason, actor)
            within = await self.announce([str(row["id"]) for row in ended])
        return Ended(len(ended), within)

    async def revoke_everyone(self, *, reason: str, by: str) -> Ended:
        """End every session of every user: the administrator's last resort."""
        async with self.database.transaction() as work:
            if not self.database.sqlite:
                await work.execute(statements.LOCK_ALL_USERS)
            now = self.clock()
            await work.execute(statements.MARK_AUDIT, name="tokens_valid_after", at=now)
            ended = await work.fetch(
                statements.REVOKE_EVERYONE, now=now, reason=reason, revoked_by=by
            )
            for row in ended:
                await self.record_ends(
                    work, [row], UserId(str(row["user_id"])), now, reason, by
                )
            await self.announce(None)
        # again, for those who came between and found the sessions still alive
        return Ended(len(ended), await self.announce(None))

    async def end(
        self, work: Transaction, session: Session, reason: str, by: str, now: datetime
    ) -> None:
        """End one session inside a transaction."""
        if await work.execute(
            statements.REVOKE, id=session.id, now=now, reason=reason, revoked_by=by
        ):
            await self.record(work, "revoked", session, now, reason=reason, actor=by)
            await self.announce([session.id])

    async def announce(self, ids: list[str] | None) -> timedelta:
        """Tell the other processes that sessions ended (None: all of them), and say how
        long one may go on not knowing.

        Here there is nobody to tell, for every look-up asks the database.
        """
        return timedelta(0)

    # -- listing and cleaning ----------------------------------------------------------

    async def live(self, user_id: UserId) -> list[Session]:
        """The user's live sessions, the newest first."""
        now = self.clock()
        found = await self.database.fetch(statements.OF_USER, user_id=user_id, now=now)
        return [one for one in map(rows.session, reversed(found)) if one.is_live(now)]

    async def live_in(
        self, work: Transaction, user_id: UserId, now: datetime
    ) -> list[Session]:
        """The same inside a transaction, the oldest first."""
        return [
            rows.session(row)
            for row in await work.fetch(statements.OF_USER, user_id=user_id, now=now)
        ]

    async def clean_up(
        self, batch: int = 1_000, ended_for: timedelta = timedelta(days=1)
    ) -> int:
        """Put away one batch of sessions that ended some time ago; they stay in the
        history, for the audit. Returns how many.

        Call it until it returns 0. Several processes may do so at once.
        """
        async with self.database.transaction() as work:
            now = self.clock()
            ended = [
                rows.session(row)
                for row in await work.fetch(
                    statements.ENDED, before=now - ended_for, batch=batch
                )
            ]
            for session in ended:
                if await work.execute(
                    statements.EXPIRE, id=session.id, ended=session.ends_at
                ):
                    await self.record(
                        work, "expired", session, session.ends_at, actor="system"
                    )
                await work.execute(statements.PUT_AWAY, id=session.id)
        return len(ended)

    async def forget(self, before: datetime, batch: int = 1_000) -> int:
        """Forget sessions and events that ended before a time, and note that the audit
        cannot tell of it any more. Returns how many.

        Events are dropped by whole months where the table is partitioned, on PostgreSQL
        by the migrations; elsewhere they stay.
        """
        await self.database.execute(statements.MARK_AUDIT, name="kept_since", at=before)
        await self.database.execute(statements.FORGET_EXCHANGES, before=before)
        forgotten = 0
        while found := await self.database.execute(
            statements.FORGET_HISTORY, before=before, batch=batch
        ):
            forgotten += found
        if not self.database.sqlite:
            await self.database.fetch(statements.MAKE_ROOM)
            await self.database.fetch(statements.FORGET_EVENTS, before=before)
        return forgotten

    # -- underneath --------------------------------------------------------------------

    @asynccontextmanager
    async def taking_part(
        self, transaction: Transaction | None
    ) -> AsyncIterator[Transaction]:
        """The transaction that is given, or one of the store's own."""
        if transaction is not None:
            yield transaction
        else:
            async with self.database.transaction() as own:
                yield own

    async def record_ends(
        self,
        work: Transaction,
        ended: list[Row],
        user_id: UserId,
        now: datetime,
        reason: str,
        actor: str,
    ) -> None:
        """One event for each session that was ended."""
        for row in ended:
            await self.event(
                work,
                "revoked",
                str(row["id"]),
                str(row["family_id"]),
                user_id,
                now,
                Client(),
                reason,
                actor,
            )

    async def record(
        self,
        work: Transaction,
        kind: EventKind,
        session: Session,
        now: datetime,
        client: Client | None = None,
        *,
        reason: str = "",
        actor: str | None = None,
    ) -> None:
        """Append what happens to a session to the events."""
        actor = actor or str(session.user_id)
        await self.event(
            work,
            kind,
            session.id,
            session.family_id,
            session.user_id,
            now,
            client or Client(),
            reason,
            actor,
        )

    async def event(
        self,
        work: Transaction,
        kind: EventKind,
        id_: str,
        family_id: str,
        user_id: UserId,
        at: datetime,
        client: Client,
        reason: str,
        actor: str,
    ) -> None:
        """Append one event."""
        await work.execute(
            statements.RECORD,
            at=at,
            kind=kind,
            id=id_,
            family_id=family_id,
            user_id=user_id,
            actor=actor,
            reason=reason,
            ip=address(client.address),
            user_agent=readable(client.user_agent),
        )


def readable(user_agent: str) -> str:
    """A user agent that can be kept and shown: not too long, without control
    characters.
    """
    return "".join(sign for sign in user_agent[:MAX_USER_AGENT] if sign.isprintable())
