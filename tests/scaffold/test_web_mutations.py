# ruff: noqa: E501 - a mutation a line
"""The generated tests notice when the FastAPI or the Flask part is broken: each mutation below makes at least one of them fail."""

from __future__ import annotations

from pathlib import Path

import pytest
import webapps
from test_mutations import FAILED, Mutation, mutated, run

FASTAPI = [
    Mutation("cookies are not checked", "web.py", "    if cookie is not None:\n        require_own_request(connection)\n", "    if cookie is not None:\n", ""),
    Mutation("logins are not checked", "web.py", "    require_own_request(request)\n    visit = Visit.of(request)\n    old =", "    visit = Visit.of(request)\n    old =", ""),
    Mutation("a WebSocket is safe", "web.py", 'if connection.scope["type"] == "websocket"\n        else', 'if False\n        else "GET" if connection.scope["type"] == "websocket" else', "_fastapi"),
    Mutation("an older answer takes the newer cookie", "web.py", "if row[0].is_replaced:", "if False:", ""),
    Mutation("who is switched off is let in", "web.py", "if session is not None and users.is_enabled(row[1]):", "if session is not None:", ""),
    Mutation("no login is too old", "web.py", "if not session.is_fresh(held.clock(), held.settings.fresh_for):", "if False:", ""),
    Mutation("the header is always accepted", "web.py", "if bearer is not None and visit.store.settings.accept_bearer:", "if bearer is not None:", ""),
    Mutation("login keeps the old session", "web.py", "replaces=old,", "replaces=None,", ""),
    Mutation("login forgets when it began", "web.py", "began=visit.began,", "began=None,", ""),
    Mutation("the user is read by another query", "web.py", "return await users.attach(db, found.user)", "return await users.load(db, found.user_id)", ""),
    Mutation("the first forwarded address counts", "web.py", "return Client(\n        client_address(peer, forwarded, proxies)", "return Client(\n        client_address(peer, forwarded, len(forwarded))", ""),
    Mutation("no cookie for a JWT", "web.py", "    if isinstance(found, Issued):\n", "    if isinstance(found, Issued) and False:\n", ""),
    Mutation("a handle of anybody's ends a session", "web.py", "    if done is None:\n", "    if False:\n", ""),
    Mutation("all others are all", "web.py", "keep=session\n", "keep=None\n", ""),
    Mutation("an ended session keeps its WebSocket", "asgi.py", "while await is_still_live(store, session):", "while True:", "_fastapi"),
    Mutation("nothing varies", "asgi.py", "if self.reads_cookie:", "if False:", ""),
    Mutation("the password's change commits by itself", "hooks.py", 'reason="new password", by=by, keep=keep, transaction=transaction', 'reason="new password", by=by, keep=keep', ""),
]  # fmt: skip
COOKIES = [
    Mutation("the cookie is sent without TLS", "cookies.py", '"Secure; HttpOnly; SameSite=Lax"', '"HttpOnly; SameSite=Lax"', ""),
    Mutation("the cookie outlives the browser", "cookies.py", "={token}; Path=/;", "={token}; Path=/; Max-Age=99999;", ""),
    Mutation("the cookie is taken back from elsewhere", "cookies.py", "=; Path=/; Max-Age=0", "=; Path=/app; Max-Age=0", ""),
    Mutation("a sibling is trusted", "cookies.py", '("same-origin", "none")', '("same-origin", "same-site", "none")', ""),
    Mutation("each origin is trusted", "cookies.py", "if fetch_site is not None:", "if origin is not None:\n        return True\n    if fetch_site is not None:", ""),
]  # fmt: skip
FLASK = [
    Mutation("cookies are not checked", "web.py", "            require_own_request()\n\n    def complete", "            pass\n\n    def complete", ""),
    Mutation("an older answer takes the newer cookie", "web.py", "if row[0].is_replaced:", "if False:", ""),
    Mutation("who is switched off is let in", "web.py", "if session is not None and users.is_enabled(row[1]):", "if session is not None:", ""),
    Mutation("the header is always accepted", "web.py", "if bearer is not None and sessions.store.settings.accept_bearer:", "if bearer is not None:", ""),
    Mutation("login keeps the old session", "web.py", "replaces=old,", "replaces=None,", ""),
    Mutation("login forgets when it began", "web.py", "began=visit.began,", "began=None,", ""),
    Mutation("each look asks again", "web.py", "        visit.is_asked = True\n", "        pass\n", ""),
    Mutation("a cookie that opens nothing stays", "web.py", "        if visit.set_cookie is not None:", "        if False:", ""),
    Mutation("the login page for everything", "web.py", '    if (\n        sessions.login_view is not None\n        and request.method == "GET"\n', "    if (\n        sessions.login_view is not None\n", "_flask"),
]  # fmt: skip


@pytest.fixture(scope="module")
def fastapi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application with FastAPI and SQLAlchemy on SQLite."""
    folder = tmp_path_factory.mktemp("fastapi") / "project"
    webapps.make(folder, "fastapi", "sqlalchemy-async")
    return folder


@pytest.fixture(scope="module")
def flask(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application with Flask and sqlite3."""
    folder = tmp_path_factory.mktemp("flask") / "project"
    webapps.make(folder, "flask", "sqlite3")
    return folder


@pytest.mark.parametrize("mutation", [*FASTAPI, *COOKIES], ids=lambda one: one.title)
def test_a_mutation_in_fastapi_is_noticed(fastapi: Path, mutation: Mutation, tmp_path: Path) -> None:
    done = run(mutated(fastapi, mutation, tmp_path / "project"), f"test_web{mutation.tests}")
    assert done.returncode == FAILED, done.stdout


@pytest.mark.parametrize("mutation", FLASK, ids=lambda one: one.title)
def test_a_mutation_in_flask_is_noticed(flask: Path, mutation: Mutation, tmp_path: Path) -> None:
    done = run(mutated(flask, mutation, tmp_path / "project"), f"test_web{mutation.tests}")
    assert done.returncode == FAILED, done.stdout
