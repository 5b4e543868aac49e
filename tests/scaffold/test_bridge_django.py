"""The bridge as generated into real Django projects: by hand with PyJWT, and with djangorestframework-simplejwt; on both databases."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

import django_project
import msgspec
import pytest

from jwtlint.scaffold import write
from jwtlint.scaffold.choice import Bridge, Imported
from jwtlint.scaffold.project.detect import detect
from jwtlint.scaffold.project.source import Source
from jwtlint.scaffold.render.package import render
from jwtlint.scaffold.wishes import Wishes

HERE = Path(__file__).parent
PYJWT = Bridge(
    identifiers=(("id", "id"),),
    fresh=(("role", "role"),),
    expired=Imported("jwt", ("ExpiredSignatureError",), "ExpiredSignatureError"),
    invalid=Imported("jwt", ("InvalidTokenError",), "InvalidTokenError"),
    scheme="Token",
)


def generate(folder: Path, name: str, bridge: Bridge) -> None:
    """Copy a project and generate the sessions with a bridge into it."""
    shutil.copytree(HERE / name, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "requirements.txt").write_text("django\ndjangorestframework\npsycopg\npyjwt\n", encoding="utf-8")
    source = Source(folder)
    detected = detect(source, Wishes(output="sessions"))
    choice = msgspec.structs.replace(detected.choice, bridge=bridge)
    write.execute(write.plan(source.root, choice, detected.wishes, render(choice), detected.record), False)
    django_project.manage(folder, "makemigrations", "accounts")


@pytest.fixture(scope="module")
def by_hand(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application that makes and reads JWTs with PyJWT."""
    folder = tmp_path_factory.mktemp("by_hand")
    generate(folder, "bridged_django", PYJWT)
    return folder


def passed(said: str) -> bool:
    """Whether Django's test runner is content."""
    return bool(re.search(r"Ran \d+ tests", said)) and "\nOK" in said


RUFF = ["--isolated", "--target-version", "py310"]
KINDS = [{}, {"HAS_ADMIN": "0"}, {"ATOMIC_REQUESTS": "1"}]


@pytest.mark.parametrize("kind", KINDS, ids=["with the admin", "without Django's sessions", "in a transaction"])
def test_clients_see_tokens_that_end_on_postgresql(by_hand: Path, database: str, kind: dict[str, str]) -> None:
    assert passed(django_project.manage(by_hand, "test", "accounts", DATABASE_URL=database, **kind))


@pytest.mark.parametrize("kind", KINDS[:2], ids=["with the admin", "without Django's sessions"])
def test_clients_see_tokens_that_end_on_sqlite(by_hand: Path, kind: dict[str, str]) -> None:
    assert passed(django_project.manage(by_hand, "test", "accounts", **kind))


def test_nothing_is_left_to_migrate_and_nothing_to_check(by_hand: Path) -> None:
    assert "No changes detected" in django_project.manage(by_hand, "makemigrations", "--check")
    assert "no issues" in django_project.manage(by_hand, "check", "--fail-level", "WARNING")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_the_generated_tests_pass(by_hand: Path, kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue("database") if kind == "postgresql" else ""
    addresses = {"DATABASE_URL": url, "SESSIONS_TEST_DATABASE_URL": url} if url else {}
    said = django_project.run(by_hand, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "sessions"], **addresses)
    assert re.search(r"\d{3} passed", said) and "skipped" not in said, said


def test_ruff_mypy_and_jwtlint_are_content(by_hand: Path) -> None:
    django_project.run(by_hand, [sys.executable, "-m", "ruff", "check", *RUFF, "--select", "E,F,W,I,B,UP", "--ignore", "E501", "sessions"])
    django_project.run(by_hand, [sys.executable, "-m", "ruff", "format", *RUFF, "--check", "--exclude", "*.md", "sessions"])
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--cache-dir", os.devnull, "sessions"]
    assert "Success" in django_project.run(by_hand, mypy)
    django_project.run(by_hand, [sys.executable, "-m", "jwtlint", "check", "--no-cache", "sessions"])
