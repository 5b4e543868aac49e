"""The bridge as generated into real Django projects: by hand with PyJWT, and with djangorestframework-simplejwt; on both databases."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
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
    legacy_cookie="access_token",
)

SIMPLEJWT = Bridge(identifiers=(("user_id", "id"),), fresh=(("role", "role"),), library="djangorestframework-simplejwt")


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


@pytest.fixture(scope="module")
def simplejwt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application of djangorestframework-simplejwt."""
    folder = tmp_path_factory.mktemp("simplejwt")
    generate(folder, "bridged_simplejwt", SIMPLEJWT)
    return folder


def passed(said: str) -> bool:
    """Whether Django's test runner is content."""
    return bool(re.search(r"Ran \d+ tests", said)) and "\nOK" in said


KINDS: list[dict[str, str]] = [{}, {"HAS_ADMIN": "0"}, {"ATOMIC_REQUESTS": "1"}]


@pytest.mark.parametrize("kind", KINDS, ids=["with the admin", "without Django's sessions", "in a transaction"])
def test_clients_see_tokens_that_end_on_postgresql(by_hand: Path, database: str, kind: dict[str, str]) -> None:
    assert passed(django_project.manage(by_hand, "test", "accounts", DATABASE_URL=database, **kind))


@pytest.mark.parametrize("kind", KINDS[:2], ids=["with the admin", "without Django's sessions"])
def test_clients_see_tokens_that_end_on_sqlite(by_hand: Path, kind: dict[str, str]) -> None:
    assert passed(django_project.manage(by_hand, "test", "accounts", **kind))


LIBRARY_KINDS: list[dict[str, str]] = [{}, {"BLACKLISTS": "1"}, {"ATOMIC_REQUESTS": "1", "CLASS": "sessions.simplejwt.JWTAuthentication"}]


@pytest.mark.parametrize("kind", LIBRARY_KINDS, ids=["as it is", "refresh tokens are used once", "in a transaction"])
def test_clients_of_simplejwt_see_tokens_that_end_on_postgresql(simplejwt: Path, database: str, kind: dict[str, str]) -> None:
    assert passed(django_project.manage(simplejwt, "test", "accounts", DATABASE_URL=database, **kind))


def test_clients_of_simplejwt_see_tokens_that_end_on_sqlite(simplejwt: Path) -> None:
    assert passed(django_project.manage(simplejwt, "test", "accounts", BLACKLISTS="1"))


@pytest.mark.parametrize("name", ["by_hand", "simplejwt"])
def test_nothing_is_left_to_migrate_and_nothing_to_check(name: str, request: pytest.FixtureRequest) -> None:
    project: Path = request.getfixturevalue(name)
    assert "No changes detected" in django_project.manage(project, "makemigrations", "--check")
    assert "no issues" in django_project.manage(project, "check", "--fail-level", "WARNING")


@pytest.mark.parametrize("name", ["by_hand", "simplejwt"])
def test_the_generated_tests_pass_on_postgresql(name: str, database: str, request: pytest.FixtureRequest) -> None:
    project: Path = request.getfixturevalue(name)
    addresses = {"DATABASE_URL": database, "SESSIONS_TEST_DATABASE_URL": database}
    said = django_project.run(project, [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "sessions"], **addresses)
    assert re.search(r"\d{3} passed", said) and "skipped" not in said, said


def test_the_generated_tests_pass_under_django_s_own_runner_on_sqlite(by_hand: Path) -> None:
    said = django_project.manage(by_hand, "test", "sessions")
    assert passed(said) and int(re.findall(r"Ran (\d+) tests", said)[0]) > 100


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Django 3.2 needs distutils")
def test_the_generated_tests_pass_with_an_old_django(simplejwt: Path, tmp_path: Path) -> None:
    old = ["django==3.2.*", "djangorestframework==3.14.*", "djangorestframework-simplejwt==5.2.*"]
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--target", tmp_path, *old], check=True, capture_output=True)
    assert django_project.manage(simplejwt, "version", PYTHONPATH=str(tmp_path)).startswith("3.2")
    assert passed(django_project.manage(simplejwt, "test", "sessions", PYTHONPATH=str(tmp_path)))


@pytest.mark.parametrize("name", ["by_hand", "simplejwt"])
def test_ruff_mypy_and_jwtlint_are_content(name: str, request: pytest.FixtureRequest) -> None:
    project: Path = request.getfixturevalue(name)
    ruff = [sys.executable, "-m", "ruff"]
    isolated = ["--isolated", "--target-version", "py310"]
    django_project.run(
        project, [*ruff, "check", *isolated, "--select", "E,F,W,I,B,UP,S", "--ignore", "E501", "--exclude", "tests", "sessions"]
    )
    django_project.run(project, [*ruff, "format", *isolated, "--check", "--exclude", "*.md", "sessions"])
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-version", "3.10", "--cache-dir", os.devnull, "sessions"]
    assert "Success" in django_project.run(project, mypy)
    check = [sys.executable, "-m", "jwtlint", "check", "--no-cache", "--format", "json", "sessions"]
    done = subprocess.run(check, cwd=project, capture_output=True, text=True, check=False)
    # what is left of the library goes with the last phase
    assert {finding["rule"] for finding in json.loads(done.stdout)["findings"]} <= {"JWT109"}, done.stdout
