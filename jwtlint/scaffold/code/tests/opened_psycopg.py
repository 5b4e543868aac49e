"""A database for one test, through psycopg; it needs a PostgreSQL that
``SESSIONS_TEST_DATABASE_URL`` names.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
from psycopg import AsyncConnection
from psycopg.conninfo import make_conninfo

from ..database import Database


@asynccontextmanager
async def opened(
    url: str, setup: Callable[[bool], Iterable[str]]
) -> AsyncIterator[Database]:
    """A database with the tables that ``setup`` makes, in a schema of its own in the
    database at ``url``.
    """
    if not url:
        pytest.skip("SESSIONS_TEST_DATABASE_URL does not name a PostgreSQL to test on")
    schema = f"sessions_test_{uuid4().hex}"
    async with await AsyncConnection.connect(url, autocommit=True) as outside:
        await outside.execute(f'CREATE SCHEMA "{schema}"'.encode())
        database = Database.connect(
            make_conninfo(url, options=f"-csearch_path={schema}"), max_size=60
        )
        await database.pool.open()
        try:
            async with database.transaction() as work:
                for statement in setup(False):
                    await work.connection.execute(statement.encode())
            yield database
        finally:
            await database.pool.close()
            await outside.execute(f'DROP SCHEMA "{schema}" CASCADE'.encode())
