"""The hooks, run by the real pre-commit in real repositories."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from repositories import git

from jwtlint.cli import main

CHECKOUT = Path(__file__).parent.parent.parent


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pre-commit keeps what it installs for this test alone."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(tmp_path / "pre-commit"))
    for name in ("GIT_AUTHOR_NAME", "GIT_COMMITTER_NAME"):
        monkeypatch.setenv(name, "T")
    for name in ("GIT_AUTHOR_EMAIL", "GIT_COMMITTER_EMAIL"):
        monkeypatch.setenv(name, "t@example.org")


def pre_commit(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "pre_commit", *arguments], cwd=folder, capture_output=True, text=True, check=False)


def configure(application: Path, distribution: Path, *hooks: str) -> None:
    lines = [f"repos:\n  - repo: {distribution}\n    rev: {git(distribution, 'rev-parse', 'HEAD')}\n    hooks:"]
    (application / ".pre-commit-config.yaml").write_text("\n".join([*lines, *(f"      - id: {hook}" for hook in hooks), ""]))
    git(application, "add", "-A")


def test_the_manifest_is_valid() -> None:
    result = pre_commit(CHECKOUT, "validate-manifest", ".pre-commit-hooks.yaml")
    assert (result.returncode, result.stdout) == (0, "")


def test_a_commit_is_stopped_for_what_it_causes_elsewhere(home: None, application: Path, distribution: Path) -> None:
    # what there is already is committed before the hook is there
    views = (application / "views.py").read_text()
    (application / "views.py").write_text(views.replace("issue({", "str({"))
    git(application, "add", "-A")
    git(application, "commit", "-qm", "no token reaches a user")
    configure(application, distribution, "jwtlint", "jwtlint-project")
    assert pre_commit(application, "install", "--hook-type", "pre-commit", "--hook-type", "pre-push").returncode == 0
    git(application, "commit", "-qm", "hooks")  # nothing for the hook to look at

    (application / "views.py").write_text(views)
    git(application, "add", "views.py")
    commit = subprocess.run(["git", "commit", "-m", "log in"], cwd=application, capture_output=True, text=True, check=False)
    assert commit.returncode == 1
    # only views.py is passed to the hook, and what it makes of tokens.py is found
    assert "error[JWT101] session-by-jwt" in commit.stderr and "tokens.py:11:12" in commit.stderr
    assert "views.py:14:5" in commit.stderr
    assert "Traceback" not in commit.stderr

    # a commit of something else goes through
    git(application, "reset", "-q", "--hard")
    (application / "sums.py").write_text("def total(prices):\n    return sum(prices)\n")
    git(application, "add", "-A")
    git(application, "commit", "-qm", "sums")
    # and what came in past the hook is caught in the whole project
    (application / "views.py").write_text(views)
    git(application, "commit", "-q", "--no-verify", "-am", "log in")
    everything = pre_commit(application, "run", "jwtlint-project", "--hook-stage", "pre-push")
    assert everything.returncode == 1 and "jwtlint (whole project)" in everything.stdout
    assert everything.stdout.count("error[JWT101]") == 1
    assert pre_commit(application, "run", "--all-files").stdout.count("error[JWT101]") == 1


def test_what_can_be_mended_is_mended_at_the_commit(home: None, application: Path, distribution: Path) -> None:
    (application / "views.py").write_text(
        (application / "views.py").read_text().replace(
            '    return jsonify(access_token=issue({"sub": str(user.id)}))',
            '    answer = jsonify(ok=True)\n'
            '    answer.set_cookie("access_token", issue({"sub": str(user.id)}), secure=True, samesite="Lax")\n'
            '    return answer',
        )
    )
    configure(application, distribution, "jwtlint-fix")
    result = pre_commit(application, "run")
    assert result.returncode == 1 and "files were modified by this hook" in result.stdout
    assert "httponly=True" in (application / "views.py").read_text()


def test_the_hook_that_init_writes(home: None, registry: None, application: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(application)
    assert CliRunner().invoke(main, ["init", "--ci", "none"]).exit_code == 0
    git(application, "add", "-A")
    assert pre_commit(application, "validate-config").returncode == 0
    result = pre_commit(application, "run")
    assert result.returncode == 1
    assert "error[JWT101] session-by-jwt" in result.stdout
