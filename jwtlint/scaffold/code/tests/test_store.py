"""Sessions are made, used, replaced and ended as the README says."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from .. import statements, tokens
from ..rows import Value
from ..settings import PRESETS
from ..store import SessionStore
from ..types import Client, LoginOvertaken, TooManySessions, UserId
from .support import EVERYTHING, HOME, PHONE, stage
from .together import bound, together

# -- token and storage -----------------------------------------------------------------


async def test_a_token_has_256_random_bits_and_the_table_holds_their_hash() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", issued.token)
        assert re.fullmatch(r"[A-Za-z0-9_-]{43}", issued.session.id)
        assert issued.session.id == tokens.token_id(issued.token) != issued.token
        assert (await s.row(issued.session)).id == issued.session.id


async def test_the_token_stands_in_no_table_and_in_no_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(1)
    async with stage() as s:
        user = await s.user()
        first = await s.store.create(user, HOME)
        second = await s.store.rotate(first.session, HOME)
        assert second is not None
        s.clock.advance(minutes=5)
        assert await s.store.look_up(second.token, PHONE)
        await s.store.revoke_all(user, reason="test")
        dump = ""
        for everything in EVERYTHING.values():
            dump += str([dict(row) for row in await s.database.fetch(everything)])
        dump += caplog.text
        assert second.session.id in dump
        assert first.token not in dump
        assert second.token not in dump


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "x",
        "x" * 43 + "=",
        "x" * 10_240,
        "é" * 43,
        "x" * 42 + "\0",
        "x" * 42 + "\n",
        " " * 43,
        "1.2.3",
    ],
)
async def test_what_cannot_be_a_token_is_refused_without_a_query(
    token: str | None,
) -> None:
    async with stage() as s:

        async def fetch(*_: object, **__: object) -> list[object]:
            raise AssertionError("the database was asked")

        s.database.fetch = fetch  # type: ignore[method-assign, assignment]
        assert await s.store.look_up(token, HOME) is None


async def test_an_id_that_the_server_did_not_issue_opens_nothing_and_makes_no_row() -> (
    None
):
    async with stage() as s:
        await s.user()
        assert await s.store.look_up(tokens.new_token(), HOME) is None
        assert await s.number_of("sessions") == 0
        assert await s.number_of("session_events") == 0


async def test_the_hash_in_the_table_is_no_token() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        assert await s.store.look_up(issued.session.id, HOME) is None


async def test_peppers_are_changed_without_a_logout() -> None:
    async with stage() as s:
        user = await s.user()
        plain = await s.store.create(user, HOME)
        keyed = s.with_settings(peppers=(b"first", b"")).store
        first = await keyed.create(user, HOME)
        turned = s.with_settings(peppers=(b"second", b"first", b"")).store
        for issued in (plain, first, await turned.create(user, HOME)):
            assert await turned.look_up(issued.token, HOME)
        assert (
            await s.with_settings(peppers=(b"second",)).store.look_up(first.token, HOME)
            is None
        )


async def test_a_token_may_name_its_month() -> None:
    async with stage(partition_by_month=True) as s:
        issued = await s.store.create(await s.user(), HOME)
        assert issued.token.startswith("2603.") and issued.session.id.startswith(
            "2603."
        )
        assert await s.store.look_up(issued.token, HOME)
        assert (
            await s.store.look_up(issued.token.replace("2603.", "2604."), HOME) is None
        )


# -- lifecycle -------------------------------------------------------------------------


async def test_login_ends_the_session_that_the_request_came_with() -> None:
    async with stage() as s:
        user = await s.user()
        before = await s.store.create(user, HOME)
        after = await s.store.create(user, HOME, replaces=before.session)
        assert await s.store.look_up(before.token, HOME) is None
        assert await s.store.look_up(after.token, HOME)
        assert after.session.id != before.session.id


async def test_who_takes_a_users_place_is_written_down_and_gives_up_the_own_one() -> (
    None
):
    async with stage() as s:
        admin = await s.store.create(await s.user(), HOME)
        user, by = await s.user(), f"admin:{admin.session.user_id}"

        async def fail() -> None:
            async with s.database.transaction() as work:
                await s.store.create(
                    user,
                    HOME,
                    "impersonation",
                    by=by,
                    replaces=admin.session,
                    transaction=work,
                )
                raise RuntimeError("the reason could not be saved")

        with pytest.raises(RuntimeError):
            await fail()
        assert await s.store.look_up(admin.token, HOME)
        assert await s.store.live(user) == []
        issued = await s.store.create(
            user, HOME, "impersonation", by=by, replaces=admin.session
        )
        assert await s.store.look_up(admin.token, HOME) is None
        found = await s.store.look_up(issued.token, HOME)
        assert found is not None
        assert (found.user_id, found.auth_method) == (user, "impersonation")
        for session, kind in ((admin.session, "revoked"), (found, "created")):
            sql = (
                'SELECT actor FROM "session_events" '
                "WHERE session_id = :id AND kind = :kind"
            )
            events = await s.database.fetch(sql, id=session.id, kind=kind)
            assert [str(event["actor"]) for event in events] == [by]


async def test_rotation_gives_a_new_token_and_ends_the_old_one_at_once() -> None:
    async with stage() as s:
        first = await s.store.create(await s.user(), HOME)
        s.clock.advance(minutes=1)
        second = await s.store.rotate(
            first.session, HOME, reason="became an administrator"
        )
        assert second is not None and second.token != first.token
        assert await s.store.look_up(first.token, HOME) is None
        found = await s.store.look_up(second.token, HOME)
        assert found is not None
        assert found.handle == first.session.handle
        assert (found.auth_at, found.expires_at) == (
            first.session.auth_at,
            first.session.expires_at,
        )
        assert await s.events(first.session) == ["created", "rotated", "rejected"]


async def test_reauthentication_gives_a_new_token_and_new_limits() -> None:
    async with stage() as s:
        first = await s.store.create(await s.user(), HOME)
        now = s.clock.advance(hours=1)
        assert not first.session.is_fresh(now, s.store.settings.fresh_for)
        second = await s.store.reauthenticate(first.session, HOME, method="passkey")
        assert second is not None
        assert second.session.is_fresh(now, s.store.settings.fresh_for)
        assert second.session.auth_method == "passkey"
        assert second.session.expires_at == now + s.store.settings.absolute_timeout
        assert await s.store.look_up(first.token, HOME) is None


async def test_an_ended_session_is_not_rotated_back_to_life() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        await s.store.revoke(issued.session)
        assert await s.store.rotate(issued.session, HOME) is None
        assert await s.store.reauthenticate(issued.session, HOME) is None
        assert await s.number_of("sessions") == 1


@pytest.mark.parametrize(
    ("preset", "absolute", "idle"),
    [
        ("aal1", timedelta(days=30), timedelta(days=30)),
        ("aal2", timedelta(hours=24), timedelta(hours=1)),
        ("aal3", timedelta(hours=12), timedelta(minutes=15)),
    ],
)
def test_presets_keep_to_the_limits_of_nist(
    preset: str, absolute: timedelta, idle: timedelta
) -> None:
    found = PRESETS[preset]
    assert timedelta(0) < found.absolute_timeout <= absolute
    assert timedelta(0) < found.idle_timeout <= idle


@pytest.mark.parametrize(("seconds", "lives"), [(-1, True), (0, False), (1, False)])
async def test_idle_limit(seconds: int, lives: bool) -> None:
    async with stage(idle_timeout=timedelta(hours=1)) as s:
        issued = await s.store.create(await s.user(), HOME)
        s.clock.advance(hours=1, seconds=seconds)
        assert (await s.store.look_up(issued.token, HOME) is not None) is lives


@pytest.mark.parametrize(("seconds", "lives"), [(-1, True), (0, False), (1, False)])
async def test_absolute_limit_holds_however_much_it_is_used(
    seconds: int, lives: bool
) -> None:
    async with stage(
        absolute_timeout=timedelta(hours=12), idle_timeout=timedelta(hours=5)
    ) as s:
        issued = await s.store.create(await s.user(), HOME)
        for _ in range(3):
            s.clock.advance(hours=3, minutes=30)
            assert await s.store.look_up(issued.token, HOME)
        s.clock.advance(hours=1, minutes=30, seconds=seconds)
        assert (await s.store.look_up(issued.token, HOME) is not None) is lives


async def test_use_is_written_at_most_once_a_minute() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        writes = 0
        execute = type(s.database).transaction

        def counted(self: object) -> object:
            nonlocal writes
            writes += 1
            return execute(s.database)

        s.database.transaction = counted.__get__(s.database)  # type: ignore[method-assign]
        for _ in range(1_000):
            s.clock.advance(milliseconds=59.9)
            assert await s.store.look_up(issued.token, HOME)
        assert writes == 0
        s.clock.advance(seconds=1)
        for _ in range(100):
            assert await s.store.look_up(issued.token, HOME)
        assert writes == 1
        assert (await s.row(issued.session)).last_used_at == s.clock.now


async def test_a_touch_does_not_bring_an_ended_session_back() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        now = s.clock.advance(minutes=5)
        # the request has read its session; before it writes, the session is ended
        # elsewhere
        seen = issued.session
        await s.store.revoke(seen)
        assert await s.store.touch(seen, HOME, now) is None
        assert (await s.row(seen)).last_used_at == seen.last_used_at
        values: dict[str, Value] = {
            "id": seen.id,
            "now": now,
            "before": now,
            "last_ip": None,
            "last_user_agent": "",
        }
        assert await s.database.execute(statements.TOUCH, **values) == 0
        assert await s.store.look_up(issued.token, HOME) is None


@pytest.mark.parametrize("limit", ["reject", "evict_oldest"])
async def test_many_logins_at_once_leave_exactly_as_many_sessions_as_are_allowed(
    limit: str,
) -> None:
    async with stage(max_sessions=3, at_max_sessions=limit) as s:
        user = await s.user()

        async def log_in() -> object:
            return await s.store.create(user, HOME)

        results = await together([log_in] * 23)
        refused = [one for one in results if isinstance(one, TooManySessions)]
        assert [
            one
            for one in results
            if isinstance(one, BaseException) and one not in refused
        ] == []
        assert len(await s.store.live(user)) == 3
        assert len(refused) == (20 if limit == "reject" else 0)


# -- revocation ------------------------------------------------------------------------


async def test_list_shows_live_sessions_and_no_token() -> None:
    async with stage() as s:
        user = await s.user()
        first = await s.store.create(user, HOME)
        s.clock.advance(minutes=1)
        second = await s.store.create(user, PHONE, "passkey")
        ended = await s.store.create(user, HOME)
        await s.store.revoke(ended.session)
        await s.store.create(await s.user(), HOME)
        assert [one.handle for one in await s.store.live(user)] == [
            second.session.handle,
            first.session.handle,
        ]
        assert first.token not in str(await s.store.live(user))


async def test_logout_ends_the_session_and_may_be_done_twice() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        assert (await s.store.revoke(issued.session)).count == 1
        assert await s.store.look_up(issued.token, HOME) is None
        assert (await s.store.revoke(issued.session)).count == 0
        row = await s.row(issued.session)
        assert (row.revoked_at, row.revoked_reason, row.revoked_by) == (
            s.clock.now,
            "logout",
            str(issued.session.user_id),
        )


async def test_another_users_session_is_not_found_and_not_changed() -> None:
    async with stage() as s:
        victim = await s.store.create(await s.user(), HOME)
        other = await s.user()
        assert await s.store.revoke_handle(other, victim.session.handle) is None
        assert await s.store.revoke_handle(other, "no-such-handle") is None
        assert await s.store.look_up(victim.token, HOME)


async def test_a_handle_outlives_rotation() -> None:
    async with stage() as s:
        user = await s.user()
        first = await s.store.create(user, HOME)
        second = await s.store.rotate(first.session, HOME)
        assert second is not None
        ended = await s.store.revoke_handle(user, first.session.handle)
        assert ended is not None and ended.count == 1
        assert await s.store.look_up(second.token, HOME) is None


async def test_revoke_others_keeps_this_one() -> None:
    async with stage() as s:
        user = await s.user()
        here, there = (
            await s.store.create(user, HOME),
            await s.store.create(user, PHONE),
        )
        stranger = await s.store.create(await s.user(), HOME)
        assert (
            await s.store.revoke_all(
                user, reason="log out elsewhere", keep=here.session
            )
        ).count == 1
        assert await s.store.look_up(here.token, HOME)
        assert await s.store.look_up(there.token, PHONE) is None
        assert await s.store.look_up(stranger.token, HOME)


async def test_an_administrator_ends_all_sessions_of_a_user_and_of_everybody() -> None:
    async with stage() as s:
        user = await s.user()
        one, two = (
            await s.store.create(user, HOME),
            await s.store.create(await s.user(), HOME),
        )
        assert (
            await s.store.revoke_all(user, reason="account taken over", by="admin:7")
        ).count == 1
        assert (await s.row(one.session)).revoked_by == "admin:7"
        assert await s.store.look_up(two.token, HOME)
        assert (
            await s.store.revoke_everyone(reason="key leaked", by="admin:7")
        ).count == 1
        assert await s.store.look_up(two.token, HOME) is None


async def test_sessions_end_in_the_transaction_that_changes_the_password() -> None:
    async with stage() as s:
        user = await s.user()
        issued = await s.store.create(user, HOME)

        async def fail() -> None:
            async with s.database.transaction() as work:
                await s.store.revoke_all(user, reason="new password", transaction=work)
                raise RuntimeError("the new password could not be saved")

        with pytest.raises(RuntimeError):
            await fail()
        assert await s.store.look_up(issued.token, HOME)
        async with s.database.transaction() as work:
            await s.store.revoke_all(user, reason="new password", transaction=work)
        assert await s.store.look_up(issued.token, HOME) is None


async def test_a_login_with_the_old_password_does_not_outlive_its_change() -> None:
    async with stage() as s:
        user = await s.user()
        began = s.clock.now
        s.clock.advance(milliseconds=300)
        await s.store.revoke_all(user, reason="new password")
        with pytest.raises(LoginOvertaken):
            await s.store.create(user, HOME, began=began)
        assert await s.store.live(user) == []
        s.clock.advance(milliseconds=1)
        assert await s.store.create(user, HOME, began=s.clock.now)


@pytest.mark.parametrize("way", ["handle", "all", "everyone"])
@pytest.mark.parametrize("other", ["new token", "login"])
async def test_what_happens_at_the_same_time_is_no_way_around_an_end(
    way: str, other: str
) -> None:
    async with stage() as s:

        async def race(user: UserId) -> None:
            issued = await s.store.create(user, HOME)

            async def renew() -> object:
                if other == "new token":
                    return await s.store.rotate(issued.session, HOME)
                return await s.store.create(
                    user, HOME, replaces=issued.session, began=s.clock.now
                )

            async def end() -> object:
                if way == "handle":
                    return await s.store.revoke_handle(user, issued.session.handle)
                if way == "all":
                    return await s.store.revoke_all(user, reason="new password")
                return await s.store.revoke_everyone(reason="leak", by="admin:7")

            errors = [
                one
                for one in await together([renew, end])
                if isinstance(one, BaseException)
                and not isinstance(one, LoginOvertaken)
            ]
            assert errors == []
            # a login is a session of its own, which the end of another one leaves alone
            left = [
                one
                for one in await s.store.live(user)
                if way != "handle" or one.handle == issued.session.handle
            ]
            assert left == []

        for _ in range(15):
            await race(await s.user())


async def test_the_user_is_gone_and_so_are_the_sessions_but_not_from_the_audit() -> (
    None
):
    async with stage() as s:
        await s.set_recorded_since(s.clock.now)
        user = await s.user()
        issued = await s.store.create(user, HOME)
        await s.database.execute(
            'DELETE FROM "users" WHERE "id" = :user_id', user_id=user
        )
        assert await s.store.look_up(issued.token, HOME) is None
        assert await s.number_of("session_history") == 1
        assert (await s.audit.was_logged_in(user, s.clock.now)).verdict != "no"


async def test_every_process_refuses_on_the_next_request() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        others = [SessionStore(s.database, s.store.settings, s.clock) for _ in range(5)]
        for one in others:
            assert await one.look_up(issued.token, HOME)
        await s.store.revoke(issued.session)
        for one in others:
            assert await one.look_up(issued.token, HOME) is None


async def test_an_end_by_a_process_whose_clock_is_ahead_holds_at_once() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        s.clock.advance(seconds=2)
        await s.store.revoke(issued.session)
        s.clock.advance(seconds=-2)
        assert await s.store.look_up(issued.token, HOME) is None


async def test_no_session_outlives_its_end_among_fifty_clients() -> None:
    async with stage(touch_interval=timedelta(0)) as s:
        users = [await s.user() for _ in range(5)]
        issued = [await s.store.create(user, HOME) for user in users for _ in range(10)]
        ended: set[str] = set()
        wrong: list[str] = []

        async def client(number: int) -> None:
            own = issued[number]
            for turn in range(10):
                was_ended = own.session.id in ended
                found = await s.store.look_up(
                    own.token, PHONE if turn % 3 == 0 else HOME
                )
                if was_ended and found is not None:
                    wrong.append(f"{number} lives after its end")
                if found is None and number % 2:
                    wrong.append(f"{number} was lost")
                if turn == 4 and number % 2 == 0:
                    await s.store.revoke(own.session)
                    ended.add(own.session.id)

        clients = [bound(client, number) for number in range(50)]
        assert [
            one for one in await together(clients) if isinstance(one, BaseException)
        ] == []
        assert wrong == []
        assert sum([len(await s.store.live(user)) for user in users]) == 25


# -- cleaning up -----------------------------------------------------------------------


async def test_clean_up_puts_ended_sessions_into_the_history_in_batches() -> None:
    async with stage(absolute_timeout=timedelta(days=1)) as s:
        user = await s.user()
        ended = [await s.store.create(user, HOME) for _ in range(5)]
        s.clock.advance(days=3)
        alive = await s.store.create(user, HOME)
        assert await s.store.clean_up(batch=2) == 2
        assert [await s.store.clean_up(batch=2) for _ in range(3)] == [2, 1, 0]
        assert await s.number_of("sessions") == 1
        assert await s.number_of("session_history") == 5
        for issued in ended:
            assert await s.events(issued.session) == ["created", "expired"]
        assert await s.store.look_up(alive.token, HOME)


async def test_what_is_forgotten_is_unknown_to_the_audit() -> None:
    async with stage(absolute_timeout=timedelta(days=1)) as s:
        start = s.clock.now
        await s.set_recorded_since(start)
        user = await s.user()
        await s.store.create(user, HOME)
        s.clock.advance(days=500)
        await s.store.clean_up()
        assert (
            await s.audit.was_logged_in(user, start + timedelta(hours=1))
        ).verdict == "valid"
        assert await s.store.forget(s.clock.now - timedelta(days=400)) == 1
        assert (
            await s.audit.was_logged_in(user, start + timedelta(hours=1))
        ).verdict == "unknown"


async def test_a_user_agent_is_kept_short_and_printable() -> None:
    async with stage() as s:
        issued = await s.store.create(
            await s.user(), Client("::ffff:192.0.2.1", "\x1b[31m" + "x" * 5_000)
        )
        row = await s.row(issued.session)
        assert row.user_agent.startswith("[31mxxx") and len(row.user_agent) <= 400
        assert row.ip == "192.0.2.1"
