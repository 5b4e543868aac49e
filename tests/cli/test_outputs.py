"""Several reports of one run, where they go, and how they look."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from terminals import printed

from jwtlint.cli import main, outputs
from jwtlint.cli.outputs import Output
from jwtlint.errors import UserError
from jwtlint.report import registry

APP = """\
import jwt
from flask import Flask, jsonify, request

app = Flask(__name__)


@app.post("/login")
def login():
    user = authenticate(request.json["email"], request.json["password"])
    return jsonify(access_token=jwt.encode({"sub": str(user.id)}, KEY, algorithm="HS256"))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "back end").mkdir()
    (tmp_path / "back end/app.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["check", *(str(argument) for argument in arguments)])


@pytest.mark.parametrize("name", registry.names())
def test_every_format_ends_with_the_same_status(project: Path, name: str) -> None:
    result = run("--format", name)
    assert result.exit_code == 1 and "JWT101" in result.stdout and result.stderr == ""
    assert run("--format", name, "--exit-zero").exit_code == 0
    assert run("--format", name, "--select", "JWT4").exit_code == 0


@pytest.mark.parametrize("name", registry.names())
def test_a_file_gets_what_would_be_printed(project: Path, name: str) -> None:
    printed = run("--format", name).stdout_bytes
    result = run("--format", f"{name}:report.out")
    assert (result.exit_code, result.stdout) == (1, "")
    assert (project / "report.out").read_bytes() == printed
    assert run("--format", name, "--output", "other.out").stdout == ""
    assert (project / "other.out").read_bytes() == printed


def test_several_reports_of_one_run(project: Path) -> None:
    result = run("--format", "concise", "--format", "sarif:out.sarif", "--format", "html:report.html")
    assert result.exit_code == 1
    assert result.stdout.startswith("back end/app.py:")
    assert json.loads((project / "out.sarif").read_text())["version"] == "2.1.0"
    assert (project / "report.html").read_text().startswith("<!doctype html>")


def test_output_is_for_the_report_without_a_file_of_its_own() -> None:
    given = [Output("text", None), Output("json", Path("a.json"))]
    assert outputs.resolved(given, Path("b.txt")) == [Output("text", Path("b.txt")), Output("json", Path("a.json"))]
    assert outputs.resolved(given, None) == given


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--format", "text", "--format", "json"], "only one report can be printed; name a file for json (--format json:FILE)"),
        (["--format", "json:a", "--output", "b"], "no report is left for --output b"),
        (["--format", "json:a", "--format", "sarif:./a"], "two reports would be written to"),
        (["--format", "text", "--format", "json:b", "--output", "b"], "two reports would be written to"),
        (["--format", "json:"], 'a file name must follow "json:"'),
        (["--format", "sarf"], 'there is no format "sarf"; did you mean "sarif"?'),
        (["--format", "x"], 'there is no format "x"; there are concise, github'),
        (["--format", "html:none/a.html"], "the report cannot be written to none/a.html"),
    ],
)
def test_wrong_use_is_one_sentence(project: Path, arguments: list[str], sentence: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2 and sentence in result.stderr and result.stdout == ""


def test_two_reports_to_one_place_are_refused_before_the_scan() -> None:
    with pytest.raises(UserError):
        outputs.resolved([Output("json", Path("a")), Output("sarif", Path("a"))], None)


def test_paths_begin_where_the_reader_stands(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("back end", "--format", "concise").stdout.startswith("back end/app.py:10:")
    assert "--> back end/app.py:10:" in run("back end").stdout
    assert "file=back end/app.py," in run("back end", "--format", "github").stdout
    assert {one["path"] for one in json.loads(run("back end", "--format", "json").stdout)["findings"]} == {"app.py"}
    monkeypatch.chdir(project / "back end")
    assert run("--format", "concise").stdout.startswith("app.py:10:")
    # machines start at the repository's top
    assert "file=back end/app.py," in run("--format", "github").stdout


def test_colours_follow_the_environment(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def colored(*arguments: str) -> bool:
        return "\x1b[" in run(*arguments).stdout

    monkeypatch.setenv("FORCE_COLOR", "1")
    assert colored() and colored("--format", "concise") and not colored("--color", "never")
    assert run("--output", "report.txt").exit_code == 1
    assert "\x1b" not in (project / "report.txt").read_text()
    monkeypatch.setenv("FORCE_COLOR", "0")
    assert not colored() and colored("--color", "always")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colored()


def on_a_terminal(*arguments: str, command: str = "check", errors: bool = False, **environment: str) -> str:
    """What a command prints on a terminal of its own; or its errors only."""
    env = {name: value for name, value in os.environ.items() if name not in ("CI", "NO_COLOR", "FORCE_COLOR")}
    command_line = [sys.executable, "-m", "jwtlint", command, *arguments]
    return printed(command_line, {**env, "TERM": "xterm-256color", **environment}, errors)


def test_colours_on_a_terminal(project: Path) -> None:
    def colored(*arguments: str, **environment: str) -> bool:
        return "\x1b[" in on_a_terminal(*arguments, **environment)

    assert colored() and colored("--format", "concise") and colored("--quiet")
    assert not colored("--color", "never") and not colored(NO_COLOR="1") and not colored(TERM="dumb")
    assert colored("--color", "always", NO_COLOR="1") and colored(FORCE_COLOR="1", TERM="dumb")
    # no-color.org: an empty variable says nothing
    assert colored(NO_COLOR="")
    assert not colored("--format", "json") and not colored("--format", "github")


def test_a_diff_is_coloured_on_a_terminal_too(project: Path) -> None:
    answered = "answer = jsonify(ok=True)\n    answer.set_cookie('token', token)\n    return answer"
    changed = APP.replace("return jsonify(access_token=", "token = (").rstrip() + f"\n    {answered}\n"
    (project / "back end/app.py").write_text(changed)
    assert "\x1b[32m+" in on_a_terminal(command="fix")
    assert "\x1b" not in on_a_terminal("--color", "never", command="fix") + on_a_terminal(command="fix", NO_COLOR="1")


def test_progress_is_shown_on_a_terminal_only(project: Path) -> None:
    shown = on_a_terminal("--no-cache", errors=True)
    # and taken away again
    assert shown == "reading the code …\r\x1b[K"
    assert on_a_terminal("--no-cache", errors=True, TERM="dumb") == on_a_terminal("--no-cache", errors=True, CI="true") == ""
    # the report does not hold it, and a log does not get it
    assert "reading the code" not in on_a_terminal("--no-cache")
    assert run("--no-cache").stderr == ""


def test_rule_codes_are_links_on_terminals_only(project: Path) -> None:
    told = on_a_terminal(JWTLINT_DOCS_URL="https://lint.example")
    assert "\x1b]8;" in told and "https://lint.example/rules/JWT101.html" in told
    assert "https://cwe.mitre.org/data/definitions/613.html" in on_a_terminal()
    for quiet in ({"CI": "true"}, {"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b]8;" not in on_a_terminal(**quiet)
    assert "\x1b]8;" not in run("--color", "always").stdout


def test_whoever_sends_the_report_to_files_is_told_where_it_is(project: Path) -> None:
    told = on_a_terminal("--format", "html:report.html", "--format", "sarif:out.sarif", errors=True)
    assert told.endswith("3 findings; the report is in report.html, out.sarif\r\n")
    assert "the report is in" not in on_a_terminal("--format", "html:report.html", "--format", "text", errors=True)


def test_a_terminal_that_cannot_show_a_letter_gets_it_written_out(project: Path) -> None:
    (project / "back end/é.py").write_text(APP)
    env = {**os.environ, "PYTHONIOENCODING": "ascii"}
    for name, expected in (("concise", b"\\xe9.py"), ("jsonl", "é.py".encode())):
        command = [sys.executable, "-m", "jwtlint", "check", "--format", name]
        assert expected in subprocess.run(command, capture_output=True, env=env, check=False).stdout
