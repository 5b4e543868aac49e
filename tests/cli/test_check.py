from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jwtlint.cli import main

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


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text(BAD)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def rules(*arguments: object) -> list[str]:
    return sorted(json.loads(run("check", "--format", "json", *arguments).stdout)["stats"]["rules"])


ALL = ["JWT101", "JWT105", "JWT201", "JWT308"]


def test_findings_end_with_one(project: Path) -> None:
    result = run("check", project)
    assert result.exit_code == 1
    assert "error[JWT101] session-by-jwt" in result.stdout
    assert result.stderr == ""


def test_exit_zero(project: Path) -> None:
    assert run("check", project, "--exit-zero").exit_code == 0


def test_nothing_found_ends_with_zero(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("print('hello')\n")
    result = run("check", tmp_path)
    assert result.exit_code == 0
    assert result.stdout == "No session by JWT was found.\n0 findings in 1 file, of which 0 mattered.\n"


def test_rules_are_selected_by_code_prefix_and_name(project: Path) -> None:
    assert rules(project) == ALL
    assert rules(project, "--select", "JWT1") == ["JWT101", "JWT105"]
    assert rules(project, "--select", "JWT1,authorization-claim", "--ignore", "no-expiry") == ["JWT101", "JWT201"]
    assert rules(project, "--min-level", "warning") == ["JWT101", "JWT105", "JWT201"]
    assert rules(project, "--min-level", "error") == ["JWT101", "JWT105"]


def test_what_is_left_out_does_not_fail_the_run(project: Path) -> None:
    assert run("check", project, "--select", "JWT4").exit_code == 0


def test_configuration_and_command_line(project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.jwtlint]\nignore = ['JWT1']\nrole-claims = ['sub']\n")
    assert rules(project) == ["JWT201", "JWT308"]
    assert rules(project, "--ignore", "JWT2") == ["JWT101", "JWT105", "JWT308"]
    assert rules(project, "--no-config") == ALL
    other = project / "strict.toml"
    other.write_text("select = ['JWT308']\n")
    assert rules(project, "--config", other) == ["JWT308"]


def test_per_file_ignores(project: Path) -> None:
    (project / "jwtlint.toml").write_text("[per-file-ignores]\n'app.py' = ['JWT1', 'token-in-response-body']\n'other/*' = ['JWT2']\n")
    assert rules(project) == ["JWT201"]


def test_rules_of_the_scanned_repository_are_loaded_only_when_it_is_named(project: Path) -> None:
    (project / "own").mkdir()
    (project / "own" / "broken.toml").write_text("x")
    (project / "jwtlint.toml").write_text("rules = ['own']\n")
    result = run("check", project)
    assert result.exit_code == 1
    assert "they are loaded only with --config" in result.stderr
    named = run("check", project, "--config", project / "jwtlint.toml")
    assert named.exit_code == 2
    assert "broken.toml is not valid TOML" in named.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no-such-folder"], "there is no file or folder no-such-folder"),
        (["--select", "JWT9"], 'there is no rule "JWT9"'),
        (["--ignore", "no-expire"], 'did you mean "no-expiry"?'),
        (["--config", "none.toml"], "the configuration file none.toml does not exist"),
        (["--config", "x.toml", "--no-config"], "exclude each other"),
        (["--output", "no/such/folder/report"], "the report cannot be written"),
        (["--max-lifetime", "0"], "Invalid value"),
        (["--format", "xml"], "Invalid value"),
    ],
)
def test_wrong_use_is_one_sentence_and_ends_with_two(
    project: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(project)
    result = run("check", *arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_mistake_of_our_own_is_no_traceback(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("oops")

    monkeypatch.setattr("jwtlint.analysis.scan", broken)
    result = run("check", project)
    assert result.exit_code == 2
    assert "something went wrong inside jwtlint (KeyError: 'oops')" in result.stderr
    monkeypatch.setenv("JWTLINT_TRACEBACK", "1")
    assert isinstance(run("check", project).exception, KeyError)


def test_output_goes_to_a_file(project: Path) -> None:
    target = project / "report.json"
    result = run("check", project, "--format", "json", "--output", target)
    assert result.stdout == ""
    assert json.loads(target.read_text())["verdict"]["session_by_jwt"] is True


def test_a_broken_file_is_reported_and_does_not_hide_the_rest(project: Path) -> None:
    (project / "broken.py").write_text("import jwt\ndef (:\n")
    result = run("check", project, "--format", "json")
    document = json.loads(result.stdout)
    assert [error["path"] for error in document["errors"]] == ["broken.py"]
    assert sorted(document["stats"]["rules"]) == ALL


def test_one_file_or_several_paths(project: Path) -> None:
    (project / "other").mkdir()
    (project / "other" / "app.py").write_text(BAD)
    document = json.loads(run("check", "--format", "json", project / "app.py", project / "other").stdout)
    assert {finding["path"] for finding in document["findings"]} == {"app.py", "other/app.py"}
    one = json.loads(run("check", "--format", "json", project / "other" / "app.py").stdout)
    assert {finding["path"] for finding in one["findings"]} == {"app.py"}


def test_show_files(project: Path) -> None:
    (project / "test_app.py").write_text(BAD)
    assert run("check", project, "--show-files").stdout == "app.py\n"
    assert run("check", project, "--show-files", "--include-tests").stdout == "app.py\ntest_app.py\n"


def test_statistics(project: Path) -> None:
    (project / "other.py").write_text(BAD)
    result = run("check", project, "--statistics", "--format", "concise")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        "    2  JWT101  session-by-jwt",
        "    2  JWT105  no-expiry",
        "    2  JWT201  authorization-claim",
        "    2  JWT308  token-in-response-body",
    ]
    assert "-->" not in run("check", project, "--statistics").stdout
    assert json.loads(run("check", project, "--statistics", "--format", "json").stdout)["stats"]["rules"]["JWT101"] == 2


def test_colour_follows_the_option(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b" not in run("check", project).stdout
    assert "\x1b[" in run("check", project, "--color", "always").stdout
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b" not in run("check", project).stdout


def test_max_lifetime(project: Path) -> None:
    source = BAD.replace("import os\n", "import os\nfrom datetime import datetime, timedelta, timezone\n", 1)
    (project / "app.py").write_text(source.replace('"role": user.role', '"exp": datetime.now(timezone.utc) + timedelta(minutes=30)'))
    assert "JWT106" not in rules(project)
    assert "JWT106" in rules(project, "--max-lifetime", "29")


def test_the_second_run_says_the_same(project: Path) -> None:
    assert run("check", project).stdout == run("check", project).stdout == run("check", project, "--no-cache").stdout


def test_a_closed_pipe_is_no_traceback(project: Path) -> None:
    process = subprocess.Popen([sys.executable, "-m", "jwtlint", "check", str(project)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    errors = process.stderr.read()
    process.wait()
    process.stderr.close()
    assert errors == b""
