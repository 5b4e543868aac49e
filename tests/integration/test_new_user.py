"""The walk of a new user: from the README to a failing CI job, and to one that passes, by nothing but what stands there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from repositories import git

CHECKOUT = Path(__file__).resolve().parents[2]
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
SECTION = README.partition("## From a failing job to a passing one\n")[2].partition("\n## ")[0]
# a block of commands is a step; what is said of a command stands behind it
STEPS = [[line.strip() for line in block.splitlines() if line] for block in re.findall(r"(?:^    .*\n)+", SECTION, re.MULTILINE)]
SAID = re.compile(r"# .*exit status (\d)")
NEW = """

@app.post("/partners/token")
def partner_login():
    row = Partner.query.filter_by(email=request.form["email"]).first()
    if row is None or not check_password_hash(row.password, request.form["password"]):
        abort(401)
    return jsonify(access_token=jwt.encode({"sub": str(row.id)}, os.environ["KEY"], algorithm="HS256"))
"""


@pytest.fixture(params=["flask-handmade-jwt", "tornado-pyjwt"])
def shop(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh repository, on GitHub, of an application whose sessions are JWTs."""
    folder = tmp_path / "shop"
    shutil.copytree(CHECKOUT / "fixtures" / request.param, folder)
    for part in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{part}_NAME", "T")
        monkeypatch.setenv(f"GIT_{part}_EMAIL", "t@example.org")
    git(folder, "init", "-q")
    git(folder, "remote", "add", "origin", "git@github.com:acme/shop.git")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "the shop")
    return folder


def shell(command: str, folder: Path) -> tuple[int, str]:
    """The exit status of a command line, and what it prints, in a shell in which ``jwtlint`` is this one."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "GITHUB_STEP_SUMMARY": str(folder.parent / "summary.md"), "CI": "true"}
    done = subprocess.run(["bash", "-uc", command], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, done.stdout + done.stderr


def job(folder: Path) -> int:
    """The exit status of the CI job's own command, in a checkout of what is committed."""
    (workflow,) = (folder / ".github/workflows").iterdir()
    steps = yaml.safe_load(workflow.read_text())["jobs"]["jwtlint"]["steps"]
    (command,) = (step["run"] for step in steps if "jwtlint check" in step.get("run", ""))
    checkout = folder.parent / "checkout"
    shutil.rmtree(checkout, ignore_errors=True)
    git(folder, "clone", "-q", str(folder), str(checkout))
    return shell(command, checkout)[0]


def walk(step: list[str], folder: Path) -> str:
    """Give the commands of a step, each of which ends as the README says; gives what they print."""
    printed = ""
    for command in step:
        said = SAID.search(command)
        status, text = shell(command, folder)
        assert status == (int(said[1]) if said else 0), f"{command}\n{text}"
        printed += text
    return printed


def test_the_readme_has_two_steps() -> None:
    assert [step[0].split("  ")[0] for step in STEPS] == ["jwtlint init", "jwtlint fix --write"]
    assert [SAID.findall(step[-1]) for step in STEPS] == [["1"], ["0"]]


def test_from_the_readme_to_a_job_that_fails_and_to_one_that_passes(shop: Path) -> None:
    told = walk(STEPS[0], shop)
    assert "written: .github/workflows/jwtlint.yml" in told and "error[JWT101] session-by-jwt" in told
    assert job(shop) == 1
    told = walk(STEPS[1], shop)
    assert "secure=True (safe)" in told and "findings written to" in told
    assert job(shop) == 0
    # nothing is left lying about, and the next thing of the kind is noticed
    assert git(shop, "status", "--porcelain") == ""
    head = "import os\n\nimport jwt\nfrom flask import Flask, abort, jsonify, request\n\napp = Flask(__name__)\n"
    (shop / "partners.py").write_text(head + NEW)
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "partners")
    assert job(shop) == 1


def test_a_finding_that_is_right_as_it_is(shop: Path) -> None:
    """The comment that the README shows silences what it names, and is told of when it silences nothing."""
    comment = re.search(r"`(# jwtlint: ignore\[JWT308\] -- [^`]+)`", SECTION)
    assert comment is not None
    (shop / "daemon.py").write_text(
        "import os\n\nimport jwt\nfrom flask import Flask, abort, jsonify, request\n\napp = Flask(__name__)\n"
        + NEW.rstrip()
        + f"  {comment[1]}\n"
    )
    told = shell("jwtlint check daemon.py", shop)[1]
    assert "error[JWT101]" in told and "note[JWT308]" not in told and "(1 ignored)" in told
    assert "note[JWT308]" in shell("jwtlint check daemon.py --no-ignores", shop)[1]
