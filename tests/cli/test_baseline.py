"""The baseline: from the first run on an old application to a run that fails on what is new, and on nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner, Result

from jwtlint import config
from jwtlint.cli import main
from jwtlint.report.formats import json as json_report
from jwtlint.setup.templates import template

OLD = """\
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
SCHEMA = json.loads((Path(json_report.__file__).parents[1] / "schema.json").read_text())
NAME = ".jwtlint-baseline.json"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text(OLD)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def document(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run("check", "--format", "json", "--baseline", NAME, *arguments).stdout)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    return found


def new(*arguments: object) -> list[str]:
    return [finding["rule"] for finding in document(*arguments)["findings"]]


def edit(path: Path, *changes: tuple[str, str]) -> None:
    text = path.read_text()
    for old, changed in changes:
        assert old in text
        text = text.replace(old, changed)
    path.write_text(text)


def test_what_was_there_does_not_fail_the_run(project: Path) -> None:
    assert run("check").exit_code == 1
    result = run("baseline")
    assert result.exit_code == 0
    assert "4 findings written to" in result.stdout and "jwtlint check --baseline" in result.stdout
    assert run("check", "--baseline", NAME).exit_code == 0
    assert run("check").exit_code == 1


def test_the_file_is_for_people_and_holds_no_lines(project: Path) -> None:
    run("baseline")
    found = json.loads((project / NAME).read_text())
    assert list(found) == ["version", "findings"]
    assert [entry["rule"] for entry in found["findings"]] == ["JWT101", "JWT105", "JWT201", "JWT308"]
    assert all(sorted(entry) == ["fingerprint", "message", "path", "rule"] for entry in found["findings"])
    assert {entry["path"] for entry in found["findings"]} == {"src/app.py"}


def test_baselined_findings_are_marked_in_json(project: Path) -> None:
    run("baseline")
    found = document()
    assert found["findings"] == [] and found["stats"]["suppressed"] == 4
    assert found["verdict"]["session_by_jwt"] is True
    assert {one["suppressions"][0]["kind"] for one in found["suppressed"]} == {"baseline"}


@pytest.mark.parametrize(
    "changes",
    [
        [("import os\n", "import os\nimport sys\n\n# moved\n\n\n")],
        [('@app.post("/login")', "def unrelated():\n    return 1\n\n\n@app.post('/login')")],
        [  # as a formatter leaves it
            ("    return jsonify(access_token=jwt.encode({", "    return jsonify(\n        access_token=jwt.encode(\n            {"),
            ('"role": user.role}, os.environ["KEY"]', '"role": user.role},\n            os.environ[\'KEY\'],  # vault\n            '),
            (', algorithm="HS256"))', 'algorithm="HS256",\n        )\n    )'),
        ],
        [("abort(401)", "abort(403)")],
    ],
    ids=["moved", "after another function", "formatted", "another line changed"],
)
def test_an_unrelated_edit_makes_no_finding_new(project: Path, changes: list[tuple[str, str]]) -> None:
    run("baseline")
    edit(project / "src" / "app.py", *changes)
    found = document()
    assert found["findings"] == [] and found["stale_baseline"] == []
    assert found["stats"]["suppressed"] == 4


def test_what_is_new_fails_the_run_also_when_it_looks_like_what_is_known(project: Path) -> None:
    run("baseline")
    edit(project / "src" / "app.py", ('"role": user.role', '"role": user.role, "is_admin": user.is_admin'))
    assert new("--select", "JWT2") == ["JWT201"]
    second = OLD[OLD.index("@app") :].replace("/login", "/api/login").replace("def login", "def api_login")
    (project / "src" / "app.py").write_text(f"{OLD}\n\n{second}")
    assert new() == ["JWT308", "JWT101", "JWT105", "JWT201"]
    assert run("check", "--baseline", NAME).exit_code == 1


def test_one_entry_takes_out_one_finding(project: Path) -> None:
    answer = OLD[OLD.index("    return jsonify") :]
    run("baseline")
    # the same code twice in one function: one of each pair is new
    edit(project / "src" / "app.py", (answer, f"    if request.args:\n    {answer}{answer}"))
    assert sorted(new()) == ["JWT101", "JWT105", "JWT201", "JWT308"]


def test_entries_without_a_finding_are_told_and_pruned(project: Path) -> None:
    run("baseline")
    edit(project / "src" / "app.py", (', "role": user.role', ""))
    result = run("check", "--baseline", NAME)
    assert result.exit_code == 0
    assert "no longer found: src/app.py: JWT201 the claim" in result.stdout
    assert "1 entry is left in the baseline without need; `jwtlint baseline --prune` takes them out." in result.stdout
    assert [entry["rule"] for entry in document()["stale_baseline"]] == ["JWT201"]
    # a rule that was not asked tells nothing of its entries
    assert document("--select", "JWT1")["stale_baseline"] == document("src/app.py")["stale_baseline"] == []
    edit(project / "src" / "app.py", ("abort(401)", "abort(401)  # jwtlint: ignore[JWT101]"))
    assert "1 finding taken out of" in run("baseline", "--prune").stdout
    found = document()
    # what is new is not let in by pruning
    assert found["stale_baseline"] == [] and [one["rule"] for one in found["findings"]] == ["JWT001"]
    assert len(json.loads((project / NAME).read_text())["findings"]) == 3


def test_a_folder_is_seen_with_the_same_baseline_as_the_whole(project: Path) -> None:
    run("baseline")
    for arguments in (("src",), ("src/app.py",), (project,)):
        assert new(*arguments) == []
    (project / "tools").mkdir()
    (project / "tools" / "app.py").write_text(OLD)
    assert len(new()) == 4
    run("baseline", "tools", "--output", NAME)
    assert new() == []
    assert len(json.loads((project / NAME).read_text())["findings"]) == 8


def test_ignored_findings_are_not_written_down(project: Path) -> None:
    edit(project / "src" / "app.py", ('"HS256"))', '"HS256"))  # jwtlint: ignore[JWT101] -- until spring'))
    run("baseline")
    assert [entry["rule"] for entry in json.loads((project / NAME).read_text())["findings"]] == ["JWT105", "JWT201", "JWT308"]
    assert new() == []


def test_the_configuration_names_it(project: Path) -> None:
    (project / "jwtlint.toml").write_text(f"baseline = '{NAME}'\n")
    assert "jwtlint check --baseline" not in run("baseline").stdout
    assert run("check").exit_code == run("check", "src").exit_code == 0
    # a change of the scanned repository must not weaken its own check
    assert run("check", "--no-config").exit_code == run("check", "--no-ignores").exit_code == 1
    assert run("check", "--no-ignores", "--baseline", NAME).exit_code == 0


def test_the_settings_that_init_wrote_name_it_from_then_on(project: Path) -> None:
    settings = project / "jwtlint.toml"
    settings.write_text(template("jwtlint.toml"))
    told = run("baseline").stdout
    assert f'{settings} names it now (baseline = "{NAME}")' in told
    assert config.read(settings) == config.Configuration(baseline=NAME)
    changed = [(old, new) for old, new in zip(template("jwtlint.toml").splitlines(), settings.read_text().splitlines()) if old != new]
    assert [(old, new) for old, new in changed if old != f"#{new}"] == [] and len(changed) == 1
    assert run("check").exit_code == 0
    # a second run changes nothing more
    assert "names it now" not in run("baseline").stdout
    assert config.read(settings) == config.Configuration(baseline=NAME)


@pytest.mark.parametrize("settings", ["strict = true\n", None])
def test_settings_of_other_hands_are_left_alone(project: Path, settings: str | None) -> None:
    if settings is not None:
        (project / "jwtlint.toml").write_text(settings)
    else:
        (project / "jwtlint.toml").write_text(template("jwtlint.toml"))
    before = (project / "jwtlint.toml").read_text()
    told = run("baseline", *([] if settings else ["--output", "other.json"])).stdout
    assert "so does the setting baseline = " in told
    assert (project / "jwtlint.toml").read_text() == before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is no baseline of this version of jwtlint"),
        ('{"version": 2, "findings": []}', "is no baseline of this version of jwtlint"),
        ('{"version": 1, "findings": [{"rule": "JWT101"}]}', "is no baseline of this version of jwtlint"),
        (None, "there is no baseline"),
    ],
)
def test_a_broken_baseline_ends_with_two(project: Path, content: str | None, sentence: str) -> None:
    if content is not None:
        (project / NAME).write_text(content)
    result = run("check", "--baseline", NAME)
    assert result.exit_code == 2 and sentence in result.stderr and "Traceback" not in result.stderr


def test_a_baseline_elsewhere_is_refused(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "baseline.json"
    elsewhere.write_text('{"version": 1, "findings": []}')
    assert "is about what lies in that folder" in run("check", "--baseline", elsewhere).stderr
    (project / "jwtlint.toml").write_text(f"baseline = '../{elsewhere.parent.name}/baseline.json'\n")
    assert "lies outside the folder of the configuration" in run("check").stderr
    (project / "link.json").symlink_to(elsewhere)
    (project / "jwtlint.toml").write_text("baseline = 'link.json'\n")
    assert run("check").exit_code == 2
