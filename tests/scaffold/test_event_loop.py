"""FastAPI on a synchronous database: the wait is in a thread, never in the event loop, where all other requests would wait as well."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import webapps

DRIVE = """
import asyncio
import json

from fastapi import FastAPI, Request, Response, WebSocket
from sqlalchemy import event
from starlette.testclient import TestClient

from app.database import engine
from app.sessions.web import CurrentSession, CurrentUser, install, log_in, watch

app = FastAPI()
install(app)
seen = {"in a thread": 0, "in the loop": []}


@event.listens_for(engine, "before_cursor_execute")
def note(connection, cursor, statement, *_):
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        seen["in a thread"] += 1
    else:
        seen["in the loop"].append(statement)


@app.post("/login/{user_id}")
def login(request: Request, response: Response, user_id: int) -> None:
    log_in(request, response, user_id)


@app.get("/me")
async def me(user: CurrentUser) -> dict[str, int]:
    return {"id": user.id}


@app.websocket("/talk")
async def talk(websocket: WebSocket, session: CurrentSession) -> None:
    await websocket.accept()
    async with watch(websocket, session):
        async for text in websocket.iter_text():
            await websocket.send_text(text)


with TestClient(app, base_url="https://app.test") as browser:
    said = [browser.post("/login/1").status_code, browser.get("/me").json(), len(browser.get("/sessions").json())]
    with browser.websocket_connect("wss://app.test/talk", headers={"origin": "https://app.test"}) as socket:
        socket.send_text("hello")
        said.append(socket.receive_text())
    said += [browser.post("/sessions/revoke-others").json()["ended"], browser.post("/logout").status_code, browser.get("/me").status_code]
print(json.dumps({"said": said} | seen))
"""


def test_no_query_is_waited_for_in_the_event_loop(tmp_path: Path) -> None:
    webapps.make(tmp_path, "fastapi", "sqlalchemy")
    with sqlite3.connect(tmp_path / "app.db") as lite:
        users = "CREATE TABLE users (id bigint PRIMARY KEY, name text DEFAULT '', is_active boolean DEFAULT true)"
        script = (tmp_path / "app/sessions/migrations/sqlite.up.sql").read_text(encoding="utf-8")
        lite.executescript(f"{users}; INSERT INTO users (id) VALUES (1); {script}")
    environment = dict(os.environ) | {"APP_DATABASE_URL": f"sqlite:///{tmp_path / 'app.db'}"}
    done = subprocess.run(
        [sys.executable, "-c", DRIVE], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads(done.stdout)
    assert told["said"] == [200, {"id": 1}, 1, "hello", 0, 204, 401]
    assert told["in a thread"] > 10
    assert told["in the loop"] == []
