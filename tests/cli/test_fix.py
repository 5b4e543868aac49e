from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jwtlint.cli import main
from jwtlint.fixing import rounds

BAD = '''\
import os

import jwt
from flask import Flask, abort, make_response, request

from models import User

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    token = jwt.encode({"sub": str(user.id), "role": user.role}, os.environ["SECRET_KEY"], algorithm="HS256")
    response = make_response("", 204)
    response.set_cookie("access_token", token, httponly=True, samesite="Lax")
    return response
'''


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "app.py").write_text(BAD)
    monkeypatch.chdir(folder)
    return folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["fix", *arguments], catch_exceptions=False)


def git(folder: Path, *arguments: str) -> str:
    command = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main", *arguments]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(project: Path) -> Path:
    git(project, "init")
    git(project, "add", ".")
    git(project, "commit", "-m", "start")
    return project


def test_a_diff_is_shown_and_nothing_is_changed(project: Path) -> None:
    result = run()
    assert result.exit_code == 1
    assert result.stdout.startswith("--- a/app.py\n+++ b/app.py\n")
    assert '-    response.set_cookie("access_token", token, httponly=True, samesite="Lax")\n' in result.stdout
    assert '+    response.set_cookie("access_token", token, httponly=True, samesite="Lax", secure=True)\n' in result.stdout
    assert "app.py:18: JWT304 set secure=True (safe)" in result.stderr
    assert "2 more need a look: --unsafe." in result.stderr
    assert (project / "app.py").read_text() == BAD


def test_the_diff_can_be_applied_by_git(repository: Path) -> None:
    diff = run("--unsafe").stdout
    subprocess.run(["git", "apply", "-"], input=diff, text=True, check=True, cwd=repository)
    run("--unsafe", "--write", "--allow-dirty")
    assert git(repository, "diff").count("secure=True") == 1


def test_writing_makes_safe_fixes_only_unless_asked(project: Path) -> None:
    assert run("--write").exit_code == 0
    text = (project / "app.py").read_text()
    assert text == BAD.replace('samesite="Lax")', 'samesite="Lax", secure=True)')
    assert run().exit_code == 0
    result = run("--write", "--unsafe")
    assert result.exit_code == 0
    text = (project / "app.py").read_text()
    assert '"role"' not in text and '"exp"' in text
    assert run("--unsafe").stdout == ""
    assert run("--unsafe").exit_code == 0


def test_only_selected_rules_are_mended(project: Path) -> None:
    run("--write", "--unsafe", "--select", "authorization-claim")
    assert (project / "app.py").read_text() == BAD.replace(', "role": user.role', "")
    assert run("--select", "JWT9").exit_code == 2


def test_modes_and_links_stay_as_they_are(project: Path) -> None:
    (project / "app.py").chmod(0o750)
    run("--write")
    assert (project / "app.py").stat().st_mode & 0o777 == 0o750
    assert [path.name for path in project.iterdir()] == ["app.py"]


def test_a_dirty_tree_is_refused(repository: Path) -> None:
    (repository / "notes.txt").write_text("not git's")
    assert run("--write").exit_code == 0, "an unknown file that is not to be changed matters not"
    git(repository, "commit", "-am", "fixed")
    (repository / "app.py").write_text(BAD)
    refused = run("--write")
    assert refused.exit_code == 2
    assert "changes that are not committed (app.py)" in refused.stderr
    assert (repository / "app.py").read_text() == BAD
    assert run().exit_code == 1, "a diff can always be shown"
    assert run("--write", "--allow-dirty").exit_code == 0
    assert (repository / "app.py").read_text() != BAD


def test_a_file_that_git_does_not_know_is_dirty_when_it_is_to_be_changed(repository: Path) -> None:
    (repository / "other").mkdir()
    (repository / "other" / "app.py").write_text(BAD)
    assert "other/app.py" in run("--write").stderr
    (repository / ".gitignore").write_text("other/\n")
    git(repository, "add", ".gitignore")
    git(repository, "commit", "-m", "ignore")
    assert run("--write").exit_code == 0, "ignored files are not scanned"


def test_a_file_that_changes_meanwhile_is_left_alone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = rounds.Rounds.outcome

    def slow(self: rounds.Rounds, report: object) -> rounds.Outcome:
        (project / "app.py").write_text(BAD + "# somebody was quicker\n")
        return original(self, report)  # type: ignore[arg-type]

    monkeypatch.setattr(rounds.Rounds, "outcome", slow)
    result = run("--write")
    assert result.exit_code == 1
    assert "app.py changed since it was scanned and is left alone" in result.stderr
    assert (project / "app.py").read_text() == BAD + "# somebody was quicker\n"


def test_a_file_that_became_a_link_is_left_alone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outside = project.parent / "outside.py"
    outside.write_text(BAD)
    original = rounds.Rounds.outcome

    def swapped(self: rounds.Rounds, report: object) -> rounds.Outcome:
        (project / "app.py").unlink()
        os.symlink(outside, project / "app.py")
        return original(self, report)  # type: ignore[arg-type]

    monkeypatch.setattr(rounds.Rounds, "outcome", swapped)
    assert run("--write").exit_code == 1
    assert outside.read_text() == BAD


def test_a_template_is_left_alone_with_a_reason(project: Path) -> None:
    (project / "app.py").unlink()
    folder = project / "{{cookiecutter.slug}}"
    folder.mkdir()
    (folder / "app.py").write_text(BAD)
    assert run().exit_code == 0
    result = CliRunner().invoke(main, ["check", "--show-fixes"])
    assert "no fix: the file is part of a template" in result.stdout


def test_check_shows_the_fix_under_the_finding(project: Path) -> None:
    plain = CliRunner().invoke(main, ["check"]).stdout
    assert "safe fix" not in plain, "LibCST is not imported for a report that nobody looks at"
    assert "no fix: a session needs a table on the server" in plain
    shown = CliRunner().invoke(main, ["check", "--show-fixes"]).stdout
    assert "= safe fix: set secure=True" in shown
    assert '+    response.set_cookie("access_token", token, httponly=True, samesite="Lax", secure=True)' in shown
    assert '= unsafe fix: leave the claim "role" out of the token' in shown


LOGIN = """\
import axios from "axios";

export async function login(form) {
  const { data } = await axios.post("/api/login", form);
  localStorage.setItem("access_token", data.access_token);
}
"""
NOTES = """\
export const isIn = () => localStorage.getItem("access_token") !== null;
export const notes = () => fetch("/api/notes", { headers: { Authorization: `Bearer ${localStorage.getItem("access_token")}` } });
"""


@pytest.fixture
def front_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    (folder / "web").mkdir(parents=True)
    (folder / "web" / "login.js").write_bytes(LOGIN.replace("\n", "\r\n").encode())
    (folder / "web" / "notes.js").write_text(NOTES)
    monkeypatch.chdir(folder)
    return folder


def test_a_front_end_is_mended_in_all_its_files_or_not_at_all(front_end: Path) -> None:
    assert run().exit_code == 0, "the fix is an unsafe one"
    shown = run("--unsafe", "--diff")
    assert shown.exit_code == 1
    assert '-  localStorage.setItem("access_token", data.access_token);\n' in shown.stdout.replace("\r", "")
    assert '+export const notes = () => fetch("/api/notes", { credentials: "include" });\n' in shown.stdout
    assert "web/login.js:5: JWT301 send the server's cookie in place of access_token from localStorage (unsafe)" in shown.stderr
    assert (front_end / "web" / "notes.js").read_text() == NOTES
    assert run("--unsafe", "--write").exit_code == 0
    login = (front_end / "web" / "login.js").read_bytes()
    assert b'  localStorage.setItem("logged_in", "1");\r\n' in login
    assert login.count(b"\n") == login.count(b"\r\n")
    assert "access_token" not in (front_end / "web" / "notes.js").read_text()
    assert CliRunner().invoke(main, ["check"]).exit_code == 0


def test_reports_tell_the_fix_of_a_front_end(front_end: Path) -> None:
    text = CliRunner().invoke(main, ["check", "--show-fixes"]).stdout
    assert "= unsafe fix: send the server's cookie in place of access_token from localStorage" in text
    assert '+  localStorage.setItem("logged_in", "1");' in text
    document = json.loads(CliRunner().invoke(main, ["check", "--show-fixes", "--format", "json"]).stdout)
    (finding,) = document["findings"]
    assert finding["fix"]["safety"] == "unsafe"
    assert {edit["path"] for edit in finding["fix"]["edits"]} == {"web/login.js", "web/notes.js"}
    log = json.loads(CliRunner().invoke(main, ["check", "--show-fixes", "--format", "sarif"]).stdout)
    (fix,) = log["runs"][0]["results"][0]["fixes"]
    assert [one["artifactLocation"]["uri"] for one in fix["artifactChanges"]] == ["web/login.js", "web/notes.js"]


def test_a_use_of_a_form_that_is_not_known_is_the_reason_for_no_fix(front_end: Path) -> None:
    (front_end / "web" / "live.js").write_text('new WebSocket("wss://a.example/?t=" + localStorage.getItem("access_token"));\n')
    assert run("--unsafe", "--write").exit_code == 0
    assert (front_end / "web" / "notes.js").read_text() == NOTES
    result = CliRunner().invoke(main, ["check", "--show-fixes"])
    assert "no fix: the token is given to WebSocket at web/live.js line 1, in a form that is not known" in result.stdout


def test_control_characters_of_the_code_do_not_reach_the_terminal(project: Path) -> None:
    (project / "app.py").write_text(BAD.replace("    response = make", "    # \x1b[31m \u202e\n\tresponse = make".replace("\t", "    ")))
    assert "\x1b" not in run().stdout
    assert "\u202e" not in run().stdout


def test_a_plain_check_does_not_import_libcst(project: Path) -> None:
    code = (
        "import sys\n"
        "from jwtlint.cli import main\n"
        "try:\n"
        "    main(['check', '--no-cache'])\n"
        "except SystemExit as end:\n"
        "    assert end.code == 1\n"
        "assert not {'libcst', 'difflib'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=project)
    assert done.returncode == 0, done.stderr
    assert "JWT304" in done.stdout
