"""A database for one test, through the standard library's sqlite3."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ..database import Database


@contextmanager
def opened(url: str, setup: Callable[[bool], Iterable[str]]) -> Iterator[Database]:
    """A database with the tables that ``setup`` makes, in a file that is deleted.
    Whatever ``url`` names is not for sqlite3.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = Database(str(Path(folder) / "sessions.db"))
        for statement in setup(True):
            database.execute(statement)
        yield database
