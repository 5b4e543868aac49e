"""Which device a request comes from, and what happens when one session is used on
two.
"""

from __future__ import annotations

from datetime import timedelta

import pytest

from ..devices import address, client_address, family, network
from ..types import Client
from .support import (
    CHROME_ON_LINUX,
    HOME,
    NEWER_CHROME_ON_LINUX,
    PHONE,
    SAFARI_ON_IOS,
    Stage,
    stage,
)

FORGED = ["6.6.6.6, 198.51.100.7"]


def test_forwarded_addresses_are_believed_only_from_trusted_proxies() -> None:
    assert client_address("10.0.0.1", FORGED, 0) == "10.0.0.1"
    assert client_address("10.0.0.1", FORGED, 1) == "198.51.100.7"
    assert client_address("10.0.0.1", [*FORGED, "10.0.0.2"], 2) == "198.51.100.7"
    assert client_address("10.0.0.1", [], 1) == "10.0.0.1"
    assert client_address("10.0.0.1", ["nonsense"], 1) == "10.0.0.1"
    assert client_address(None, FORGED, 0) is None


def test_addresses_have_one_form() -> None:
    assert address("::ffff:1.2.3.4") == "1.2.3.4"
    assert address("2001:DB8:0:0:0:0:0:1") == "2001:db8::1"
    assert address("fe80::1%eth0") == "fe80::1"
    assert address("1.2.3.4.5") is None
    assert network("198.51.100.7") == "198.51.100.0/24"
    assert network("2001:db8:aaaa:bbbb::1") == "2001:db8:aaaa::/48"
    assert network(None) == ""


def test_a_family_has_no_version() -> None:
    assert family(CHROME_ON_LINUX) == family(NEWER_CHROME_ON_LINUX) == "Chrome on Linux"
    assert family(SAFARI_ON_IOS) == "Safari on iOS"
    assert family("curl/8.5.0") == "curl"
    assert family("") == "an unnamed client"


@pytest.mark.parametrize(
    "ways",
    [
        [Client("198.51.100.7", NEWER_CHROME_ON_LINUX)],  # a browser upgrade
        [Client("203.0.113.9", CHROME_ON_LINUX)],  # from Wi-Fi to a mobile network
        [Client("203.0.113.9", CHROME_ON_LINUX), HOME],  # and back
        [Client("198.51.100.200", CHROME_ON_LINUX)]
        * 5,  # another address of the same network
        [Client(None, CHROME_ON_LINUX)] * 3,  # no address at all
    ],
)
async def test_one_device_is_not_suspected(ways: list[Client]) -> None:
    async with stage(shared_session="revoke") as s:
        issued = await s.store.create(await s.user(), HOME)
        for client in ways:
            s.clock.advance(minutes=2)
            assert await s.store.look_up(issued.token, client)
        assert "suspected" not in await s.events(issued.session)


async def test_a_new_place_is_an_event() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        s.clock.advance(seconds=5)
        assert await s.store.look_up(
            issued.token, Client("203.0.113.9", CHROME_ON_LINUX)
        )
        assert await s.events(issued.session) == ["created", "touched"]
        row = await s.row(issued.session)
        assert (row.ip, row.last_ip) == ("198.51.100.7", "203.0.113.9")


async def shared(s: Stage) -> str:
    """Chrome on Linux interleaved with Safari on iOS; the token."""
    issued = await s.store.create(await s.user(), HOME)
    for client in (PHONE, HOME, PHONE):
        s.clock.advance(seconds=20)
        await s.store.look_up(issued.token, client)
    return issued.token


async def test_a_second_device_is_written_down_once() -> None:
    async with stage() as s:
        token = await shared(s)
        found = await s.store.look_up(token, PHONE)
        assert found is not None and not found.needs_reauthentication
        assert (await s.events(found)).count("suspected") == 1


async def test_a_second_device_in_the_same_network_is_noticed() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        s.clock.advance(seconds=20)
        assert await s.store.look_up(issued.token, Client(HOME.address, SAFARI_ON_IOS))
        assert (await s.events(issued.session)).count("suspected") == 1


async def test_a_second_device_ends_the_session() -> None:
    async with stage(shared_session="revoke") as s:
        token = await shared(s)
        assert await s.store.look_up(token, HOME) is None
        assert await s.number_of("sessions") == 1


async def test_a_second_device_must_prove_who_it_is() -> None:
    async with stage(shared_session="step_up") as s:
        token = await shared(s)
        found = await s.store.look_up(token, HOME)
        assert found is not None and found.needs_reauthentication
        renewed = await s.store.reauthenticate(found, HOME)
        assert renewed is not None and not renewed.session.needs_reauthentication
        assert await s.store.look_up(token, PHONE) is None


async def test_two_networks_in_turns_are_two_devices() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        away = Client("203.0.113.9", CHROME_ON_LINUX)
        for client in (away, HOME, away, HOME):
            s.clock.advance(minutes=1)
            assert await s.store.look_up(issued.token, client)
        assert (await s.events(issued.session)).count("suspected") == 1


async def test_commuting_is_no_second_device() -> None:
    async with stage(alternation_window=timedelta(minutes=10)) as s:
        issued = await s.store.create(await s.user(), HOME)
        for client in (Client("203.0.113.9", CHROME_ON_LINUX), HOME) * 5:
            s.clock.advance(hours=4)
            assert await s.store.look_up(issued.token, client)
        assert "suspected" not in await s.events(issued.session)


async def test_turns_do_not_cost_a_write_each() -> None:
    async with stage() as s:
        issued = await s.store.create(await s.user(), HOME)
        for number in range(200):
            s.clock.advance(milliseconds=100)
            await s.store.look_up(issued.token, PHONE if number % 2 else HOME)
        assert await s.number_of("session_events") <= 5
