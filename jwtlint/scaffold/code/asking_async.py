"""The store, asked by a coroutine that waits for nothing else."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import ParamSpec, TypeVar

from . import service

P = ParamSpec("P")
T = TypeVar("T")


async def asked(
    call: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Call what asks the database."""
    return await call(*args, **kwargs)


def at_once(call: Callable[[], Awaitable[None]]) -> None:
    """Where there is no request, nobody waits for an answer: it is only said that
    nothing was done.
    """
    logging.getLogger(__name__).warning(
        "no sessions were ended, for there is no request: await the hooks of hooks.py"
    )


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Keep the pool of connections open."""
    async with service.opened():
        yield
