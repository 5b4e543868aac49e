"""What is generated for each kind of application passes the checkers that people use, as it is generated."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest
from generate import Wanted, application, generate, scaffold, write

MATRIX = [
    Wanted("fastapi", "sqlalchemy", "postgresql", "bigint", alembic=True),
    Wanted("fastapi", "sqlalchemy", "sqlite", "uuid", layer="sqlmodel"),
    Wanted("fastapi", "sqlalchemy-async", "postgresql", "text", cache="redis"),
    Wanted("fastapi", "sqlalchemy-async", "sqlite", "integer"),
    Wanted("flask", "sqlalchemy", "postgresql", "integer", layer="flask-sqlalchemy"),
    Wanted("flask", "psycopg", "postgresql", "bigint", cache="redis"),
    Wanted("fastapi", "psycopg-async", "postgresql", "uuid"),
    Wanted("fastapi", "asyncpg", "postgresql", "text"),
    Wanted("none", "sqlite3", "sqlite", "bigint"),
    Wanted("django", "django", "postgresql", "uuid"),
    Wanted("django", "django", "sqlite", "integer"),
]
RULES = "E,F,W,I,B,UP,S"


def ruff(folder: Path, *arguments: str) -> str:
    """What ruff says of the generated package."""
    command = [sys.executable, "-m", "ruff", *arguments, "--isolated", "--target-version", "py310"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


@pytest.mark.parametrize("wanted", MATRIX, ids=lambda wanted: wanted.name)
def test_ruff_is_content(tmp_path: Path, wanted: Wanted) -> None:
    folder = generate(tmp_path, wanted)
    package = "sessions" if wanted.driver == "django" else "app/sessions"
    # in tests of one's own, an assert, a random choice and a made-up password are no dangers
    mild = ",".join(f"{package}/tests/*:{rule}" for rule in ("S101", "S105", "S311", "S608"))
    ignored = ["--per-file-ignores", mild, "--ignore", "E501"]
    assert "All checks passed!" in ruff(folder, "check", package)
    assert "All checks passed!" in ruff(folder, "check", "--select", RULES, *ignored, package)
    formatted = ruff(folder, "format", "--diff", "--exclude", "*.md", package)
    assert formatted == ""


@pytest.mark.parametrize("wanted", MATRIX, ids=lambda wanted: wanted.name)
def test_a_second_run_changes_nothing(tmp_path: Path, wanted: Wanted) -> None:
    folder = generate(tmp_path, wanted)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()}
    again = scaffold(folder)
    assert again.returncode == 0 and "is up to date; nothing was changed" in again.stdout, again.stdout + again.stderr
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("wanted", MATRIX, ids=lambda wanted: wanted.name)
def test_it_needs_no_jwtlint_at_run_time(tmp_path: Path, wanted: Wanted) -> None:
    folder = generate(tmp_path, wanted) / ("sessions" if wanted.driver == "django" else "app/sessions")
    imported: set[str] = set()
    modules = list(folder.rglob("*.py"))
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {name.name.partition(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported.add(str(node.module).partition(".")[0])
    assert len(modules) > 15 and "datetime" in imported
    assert not {name for name in imported if name.startswith("jwtlint")}


def test_the_generated_tests_know_the_key_by_its_own_name(tmp_path: Path) -> None:
    files = application(Wanted("fastapi", "sqlalchemy", "sqlite", "bigint"))
    files["app/models.py"] = files["app/models.py"].replace(" id: Mapped[", " user_no: Mapped[")
    write(tmp_path, files)
    assert scaffold(tmp_path).returncode == 0
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "app/sessions/tests/test_web_fastapi.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout


def test_an_older_fastapi_takes_the_generated_routes(tmp_path: Path) -> None:
    folder = generate(tmp_path / "own", Wanted("fastapi", "sqlalchemy", "sqlite", "bigint"))
    old = tmp_path / "old"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(old), "fastapi==0.115.*"]
    subprocess.run(install, check=True, capture_output=True)
    program = "import fastapi, app.sessions.web as web; print(fastapi.__version__, *sorted(route.path for route in web.router.routes))"
    environment = {**os.environ, "PYTHONPATH": str(old)}
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("0.115.") and "/logout" in done.stdout, done.stderr
