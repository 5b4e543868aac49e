"""Applications that speak of JWTs, with sessions behind them, served over HTTP by two worker processes."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import httpx
import jwt
import msgspec
import psycopg
import webapps
from served import served

from jwtlint.scaffold.choice import Bridge, Imported
from jwtlint.scaffold.render.package import render
from jwtlint.scaffold.render.sync import synchronous

KEY = "only for tests, and as long as it must be"
BRIDGE = Bridge(
    identifiers=(("sub", "id"),),
    fresh=(("role", "role"),),
    expired=Imported("jwt", ("ExpiredSignatureError",), "ExpiredSignatureError"),
    invalid=Imported("jwt", ("InvalidTokenError",), "InvalidTokenError"),
    reads_bodies=True,
)
MAIN = f"""
import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

import jwt
from fastapi import BackgroundTasks, Body, Depends, FastAPI, HTTPException
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import StreamingResponse
from fastapi.security import OAuth2PasswordBearer

from app.sessions.bridge import account_ended, claims_of, install, log_out, password_changed, role_changed, token_for
from app.sessions.database import Transaction
from app.sessions.service import database

KEY = "{KEY}"
app = FastAPI()
app.add_middleware(CORSMiddleware, allow_origins=["https://app.example"])
install(app, prefix="/own")
scheme = OAuth2PasswordBearer(tokenUrl="login", auto_error=False)


def made(user_id: int, role: str, kind: str = "access", seconds: int = 900) -> str:
    now = int(time.time())
    claims = {{"sub": str(user_id), "role": role, "type": kind, "iat": now, "exp": now + seconds}}
    return token_for(jwt.encode(claims, KEY, algorithm="HS256"))


def read(token: str | None) -> dict[str, Any]:
    try:
        return claims_of(token, lambda: jwt.decode(token or "", KEY, algorithms=["HS256"]))
    except jwt.ExpiredSignatureError:
        raise HTTPException(401, "expired") from None
    except jwt.InvalidTokenError:
        raise HTTPException(401, "invalid") from None


async def payload(token: Annotated[str | None, Depends(scheme)]) -> dict[str, Any]:
    found = read(token)
    if found["type"] != "access":
        raise HTTPException(401, "not for access")
    if not await database.fetch('SELECT 1 FROM "users" WHERE id = :user_id', user_id=int(found["sub"])):
        raise HTTPException(401, "nobody")
    return found


Payload = Annotated[dict[str, Any], Depends(payload)]


async def role_of(user_id: int) -> str:
    rows = await database.fetch('SELECT role FROM "users" WHERE id = :user_id', user_id=user_id)
    return str(rows[0]["role"])


@app.post("/login/{{user_id}}")
async def login(user_id: int) -> dict[str, str]:
    role = await role_of(user_id)
    return {{"access": made(user_id, role), "refresh": made(user_id, role, "refresh", 86400)}}


@app.post("/refresh")
async def refresh(token: Annotated[str, Body(embed=True)]) -> dict[str, str]:
    found = read(token)
    assert found["type"] == "refresh"
    return {{"access": made(int(found["sub"]), found["role"])}}


@app.post("/short/{{user_id}}")
async def short(user_id: int) -> dict[str, str]:
    return {{"access": made(user_id, await role_of(user_id), seconds=-60)}}


@app.get("/me")
async def me(found: Payload) -> dict[str, Any]:
    return found


@app.post("/change")
async def change(found: Payload) -> dict[str, Any]:
    return found


@app.post("/logout")
async def logout(found: Payload) -> None:
    log_out()


@app.post("/password")
async def password(found: Payload) -> None:
    password_changed(int(found["sub"]))


@app.post("/reset/{{user_id}}")
async def reset(user_id: int) -> dict[str, str]:
    password_changed(user_id)
    return {{"access": made(user_id, await role_of(user_id))}}


@app.post("/broken-reset/{{user_id}}")
async def broken_reset(user_id: int) -> None:
    password_changed(user_id)
    raise RuntimeError("after the change")


@app.post("/role/{{user_id}}/{{role}}")
async def promote(user_id: int, role: str) -> None:
    await database.execute('UPDATE "users" SET role = :value WHERE id = :user_id', value=role, user_id=user_id)


@app.post("/demote/{{user_id}}")
async def demote(user_id: int) -> None:
    role_changed(user_id)


@app.post("/switch-off/{{user_id}}")
async def switch_off(user_id: int) -> None:
    await database.execute('UPDATE "users" SET is_active = false WHERE id = :user_id', user_id=user_id)


async def unit_of_work() -> AsyncIterator[Transaction]:
    async with database.transaction() as work:
        yield work


Work = Annotated[Transaction, Depends(unit_of_work)]


@app.delete("/users/{{user_id}}")
async def delete(user_id: int, work: Work) -> None:
    await work.execute('DELETE FROM "users" WHERE id = :user_id', user_id=user_id)
    account_ended(user_id)


@app.delete("/me")
async def delete_me(found: Payload) -> None:
    await database.execute('DELETE FROM "users" WHERE id = :user_id', user_id=int(found["sub"]))


@app.post("/signup/{{user_id}}")
async def signup(user_id: int, work: Work) -> dict[str, str]:
    await work.execute("INSERT INTO users (id, name, role, is_active) VALUES (:user_id, '', 'user', true)", user_id=user_id)
    return {{"access": made(user_id, "user")}}


@app.get("/stream")
async def stream(found: Payload) -> StreamingResponse:
    return StreamingResponse((f"{{number}};" * 1000 for number in range(50)), media_type="text/plain")


@app.post("/length")
async def length(found: Payload, data: Annotated[bytes, Body()]) -> int:
    return len(data)
"""
SOCKET = """
from fastapi import WebSocket

from app.main import app, read


@app.websocket("/talk")
async def talk(websocket: WebSocket, token: str = "") -> None:
    await websocket.accept()
    if not token and "authorization" in websocket.headers:
        token = websocket.headers["authorization"].removeprefix("Bearer ")
    if not token:
        token = await websocket.receive_text()
    try:
        found = read(token)
    except Exception as error:
        await websocket.close(4401, type(error).__name__)
        return
    await websocket.send_text(found["sub"])
    await websocket.close()
"""


def make(folder: Path, driver: str, layer: str = "", bridge: Bridge = BRIDGE) -> None:
    """Write an application into a folder."""
    webapps.make(folder, "fastapi", driver, layer=layer)
    choice = msgspec.structs.replace(webapps.choice("fastapi", driver, layer=layer), bridge=bridge)
    for path, text in render(choice).items():
        (folder / path).write_text(text, encoding="utf-8")
    models = folder / "app/models.py"
    if models.exists():
        column = '    role: str = "user"\n' if layer == "sqlmodel" else '    role: Mapped[str] = mapped_column(default="user")\n'
        # as where a model's own method makes its tokens
        imported = "from app.sessions.bridge import token_for  # noqa: F401\n"
        models.write_text(imported + models.read_text(encoding="utf-8") + column, encoding="utf-8")
    main = dedent(MAIN).lstrip()
    (folder / "app/main.py").write_text(main if choice.is_async else synchronous(main), encoding="utf-8")
    (folder / "app/socket.py").write_text(dedent(SOCKET).lstrip(), encoding="utf-8")
    (folder / "app/serve.py").write_text("from app import socket  # noqa: F401\nfrom app.main import app  # noqa: F401\n", encoding="utf-8")


def configure(folder: Path, **changes: object) -> None:
    """Change the settings, as somebody does who goes on to the next phase."""
    settings = folder / "app/sessions/settings.py"
    text = settings.read_text(encoding="utf-8")
    values = {"phase": "both", "accept_bearer": True} | changes
    told = ", ".join(f"{name}={value!r}" for name, value in values.items())
    line = next(line for line in text.splitlines() if line.startswith("settings = "))
    settings.write_text(text.replace(line, f"settings = Settings({told})"), encoding="utf-8")


USERS = "CREATE TABLE users (id bigint PRIMARY KEY, name text DEFAULT '', is_active boolean DEFAULT true, role text DEFAULT 'user')"


def prepared(folder: Path, driver: str, address: str) -> dict[str, str]:
    """Make the tables, with users; the environment that names the database: SQLite, where there is no ``address``."""
    if address:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(USERS)
            connection.execute("INSERT INTO users (id) SELECT generate_series(1, 40)")
            with connection.transaction():
                connection.execute((folder / "app/sessions/migrations/postgresql.up.sql").read_bytes())
        dialect = {"sqlalchemy": "postgresql+psycopg", "sqlalchemy-async": "postgresql+asyncpg"}.get(driver, "postgresql")
        url = address.replace("postgresql", dialect, 1)
    else:
        with sqlite3.connect(folder / "app.db") as connection_:
            connection_.executescript("PRAGMA journal_mode = WAL;" + USERS + ";")
            connection_.executescript((folder / "app/sessions/migrations/sqlite.up.sql").read_text(encoding="utf-8"))
            connection_.executemany("INSERT INTO users (id) VALUES (?)", [(number,) for number in range(1, 41)])
        url = f"sqlite{'+aiosqlite' if driver == 'sqlalchemy-async' else ''}:///{folder / 'app.db'}"
    return {"APP_DATABASE_URL": url, "DATABASE_URL": url}


@contextmanager
def running(folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """The application in two worker processes; its address."""
    with served(folder, environment, "app.serve:app") as address:
        yield address


def old_jwt(user_id: int, **changes: object) -> str:
    """A JWT as the application made it before."""
    now = int(time.time())
    claims = {"sub": str(user_id), "role": "user", "type": "access", "iat": now - 60, "exp": now + 3600} | changes
    return jwt.encode(claims, KEY, algorithm="HS256")


def dump(address: str, folder: Path) -> str:
    """Everything that the sessions' tables hold, as text."""
    tables = ["sessions", "session_events", "session_exchanges", "session_users", "session_history", "session_audit"]
    found: list[object] = []
    if address:
        with psycopg.connect(address) as connection:
            for table in tables:
                found += connection.execute(f"SELECT * FROM {table}".encode()).fetchall()
    else:
        with sqlite3.connect(folder / "app.db") as connection_:
            for table in tables:
                found += connection_.execute(f"SELECT * FROM {table}").fetchall()
    return "\n".join(map(str, found))


def count(address: str, folder: Path, sql: str) -> int:
    """What a statement counts."""
    if address:
        with psycopg.connect(address) as connection:
            row = connection.execute(sql.encode()).fetchone()
    else:
        with sqlite3.connect(folder / "app.db") as connection_:
            row = connection_.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


class Device:
    """A client that keeps what it was given: a token for the header, and the cookie."""

    def __init__(self, address: str, token: str = "", cookie: str = "") -> None:
        self.http = httpx.Client(base_url=address, timeout=30)
        self.token = token
        self.cookie = cookie
        self.latest: httpx.Response | None = None

    def send(self, method: str, path: str, *, header: bool = True, cookie: bool = False, **rest: object) -> httpx.Response:
        """A request with the header, the cookie, or both."""
        headers = dict(rest.pop("headers", {}) or {})  # type: ignore[call-overload]
        if header and self.token:
            headers["authorization"] = f"Bearer {self.token}"
        if cookie and self.cookie:
            headers["cookie"] = self.cookie
        reply = self.http.request(method, path, headers=headers, **rest)  # type: ignore[arg-type]
        for value in reply.headers.get_list("set-cookie"):
            if value.startswith("__Host-sid="):
                self.cookie = "" if "Max-Age=0" in value else value.partition(";")[0]
        self.http.cookies.clear()
        self.latest = reply
        return reply

    def get(self, path: str, **rest: object) -> httpx.Response:
        return self.send("GET", path, **rest)  # type: ignore[arg-type]

    def post(self, path: str, **rest: object) -> httpx.Response:
        return self.send("POST", path, **rest)  # type: ignore[arg-type]


def logged_in(address: str, user_id: int) -> Device:
    """A device on which a user has just logged in."""
    device = Device(address)
    reply = device.post(f"/login/{user_id}")
    assert reply.status_code == 200, reply.text
    device.token = reply.json()["access"]
    assert device.cookie
    return device

