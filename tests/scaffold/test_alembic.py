"""Alembic's revision makes what the SQL makes, on a real PostgreSQL; for Django see ``test_django.py``."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import servers
from catalogs import catalog
from generate import Wanted, generate

USERS = "1a2b3c4d5e6f"  # the application's own revision


def alembic(folder: Path, url: str, *words: str) -> None:
    """Run the real Alembic in a folder."""
    environment = {**os.environ, "DATABASE_URL": url.replace("postgresql:", "postgresql+psycopg:"), "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "alembic", *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("key", ["bigint", "uuid", "text"])
def test_the_revision_makes_what_the_sql_makes(tmp_path: Path, postgresql: str, key: str) -> None:
    folder = generate(tmp_path, Wanted("fastapi", "sqlalchemy", "postgresql", key, alembic=True))
    script = (folder / "app/sessions/migrations/postgresql.up.sql").read_text(encoding="utf-8")
    number = os.getpid()
    with servers.database(postgresql, f"alembic_{number}") as by_alembic, servers.database(postgresql, f"sql_{number}") as by_sql:
        alembic(folder, by_alembic, "upgrade", "head")
        made = catalog(by_alembic)
        assert {name for name, *_ in made["triggers"]} >= {"sessions", "session_events"}

        alembic(folder, by_sql, "upgrade", USERS)
        before = catalog(by_sql)
        with psycopg.connect(by_sql) as connection:
            connection.execute(script)
        assert catalog(by_sql) == made

        # where the SQL was run by hand, the revision changes nothing
        alembic(folder, by_sql, "upgrade", "head")
        assert catalog(by_sql) == made
        for _ in range(2):
            alembic(folder, by_alembic, "downgrade", USERS)
            assert catalog(by_alembic) == before
            alembic(folder, by_alembic, "upgrade", "head")
            assert catalog(by_alembic) == made
