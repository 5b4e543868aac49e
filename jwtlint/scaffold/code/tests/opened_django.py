"""A database for one test, through Django's connections."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import uuid4

from django.db import connections

from ..database import Database


@contextmanager
def opened(url: str, setup: Callable[[bool], Iterable[str]]) -> Iterator[Database]:
    """A database with the tables that ``setup`` makes: a schema of its own in that at
    ``url``, or a file that is deleted.
    """
    if not url:
        with tempfile.TemporaryDirectory() as folder:
            file = {
                "ENGINE": "django.db.backends.sqlite3",
                "NAME": Path(folder) / "db",
                "OPTIONS": {"timeout": 60},
            }
            with connected(file) as name:
                run(name, ["PRAGMA journal_mode = WAL"])
                run(name, setup(True))
                yield Database(name)
        return
    place = urlsplit(url)
    values: dict[str, object] = {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": place.hostname or "",
        "PORT": place.port or "",
        "USER": unquote(place.username or ""),
        "PASSWORD": unquote(place.password or ""),
        "NAME": unquote(place.path.removeprefix("/")),
    }
    schema = f"sessions_test_{uuid4().hex}"
    with connected(values) as outside:
        run(outside, [f'CREATE SCHEMA "{schema}"'])
        try:
            with connected(
                {**values, "OPTIONS": {"options": f"-csearch_path={schema}"}}
            ) as name:
                run(name, setup(False))
                yield Database(name)
        finally:
            run(outside, [f'DROP SCHEMA "{schema}" CASCADE'])


@contextmanager
def connected(values: dict[str, object]) -> Iterator[str]:
    """A connection of Django's beside those of the project; gives its name."""
    name = f"sessions_test_{uuid4().hex}"
    connections.databases[name] = connections.configure_settings(
        {"default": {}, name: values}
    )[name]
    try:
        yield name
    finally:
        connections[name].close()
        del connections[name]
        del connections.databases[name]


def run(name: str, script: Iterable[str]) -> None:
    """Run statements, one after the other."""
    with connections[name].cursor() as cursor:
        for statement in script:
            cursor.execute(statement)
