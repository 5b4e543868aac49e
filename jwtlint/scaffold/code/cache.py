"""Redis in front of the table. It is an answer that was right a moment ago, never more:

- an entry lives ``cache_seconds``, and is written only where nothing stands (``SET
  NX``);
- to end a session is to put a tombstone where its entry would be, before the
  transaction is committed. Whoever finds it asks the database. It outlives the entry
  and the longest request, so a reader that saw the session alive cannot put it back;
- to end all sessions of everybody is to change the epoch, which each entry names, and
  to change it again once the transaction is committed;
- where Redis does not answer, the database does. A revoke then says within what time it
  holds everywhere.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from redis.asyncio import Redis
from redis.exceptions import RedisError

from . import rows, tokens
from .database import Database
from .devices import is_other_device, network
from .settings import Settings
from .store import SessionStore, readable, utc_now
from .types import Client, Session

TOMBSTONE = "ended"
PAUSE = 2.0  # seconds for which Redis is not asked again after it did not answer
REPLACE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
end
return false
"""


class Cache:
    """Sessions in Redis, under the hash of their token."""

    def __init__(
        self, redis: Redis, settings: Settings, prefix: str = "session"
    ) -> None:
        self.redis = redis
        self.prefix = prefix
        self.seconds = settings.cache_seconds
        self.tombstone_seconds = settings.cache_seconds + int(
            settings.request_timeout.total_seconds()
        )
        self.asleep_until = 0.0

    def key(self, id_: str) -> str:
        """Where a session's entry stands."""
        return f"{self.prefix}:{id_}"

    async def get(self, id_: str) -> tuple[str, str]:
        """The entry of a session ("" for none) and the epoch, in one round trip."""
        if time.monotonic() < self.asleep_until:
            return TOMBSTONE, ""
        try:
            async with self.redis.pipeline(transaction=False) as pipeline:
                pipeline.get(self.key(id_))
                pipeline.get(self.key("epoch"))
                entry, epoch = await pipeline.execute()
        except RedisError:
            self.sleep()
            return TOMBSTONE, ""
        return decoded(entry), decoded(epoch)

    async def fill(self, session: Session, epoch: str) -> None:
        """Write an entry where none stands. ``epoch`` is what it was before the
        database was asked.
        """
        try:
            await self.redis.set(
                self.key(session.id),
                f"{epoch}|{rows.packed(session)}",
                nx=True,
                ex=self.seconds,
            )
        except RedisError:
            self.sleep()

    async def replace(self, entry: str, session: Session, epoch: str) -> None:
        """Write an entry where another stands, unless that has become a tombstone."""
        try:
            value = f"{epoch}|{rows.packed(session)}"
            await self.redis.eval(
                REPLACE, 1, self.key(session.id), entry, value, str(self.seconds)
            )
        except RedisError:
            self.sleep()

    async def end(self, ids: list[str] | None) -> timedelta:
        """Put up tombstones, or change the epoch; the time within which all processes
        know (none, if Redis could be told).
        """
        try:
            async with self.redis.pipeline(transaction=False) as pipeline:
                if ids is None:
                    pipeline.set(
                        self.key("epoch"),
                        secrets.token_urlsafe(9),
                        ex=self.tombstone_seconds,
                    )
                for id_ in ids or ():
                    pipeline.set(self.key(id_), TOMBSTONE, ex=self.tombstone_seconds)
                await pipeline.execute()
        except RedisError:
            self.sleep()
            return timedelta(seconds=self.seconds)
        return timedelta(0)

    def sleep(self) -> None:
        """Leave Redis alone for a moment, so that each request does not wait for it."""
        self.asleep_until = time.monotonic() + PAUSE


class CachedSessionStore(SessionStore):
    """The store with Redis in front of its look-ups."""

    is_cached = True

    def __init__(
        self,
        database: Database,
        settings: Settings,
        redis: Redis,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        super().__init__(database, settings, clock)
        self.cache = Cache(redis, settings)

    async def look_up(self, token: str | None, client: Client) -> Session | None:
        """The live session that a token opens, or None: from the cache if it can say,
        else from the database.
        """
        if token is None or not tokens.is_token(token):
            return None
        id_ = tokens.token_ids(token, self.settings.peppers)[0]
        entry, epoch = await self.cache.get(id_)
        known = current(entry, epoch)
        if known is not None and self.is_quiet(known, client):
            return known
        session = await super().look_up(token, client)
        if session is None or session.id != id_:
            return session
        if known is not None:
            await self.cache.replace(entry, session, epoch)
        elif entry != TOMBSTONE:
            await self.cache.fill(session, epoch)
        return session

    def is_quiet(self, session: Session, client: Client) -> bool:
        """Whether a session is live, and its use need not be written down."""
        now = self.clock()
        moved = client.address is not None and network(client.address) != network(
            session.last_ip
        )
        return (
            session.is_live(now)
            and now - session.last_used_at < self.settings.touch_interval
            and not moved
            and not is_other_device(
                session.last_user_agent, readable(client.user_agent)
            )
        )

    async def announce(self, ids: list[str] | None) -> timedelta:
        """Tell the other processes that sessions ended."""
        if ids is not None and not ids:
            return timedelta(0)
        return await self.cache.end(ids)


def current(entry: str, epoch: str) -> Session | None:
    """The session of an entry, if the entry is of this epoch."""
    of, _, data = entry.partition("|")
    return rows.unpacked(data) if data and of == epoch else None


def decoded(value: bytes | str | None) -> str:
    """What Redis answers, as text."""
    return value.decode() if isinstance(value, bytes) else value or ""
