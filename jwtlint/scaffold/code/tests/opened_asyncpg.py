"""A database for one test, through asyncpg; it needs a PostgreSQL that
``SESSIONS_TEST_DATABASE_URL`` names.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import pytest

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
    outside = await asyncpg.connect(url)
    try:
        await outside.execute(f'CREATE SCHEMA "{schema}"')
        async with asyncpg.create_pool(
            url, min_size=1, max_size=60, server_settings={"search_path": schema}
        ) as pool:
            async with pool.acquire() as connection, connection.transaction():
                for statement in setup(False):
                    await connection.execute(statement)
            yield Database(pool)
        await outside.execute(f'DROP SCHEMA "{schema}" CASCADE')
    finally:
        await outside.close()
