"""Sessions in applications of each kind, mounted as the README says, on the application's own database session."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import psycopg
import pytest
import webapps

from jwtlint.scaffold.choice import Choice
from jwtlint.scaffold.render.package import render

# framework, driver, layer, what the application has to get a database session by
KINDS = [
    ("fastapi", "sqlalchemy-async", "", "get_db"),
    ("fastapi", "sqlalchemy-async", "", "factory"),
    ("fastapi", "sqlalchemy-async", "", "engine"),
    ("fastapi", "sqlalchemy", "", "get_db"),
    ("fastapi", "sqlalchemy", "", "factory"),
    ("fastapi", "sqlalchemy", "sqlmodel", "engine"),
    ("fastapi", "asyncpg", "", "own pool"),
    ("fastapi", "psycopg-async", "", "pool"),
    ("fastapi", "psycopg-async", "", "own pool"),
    ("flask", "sqlalchemy", "flask-sqlalchemy", "extension"),
    ("flask", "sqlalchemy", "", "factory"),
    ("flask", "sqlalchemy", "", "scoped"),
    ("flask", "sqlalchemy", "", "engine"),
    ("flask", "psycopg", "", "pool"),
    ("flask", "sqlite3", "", ""),
]
USERS = "CREATE TABLE users (id bigint PRIMARY KEY, name text DEFAULT '', is_active boolean DEFAULT true)"

FASTAPI = """
from typing import Annotated

from contextlib import asynccontextmanager
from fastapi import Depends, FastAPI, Request, Response

from app.sessions import service
from app.sessions.application import Db, get_db
from app.sessions.web import CurrentUser, install, log_in


@asynccontextmanager
async def lifespan(app):
    LIFESPAN


app = FastAPI(lifespan=lifespan)
install(app)


@app.post("/login/{user_id}")
async def login(request: Request, response: Response, user_id: int) -> None:
    await log_in(request, response, user_id)


@app.post("/rename/{name}")
async def rename(name: str, user: CurrentUser, db: Annotated[Db, Depends(get_db)]) -> None:
    RENAME


@app.get("/me")
async def me(user: CurrentUser) -> dict[str, str]:
    return {"name": NAME}
"""
FLASK = """
import os

from flask import Flask

from app.sessions import service
from app.sessions.application import get_db
from app.sessions.web import Sessions, current_user, log_in, login_required

app = Flask(__name__)
SETUP
Sessions(app)


@app.post("/login/<int:user_id>")
def login(user_id):
    log_in(user_id)
    return ""


@app.post("/rename/<name>")
@login_required
def rename(name):
    user, db = current_user, get_db()
    RENAME
    return ""


@app.get("/me")
@login_required
def me():
    user = current_user
    return {"name": NAME}
"""
DRIVE = {
    "fastapi": """
import json
from starlette.testclient import TestClient
from app.main import app
with TestClient(app, base_url="https://app.test") as browser:
    said = [browser.get("/me").status_code, browser.post("/login/1").status_code, browser.post("/rename/Ada").status_code]
    print(json.dumps([*said, browser.get("/me").json()]))
""",
    "flask": """
import json
from app.main import app
browser = app.test_client()
ask = {"base_url": "https://app.test"}
said = [browser.get("/me", **ask).status_code, browser.post("/login/1", **ask).status_code, browser.post("/rename/Ada", **ask).status_code]
print(json.dumps([*said, browser.get("/me", **ask).json]))
""",
}


def choice_of(framework: str, driver: str, layer: str, handle: str) -> Choice:
    """What would be found out of an application that has one handle only."""
    found = webapps.choice(framework, driver, layer=layer)
    if handle == "own pool":
        return msgspec.structs.replace(found, pool=None)
    if handle in ("factory", "scoped"):
        return msgspec.structs.replace(found, get_session=None)
    return msgspec.structs.replace(found, get_session=None, session_factory=None) if handle == "engine" else found


def application(folder: Path, framework: str, driver: str, layer: str, handle: str) -> None:
    """The application, with its sessions and three routes."""
    webapps.make(folder, framework, driver, layer=layer)
    for path, text in render(choice_of(framework, driver, layer, handle)).items():
        (folder / path).write_text(text, encoding="utf-8")
    if handle == "scoped":
        database = folder / "app/database.py"
        text = database.read_text(encoding="utf-8").replace("sessionmaker(engine)", "scoped_session(sessionmaker(engine))")
        database.write_text(text.replace("import Session,", "import Session, scoped_session,"), encoding="utf-8")
    has_objects = driver.startswith("sqlalchemy")
    rename = "user.name = name; await db.commit()"
    if not has_objects:
        rename = """await db.execute("UPDATE users SET name = :name WHERE id = 1", name=name)"""
    if framework == "flask" or driver == "sqlalchemy":
        rename = rename.replace("await ", "")
    main = (FASTAPI if framework == "fastapi" else FLASK).replace("RENAME", rename)
    main = main.replace("NAME", "user.name" if has_objects else 'str(user["name"])')
    waits = driver.endswith("async") or driver == "asyncpg"
    if framework == "fastapi" and not waits:
        main = main.replace("async def login", "def login").replace("async def rename", "def rename").replace("await log_in", "log_in")
    opening = "async with service.opened():\n        yield" if handle in ("pool", "own pool") else "yield"
    setup = {
        "flask-sqlalchemy": "from app.database import db as database\n"
        'app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["APP_DATABASE_URL"]\n'
        "database.init_app(app)",
        "": "service.database.pool.open()" if driver == "psycopg" else "",
    }[layer if framework == "flask" else ""]
    (folder / "app/main.py").write_text(main.replace("LIFESPAN", opening).replace("SETUP", setup), encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: "-".join(part for part in kind if part))
def test_users_are_the_applications_own(tmp_path: Path, database: str, kind: tuple[str, str, str, str]) -> None:
    framework, driver, layer, _ = kind
    application(tmp_path, *kind)
    on_sqlite = driver.startswith("sqlalchemy") or driver == "sqlite3"
    name = "sqlite" if on_sqlite else "postgresql"
    script = (tmp_path / f"app/sessions/migrations/{name}.up.sql").read_text(encoding="utf-8")
    file = tmp_path / "app.db"
    if on_sqlite:
        with sqlite3.connect(file) as lite:
            lite.executescript(f"{USERS}; INSERT INTO users (id) VALUES (1); {script}")
    else:
        with psycopg.connect(database) as connection:
            connection.execute(f"{USERS}; INSERT INTO users (id) VALUES (1); {script}")
    scheme = "sqlite+aiosqlite" if driver == "sqlalchemy-async" else "sqlite"
    url = f"{scheme}:///{file}" if on_sqlite else database
    environment = dict(os.environ) | {"APP_DATABASE_URL": url, "DATABASE_URL": url, "DATABASE_PATH": str(file), "FLASK_APP": "app.main"}

    def run(*command: str) -> str:
        done = subprocess.run(
            [sys.executable, *command], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert json.loads(run("-c", DRIVE[framework])) == [401, 200, 200, {"name": "Ada"}]
    # the auditor's command line finds the session, in a process of its own
    assert "by password" in run("-m", "app.sessions", "list", "1")
    assert run("-m", "app.sessions", "revoke-user", "1", "--reason", "test", "--by", "admin") == "1 sessions ended, everywhere within 0 s\n"
