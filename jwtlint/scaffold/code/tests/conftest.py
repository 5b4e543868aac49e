"""Runs the tests that are coroutines; no plugin is needed."""

from __future__ import annotations

import asyncio  # async only
import inspect  # async only

import pytest


@pytest.hookimpl(tryfirst=True)  # async only
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:  # async only
    """Run a test that is a coroutine function in an event loop of its own."""  # async only
    if not inspect.iscoroutinefunction(pyfuncitem.obj):  # async only
        return None  # async only
    names = pyfuncitem._fixtureinfo.argnames  # async only
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))  # async only
    return True  # async only
