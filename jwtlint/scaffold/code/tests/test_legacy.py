"""From JWTs to sessions without a flag day. The JWTs here are ``payload.user.issued``:
what verifies real ones is the application's.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from .. import statements, tokens
from ..legacy import Legacy, LegacyToken
from ..settings import Phase
from ..tokens import jwt_id
from ..types import UTC, Issued, Session, UserId
from .support import HOME, PHONE, START, Stage, stage
from .together import together

GOOD = "good"


def verify(token: str) -> LegacyToken | None:
    """A JWT of the tests: ``good.<user>.<seconds since the epoch>``."""
    head, user, issued = token.split(".")
    return (
        LegacyToken(UserId(user), datetime.fromtimestamp(int(issued), UTC))
        if head == GOOD
        else None
    )


def jwt(user: UserId, issued: datetime = START) -> str:
    """A JWT for a user."""
    return f"{GOOD}.{user}.{int(issued.timestamp())}"


def legacy(s: Stage, phase: Phase, **changes: object) -> Legacy:
    """What accepts JWTs in a phase."""
    return Legacy(s.with_settings(phase=phase, **changes).store, verify)


def session_of(found: Session | Issued | None) -> Session:
    """The session, whether it was made just now or before."""
    assert found is not None
    return found.session if isinstance(found, Issued) else found


async def test_a_jwt_is_exchanged_for_a_session_once() -> None:
    async with stage() as s:
        both = legacy(s, "both")
        token = jwt(await s.user())
        first = await both.session_for(token, HOME)
        assert isinstance(first, Issued) and first.session.auth_method == "jwt"
        second = await both.session_for(token, HOME)
        assert isinstance(second, Session) and second.handle == first.session.handle
        assert await both.store.look_up(first.token, HOME)
        assert await s.number_of("sessions") == 1


async def test_twenty_tabs_at_once_get_one_session() -> None:
    async with stage() as s:
        both = legacy(s, "both")
        token = jwt(await s.user())

        async def tab() -> Session | Issued | None:
            return await both.session_for(token, HOME)

        found = await together([tab] * 20)
        assert [
            one for one in found if isinstance(one, BaseException) or one is None
        ] == []
        assert len([one for one in found if isinstance(one, Issued)]) == 1
        assert (
            len(
                {
                    session_of(one).handle
                    for one in found
                    if not isinstance(one, BaseException)
                }
            )
            == 1
        )
        assert await s.number_of("sessions") == 1


async def test_of_two_exchanges_that_both_saw_none_one_makes_a_session() -> None:
    async with stage() as s:
        both = legacy(s, "both")
        token = jwt(await s.user())
        found = await both.check(token)
        assert found is not None
        assert await both.exchange(jwt_id(token), found, HOME) is not None
        assert await both.exchange(jwt_id(token), found, HOME) is None
        assert await s.number_of("sessions") == 1


async def test_an_exchanged_jwt_ends_with_its_session() -> None:
    async with stage() as s:
        both = legacy(s, "both")
        token = jwt(await s.user())
        await both.store.revoke(session_of(await both.session_for(token, HOME)))
        assert await both.session_for(token, HOME) is None
        assert await s.number_of("sessions") == 1


async def test_revoke_all_ends_jwts_that_were_not_exchanged_yet() -> None:
    async with stage() as s:
        user = await s.user()
        both = legacy(s, "both")
        s.clock.advance(minutes=1)
        await both.store.revoke_all(user, reason="new password")
        s.clock.advance(minutes=1)
        assert await both.session_for(jwt(user), HOME) is None
        assert await both.session_for(jwt(user, s.clock.now), HOME)
        other = await s.user()
        assert await both.session_for(jwt(other), HOME)
        await both.store.revoke_everyone(reason="key leaked", by="admin")
        assert await both.session_for(jwt(await s.user()), HOME) is None


async def test_bad_jwts_and_those_of_nobody_are_refused() -> None:
    async with stage() as s:
        both = legacy(s, "both")
        user = await s.user()
        assert await both.session_for(jwt(user).replace(GOOD, "bad"), HOME) is None
        assert await both.session_for("no-jwt-at-all", HOME) is None
        await s.database.execute(
            'DELETE FROM "users" WHERE "id" = :user_id', user_id=user
        )
        assert await both.session_for(jwt(user), HOME) is None
        assert await s.number_of("session_exchanges") == 0


async def test_jwts_issued_after_the_cut_off_are_refused() -> None:
    async with stage() as s:
        both = legacy(s, "both", jwt_issued_before=START + timedelta(hours=1))
        user = await s.user()
        assert (
            await both.session_for(jwt(user, START + timedelta(hours=1)), HOME) is None
        )
        assert await both.session_for(jwt(user, START), HOME)


@pytest.mark.parametrize(
    ("phase", "issues_jwt", "jwt_known", "jwt_exchanged"),
    [
        ("jwt_only", True, True, False),
        ("both", False, True, True),
        ("session_only", False, False, False),
    ],
)
async def test_phases(
    phase: Phase, issues_jwt: bool, jwt_known: bool, jwt_exchanged: bool
) -> None:
    async with stage() as s:
        here = legacy(s, phase)
        user = await s.user()
        assert here.issues_jwt is issues_jwt
        assert (await here.check(jwt(user)) is not None) is jwt_known
        assert (await here.session_for(jwt(user), HOME) is not None) is jwt_exchanged
        # in a rolling deployment every phase knows the sessions of the next
        issued = await here.store.create(user, HOME)
        assert await here.store.look_up(issued.token, HOME)


async def test_going_back_a_phase_logs_nobody_out() -> None:
    async with stage() as s:
        user = await s.user()
        token = jwt(user)
        exchanged = await legacy(s, "both").session_for(token, HOME)
        assert isinstance(exchanged, Issued)
        later = await legacy(s, "session_only").store.create(user, PHONE)
        phases: tuple[Phase, ...] = ("both", "jwt_only")
        for phase in phases:
            back = legacy(s, phase)
            assert await back.store.look_up(exchanged.token, HOME)
            assert await back.store.look_up(later.token, PHONE)
            assert await back.check(jwt(user, s.clock.now))


async def test_going_back_a_phase_brings_no_ended_jwt_back() -> None:
    async with stage() as s:
        both, back = legacy(s, "both"), legacy(s, "jwt_only")
        ended, kept = jwt(await s.user()), jwt(await s.user())
        assert await both.session_for(kept, HOME)
        await both.store.revoke(session_of(await both.session_for(ended, HOME)))
        # as in a rolling deployment, where one process is a phase behind
        assert await back.check(ended) is None
        assert await back.check(kept)
        assert await back.check(jwt(await s.user()))


async def test_while_jwts_are_accepted_the_audit_knows_that_it_is_blind() -> None:
    async with stage() as s:
        await s.set_recorded_since(START - timedelta(days=1))
        both = legacy(s, "both")
        user, silent = await s.user(), await s.user()
        await both.session_for(jwt(user), HOME)
        s.clock.advance(days=2)
        assert (await s.audit.was_logged_in(user, START)).verdict != "no"
        assert (await s.audit.was_logged_in(silent, START)).verdict == "unknown"
        assert (
            await s.audit.was_logged_in(silent, START + timedelta(days=1))
        ).verdict == "no"


async def test_a_counter_says_when_to_go_on() -> None:
    async with stage() as s:
        both = legacy(s, "both")
        for _ in range(3):
            await both.session_for(jwt(await s.user()), HOME)
        use = await both.use(START - timedelta(days=1))
        assert (use.exchanged, use.latest) == (3, s.clock.now)
        assert (await both.use(START + timedelta(days=1))).exchanged == 0


async def test_a_stand_in_opens_its_session_until_its_own_time_is_over() -> None:
    async with stage(accept_bearer=True) as s:
        issued = await s.store.create(await s.user(), HOME)
        short, endless = tokens.new_token(), tokens.new_token()
        until = int((s.clock.now + timedelta(minutes=5)).timestamp())
        for token, claims in ((short, {"exp": until}), (endless, {})):
            await s.database.execute(
                statements.STAND_IN,
                jwt_hash=jwt_id(token),
                family_id=issued.session.family_id,
                user_id=issued.session.user_id,
                now=s.clock.now,
                claims=json.dumps(claims),
            )
            assert await s.store.admit_stand_in(token, HOME)
        s.clock.advance(minutes=5)
        assert await s.store.admit_stand_in(short, HOME) is None
        assert await s.store.admit_stand_in(endless, HOME)
        # a logout ends what it stands for all the same
        assert await s.store.opened_by(short) == await s.row(issued.session)
        await s.store.revoke(issued.session, reason="logout")
        assert await s.store.admit_stand_in(endless, HOME) is None
        cookie_alone = s.with_settings(accept_bearer=False).store
        assert await cookie_alone.admit_stand_in(endless, HOME) is None
