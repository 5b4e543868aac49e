"""Was this user logged in at 2:14 am on March 4?"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest

from .. import statements
from ..audit import moment
from ..rows import Value
from ..types import UTC, Issued, UserId
from .support import HOME, PHONE, START, Stage, stage

HOUR = timedelta(hours=1)


async def test_it_answers_with_the_session_the_device_and_the_address() -> None:
    async with stage() as s:
        await s.set_recorded_since(START - HOUR)
        user = await s.user()
        issued = await s.store.create(user, PHONE, "passkey")
        s.clock.advance(hours=1)
        await s.store.look_up(issued.token, PHONE)
        s.clock.advance(hours=1)
        answer = await s.audit.was_logged_in(user, moment("2026-03-04T02:14", "UTC"))
        assert (answer.verdict, answer.precision) == ("active", timedelta(seconds=60))
        (found,) = answer.sessions
        assert (found.handle, found.ip, found.auth_method) == (
            issued.session.handle,
            "203.0.113.9",
            "passkey",
        )
        assert await s.audit.was_active(user, START) is True


@pytest.mark.parametrize(
    ("after", "verdict"),
    [
        (timedelta(microseconds=-1), "no"),
        (timedelta(0), "active"),
        (HOUR, "active"),
        (HOUR + timedelta(microseconds=1), "valid"),
        (3 * HOUR - timedelta(microseconds=1), "valid"),
        (3 * HOUR, "no"),
    ],
)
async def test_a_session_holds_from_its_beginning_to_its_end(
    after: timedelta, verdict: str
) -> None:
    async with stage(idle_timeout=2 * HOUR) as s:
        await s.set_recorded_since(START - HOUR)
        user = await s.user()
        issued = await s.store.create(user, HOME)
        s.clock.advance(hours=1)
        assert await s.store.look_up(issued.token, HOME)
        s.clock.advance(hours=9)
        assert (await s.audit.was_logged_in(user, START + after)).verdict == verdict


async def test_a_revoke_ends_it() -> None:
    async with stage() as s:
        await s.set_recorded_since(START - HOUR)
        user = await s.user()
        issued = await s.store.create(user, HOME)
        ended = s.clock.advance(minutes=10)
        await s.store.revoke(issued.session)
        s.clock.advance(hours=1)
        assert (
            await s.audit.was_logged_in(user, ended - timedelta(seconds=1))
        ).verdict == "valid"
        assert (await s.audit.was_logged_in(user, ended)).verdict == "no"


async def test_rotation_leaves_no_gap() -> None:
    async with stage() as s:
        await s.set_recorded_since(START - HOUR)
        user = await s.user()
        first = await s.store.create(user, HOME)
        turned = s.clock.advance(minutes=10)
        second = await s.store.rotate(first.session, HOME)
        assert second is not None
        s.clock.advance(hours=1)
        for at in (turned - timedelta(microseconds=1), turned):
            assert (await s.audit.was_logged_in(user, at)).verdict == "active"


async def test_it_does_not_say_no_where_it_cannot_know() -> None:
    async with stage() as s:
        user = await s.user()
        s.clock.now = datetime.now(UTC) + HOUR
        now = s.clock.now
        assert (
            await s.audit.was_logged_in(user, now - 2 * HOUR)
        ).verdict == "unknown"  # before the tables were made
        assert (
            await s.audit.was_logged_in(user, now + HOUR)
        ).verdict == "unknown"  # not yet
        await s.set_recorded_since(now - 48 * HOUR)
        assert (await s.audit.was_logged_in(user, now - HOUR)).verdict == "no"
        assert (
            await s.with_settings(phase="both").audit.was_logged_in(user, now - HOUR)
        ).verdict == "unknown"
        await s.database.execute(
            statements.MARK_AUDIT, name="jwt_accepted_until", at=now - 2 * HOUR
        )
        assert (await s.audit.was_logged_in(user, now - 3 * HOUR)).verdict == "unknown"
        assert (await s.audit.was_logged_in(user, now - HOUR)).verdict == "no"
        await s.database.execute(
            statements.MARK_AUDIT, name="kept_since", at=now - HOUR
        )
        assert (
            await s.audit.was_logged_in(user, now - 1.5 * HOUR)
        ).verdict == "unknown"
        assert await s.audit.was_active(user, now - 1.5 * HOUR) is None


async def test_a_change_of_settings_does_not_change_the_past() -> None:
    async with stage(idle_timeout=HOUR) as s:
        await s.set_recorded_since(START - HOUR)
        user = await s.user()
        await s.store.create(user, HOME)
        s.clock.advance(days=2)
        times = [
            START + timedelta(minutes=minutes) for minutes in (-1, 0, 59, 60, 61, 600)
        ]
        before = [(await s.audit.was_logged_in(user, at)).verdict for at in times]
        changed = s.with_settings(
            idle_timeout=timedelta(days=30), absolute_timeout=timedelta(minutes=1)
        ).audit
        assert [
            (await changed.was_logged_in(user, at)).verdict for at in times
        ] == before


async def test_a_time_needs_a_zone() -> None:
    async with stage() as s:
        user = await s.user()
        with pytest.raises(ValueError, match="needs its zone"):
            await s.audit.was_logged_in(
                user, datetime.fromisoformat("2026-03-04T02:14")
            )
    with pytest.raises(ValueError, match="needs its zone"):
        moment("2026-03-04T02:14")


def test_a_time_that_the_clocks_skipped_does_not_exist() -> None:
    with pytest.raises(ValueError, match="does not exist"):
        moment("2026-03-08T02:14", "US/Eastern")


def test_a_time_that_the_clocks_showed_twice_needs_an_offset() -> None:
    with pytest.raises(ValueError, match="-04:00 or -05:00"):
        moment("2026-11-01T01:14", "US/Eastern")
    assert moment("2026-11-01T01:14-04:00") == datetime(2026, 11, 1, 5, 14, tzinfo=UTC)
    assert moment("2026-11-01T01:14-05:00") == datetime(2026, 11, 1, 6, 14, tzinfo=UTC)


def test_times_are_read_as_people_write_them() -> None:
    assert moment("2026-03-04 02:14", "Europe/Berlin") == datetime(
        2026, 3, 4, 1, 14, tzinfo=UTC
    )
    assert moment("2026-03-04T02:14Z") == datetime(2026, 3, 4, 2, 14, tzinfo=UTC)
    for nonsense, zone in (
        ("yesterday", "UTC"),
        ("2026-03-04T02:14", "Atlantis/Poseidonis"),
        ("2026-03-04T02:14", "../etc/passwd"),
    ):
        with pytest.raises(ValueError, match="time"):
            moment(nonsense, zone)


async def test_events_are_only_ever_added() -> None:
    async with stage() as s:
        await s.store.create(await s.user(), HOME)
        for sql in (
            "UPDATE \"session_events\" SET kind = 'x'",
            'DELETE FROM "session_events"',
        ):
            with pytest.raises(Exception, match="append-only"):
                await s.database.execute(sql)
        assert await s.number_of("session_events") == 1


@pytest.mark.parametrize("seed", range(15))
async def test_the_answers_agree_with_a_replay_of_the_events(seed: int) -> None:
    """A random life of two users; then every moment is asked about, and the events are
    played back to say what is right.
    """
    random = Random(seed)
    async with stage(
        idle_timeout=HOUR, absolute_timeout=timedelta(hours=6), record_every_touch=True
    ) as s:
        await s.set_recorded_since(START - HOUR)
        users = [await s.user(), await s.user()]
        held: list[Issued] = []
        for _ in range(40):
            s.clock.advance(minutes=random.choice([0.5, 2, 10, 40, 70]))
            await step(s, random, users, held)
        end = s.clock.now
        for user in users:
            spans = await replay(s, user, end)
            for _ in range(60):
                at = START + (end - START) * random.uniform(-0.05, 1)
                expected = any(begin <= at < finish for begin, finish in spans)
                assert (await s.audit.was_logged_in(user, at)).verdict in (
                    ("active", "valid") if expected else ("no",)
                ), at


async def step(
    s: Stage, random: Random, users: list[UserId], held: list[Issued]
) -> None:
    """One thing that happens."""
    client = random.choice([HOME, PHONE])
    if not held or random.random() < 0.3:
        held.append(await s.store.create(random.choice(users), client))
        return
    issued = random.choice(held)
    what = random.choice(
        ["use", "use", "use", "use", "rotate", "revoke", "all", "clean"]
    )
    if what == "use":
        await s.store.look_up(issued.token, client)
    elif what == "rotate":
        renewed = await s.store.rotate(issued.session, client)
        if renewed is not None:
            held.append(renewed)
    elif what == "revoke":
        await s.store.revoke(issued.session)
    elif what == "all":
        await s.store.revoke_all(issued.session.user_id, reason="test")
    else:
        await s.store.clean_up(ended_for=timedelta(minutes=1))


async def replay(
    s: Stage, user: UserId, end: datetime
) -> list[tuple[datetime, datetime]]:
    """From when to when each of the user's sessions held, worked out from the events
    alone.
    """
    settings = s.store.settings
    spans: list[tuple[datetime, datetime]] = []
    begun: dict[
        str, tuple[datetime, datetime, datetime]
    ] = {}  # by session: beginning, latest use, absolute end
    families: dict[str, str] = {}
    values: dict[str, Value] = {
        "user_id": user,
        "since": START - HOUR,
        "until": end + HOUR,
    }
    for row in await s.database.fetch(statements.EVENTS_OF_USER, **values):
        kind, id_, family = (
            str(row["kind"]),
            str(row["session_id"]),
            str(row["family_id"]),
        )
        at = moment(str(row["at"]), "UTC")
        if kind in ("created", "rotated"):
            limit = at + settings.absolute_timeout
            if kind == "rotated":
                begin, used, limit = begun.pop(families[family])
                spans.append((begin, min(at, used + settings.idle_timeout, limit)))
            begun[id_], families[family] = (at, at, limit), id_
        elif kind == "touched":
            begun[id_] = (begun[id_][0], at, begun[id_][2])
        elif kind == "revoked" and id_ in begun:
            begin, used, limit = begun.pop(id_)
            spans.append((begin, min(at, used + settings.idle_timeout, limit)))
    spans += [
        (begin, min(used + settings.idle_timeout, limit))
        for begin, used, limit in begun.values()
    ]
    return spans
