"""The FastAPI bridge as it is generated: its own tests pass on real databases, the checkers are content."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import webapps
from bridged import BRIDGE
from test_web import RULES, name_of, python, run

from jwtlint.scaffold.choice import Bridge, Imported
from jwtlint.scaffold.render.package import render

JOSE = Bridge(
    identifiers=(("username", "name"),),
    fresh=(("user.role", "name"),),
    expired=Imported("jwt.exceptions", ("ExpiredSignatureError",), "ExpiredSignatureError"),
    scheme="Token",
    reads_bodies=True,
    refuse_disabled=False,
    legacy_cookie="access_token",
    legacy_cookie_prefix="Bearer ",
)
# driver, layer, key, cached, database; and what the bridge is configured with
ROWS: list[tuple[tuple[str, str, str, str, bool, str], Bridge]] = [
    (("fastapi", "sqlalchemy-async", "", "bigint", False, "sqlite"), BRIDGE),
    (("fastapi", "sqlalchemy", "sqlmodel", "uuid", False, "postgresql"), JOSE),
    (("fastapi", "asyncpg", "", "uuid", False, "postgresql"), Bridge()),
    (("fastapi", "psycopg-async", "", "text", True, "postgresql"), JOSE),
]


def generate(folder: Path, row: tuple[str, str, str, str, bool, str], bridge: Bridge) -> None:
    """An application with its sessions and the bridge."""
    framework, driver, layer, key, cached, _ = row
    webapps.make(folder, framework, driver, layer=layer, cached=cached, key=key)
    choice = msgspec.structs.replace(webapps.choice(framework, driver, layer=layer, cached=cached, key=key), bridge=bridge)
    for path, text in render(choice).items():
        (folder / path).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("row", "bridge"), ROWS, ids=[name_of(row) for row, _ in ROWS])
def test_the_generated_tests_pass(
    tmp_path: Path, postgresql: str, redis: str, row: tuple[str, str, str, str, bool, str], bridge: Bridge
) -> None:
    generate(tmp_path, row, bridge)
    tests = tmp_path / "app/sessions/tests"
    run(tmp_path, row, [str(tests / "test_bridge.py"), str(tests / "test_web_fastapi.py")], postgresql, redis)


@pytest.mark.parametrize(("row", "bridge"), ROWS, ids=[name_of(row) for row, _ in ROWS])
def test_mypy_ruff_and_jwtlint_are_content(tmp_path: Path, row: tuple[str, str, str, str, bool, str], bridge: Bridge) -> None:
    generate(tmp_path, row, bridge)
    own = python(tmp_path, "mypy", "--strict", "--cache-dir", os.devnull, "--python-version", "3.10", "-p", "app.sessions")
    assert [line for line in own.splitlines() if line.startswith("app/sessions/")] == []
    allowed = ["--ignore", "E501,ANN401", "--per-file-ignores", "app/sessions/tests/*:S101,app/sessions/tests/*:S311"]
    linted = python(tmp_path, "ruff", "check", "--isolated", "--target-version", "py310", "--select", RULES, *allowed, "app/sessions")
    assert linted == "All checks passed!\n"
    assert python(tmp_path, "ruff", "format", "--isolated", "--diff", "app/sessions") == ""
    done = subprocess.run([sys.executable, "-m", "jwtlint", "check", "."], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_configuration_is_the_applications(tmp_path: Path) -> None:
    generate(tmp_path, ROWS[1][0], JOSE)
    text = (tmp_path / "app/sessions/bridge.py").read_text(encoding="utf-8")
    for line in (
        'IDENTIFIERS: tuple[tuple[str, str], ...] = (("username", "name"),)',
        'FRESH: tuple[tuple[str, str], ...] = (("user.role", "name"),)',
        'SCHEME = "Token"',
        "READS_BODIES = True",
        "REFUSE_DISABLED = False",
        'LEGACY_COOKIE = "access_token"',
        'LEGACY_COOKIE_PREFIX = "Bearer "',
        "OPENS_POOL = False",
        "from jwt.exceptions import ExpiredSignatureError as EXPIRED",
        "INVALID = RefusedToken",
    ):
        assert line in text.splitlines()
    settings = (tmp_path / "app/sessions/settings.py").read_text(encoding="utf-8")
    assert settings.endswith('\nsettings = Settings(phase="both", accept_bearer=True)\n')


def test_without_a_bridge_nothing_of_it_is_generated() -> None:
    plain = render(webapps.choice("fastapi", "sqlalchemy"))
    of_bridges = ("claims.py", "passage.py", "subjects.py", "asking.py", "strategy.py")
    assert not [path for path in plain if "bridge" in path or path.endswith(of_bridges)]
    assert plain["app/sessions/settings.py"].endswith("\nsettings = Settings()\n")
