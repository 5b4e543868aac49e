"""Many clients at once, as threads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def together(calls: Sequence[Callable[[], T]]) -> list[T | BaseException]:
    """Do all at once; what each gives or raises."""

    def attempt(call: Callable[[], T]) -> T | BaseException:
        try:
            return call()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(attempt, calls))


def bound(call: Callable[[int], T], number: int) -> Callable[[], T]:
    """A call with its number."""
    return lambda: call(number)
