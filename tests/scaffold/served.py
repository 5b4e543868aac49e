"""A FastAPI application with its sessions, served over HTTP by two worker processes."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import servers
import webapps

MAIN = """
import os

from fastapi import FastAPI, Request, Response

from app.sessions.web import CurrentSession, CurrentUser, install, log_in

app = FastAPI(OPENED)
install(app)


@app.post("/login/{user_id}")
async def login(request: Request, response: Response, user_id: int) -> int:
    await log_in(request, response, user_id)
    return os.getpid()


@app.get("/me")
async def me(user: CurrentUser, session: CurrentSession) -> dict[str, int]:
    return {"user": USER_ID, "worker": os.getpid()}
"""
POOL = """
from contextlib import asynccontextmanager

from app.sessions.service import opened


@asynccontextmanager
async def lifespan(app):
    async with opened():
        yield

"""


def application(folder: Path, driver: str, cached: bool) -> None:
    """The application with its sessions."""
    webapps.make(folder, "fastapi", driver, cached=cached)
    is_raw = driver == "asyncpg"
    main = MAIN.replace("OPENED", "lifespan=lifespan" if is_raw else "").replace("USER_ID", 'int(str(user["id"]))' if is_raw else "user.id")
    (folder / "app/main.py").write_text((POOL if is_raw else "") + main, encoding="utf-8")


@contextmanager
def served(folder: Path, environment: dict[str, str], application: str = "app.main:app") -> Iterator[str]:
    """The application in two worker processes; its address."""
    port = servers.free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--workers", "2", "--port", str(port), "--log-level", "warning"]
    with open(folder / "server.log", "wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=dict(os.environ) | environment, stdout=log, stderr=log)
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                assert server.poll() is None, (folder / "server.log").read_text()
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def prepared(folder: Path, driver: str, database: str) -> dict[str, str]:
    """Make the tables, with five users; the environment that names the database."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE users (id bigint PRIMARY KEY, name text DEFAULT '', is_active boolean DEFAULT true)")
        connection.execute("INSERT INTO users (id) SELECT generate_series(1, 5)")
        with connection.transaction():
            connection.execute((folder / "app/sessions/migrations/postgresql.up.sql").read_bytes())
    url = database if driver == "asyncpg" else database.replace("postgresql://", "postgresql+asyncpg://")
    return {"APP_DATABASE_URL": url, "DATABASE_URL": url}
