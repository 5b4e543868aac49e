"""What counts, and what makes a run fail: through the command line."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from jwtlint.cli import main
from jwtlint.report.formats import json as json_report

BAD = """\
import os

import jwt
from flask import Flask, abort, jsonify, request

from models import User

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=jwt.encode({"sub": str(user.id), "role": user.role}, os.environ["KEY"], algorithm="HS256"))
"""
ALL = ["JWT101", "JWT105", "JWT201", "JWT308"]
SCHEMA = json.loads((Path(json_report.__file__).parents[1] / "schema.json").read_text())


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text(BAD)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def document(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("check", "--format", "json", *arguments).stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    return found


def test_ignored_findings_are_kept_and_marked_in_json(project: Path) -> None:
    (project / "app.py").write_text(BAD.replace("    return jsonify", "    # jwtlint: ignore[JWT101] -- until spring\n    return jsonify"))
    found = document(project)
    assert sorted(found["stats"]["rules"]) == ["JWT105", "JWT201", "JWT308"]
    (ignored,) = found["suppressed"]
    assert ignored["rule"] == "JWT101"
    assert ignored["suppressions"] == [
        {"kind": "comment", "reason": "until spring", "path": "app.py", "line": 16, "column": 23, "end_line": 16, "end_column": 29}
    ]
    assert all(finding["suppressions"] == [] for finding in found["findings"])
    assert found["verdict"]["session_by_jwt"] is True


def test_ignored_findings_are_shown_when_asked_for(project: Path) -> None:
    (project / "app.py").write_text(BAD.replace("HS256", "HS256", 1).rstrip() + "  # jwtlint: ignore[JWT101] -- until \x1b[31mspring\n")
    silent, shown = run("check", project).stdout, run("check", project, "--show-ignored").stdout
    assert "JWT101" not in silent.split("JWTs are used")[0] and "3 findings (1 ignored)" in silent
    assert "app.py:16:33: ignored[JWT101] a JWT is minted" in shown
    assert "because: until \\x1b[31mspring (line 16)" in shown
    assert "ignored[JWT101]" in run("check", project, "--show-ignored", "--quiet").stdout


def test_what_is_ignored_does_not_fail_the_run_and_the_verdict_stays(project: Path) -> None:
    (project / "app.py").write_text(BAD.rstrip() + f"  # jwtlint: ignore[{', '.join(ALL)}] -- all of it\n")
    result = run("check", project)
    assert result.exit_code == 0
    assert "JWTs are used as sessions here." in result.stdout
    assert "Sessions cannot be revoked: 1 × JWT101, 1 × JWT105, none of which counts." in result.stdout
    assert run("check", project, "--no-ignores").exit_code == 1
    assert sorted(document(project, "--no-ignores")["stats"]["rules"]) == ALL


def test_ignores_are_added(project: Path) -> None:
    os.chmod(project / "app.py", 0o640)
    result = run("check", project, "--add-ignores")
    assert (result.exit_code, result.stdout) == (0, "4 findings ignored; replace each “TODO: say why” by the reason\n")
    text = (project / "app.py").read_text()
    comment = "    # jwtlint: ignore[JWT101, JWT105, JWT201, JWT308] -- TODO: say why\n"
    assert text == BAD.replace("    return jsonify", f"{comment}    return jsonify")
    assert (project / "app.py").stat().st_mode & 0o777 == 0o640
    assert run("check", project).exit_code == 0
    assert run("check", project, "--add-ignores").stdout == "there was nothing to ignore\n"
    assert (project / "app.py").read_text() == text


def test_only_selected_rules_are_ignored(project: Path) -> None:
    run("check", project, "--add-ignores", "--select", "JWT3")
    assert sorted(document(project)["stats"]["rules"]) == ["JWT101", "JWT105", "JWT201"]


# -- what makes a run fail --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ((), 1),
        (("--fail-level", "error"), 1),
        (("--select", "JWT2", "--fail-level", "warning"), 1),
        (("--select", "JWT2", "--fail-level", "error"), 0),
        (("--select", "JWT3", "--fail-level", "warning"), 0),
        (("--exit-zero",), 0),
    ],
)
def test_a_level_below_the_failing_one_is_shown_and_does_not_fail(project: Path, arguments: tuple[str, ...], status: int) -> None:
    result = run("check", project, *arguments)
    assert result.exit_code == status
    assert "[JWT" in result.stdout


def test_the_failing_level_is_a_setting_too(project: Path) -> None:
    (project / "jwtlint.toml").write_text("fail-level = 'error'\nselect = ['JWT2']\n")
    assert run("check", project).exit_code == 0
    assert run("check", project, "--fail-level", "warning").exit_code == 1


def test_strict_ends_with_three_when_a_file_could_not_be_analysed(project: Path) -> None:
    assert run("check", project, "--strict").exit_code == 1
    (project / "broken.py").write_text("import jwt\ndef (:\n")
    assert run("check", project).exit_code == 1
    assert run("check", project, "--strict").exit_code == 3
    assert run("check", project, "--strict", "--exit-zero").exit_code == 3
    (project / "jwtlint.toml").write_text("strict = true\n")
    assert run("check", project).exit_code == 3


def test_help_tells_the_exit_statuses() -> None:
    text = " ".join(run("--help").stdout.split())
    assert "Exit status: 0 nothing found" in text and "3 with --strict a file could not be analysed" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--changed"], "--changed needs the paths of what changed"),
        (["--changed", "--since", "HEAD", "app.py"], "leave out --changed or --since"),
        (["--add-ignores", "--no-ignores"], "exclude each other"),
    ],
)
def test_options_that_say_nothing_together(project: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str) -> None:
    monkeypatch.chdir(project)
    result = run("check", *arguments)
    assert result.exit_code == 2 and sentence in result.stderr
