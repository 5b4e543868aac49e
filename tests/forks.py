"""What became of the processes that a test forks."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress


def any_left(forked: Iterable[int]) -> bool:
    """Whether one of the processes was not waited for."""
    for pid in forked:
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
            return True
    return False
