from __future__ import annotations

from collections.abc import Iterator

import pytest
import servers
from stage import Stage


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """A PostgreSQL server; its address without a database's name."""
    with servers.postgresql() as address:
        yield address


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory, postgresql: str) -> Iterator[Stage]:
    """The applications, migrated and served."""
    made = Stage(tmp_path_factory.mktemp("applications"), postgresql)
    yield made
    made.close()
