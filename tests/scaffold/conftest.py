from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import servers


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server; its address without a database's name."""
    with servers.postgresql() as address:
        yield address


@pytest.fixture(scope="session")
def redis() -> Iterator[str]:
    """A Redis-compatible server; its address."""
    with servers.valkey() as address:
        yield address


@pytest.fixture
def database(postgresql: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty PostgreSQL database; its address."""
    with servers.database(postgresql, f"test_{abs(hash(request.node.nodeid))}") as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database, for SQLAlchemy: in SQLite, and on a server."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/app.db"
    address: str = request.getfixturevalue("database")
    return address.replace("postgresql://", "postgresql+psycopg://")
