"""How long a look-up of a session takes through the generated code, beside the bare driver and beside other libraries.

    python tests/bench/lookups.py [--sessions 1000000] [--rounds 3]

A PostgreSQL and a Valkey are started on loopback, the tables filled, and each contender run in a process of its own, in turns, so that
whatever else the machine does falls on all of them. Printed are medians over the rounds, and ratios.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from importlib import resources
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

import contenders
import servers

CODE = resources.files("jwtlint.scaffold") / "code"
SCHEMA = "CREATE TABLE users (id bigint PRIMARY KEY, name text NOT NULL, password_hash text NOT NULL);\n"
MODELS = """
from sqlalchemy import BigInteger
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    name: Mapped[str]
    password_hash: Mapped[str]
"""
# tokens and ids as contenders.token and contenders.hashed make them
TOKENS = """
CREATE FUNCTION b64(data bytea) RETURNS text IMMUTABLE LANGUAGE sql AS
    $$ SELECT rtrim(translate(encode(data, 'base64'), '+/', '-_'), '=') $$;
CREATE TABLE tokens AS SELECT n, b64(sha256(('token ' || n)::bytea)) AS token FROM generate_series(0, {rows} - 1) AS n;
"""
FILL = """
INSERT INTO users SELECT n, 'user ' || n, repeat('x', 90) FROM generate_series(0, {users} - 1) AS n;
INSERT INTO sessions (id, user_id, user_agent, ip, expires_at, idle_seconds, auth_at, auth_method, family_id, last_ip, last_user_agent,
                      created_at, last_used_at)
    SELECT b64(sha256(token::bytea)), mod(n, {users}), '{agent}', '{ip}', now() + interval '30 days', 604800, now(), 'password',
           left(token, 16), '{ip}', '{agent}', now(), now() + interval '1 hour' FROM tokens;
CREATE TABLE "user" (id uuid PRIMARY KEY, email varchar(320) UNIQUE NOT NULL, hashed_password varchar(1024) NOT NULL,
                     is_active boolean NOT NULL, is_superuser boolean NOT NULL, is_verified boolean NOT NULL);
INSERT INTO "user" SELECT md5(n::text)::uuid, 'user' || n || '@example.com', repeat('x', 90), true, false, true
    FROM generate_series(0, {users} - 1) AS n;
CREATE TABLE accesstoken (token varchar(43) PRIMARY KEY, created_at timestamptz NOT NULL, user_id uuid NOT NULL REFERENCES "user" (id));
INSERT INTO accesstoken SELECT token, now(), md5(mod(n, {users})::text)::uuid FROM tokens;
CREATE INDEX ON accesstoken (created_at);
CREATE TABLE flask_sessions (id serial PRIMARY KEY, session_id varchar(255) UNIQUE, data bytea, expiry timestamp);
INSERT INTO flask_sessions (session_id, data, expiry) SELECT token, '\\x{flask}'::bytea, now() + interval '30 days' FROM tokens;
CREATE TABLE django_session (session_key varchar(40) PRIMARY KEY, session_data text NOT NULL, expire_date timestamptz NOT NULL);
INSERT INTO django_session SELECT left(token, 32), '{django}', now() + interval '30 days' FROM tokens ON CONFLICT DO NOTHING;
VACUUM ANALYZE;
"""


class Contender(NamedTuple):
    """A function of :mod:`contenders`, the generated project it needs, and what it is compared with."""

    name: str
    project: str = ""
    beside: str = ""


CONTENDERS = (
    Contender("bare_psycopg"),
    Contender("pooled_psycopg"),
    Contender("bare_asyncpg"),
    Contender("bare_redis"),
    Contender("generated_psycopg", "psycopg", "pooled_psycopg"),
    Contender("generated_asyncpg", "asyncpg", "bare_asyncpg"),
    Contender("generated_sqlalchemy", "sqlalchemy", "pooled_psycopg"),
    Contender("generated_sqlalchemy_async", "sqlalchemy-async", "bare_asyncpg"),
    Contender("generated_django", "django", "pooled_psycopg"),
    Contender("generated_redis", "psycopg", "bare_redis"),
    Contender("fastapi_users_database_strategy"),
    Contender("flask_session"),
    Contender("django_sessions"),
)
OTHERS = ("fastapi_users_database_strategy", "flask_session", "django_sessions")


def project(folder: Path, driver: str) -> Path:
    """A small application with the generated package."""
    from click.testing import CliRunner

    from jwtlint.cli.scaffold import command

    (folder / "app").mkdir(parents=True)
    (folder / "app" / "__init__.py").touch()
    (folder / "app" / "schema.sql").write_text(SCHEMA)
    options = ["--framework", "none", "--driver", driver, "--cache", "redis" if driver == "psycopg" else "none"]
    if driver.startswith("sqlalchemy"):
        (folder / "app" / "models.py").write_text(MODELS)
        how = "sqlalchemy import create_engine as make"
        if "async" in driver:
            how = "sqlalchemy.ext.asyncio import create_async_engine as make"
        (folder / "app" / "database.py").write_text(f"from {how}\n\nengine = make('postgresql+psycopg://localhost/app')\n")
    if driver == "django":
        return django_project(folder)
    done = CliRunner().invoke(command, [str(folder), *options], catch_exceptions=False)
    if done.exit_code:
        raise SystemExit(f"jwtlint scaffold --driver {driver} failed:\n{done.output}")
    return folder


def django_project(folder: Path) -> Path:
    """What the store needs on Django's connection, for the whole of a Django project is not under measure here."""
    from jwtlint.scaffold.render.sync import synchronous

    to = folder / "app" / "sessions"
    to.mkdir()
    for name in ("types", "settings", "tokens", "rows", "statements", "store", "devices", "database_django"):
        text = synchronous((CODE / f"{name}.py").read_text(encoding="utf-8"))
        (to / f"{name.partition('_')[0]}.py").write_text(text)
    (to / "__init__.py").touch()
    return folder


def fill(address: str, rows: int) -> dict[str, float]:
    """Make and fill all tables; the sizes of the sessions table in bytes a session."""
    import msgspec
    import psycopg
    from django.conf import settings
    from django.core import signing

    if not settings.configured:
        settings.configure(SECRET_KEY="bench")
    data = {"user_id": 42, "roles": ["reader"], "theme": "dark"}
    django = signing.dumps(data, salt="django.contrib.sessions.SessionStore", compress=True, serializer=signing.JSONSerializer)
    with psycopg.connect(address, autocommit=True) as connection:
        for script in (SCHEMA, (CODE / "migrations" / "postgresql.up.sql").read_text(encoding="utf-8"), TOKENS.format(rows=rows)):
            with connection.transaction():
                connection.execute(script)  # type: ignore[call-overload]
        values = {
            "rows": rows,
            "users": max(1, rows // 10),
            "agent": contenders.AGENT,
            "ip": contenders.ADDRESS,
            "flask": msgspec.msgpack.encode(data).hex(),
            "django": django,
        }
        for statement in FILL.format(**values).split(";\n"):
            if statement.strip():
                connection.execute(statement)  # type: ignore[call-overload]
        sizes = connection.execute(
            """SELECT pg_table_size('sessions'), pg_relation_size('sessions_pkey'), pg_relation_size('sessions_user'),
                      pg_total_relation_size('sessions')"""
        ).fetchone()
        assert sizes is not None
    return {name: size / rows for name, size in zip(("heap", "key", "user index", "all"), sizes, strict=True)}


def measure(rows: int, rounds: int) -> dict[str, dict[str, float]]:
    """Medians of each contender's figures over the rounds, in microseconds."""
    with (
        tempfile.TemporaryDirectory() as scratch,
        servers.postgresql("-c shared_buffers=2GB") as server,
        servers.valkey() as redis,
        servers.database(server, "bench") as database,
    ):
        sizes = fill(database, rows)
        print(f"{rows:,} sessions; bytes a session: " + ", ".join(f"{name} {size:.0f}" for name, size in sizes.items()))
        names = {one.project for one in CONTENDERS if one.project}
        folders = {name: project(Path(scratch) / name, name) for name in names}
        found: dict[str, list[dict[str, float]]] = {}
        for _ in range(rounds):
            for one in CONTENDERS:
                folder = str(folders.get(one.project, Path(scratch)))
                command = [sys.executable, contenders.__file__, one.name, database, redis, folder, str(rows)]
                done = subprocess.run(command, capture_output=True, text=True, check=False)
                if done.returncode:
                    raise SystemExit(f"{one.name} failed:\n{done.stderr[-3000:]}")
                found.setdefault(one.name, []).append(json.loads(done.stdout.splitlines()[-1]))
    return {name: {key: statistics.median(run[key] for run in runs) for key in ("p50", "p99")} for name, runs in found.items()}


def report(figures: dict[str, dict[str, float]]) -> str:
    """The figures as a table."""
    fastest = min(figures[name]["p50"] for name in OTHERS)
    lines = [f"{'':34} {'p50 µs':>8} {'p99 µs':>8}  {'× bare':>7}  {'× fastest other':>15}"]
    for one in CONTENDERS:
        own = figures[one.name]
        bare = f"{own['p50'] / figures[one.beside]['p50']:.2f}" if one.beside else ""
        lines.append(f"{one.name:34} {own['p50']:8.0f} {own['p99']:8.0f}  {bare:>7}  {own['p50'] / fastest:15.2f}")
    return "\n".join(lines)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--sessions", type=int, default=1_000_000)
    asked.add_argument("--rounds", type=int, default=3)
    given = asked.parse_args()
    print(report(measure(given.sessions, given.rounds)))
