"""Sessions over HTTP with Redis in front."""

from __future__ import annotations

import os

import pytest

from .browser import Browser
from .front import stage
from .people import counted
from .site import site

pytestmark = pytest.mark.skipif(
    not os.environ.get("SESSIONS_TEST_REDIS_URL"),
    reason="SESSIONS_TEST_REDIS_URL does not name a Redis to test on",
)


async def test_who_only_needs_the_session_costs_no_query() -> None:
    async with stage() as s, site(s) as app:
        browser = Browser(app)
        await browser.post(f"/login/{await s.user()}")
        assert (await browser.get("/session")).status == 200
        with counted(s) as statements:
            assert (await browser.get("/session")).status == 200
            assert statements == []
            assert (await browser.get("/both")).status == 200
            assert len(statements) == 1


async def test_a_logout_holds_for_every_worker_at_once() -> None:
    async with stage() as s, site(s) as one, site(s) as another:
        here, there = Browser(one), Browser(another)
        await here.post(f"/login/{await s.user()}")
        token = {"cookie": here.jar.sent()}
        for browser in (here, there):
            assert (await browser.get("/session", token)).status == 200
        assert (await here.post("/logout")).status == 204
        for browser in (here, there):
            assert (await browser.get("/session", token)).status == 401
