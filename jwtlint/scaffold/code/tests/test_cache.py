"""Redis in front: faster, never less safe. The tests need a Redis or Valkey that
``SESSIONS_TEST_REDIS_URL`` names.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from socket import socket
from uuid import uuid4

import pytest
from redis.asyncio import Redis

from ..cache import CachedSessionStore
from ..tokens import new_token
from ..types import Session
from .support import HOME, PHONE, Stage, stage
from .together import bound, together

NOWHERE = "redis://127.0.0.1:1/0"  # nobody listens on port 1


@dataclass
class Cached:
    """A stage whose store has a cache."""

    stage: Stage
    store: CachedSessionStore
    redis: Redis
    prefix: str

    def another(self) -> CachedSessionStore:
        """Another process's store over the same Redis and the same tables."""
        store = CachedSessionStore(
            self.stage.database, self.store.settings, self.redis, self.stage.clock
        )
        store.cache.prefix = self.prefix
        return store

    def cut_off(self) -> CachedSessionStore:
        """A process that cannot reach Redis."""
        redis = Redis.from_url(NOWHERE, socket_connect_timeout=0.2)
        return CachedSessionStore(
            self.stage.database, self.store.settings, redis, self.stage.clock
        )

    def asks(self) -> list[str]:
        """The statements that the database is asked from now on."""
        asked: list[str] = []
        fetch = type(self.stage.database).fetch

        async def counted(sql: str, **values: object) -> object:
            asked.append(sql)
            return await fetch(self.stage.database, sql, **values)  # type: ignore[arg-type]  # passed on as they come

        self.stage.database.fetch = counted  # type: ignore[method-assign, assignment]
        return asked


@asynccontextmanager
async def cached(**changes: object) -> AsyncIterator[Cached]:
    """A stage with a cache of its own."""
    url = os.environ.get("SESSIONS_TEST_REDIS_URL")
    if not url:
        pytest.skip("SESSIONS_TEST_REDIS_URL does not name a Redis to test on")
    async with stage(**changes) as s:
        redis = Redis.from_url(url)
        store = CachedSessionStore(s.database, s.store.settings, redis, s.clock)
        store.cache.prefix = f"sessions_test_{uuid4().hex}"
        try:
            yield Cached(s, store, redis, store.cache.prefix)
        finally:
            await redis.aclose()


async def test_the_second_look_up_does_not_ask_the_database() -> None:
    async with cached() as c:
        issued = await c.store.create(await c.stage.user(), HOME)
        assert await c.store.look_up(issued.token, HOME)
        asked = c.asks()
        for store in (c.store, c.another()):
            found = await store.look_up(issued.token, HOME)
            assert found == issued.session
        assert asked == []


async def test_an_entry_lives_for_seconds_and_holds_no_token() -> None:
    async with cached() as c:
        issued = await c.store.create(await c.stage.user(), HOME)
        await c.store.look_up(issued.token, HOME)
        keys = [key async for key in c.redis.scan_iter(f"{c.prefix}:*")]
        assert keys == [f"{c.prefix}:{issued.session.id}".encode()]
        assert 0 < await c.redis.ttl(keys[0]) <= 30
        assert issued.token.encode() not in keys[0] + await c.redis.get(keys[0])


async def test_unknown_ids_are_not_cached() -> None:
    async with cached() as c:
        assert await c.store.look_up(new_token(), HOME) is None
        assert [key async for key in c.redis.scan_iter(f"{c.prefix}:*")] == []


@pytest.mark.parametrize(
    "way", ["revoke", "handle", "all", "everyone", "rotate", "login"]
)
async def test_an_end_is_seen_by_every_process_at_once(way: str) -> None:
    async with cached() as c:
        user = await c.stage.user()
        issued = await c.store.create(user, HOME)
        other = c.another()
        assert await other.look_up(issued.token, HOME)
        if way == "revoke":
            await c.store.revoke(issued.session)
        elif way == "handle":
            await c.store.revoke_handle(user, issued.session.handle)
        elif way == "all":
            await c.store.revoke_all(user, reason="test")
        elif way == "everyone":
            await c.store.revoke_everyone(reason="test", by="test")
        elif way == "rotate":
            await c.store.rotate(issued.session, HOME)
        else:
            await c.store.create(user, HOME, replaces=issued.session)
        assert await other.look_up(issued.token, HOME) is None


async def test_a_reader_that_was_under_way_does_not_put_an_ended_session_back() -> None:
    async with cached() as c:
        issued = await c.store.create(await c.stage.user(), HOME)
        slow = c.another()
        fetch = type(c.stage.database).fetch

        async def delayed(sql: str, **values: object) -> object:
            found = await fetch(c.stage.database, sql, **values)  # type: ignore[arg-type]  # passed on as they come
            c.stage.database.fetch = fetch.__get__(c.stage.database)  # type: ignore[method-assign]
            await c.store.revoke(issued.session)
            return found

        c.stage.database.fetch = delayed  # type: ignore[method-assign, assignment]
        # it read the row while the session was alive, and comes to the cache after the
        # end
        await slow.look_up(issued.token, HOME)
        assert await slow.look_up(issued.token, HOME) is None
        assert await c.another().look_up(issued.token, HOME) is None


async def test_an_end_of_all_is_not_undone_by_a_slow_reader() -> None:
    async with cached() as c:
        issued = await c.store.create(await c.stage.user(), HOME)
        slow = c.another()
        _, epoch = await slow.cache.get(issued.session.id)
        await c.store.revoke_everyone(reason="test", by="test")
        await slow.cache.fill(issued.session, epoch)
        assert await c.another().look_up(issued.token, HOME) is None


@pytest.mark.parametrize("way", ["revoke", "all", "everyone"])
async def test_who_reads_before_an_end_is_committed_does_not_undo_it(way: str) -> None:
    async with cached() as c:
        user = await c.stage.user()
        issued = await c.store.create(user, HOME)
        announce = c.store.announce

        async def announced(ids: list[str] | None) -> timedelta:
            within = await announce(ids)
            await c.another().look_up(issued.token, HOME)
            return within

        c.store.announce = announced  # type: ignore[method-assign]
        if way == "revoke":
            await c.store.revoke(issued.session)
        elif way == "all":
            async with c.stage.database.transaction() as work:
                await c.store.revoke_all(user, reason="test", transaction=work)
        else:
            await c.store.revoke_everyone(reason="test", by="test")
        assert await c.another().look_up(issued.token, HOME) is None


async def test_readers_and_enders_in_a_race() -> None:
    async with cached() as c:
        user = await c.stage.user()
        wrong: list[int] = []

        async def race(number: int) -> None:
            issued = await c.store.create(user, HOME)

            async def read(_: int) -> Session | None:
                return await c.another().look_up(issued.token, HOME)

            async def end(_: int) -> None:
                await c.another().revoke(issued.session)

            await together(
                [bound(end if turn == 3 else read, turn) for turn in range(8)]
            )
            if await c.another().look_up(issued.token, HOME) is not None:
                wrong.append(number)

        for number in range(40):
            await race(number)
        assert wrong == []


async def test_without_redis_the_database_answers() -> None:
    async with cached() as c:
        alone = c.cut_off()
        issued = await alone.create(await c.stage.user(), HOME)
        assert await alone.look_up(issued.token, HOME)
        assert await alone.look_up(new_token(), HOME) is None
        ended = await alone.revoke(issued.session)
        assert (ended.count, ended.within) == (1, timedelta(seconds=30))
        assert await alone.look_up(issued.token, HOME) is None


async def test_a_redis_that_does_not_answer_keeps_nobody_waiting() -> None:
    async with cached() as c:
        user = await c.stage.user()
        with socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
            redis = Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)
            settings, clock = c.store.settings, c.stage.clock
            store = CachedSessionStore(c.stage.database, settings, redis, clock)
            issued = await store.create(user, HOME)
            assert await store.look_up(issued.token, HOME)
            ended = await store.revoke(issued.session)
            assert (ended.count, ended.within) == (1, timedelta(seconds=30))
            assert await store.look_up(issued.token, HOME) is None


async def test_what_redis_could_not_be_told_holds_no_longer_than_an_entry() -> None:
    async with cached(cache_seconds=1) as c:
        issued = await c.store.create(await c.stage.user(), HOME)
        assert await c.store.look_up(issued.token, HOME)
        ended = await c.cut_off().revoke(issued.session)
        assert ended.within == timedelta(seconds=1)
        deadline = await c.redis.pttl(f"{c.prefix}:{issued.session.id}")
        assert 0 < deadline <= 1_000
        await c.redis.pexpire(f"{c.prefix}:{issued.session.id}", 1)
        while await c.redis.exists(f"{c.prefix}:{issued.session.id}"):
            pass
        assert await c.store.look_up(issued.token, HOME) is None


async def test_a_tombstone_outlives_the_entry_and_the_longest_request() -> None:
    async with cached() as c:
        issued = await c.store.create(await c.stage.user(), HOME)
        await c.store.revoke(issued.session)
        assert 85 < await c.redis.ttl(f"{c.prefix}:{issued.session.id}") <= 90


async def test_limits_hold_in_the_cache_too() -> None:
    async with cached(
        idle_timeout=timedelta(seconds=40), touch_interval=timedelta(hours=1)
    ) as c:
        issued = await c.store.create(await c.stage.user(), HOME)
        assert await c.store.look_up(issued.token, HOME)
        c.stage.clock.advance(seconds=39)
        assert await c.store.look_up(issued.token, HOME)
        c.stage.clock.advance(seconds=1)
        assert await c.store.look_up(issued.token, HOME) is None


async def test_use_is_written_and_the_entry_renewed() -> None:
    async with cached() as c:
        issued = await c.store.create(await c.stage.user(), HOME)
        await c.store.look_up(issued.token, HOME)
        now = c.stage.clock.advance(seconds=61)
        assert await c.store.look_up(issued.token, HOME)
        assert (await c.stage.row(issued.session)).last_used_at == now
        asked = c.asks()
        found = await c.another().look_up(issued.token, HOME)
        assert found is not None and found.last_used_at == now
        assert asked == []


async def test_a_second_device_is_noticed_through_the_cache() -> None:
    async with cached(shared_session="step_up") as c:
        issued = await c.store.create(await c.stage.user(), HOME)
        await c.store.look_up(issued.token, HOME)
        c.stage.clock.advance(seconds=5)
        await c.store.look_up(issued.token, PHONE)
        found = await c.another().look_up(issued.token, HOME)
        assert found is not None and found.needs_reauthentication
