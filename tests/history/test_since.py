"""``--since REV`` and ``--changed FILE…``: what a change touches or causes, with the whole program analysed, in real repositories."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result
from repositories import TOKENS, commit, git

from jwtlint.cli import main
from jwtlint.report.formats import json as json_report

SCHEMA = json.loads((Path(json_report.__file__).parents[1] / "schema.json").read_text())

CLAIMS = """\
def claims_of(user):
    return {"sub": str(user.id), "role": user.role}
"""
# the claims are made elsewhere, and do not reach a token yet
VIEWS = """\
from flask import Flask, abort, jsonify, request

from claims import claims_of
from models import User
from tokens import issue

app = Flask(__name__)


@app.get("/me")
def me():
    return jsonify(claims_of(User.query.get(1)))


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=issue({"sub": str(user.id)}))
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    for name, text in (("tokens.py", TOKENS), ("claims.py", CLAIMS), ("views.py", VIEWS)):
        (root / name).write_text(text)
    commit(root, "the application")
    monkeypatch.chdir(root)
    return root


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)])


def document(*arguments: object) -> dict[str, Any]:
    result = run("--format", "json", *arguments)
    assert result.exit_code in (0, 1), result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    return found


def told(*arguments: object) -> list[tuple[str, str]]:
    return [(finding["rule"], finding["path"]) for finding in document(*arguments)["findings"]]


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_nothing_changed_nothing_told(project: Path) -> None:
    found = document("--since", "HEAD")
    assert found["findings"] == [] and found["stats"]["suppressed"] == 2
    assert {one["suppressions"][0]["kind"] for one in found["suppressed"]} == {"since"}
    assert run("--since", "HEAD").exit_code == 0 and run().exit_code == 1
    assert found["verdict"]["session_by_jwt"] is True


def test_what_a_change_causes_in_a_file_that_nobody_changed_is_told(project: Path) -> None:
    edit(project / "views.py", 'issue({"sub": str(user.id)})', "issue(claims_of(user))")
    found = document("--since", "HEAD")
    # the role claim stands in claims.py, which is the same as ever
    assert [(one["rule"], one["path"]) for one in found["findings"]] == [("JWT201", "claims.py"), ("JWT308", "views.py")]
    assert [(one["rule"], one["path"]) for one in found["suppressed"]] == [("JWT101", "tokens.py")]
    assert git(project, "diff", "--name-only") == "views.py"


def test_what_stands_on_a_changed_line_is_told_however_old(project: Path) -> None:
    edit(project / "tokens.py", "claims, KEY, algorithm", "claims, KEY, headers=None, algorithm")
    assert told("--since", "HEAD") == [("JWT101", "tokens.py")]


@pytest.mark.parametrize(
    ("old", "new"), [("import os\n", "import os\n# moved\n\n"), ("KEY = ", "OTHER = 1\nKEY = "), ("minutes=10", "minutes=11")]
)
def test_lines_that_moved_did_not_change(project: Path, old: str, new: str) -> None:
    edit(project / "tokens.py", old, new)
    assert told("--since", "HEAD") == []


def test_a_file_that_got_another_name_is_not_new(project: Path) -> None:
    git(project, "mv", "tokens.py", "minting.py")
    edit(project / "views.py", "from tokens", "from minting")
    assert told("--since", "HEAD") == []


def test_a_copy_of_a_file_is_new(project: Path) -> None:
    (project / "minting.py").write_text(TOKENS)
    edit(project / "views.py", "from tokens import issue", "from minting import issue as mint\nfrom tokens import issue")
    another = VIEWS[VIEWS.index("@app.post") :].replace("login", "sign_in").replace("issue", "mint")
    edit(project / "views.py", '@app.get("/me")', f'{another}\n\n@app.get("/me")')
    assert told("--since", "HEAD") == [("JWT101", "minting.py"), ("JWT308", "views.py")]


def test_files_that_git_does_not_know_yet_are_new(project: Path) -> None:
    (project / "more").mkdir()
    for name, text in (("tokens.py", TOKENS), ("views.py", VIEWS.replace("from claims import claims_of\n", ""))):
        (project / "more" / name).write_text(text)
    assert told("--since", "HEAD") == [("JWT101", "more/tokens.py"), ("JWT308", "more/views.py")]


def test_a_branch_is_compared_with_where_it_began(project: Path) -> None:
    git(project, "checkout", "-qb", "topic")
    edit(project / "views.py", 'issue({"sub": str(user.id)})', "issue(claims_of(user))")
    commit(project)
    git(project, "checkout", "-q", "main")
    # what the main branch mended since is not the topic's doing
    (project / "tokens.py").write_text("def issue(claims):\n    return ''\n")
    commit(project)
    git(project, "checkout", "-q", "topic")
    assert told("--since", "main") == [("JWT201", "claims.py"), ("JWT308", "views.py")]
    assert told("--since", "HEAD") == []


def test_a_part_of_the_repository(project: Path) -> None:
    (project / "service").mkdir()
    for name in ("tokens.py", "claims.py", "views.py"):
        git(project, "mv", name, f"service/{name}")
    commit(project)
    edit(project / "service" / "views.py", 'issue({"sub": str(user.id)})', "issue(claims_of(user))")
    assert told("service", "--since", "HEAD") == [("JWT201", "claims.py"), ("JWT308", "views.py")]
    # the folder is all new beside the commit before
    assert len(told("service", "--since", "HEAD~1")) == 3


def test_ignores_and_their_ends_are_news_too(project: Path) -> None:
    edit(project / "tokens.py", 'algorithm="HS256")', 'algorithm="HS256")  # jwtlint: ignore[JWT101] -- until spring')
    found = document("--since", "HEAD")
    assert found["findings"] == []
    commit(project)
    edit(project / "tokens.py", "jwt.encode(claims, KEY", "str(claims, KEY")
    assert told("--since", "HEAD") == [("JWT001", "tokens.py")]


def test_the_past_is_remembered(project: Path, own_cache: Path) -> None:
    edit(project / "views.py", 'issue({"sub": str(user.id)})', "issue(claims_of(user))")
    first = told("--since", "HEAD")
    assert len(list(own_cache.rglob("past-*"))) == 1
    assert told("--since", "HEAD") == first
    assert told("--since", "HEAD", "--no-cache") == first
    assert len(list(own_cache.rglob("past-*"))) == 1


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [
        ("--upload-pack=touch pwned", "is no revision"),
        ("-x", "is no revision"),
        ("nowhere", 'there is no commit "nowhere"'),
        ("HEAD\x1b[2J", "is no revision"),
    ],
)
def test_a_wrong_revision_ends_with_two(project: Path, revision: str, sentence: str) -> None:
    result = run(f"--since={revision}")
    assert result.exit_code == 2
    assert sentence in result.stderr and "\x1b" not in result.stderr and "Traceback" not in result.stderr


def test_outside_a_repository_it_ends_with_two(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(TOKENS)
    result = run(tmp_path, "--since", "HEAD")
    assert result.exit_code == 2 and "does not lie in a git repository" in result.stderr


# -- --changed: what a hook passes ------------------------------------------------------------------------------------


def test_the_whole_project_is_analysed_and_what_concerns_the_files_is_told(project: Path) -> None:
    # neither file alone shows a session
    assert told("views.py") == []
    assert told("--changed", "views.py") == [("JWT101", "tokens.py"), ("JWT308", "views.py")]
    assert told("--changed", "claims.py") == []
    assert told("--changed", "claims.py", "tokens.py") == [("JWT101", "tokens.py"), ("JWT308", "views.py")]


def test_what_the_files_cause_elsewhere_is_told(project: Path) -> None:
    (project / "claims.py").write_text("def claims_of(user):\n    return {'sub': str(user.id)}\n")
    edit(project / "views.py", 'issue({"sub": str(user.id)})', "issue(claims_of(user))")
    commit(project)
    (project / "models.py").write_text("class User:\n    pass\n")
    edit(project / "tokens.py", "timedelta(minutes=10)", "timedelta(days=10)")
    # only the models are passed, and yet the longer life is told: it is new
    assert told("--changed", "models.py") == [("JWT106", "tokens.py")]


def test_from_a_folder_below_and_with_files_that_are_gone(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "pkg").mkdir()
    monkeypatch.chdir(project / "pkg")
    assert told("--changed", "../views.py", "gone.py") == [("JWT101", "tokens.py"), ("JWT308", "views.py")]
    result = run("--changed", "/etc/hostname")
    assert result.exit_code == 2 and "does not lie in the project" in result.stderr


def test_exclusions_hold_for_files_that_are_passed(project: Path) -> None:
    (project / "jwtlint.toml").write_text("exclude = ['views.py']\n")
    assert told("--changed", "views.py") == []


def test_before_the_first_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "init", "-q")
    for name, text in (("tokens.py", TOKENS), ("claims.py", CLAIMS), ("views.py", VIEWS)):
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    assert told("--changed", "tokens.py", "views.py") == [("JWT101", "tokens.py"), ("JWT308", "views.py")]
