"""One way to look a session up, timed.

``python contenders.py NAME DATABASE_URL REDIS_URL FOLDER ROWS`` prints the median and the 99th percentile in microseconds.

Each does what a request would cost before its handler runs: from the cookie's value to the session, and to the user where it says so.
The tokens are those that :mod:`lookups` filled the tables with.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import random
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from types import SimpleNamespace

WARM, COUNTED = 300, 1_500
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
ADDRESS = "198.51.100.7"


def token(number: int) -> str:
    """The token of a row."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"token {number}".encode()).digest()).rstrip(b"=").decode()


def timed(look_up: Callable[[str], object], rows: int) -> dict[str, float]:
    """Ask for random sessions, one after the other."""
    chosen = random.Random(7)
    tokens = [token(chosen.randrange(rows)) for _ in range(WARM + COUNTED)]
    for one in tokens[:WARM]:
        assert look_up(one) is not None
    times = []
    for one in tokens[WARM:]:
        began = time.perf_counter()
        found = look_up(one)
        times.append(time.perf_counter() - began)
        assert found is not None
    return summary(times)


async def timed_async(look_up: Callable[[str], Awaitable[object]], rows: int) -> dict[str, float]:
    """The same for coroutines, in one event loop."""
    chosen = random.Random(7)
    tokens = [token(chosen.randrange(rows)) for _ in range(WARM + COUNTED)]
    for one in tokens[:WARM]:
        assert await look_up(one) is not None
    times = []
    for one in tokens[WARM:]:
        began = time.perf_counter()
        found = await look_up(one)
        times.append(time.perf_counter() - began)
        assert found is not None
    return summary(times)


def summary(times: list[float]) -> dict[str, float]:
    """Median and 99th percentile in microseconds."""
    ordered = sorted(times)
    return {"p50": statistics.median(ordered) * 1e6, "p99": ordered[int(len(ordered) * 0.99)] * 1e6}


# -- what the application's driver costs by itself ------------------------------------------------------------------------------------


def bare_psycopg(database: str, redis: str, rows: int) -> dict[str, float]:
    """The read by primary key alone, on one connection, prepared."""
    import psycopg

    connection = psycopg.connect(database, autocommit=True)
    sql = "SELECT * FROM sessions WHERE id = %s"
    return timed(lambda one: connection.execute(sql, [hashed(one)], prepare=True).fetchone(), rows)


def pooled_psycopg(database: str, redis: str, rows: int) -> dict[str, float]:
    """The read by primary key alone, on a connection from a pool, in autocommit."""
    from psycopg_pool import ConnectionPool

    pool = ConnectionPool(database, kwargs={"autocommit": True}, open=True)

    def look_up(one: str) -> object:
        with pool.connection() as connection:
            return connection.execute("SELECT * FROM sessions WHERE id = %s", [hashed(one)]).fetchone()

    found = timed(look_up, rows)
    pool.close()
    return found


def bare_asyncpg(database: str, redis: str, rows: int) -> dict[str, float]:
    """The read by primary key alone, from asyncpg's pool."""
    import asyncpg

    async def run() -> dict[str, float]:
        async with asyncpg.create_pool(database, min_size=1) as pool:
            return await timed_async(lambda one: pool.fetchrow("SELECT * FROM sessions WHERE id = $1", hashed(one)), rows)

    return asyncio.run(run())


def hashed(one: str) -> str:
    """The id of a token's row."""
    return base64.urlsafe_b64encode(hashlib.sha256(one.encode()).digest()).rstrip(b"=").decode()


# -- the generated code ---------------------------------------------------------------------------------------------------------------


def generated_psycopg(database: str, redis: str, rows: int) -> dict[str, float]:
    """The generated store, session and user joined."""
    from app.sessions.database import Database
    from app.sessions.settings import Settings
    from app.sessions.store import SessionStore
    from app.sessions.types import Client

    bound = Database.connect(database)
    bound.pool.open()
    store, client = SessionStore(bound, Settings()), Client(ADDRESS, AGENT)
    found = timed(lambda one: store.look_up(one, client), rows)
    bound.pool.close()
    return found


def generated_sqlalchemy(database: str, redis: str, rows: int) -> dict[str, float]:
    """The generated store, session and user joined."""
    from app.sessions.database import Database
    from app.sessions.settings import Settings
    from app.sessions.store import SessionStore
    from app.sessions.types import Client
    from sqlalchemy import create_engine

    engine = create_engine(database.replace("postgresql://", "postgresql+psycopg://"))
    store, client = SessionStore(Database(engine), Settings()), Client(ADDRESS, AGENT)
    return timed(lambda one: store.look_up(one, client), rows)


def generated_sqlalchemy_async(database: str, redis: str, rows: int) -> dict[str, float]:
    """The generated store, session and user joined."""
    from app.sessions.database import Database
    from app.sessions.settings import Settings
    from app.sessions.store import SessionStore
    from app.sessions.types import Client
    from sqlalchemy.ext.asyncio import create_async_engine

    async def run() -> dict[str, float]:
        engine = create_async_engine(database.replace("postgresql://", "postgresql+asyncpg://"))
        store, client = SessionStore(Database(engine), Settings()), Client(ADDRESS, AGENT)
        found = await timed_async(lambda one: store.look_up(one, client), rows)
        await engine.dispose()
        return found

    return asyncio.run(run())


def generated_asyncpg(database: str, redis: str, rows: int) -> dict[str, float]:
    """The generated store, session and user joined."""
    import asyncpg
    from app.sessions.database import Database
    from app.sessions.settings import Settings
    from app.sessions.store import SessionStore
    from app.sessions.types import Client

    async def run() -> dict[str, float]:
        async with asyncpg.create_pool(database, min_size=1) as pool:
            store, client = SessionStore(Database(pool), Settings()), Client(ADDRESS, AGENT)
            return await timed_async(lambda one: store.look_up(one, client), rows)

    return asyncio.run(run())


def generated_redis(database: str, redis: str, rows: int) -> dict[str, float]:
    """The generated store with Redis in front; each session is asked for again, so that it is in the cache."""
    from app.sessions.cache import CachedSessionStore
    from app.sessions.database import Database
    from app.sessions.settings import Settings
    from app.sessions.types import Client
    from redis import Redis

    bound = Database.connect(database)
    bound.pool.open()
    store = CachedSessionStore(bound, Settings(cache_seconds=600), Redis.from_url(redis))
    client = Client(ADDRESS, AGENT)
    chosen = random.Random(7)
    for _ in range(WARM + COUNTED):
        store.look_up(token(chosen.randrange(rows)), client)
    found = timed(lambda one: store.look_up(one, client), rows)
    bound.pool.close()
    return found


def bare_redis(database: str, redis: str, rows: int) -> dict[str, float]:
    """One GET."""
    from redis import Redis

    client = Redis.from_url(redis)
    client.set("bench", "x" * 700)
    return timed(lambda _: client.get("bench"), rows)


def generated_django(database: str, redis: str, rows: int) -> dict[str, float]:
    """The generated store on Django's connection, session and user joined."""
    configure_django(database)
    from app.sessions.database import Database
    from app.sessions.settings import Settings
    from app.sessions.store import SessionStore
    from app.sessions.types import Client

    store, client = SessionStore(Database("default"), Settings()), Client(ADDRESS, AGENT)
    return timed(lambda one: store.look_up(one, client), rows)


# -- the others -----------------------------------------------------------------------------------------------------------------------


def fastapi_users_database_strategy(database: str, redis: str, rows: int) -> dict[str, float]:
    """fastapi-users: from the token to the user, in a database session of its own as a request has it."""
    import uuid

    from fastapi_users import BaseUserManager, UUIDIDMixin
    from fastapi_users.authentication.strategy.db import DatabaseStrategy
    from fastapi_users_db_sqlalchemy import SQLAlchemyBaseUserTableUUID, SQLAlchemyUserDatabase
    from fastapi_users_db_sqlalchemy.access_token import SQLAlchemyAccessTokenDatabase, SQLAlchemyBaseAccessTokenTableUUID
    from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
    from sqlalchemy.orm import DeclarativeBase

    class Base(DeclarativeBase):
        pass

    class User(SQLAlchemyBaseUserTableUUID, Base):
        pass

    class AccessToken(SQLAlchemyBaseAccessTokenTableUUID, Base):
        pass

    class Manager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
        pass

    async def run() -> dict[str, float]:
        engine = create_async_engine(database.replace("postgresql://", "postgresql+asyncpg://"))
        sessions = async_sessionmaker(engine, expire_on_commit=False)

        async def look_up(one: str) -> object:
            async with sessions() as session:
                strategy = DatabaseStrategy(SQLAlchemyAccessTokenDatabase(session, AccessToken), lifetime_seconds=10**8)
                return await strategy.read_token(one, Manager(SQLAlchemyUserDatabase(session, User)))

        found = await timed_async(look_up, rows)
        await engine.dispose()
        return found

    return asyncio.run(run())


def flask_session(database: str, redis: str, rows: int) -> dict[str, float]:
    """Flask-Session on SQLAlchemy: from the cookie to the session's dictionary; no user is read."""
    from flask import Flask
    from flask_session import Session
    from flask_sqlalchemy import SQLAlchemy

    app = Flask("bench")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=database.replace("postgresql://", "postgresql+psycopg://"),
        SESSION_TYPE="sqlalchemy",
        SESSION_SQLALCHEMY_TABLE="flask_sessions",
        SESSION_KEY_PREFIX="",
        SECRET_KEY="bench",
    )
    app.config["SESSION_SQLALCHEMY"] = SQLAlchemy(app)
    Session(app)

    def look_up(one: str) -> object:
        with app.app_context():
            request = SimpleNamespace(cookies={"session": one})
            return app.session_interface.open_session(app, request).get("user_id")  # type: ignore[arg-type, union-attr]

    return timed(look_up, rows)


def django_sessions(database: str, redis: str, rows: int) -> dict[str, float]:
    """Django's database sessions: from the cookie to the session's dictionary; no user is read."""
    configure_django(database)
    from django.contrib.sessions.backends.db import SessionStore

    return timed(lambda one: SessionStore(one[:32]).get("user_id"), rows)


def configure_django(database: str) -> None:
    """Django's settings."""
    import django
    from django.conf import settings
    from django.db.backends.signals import connection_created  # noqa: F401 - what a project imports anyway

    place = database.rpartition("@")[2]
    host, _, rest = place.partition(":")
    port, _, name = rest.partition("/")
    engine = {"ENGINE": "django.db.backends.postgresql", "NAME": name, "USER": "postgres", "HOST": host, "PORT": port}
    settings.configure(
        DATABASES={"default": {**engine, "CONN_MAX_AGE": None}},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
        SECRET_KEY="bench",
        USE_TZ=True,
    )
    django.setup()


if __name__ == "__main__":
    name, database_url, redis_url, folder, number = sys.argv[1:]
    sys.path.insert(0, folder)
    print(json.dumps(globals()[name](database_url, redis_url, int(number))))
