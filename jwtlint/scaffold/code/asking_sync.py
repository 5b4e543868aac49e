"""The store, asked by a coroutine: in a thread, since the answer is waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool

from . import service

P = ParamSpec("P")
T = TypeVar("T")


async def asked(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call what asks the database."""
    return await run_in_threadpool(call, *args, **kwargs)


def at_once(call: Callable[[], None]) -> None:
    """Where there is no request, do it now."""
    call()


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Keep the pool of connections open."""
    with service.opened():
        yield
