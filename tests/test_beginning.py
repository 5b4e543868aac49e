"""A scan that is begun before the analysis is imported finds what any scan finds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from forks import any_left

from jwtlint.analysis import scan
from jwtlint.beginning import Beginning, begin
from jwtlint.cli import main
from jwtlint.config import Options
from jwtlint.errors import UserError

LOGIN = """\
import jwt
from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/login")
def login():
    user = find(request.json["name"], request.json["password"])
    return jsonify(access_token=jwt.encode({"sub": user.id, "role": user.role}, "secret", "HS256"))
"""
PAGE = 'localStorage.setItem("access_token", (await login()).access_token);\n'


@pytest.fixture(params=[0, 1_500])
def project(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """An application, alone or among many other files."""
    root = tmp_path / "project"
    root.mkdir()
    for number in range(request.param):
        (root / f"m{number}.{'py' if number % 2 else 'ts'}").write_text(f"x = {number}\n")
    (root / "app.py").write_text(LOGIN)
    (root / "login.ts").write_text(PAGE)
    return root


@pytest.mark.parametrize("cache", [True, False])
def test_what_is_found_is_the_same(project: Path, cache: bool) -> None:
    begun = begin(project, Options(cache=cache), {})
    assert begun.screening is not None
    found = scan(project, Options(cache=cache), {}, begun).report
    assert {"JWT101", "JWT201", "JWT301"} <= found.stats.rules.keys()
    assert found == scan(project, Options(cache=False)).report


def test_what_an_editor_holds_is_looked_at(project: Path) -> None:
    options = Options(cache=False)
    unsaved = {"login.ts": b"export {};\n", "new.ts": PAGE.encode()}
    report = scan(project, options, unsaved, begin(project, options, unsaved)).report
    assert [one.place.path for one in report.findings if one.rule == "JWT301"] == ["new.ts"]


def test_nothing_is_begun_where_the_cache_knows_the_files(project: Path) -> None:
    for path in project.iterdir():
        os.utime(path, (1, 1))
    options = Options()
    first = scan(project, options, {}, begin(project, options, {}))
    again = begin(project, options, {})
    assert again.screening is None
    assert scan(project, options, {}, again).report == first.report
    # another folder is not known
    other = begin(project.parent, options, {})
    assert other.screening is not None
    other.stop()


def test_a_broken_model_ends_the_scan_whoever_meets_it(project: Path) -> None:
    folder = project.parent / "models"
    folder.mkdir()
    (folder / "own.toml").write_text("imports = 1\n")
    options = Options(cache=False, model_folders=(str(folder),))
    begun = begin(project, options, {})
    try:
        with pytest.raises(UserError, match=r"own\.toml"):
            scan(project, options, {}, begun)
    finally:
        begun.stop()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_no_process_is_left(project: Path, forked: list[int]) -> None:
    assert CliRunner().invoke(main, ["check", "--no-cache", str(project)]).exit_code == 1
    assert forked and not any_left(forked)


def test_stopping_may_be_done_twice_and_where_nothing_runs(project: Path) -> None:
    begun = begin(project, Options(cache=False), {})
    begun.stop()
    begun.stop()
    Beginning(begun.data, None).stop()
