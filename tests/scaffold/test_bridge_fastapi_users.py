"""fastapi-users with sessions behind its tokens, over HTTP, on real databases."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import bridged
import jwt
import msgspec
import psycopg
import pytest
import servers
import webapps
from bridged import BRIDGE, KEY, Device

from jwtlint.scaffold.render.package import render

MODELS = """
from fastapi_users.db import SQLAlchemyBaseUserTableUUID
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    pass


class User(SQLAlchemyBaseUserTableUUID, Base):
    __tablename__ = "users"
"""
MAIN = f"""
import uuid
from collections.abc import AsyncIterator

from fastapi import Depends, FastAPI
from fastapi_users import FastAPIUsers, UUIDIDMixin, schemas
from fastapi_users.authentication import AuthenticationBackend, BearerTransport, CookieTransport
from fastapi_users.db import SQLAlchemyUserDatabase

from app.database import engine, get_db
from app.models import Base, User
from app.sessions.bridge import install
from app.sessions.strategy import BaseUserManager, JWTStrategy

app = FastAPI()
install(app)


class UserManager(UUIDIDMixin, BaseUserManager[User, uuid.UUID]):
    reset_password_token_secret = "{KEY}"
    verification_token_secret = "{KEY}"


class UserUpdate(schemas.BaseUserUpdate):
    pass


async def get_user_db(db=Depends(get_db)):
    yield SQLAlchemyUserDatabase(db, User)


async def get_user_manager(user_db=Depends(get_user_db)):
    yield UserManager(user_db)


def get_strategy() -> JWTStrategy:
    return JWTStrategy(secret="{KEY}", lifetime_seconds=900)


def get_other_strategy() -> JWTStrategy:
    return JWTStrategy(secret="{KEY}", lifetime_seconds=900, token_audience=["another"])


bearer = AuthenticationBackend("jwt", BearerTransport("login"), get_strategy)
other = AuthenticationBackend("other", CookieTransport("own"), get_other_strategy)
users = FastAPIUsers[User, uuid.UUID](get_user_manager, [bearer])
others = FastAPIUsers[User, uuid.UUID](get_user_manager, [AuthenticationBackend("o", BearerTransport("x"), get_other_strategy)])
app.include_router(users.get_auth_router(bearer))
app.include_router(users.get_auth_router(other), prefix="/other")
app.include_router(users.get_users_router(schemas.BaseUser[uuid.UUID], UserUpdate), prefix="/users")
app.include_router(users.get_reset_password_router(), prefix="/forgotten")


@app.get("/elsewhere")
async def elsewhere(user=Depends(others.current_user())) -> str:
    return str(user.id)
"""
USERS = """
CREATE TABLE users (
    id {key} PRIMARY KEY, email varchar(320) UNIQUE, hashed_password varchar(1024),
    is_active boolean NOT NULL DEFAULT true, is_superuser boolean NOT NULL DEFAULT false, is_verified boolean NOT NULL DEFAULT true
)
"""


@pytest.fixture(scope="module", params=["postgresql", "sqlite"])
def people(request: pytest.FixtureRequest, postgresql: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[People]:
    """The application, with a user and an administrator, whose names are new at each call."""
    folder = tmp_path_factory.mktemp("users")
    webapps.make(folder, "fastapi", "sqlalchemy-async", key="uuid")
    bridge = msgspec.structs.replace(BRIDGE, fresh=(), library="fastapi-users", reads_bodies=False)
    choice = msgspec.structs.replace(webapps.choice("fastapi", "sqlalchemy-async", key="uuid"), bridge=bridge)
    for path, text in render(choice).items():
        (folder / path).write_text(text, encoding="utf-8")
    (folder / "app/models.py").write_text(MODELS, encoding="utf-8")
    (folder / "app/main.py").write_text(MAIN, encoding="utf-8")
    with servers.database(postgresql, f"users_{abs(hash(folder))}") as database:
        if request.param == "postgresql":
            with psycopg.connect(database, autocommit=True) as connection:
                connection.execute(USERS.format(key="uuid").encode())
                with connection.transaction():
                    connection.execute((folder / "app/sessions/migrations/postgresql.up.sql").read_bytes())
            url = database.replace("postgresql", "postgresql+asyncpg", 1)
        else:
            with sqlite3.connect(folder / "app.db") as own:
                own.executescript("PRAGMA journal_mode = WAL;" + USERS.format(key="char(36)") + ";")
                own.executescript((folder / "app/sessions/migrations/sqlite.up.sql").read_text(encoding="utf-8"))
            database, url = "", f"sqlite+aiosqlite:///{folder / 'app.db'}"
        with bridged.served(folder, {"APP_DATABASE_URL": url}) as address:
            yield People(address, database, folder)


class People:
    """The application's users."""

    def __init__(self, address: str, database: str, folder: Path) -> None:
        self.address = address
        self.database = database
        self.folder = folder

    def new(self, *, is_superuser: bool = False) -> tuple[str, str]:
        """A new user's key and e-mail address; the password is "old"."""
        from pwdlib import PasswordHash

        key, email = uuid4(), f"{uuid4().hex}@example.org"
        hashed = PasswordHash.recommended().hash("old")
        if self.database:
            sql = "INSERT INTO users (id, email, hashed_password, is_superuser) VALUES (%s, %s, %s, %s)"
            with psycopg.connect(self.database) as connection:
                connection.execute(sql, [key, email, hashed, is_superuser])
        else:
            with sqlite3.connect(self.folder / "app.db") as own:
                sql = "INSERT INTO users (id, email, hashed_password, is_superuser) VALUES (?, ?, ?, ?)"
                # as the library's own type writes it
                own.execute(sql, [str(key), email, hashed, is_superuser])
        return str(key), email

    def log_in(self, email: str, password: str = "old") -> Device:
        """A device on which somebody has just logged in."""
        device = Device(self.address)
        reply = device.post("/login", data={"username": email, "password": password})
        assert reply.status_code == 200, reply.text
        device.token = reply.json()["access_token"]
        return device


def test_login_and_logout(people: People) -> None:
    key, email = people.new()
    device = people.log_in(email)
    assert device.token.count(".") == 0 and device.cookie
    assert device.get("/users/me").json()["id"] == key
    assert device.get("/users/me", header=False, cookie=True).json()["id"] == key
    again = people.log_in(email)
    assert device.post("/logout").status_code == 204
    assert device.get("/users/me").status_code == 401
    assert again.get("/users/me").status_code == 200


def test_a_new_password_ends_the_other_devices(people: People) -> None:
    _, email = people.new()
    here, there = people.log_in(email), people.log_in(email)
    assert here.send("PATCH", "/users/me", json={"password": "new"}).status_code == 200
    assert [one.get("/users/me").status_code for one in (here, there)] == [200, 401]
    assert people.log_in(email, "new").get("/users/me").status_code == 200


def test_an_administrator_ends_sessions_of_others_only(people: People) -> None:
    _, chief = people.new(is_superuser=True)
    admin = people.log_in(chief)
    for change in ({"password": "new"}, {"is_active": False}, None):
        key, email = people.new()
        device = people.log_in(email)
        reply = admin.send("PATCH", f"/users/{key}", json=change) if change else admin.send("DELETE", f"/users/{key}")
        assert reply.status_code in (200, 204), reply.text
        assert device.get("/users/me").status_code == 401
        assert admin.get("/users/me").status_code == 200


def test_tokens_for_one_use_and_of_another_audience_are_no_sessions(people: People) -> None:
    key, email = people.new()
    device = people.log_in(email)
    assert device.get("/elsewhere").status_code == 401
    for audience in ("fastapi-users:reset", "fastapi-users:verify"):
        token = jwt.encode({"sub": key, "aud": [audience], "exp": int(time.time()) + 60}, KEY, algorithm="HS256")
        assert Device(people.address, token).get("/users/me").status_code == 401


def test_a_jwt_from_before_is_exchanged(people: People) -> None:
    key, _ = people.new()
    now = int(time.time())
    old = jwt.encode({"sub": key, "aud": ["fastapi-users:auth"], "exp": now + 900}, KEY, algorithm="HS256")
    device = Device(people.address, old)
    assert device.get("/users/me").json()["id"] == key
    assert device.get("/users/me", header=False, cookie=True).status_code == 200
    assert device.post("/logout").status_code == 204
    assert device.get("/users/me").status_code == 401
