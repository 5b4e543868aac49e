"""``jwtlint check --stdin-filename NAME -``: for editors that speak no Language Server Protocol."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from repositories import TOKENS, VIEWS, git

from jwtlint.cli import main
from jwtlint.report import registry

MINT = '    return jwt.encode({"sub": user.id, "role": user.role}, KEY, algorithm="HS256")\n'


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An application in two files that are harmless one by one."""
    git(tmp_path, "init", "-q")
    (tmp_path / "tokens.py").write_text(TOKENS)
    (tmp_path / "views.py").write_text(VIEWS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def check(text: str | bytes, *arguments: object) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)], input=text)


def told(result: Result) -> list[tuple[str, str, int]]:
    return [(one["rule"], one["path"], one["line"]) for one in json.loads(result.stdout)["findings"]]


def test_the_buffer_takes_the_place_of_the_file_in_the_whole_program(project: Path) -> None:
    # a session by what the other file on the disk does with it
    assert told(check(TOKENS, "--stdin-filename", "tokens.py", "-", "--format", "json")) == [("JWT101", "tokens.py", 11)]
    moved = check("\n\n" + TOKENS, "--stdin-filename", "tokens.py", "--format", "json")
    assert (told(moved), moved.exit_code) == ([("JWT101", "tokens.py", 13)], 1)
    # what the buffer does to other files is not told, since they are not what is looked at
    assert told(check(VIEWS, "--stdin-filename", "views.py", "-", "--format", "json")) == [("JWT308", "views.py", 14)]
    harmless = check("def issue(claims):\n    return claims\n", "--stdin-filename", "tokens.py", "-")
    assert (harmless.exit_code, "JWT" in harmless.stdout.replace("JWT was", "")) == (0, False)
    assert (project / "tokens.py").read_text() == TOKENS


def test_every_format_tells_of_the_buffer(project: Path) -> None:
    text = TOKENS.replace("def issue", "# only in the buffer\ndef issue")
    for name in registry.names():
        result = check(text, "--stdin-filename", "tokens.py", "-", "--format", name)
        assert result.exit_code == 1, name
        assert "tokens.py" in result.stdout and "JWT101" in result.stdout, name
    assert check(text, "--stdin-filename", "tokens.py", "-", "--format", "concise").stdout.startswith("tokens.py:12:12: error[JWT101]")
    assert "return jwt.encode(claims, KEY" in check(text, "--stdin-filename", "tokens.py", "-").stdout


def test_a_new_file_and_one_that_is_left_out(project: Path) -> None:
    (project / "tokens.py").unlink()
    assert told(check(TOKENS, "--stdin-filename", "tokens.py", "-", "--format", "json")) == [("JWT101", "tokens.py", 11)]
    (project / ".gitignore").write_text("tokens.py\n")
    assert told(check(TOKENS, "--stdin-filename", "tokens.py", "-", "--format", "json")) == []
    assert told(check(TOKENS, "--stdin-filename", "tests/tokens.py", "-", "--format", "json")) == []


def test_from_another_folder_and_with_an_absolute_name(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "deep").mkdir()
    (project / "jwtlint.toml").write_text("ignore = ['JWT105']\n")
    monkeypatch.chdir(project / "deep")
    for name in ("../tokens.py", project / "tokens.py"):
        result = check(TOKENS, "--stdin-filename", name, "-", "--format", "concise")
        assert result.stdout.startswith("../tokens.py:11:12: error[JWT101]")


def test_a_broken_buffer_and_a_broken_neighbour(project: Path) -> None:
    (project / "views.py").write_text("import tokens\ndef (:\n")
    fine = check(TOKENS, "--stdin-filename", "tokens.py", "-", "--format", "json", "--strict")
    assert (fine.exit_code, json.loads(fine.stdout)["errors"]) == (0, [])
    broken = check("import jwt\ndef (:\n", "--stdin-filename", "tokens.py", "-", "--format", "json", "--strict")
    assert broken.exit_code == 3
    assert [error["path"] for error in json.loads(broken.stdout)["errors"]] == ["tokens.py"]


def test_fixes_ignores_and_baseline(project: Path) -> None:
    text = TOKENS.replace("claims = dict(claims, exp=datetime.now(timezone.utc) + timedelta(minutes=10))", "claims = dict(claims)")
    found = json.loads(check(text, "--stdin-filename", "tokens.py", "-", "--format", "json").stdout)["findings"]
    # worked out in the text of the buffer
    (edit, *_) = next(one["fix"]["edits"] for one in found if one["rule"] == "JWT105")
    assert edit["path"] == "tokens.py"
    silenced = TOKENS.replace("    return", "    # jwtlint: ignore[JWT101] -- until the move\n    return")
    assert check(silenced, "--stdin-filename", "tokens.py", "-").exit_code == 0
    assert CliRunner().invoke(main, ["baseline"]).exit_code == 0
    assert check(TOKENS, "--stdin-filename", "tokens.py", "-", "--baseline", ".jwtlint-baseline.json").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["-"], "- stands for standard input; say with --stdin-filename what file it is"),
        (["--stdin-filename", "a.py", "b.py"], "--stdin-filename reads standard input; leave out the paths, or write - for them"),
        (["--stdin-filename", "a.py", "--since", "HEAD"], "--stdin-filename and --since exclude each other"),
        (["--stdin-filename", "a.py", "-", "--add-ignores"], "--stdin-filename and --add-ignores exclude each other"),
        (["--stdin-filename", "."], ". is a folder; --stdin-filename takes the name of a file"),
    ],
)
def test_wrong_use(project: Path, arguments: list[str], sentence: str) -> None:
    result = check("", *arguments)
    assert (result.exit_code, result.stderr) == (2, f"jwtlint: {sentence}\n")


def test_no_answer_is_kept(project: Path) -> None:
    """The real command, twice: what comes on standard input is no file whose time tells that it changed."""
    command = [sys.executable, "-m", "jwtlint", "check", "--stdin-filename", "tokens.py", "-", "--format", "concise"]
    first = subprocess.run(command, input=TOKENS, capture_output=True, text=True, check=False)
    second = subprocess.run(command, input="\n" + TOKENS, capture_output=True, text=True, check=False)
    assert first.stdout.startswith("tokens.py:11:12")
    assert second.stdout.startswith("tokens.py:12:12")
