"""Where SQLAlchemy's ``create_all`` makes the tables, they are what the migration makes: on a real SQLite and a real PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
import servers
from catalogs import catalog
from generate import Wanted, generate

LAYERS = [
    Wanted(key="bigint"),
    Wanted(driver="sqlalchemy-async", key="uuid"),
    Wanted(layer="sqlmodel", key="integer"),
    Wanted("flask", layer="flask-sqlalchemy", key="text"),
]
# what an application's own tests do between one test and the next, and what nobody may do
STORY = '''
import asyncio
import os
import warnings
from datetime import datetime, timezone

import sqlalchemy as sa
from app import models
from app.sessions import statements, tables

asynchronous = "+a" in os.environ["DATABASE_URL"]
url = os.environ["DATABASE_URL"].replace("+asyncpg", "+psycopg").replace("+aiosqlite", "")
engine = sa.create_engine(url)
KEY = {"int": 7, "UUID": "00000000-0000-0000-0000-000000000007", "str": "7"}[tables.UserId.__name__]
EVENT = {"at": datetime.now(timezone.utc), "kind": "created", "session_id": "s", "family_id": "f", "actor": "7", "user_id": KEY}


def metadata(make):
    """Make or drop all tables, as the application does it."""
    name = "create_all" if make else "drop_all"
    if asynchronous:
        from app.database import engine as own

        async def run():
            async with own.begin() as connection:
                await connection.run_sync(getattr(tables.metadata, name))
            await own.dispose()

        asyncio.run(run())
    elif hasattr(models, "db"):
        from app.main import app

        with app.app_context():
            getattr(models.db, name)()
    else:
        getattr(tables.metadata, name)(engine)


def run(sql, **values):
    with engine.begin() as connection:
        return connection.execute(sa.text(sql), values)


def refused(sql):
    try:
        run(sql)
    except sa.exc.DBAPIError as error:
        return "append-only" in str(error)
    return False


def events():
    with engine.connect() as connection:
        return connection.execute(sa.text("SELECT kind FROM session_events")).scalars().all()


def fill():
    with engine.begin() as connection:
        connection.execute(tables.session_events.insert().values({**EVENT, "user_id": sa.text("'%s'" % KEY)}))


def make():
    metadata(True)
    metadata(True)  # nothing is left to be made


make()
fill()
assert events() == ["created"]
assert refused("UPDATE session_events SET kind = 'x'")
run("DELETE FROM session_events")
assert events() == ["created"]

# a user goes, and the sessions with it, also where SQLite is not told to look at foreign keys; the history knows of them
run(f"INSERT INTO users (id, email, hashed_password, is_active) VALUES ('{KEY}', 'a@example.org', '', true)")
run(
    "INSERT INTO sessions (id, user_id, created_at, last_used_at, expires_at, idle_seconds, auth_method, family_id) "
    f"VALUES ('s', '{KEY}', :now, :now, :now, 60, 'password', 'f')",
    now=EVENT["at"],
)
run("DELETE FROM users")
assert run("SELECT id FROM sessions").all() == [] and run("SELECT id, revoked_reason FROM session_history").all() == [("s", "deleted")]

# the clean-up finds what it needs
if engine.dialect.name == "postgresql":
    run(statements.MAKE_ROOM)
    run(statements.FORGET_EVENTS, before=EVENT["at"])

# a suite that empties every table
with engine.begin() as connection:
    for table in reversed(tables.metadata.sorted_tables):
        connection.execute(table.delete())
    for table in reversed(tables.metadata.sorted_tables):
        connection.execute(sa.text(f'DELETE FROM "{table.name}"'))
assert events() == ["created"]

# one that drops them, and makes them again
metadata(False)
assert not [name for name in sa.inspect(engine).get_table_names() if name.startswith("session")]
make()
assert events() == []
fill()
assert refused("UPDATE session_events SET kind = 'x'")

if engine.dialect.name == "postgresql":
    with engine.begin() as connection:
        names = ", ".join(f'"{table.name}"' for table in tables.metadata.sorted_tables)
        connection.execute(sa.text(f"TRUNCATE TABLE {names} RESTART IDENTITY CASCADE"))
    assert events() == []

# one that drops whatever is there
found = sa.MetaData()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of cycles and types that are of no interest here
    found.reflect(engine)
found.drop_all(engine)
assert sa.inspect(engine).get_table_names() == []
make()
fill()
assert refused("UPDATE session_events SET kind = 'x'")
print("told")
'''


def generated(folder: Path, layer: Wanted, database: str) -> tuple[Path, str]:
    """The application, and the beginning of its address."""
    wanted = replace(layer, database=database)
    dialect = {
        ("sqlalchemy", "sqlite"): "sqlite",
        ("sqlalchemy-async", "sqlite"): "sqlite+aiosqlite",
        ("sqlalchemy", "postgresql"): "postgresql+psycopg",
        ("sqlalchemy-async", "postgresql"): "postgresql+asyncpg",
    }
    return generate(folder, wanted), dialect[layer.driver, database]


def play(folder: Path, url: str, story: str = STORY) -> None:
    """Run a story against a database."""
    environment = {**os.environ, "DATABASE_URL": url, "PYTHONPATH": str(folder)}
    done = subprocess.run([sys.executable, "-c", story], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and done.stdout.splitlines()[-1:] == ["told"], done.stdout + done.stderr


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.layer or layer.driver)
def test_events_stay_as_they_are_and_suites_that_empty_or_drop_all_tables_go_on_working_on_sqlite(tmp_path: Path, layer: Wanted) -> None:
    folder, dialect = generated(tmp_path / "application", layer, "sqlite")
    play(folder, f"{dialect}:///{tmp_path}/application.db")


@pytest.mark.parametrize("layer", LAYERS, ids=lambda layer: layer.layer or layer.driver)
def test_events_stay_as_they_are_and_suites_that_empty_or_drop_all_tables_go_on_working_on_postgresql(
    tmp_path: Path, database: str, layer: Wanted
) -> None:
    folder, dialect = generated(tmp_path, layer, "postgresql")
    play(folder, database.replace("postgresql:", f"{dialect}:"))


ONLY_MAKE = STORY[: STORY.index("make()\nfill()")] + 'make()\nprint("told")\n'


def test_it_makes_the_functions_and_triggers_of_the_migration(tmp_path: Path, postgresql: str) -> None:
    folder, dialect = generated(tmp_path, LAYERS[0], "postgresql")
    script = (folder / "app/sessions/migrations/postgresql.up.sql").read_text(encoding="utf-8")
    number = os.getpid()
    with servers.database(postgresql, f"metadata_{number}") as by_metadata, servers.database(postgresql, f"script_{number}") as by_script:
        play(folder, by_metadata.replace("postgresql:", f"{dialect}:"), ONLY_MAKE)
        with psycopg.connect(by_script) as connection:
            connection.execute("CREATE TABLE users (id bigint PRIMARY KEY)")
            connection.execute(script)
        metadata, migration = catalog(by_metadata), catalog(by_script)
        assert metadata["functions"] == migration["functions"] != set()
        of_partitions = {(table, *rest) for table, *rest in migration["triggers"] if str(table).startswith("session_events_")}
        assert metadata["triggers"] == migration["triggers"] - of_partitions != set()
        assert "session_events_rest" in {table for table, *_ in of_partitions}
        # the migration after it changes nothing
        with psycopg.connect(by_metadata) as connection:
            connection.execute(script)
        assert catalog(by_metadata) == metadata
