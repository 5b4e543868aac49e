"""Many clients at once, as tasks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def together(
    calls: Sequence[Callable[[], Awaitable[T]]],
) -> list[T | BaseException]:
    """Do all at once; what each gives or raises."""
    return await asyncio.gather(*(call() for call in calls), return_exceptions=True)


def bound(
    call: Callable[[int], Awaitable[T]], number: int
) -> Callable[[], Awaitable[T]]:
    """A call with its number."""
    return lambda: call(number)
