"""The bridge as it is generated for Flask: its own tests pass on each driver, the checkers are content."""

from __future__ import annotations

import os
from pathlib import Path

import flask_apps
import msgspec
import pytest
import webapps
from test_web import RULES, name_of, python, run

from jwtlint.scaffold.render.package import render

# driver, layer, key, cached, database
MATRIX = [
    ("sqlalchemy", "flask-sqlalchemy", "bigint", False, "postgresql"),
    ("sqlalchemy", "flask-sqlalchemy", "uuid", True, "sqlite"),
    ("sqlalchemy", "", "text", False, "postgresql"),
    ("psycopg", "", "uuid", True, "postgresql"),
    ("sqlite3", "", "bigint", False, "sqlite"),
]


def made(folder: Path, row: tuple[str, str, str, bool, str], library: str = "") -> Path:
    """An application with its sessions and the bridge to them."""
    driver, layer, key, cached, _ = row
    webapps.make(folder, "flask", driver, layer=layer, cached=cached, key=key)
    found = webapps.choice("flask", driver, layer=layer, cached=cached, key=key)
    bridge = msgspec.structs.replace(flask_apps.errors(library), fresh=())
    for path, text in render(msgspec.structs.replace(found, bridge=bridge)).items():
        (folder / path).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("row", MATRIX, ids=name_of)
def test_the_generated_tests_pass(tmp_path: Path, postgresql: str, redis: str, row: tuple[str, str, str, bool, str]) -> None:
    driver, layer, key, cached, database = row
    made(tmp_path, row)
    run(tmp_path, ("flask", driver, layer, key, cached, database), ["app/sessions/tests/test_bridge.py"], postgresql, redis)


@pytest.mark.parametrize("row", MATRIX, ids=name_of)
def test_mypy_and_ruff_are_content(tmp_path: Path, row: tuple[str, str, str, bool, str]) -> None:
    made(tmp_path, row, "flask-jwt-extended")
    own = python(tmp_path, "mypy", "--strict", "--cache-dir", os.devnull, "--python-version", "3.10", "-p", "app.sessions")
    assert [line for line in own.splitlines() if line.startswith("app/sessions/")] == []
    allowed = ["--ignore", "E501,ANN401", "--per-file-ignores", "app/sessions/tests/*:S101,app/sessions/tests/*:S311"]
    linted = python(tmp_path, "ruff", "check", "--isolated", "--target-version", "py310", "--select", RULES, *allowed, "app/sessions")
    assert linted == "All checks passed!\n"
    assert python(tmp_path, "ruff", "format", "--isolated", "--diff", "app/sessions") == ""
