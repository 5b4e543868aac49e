"""A database for one test, through SQLAlchemy."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import uuid4

from sqlalchemy import event, make_url, text
from sqlalchemy.ext.asyncio import (
    AsyncEngine,
    create_async_engine,
)

from ..database import Database

SQLITE = "sqlite+aiosqlite"
POSTGRESQL = "postgresql+asyncpg"


@asynccontextmanager
async def opened(
    url: str, setup: Callable[[bool], Iterable[str]]
) -> AsyncIterator[Database]:
    """A database with the tables that ``setup`` makes: a schema of its own in the
    database at ``url``, or a file that is deleted.
    """
    if not url:
        with tempfile.TemporaryDirectory() as folder:
            file = f"{SQLITE}:///{Path(folder) / 'sessions.db'}"
            async with engine_of(file, {"timeout": 60}) as engine:
                event.listen(engine.sync_engine, "connect", keep_foreign_keys)
                await run(engine, setup(True))
                yield Database(engine)
        return
    schema = f"sessions_test_{uuid4().hex}"
    address = make_url(url)
    if address.drivername == "postgresql":
        address = address.set(drivername=POSTGRESQL)
    name = address.render_as_string(hide_password=False)
    async with engine_of(name, {}) as outside:
        await run(outside, [f'CREATE SCHEMA "{schema}"'])
        try:
            path: dict[str, object] = {"options": f"-csearch_path={schema}"}
            if "asyncpg" in name:
                path = {"server_settings": {"search_path": schema}}
            async with engine_of(name, path) as engine:
                await run(engine, setup(False))
                yield Database(engine)
        finally:
            await run(outside, [f'DROP SCHEMA "{schema}" CASCADE'])


@asynccontextmanager
async def engine_of(
    url: str, arguments: dict[str, object]
) -> AsyncIterator[AsyncEngine]:
    """An engine with room for many clients."""
    room = {"pool_size": 20, "max_overflow": 40}
    engine = create_async_engine(url, connect_args=arguments, **room)
    try:
        yield engine
    finally:
        await engine.dispose()


def keep_foreign_keys(connection: object, _: object) -> None:
    """SQLite looks at foreign keys only if it is told to."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


async def run(engine: AsyncEngine, script: Iterable[str]) -> None:
    """Run statements in one transaction."""
    async with engine.begin() as connection:
        for statement in script:
            await connection.execute(text(statement.replace(":", r"\:")))
