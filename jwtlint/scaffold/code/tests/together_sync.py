"""Many clients at once, as threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def together(calls: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """Do all at once; what each gives or raises."""
    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(call) for call in calls]
    return [future.exception() or future.result() for future in futures]


def bound(call: Callable[[int], T], number: int) -> Callable[[], T]:
    """A call with its number."""
    return lambda: call(number)
