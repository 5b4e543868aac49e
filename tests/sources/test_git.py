"""What git says of a working tree, in real repositories, one of which means harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import git

from jwtlint.sources.git import ignored, tracked_but_ignored


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository that tracks a folder which its ``.gitignore`` names."""
    root = tmp_path / "repository"
    (root / "app" / "migrations").mkdir(parents=True)
    for name in ("app/main.py", "app/migrations/é 1.py"):
        (root / name).write_text("x = 1\n")
    (root / ".gitignore").write_text("migrations\n*.log\n")
    git(root, "init", "-q")
    git(root, "add", "-A", "--force")
    git(root, "commit", "-qm", "one")
    return root


def test_what_is_tracked_although_it_is_ignored_is_told_relative_to_the_folder(repository: Path) -> None:
    (repository / "app" / "migrations" / "2.py").write_text("y = 2\n")
    assert tracked_but_ignored(repository) == ["app/migrations/é 1.py"]
    assert tracked_but_ignored(repository / "app") == ["migrations/é 1.py"]


def test_what_is_ignored_and_not_tracked_is_told(repository: Path) -> None:
    paths = ["main.py", "new.py", "migrations/é 1.py", "migrations/2.py", "x\n.log"]
    assert ignored(repository / "app", paths) == ["migrations/2.py", "x\n.log"]
    assert ignored(repository, ["app/new.py"]) == []


def test_outside_a_repository_nothing_is_told(tmp_path: Path) -> None:
    assert tracked_but_ignored(tmp_path) == [] and ignored(tmp_path, ["a.log"]) == []


def test_nothing_of_the_repository_runs(repository: Path, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/pwned\n")
    program.chmod(0o755)
    for name in ("core.fsmonitor", "filter.x.clean", "filter.x.process", "core.sshCommand", "core.pager", "core.editor"):
        git(repository, "config", name, str(program))
    (repository / ".gitattributes").write_text("* filter=x\n")
    hook = repository / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_bytes(program.read_bytes())
    hook.chmod(0o755)
    (repository / "app" / "main.py").write_text("x = 2\n")
    assert tracked_but_ignored(repository) == ["app/migrations/é 1.py"]
    assert ignored(repository, ["a.log"]) == ["a.log"]
    assert not (tmp_path / "pwned").exists()
