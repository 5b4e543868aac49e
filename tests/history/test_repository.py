"""Reading commits of real git repositories, some of which mean harm."""

from __future__ import annotations

from pathlib import Path

import pytest
from repositories import git

from jwtlint.errors import UserError
from jwtlint.history.repository import Repository, changed_lines, is_safe


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    git(root, "init", "-q")
    (root / "app.py").write_text("x = 1\n")
    (root / "pkg").mkdir()
    (root / "pkg" / "é b.py").write_text("y = 2\n")
    (root / "logo.png").write_bytes(b"\x89PNG")
    (root / "link.py").symlink_to("/etc/hostname")
    (root / "large.py").write_text("#" * 2_000)
    git(root, "add", "-A")
    git(root, "commit", "-qm", "one")
    return root


def test_a_commit_is_exported_without_links_large_files_and_pictures(repository: Path, tmp_path: Path) -> None:
    (repository / "app.py").write_text("changed")
    target = tmp_path / "export"
    target.mkdir()
    own = Repository.around(repository / "pkg")
    own.export(own.commit("HEAD"), target, max_size=1_000)
    files = {path.relative_to(target).as_posix(): path.read_text() for path in target.rglob("*") if path.is_file()}
    assert files == {"app.py": "x = 1\n", "pkg/é b.py": "y = 2\n"}
    assert (target / ".git").is_dir()


@pytest.mark.parametrize(
    "revision",
    ["--upload-pack=touch pwned", "-h", "--output=pwned", "", "HEAD\nx", "HEAD x", "\x1b[31m", "--", "-", "HEAD\0"],
)
def test_a_revision_that_is_none_is_refused_before_git_sees_it(repository: Path, revision: str) -> None:
    with pytest.raises(UserError, match="is no revision; name a branch, a tag or a commit"):
        Repository.around(repository).commit(revision)
    assert not (repository / "pwned").exists()


@pytest.mark.parametrize("revision", ["nowhere", "HEAD~9", "HEAD:app.py", "0" * 40, "..", "HEAD...x", "@{u}", "main^{/nothing}"])
def test_a_revision_that_does_not_exist_is_told(repository: Path, revision: str) -> None:
    with pytest.raises(UserError, match="there is no commit"):
        Repository.around(repository).commit(revision)


def test_outside_a_repository_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="does not lie in a git repository"):
        Repository.around(tmp_path)


def test_the_work_since_a_branch_began_where_it_left(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "-qb", "topic")
    git(repository, "commit", "-q", "--allow-empty", "-m", "topic")
    git(repository, "checkout", "-q", "main")
    git(repository, "commit", "-q", "--allow-empty", "-m", "main goes on")
    git(repository, "checkout", "-q", "topic")
    own = Repository.around(repository)
    assert own.fork_point(own.commit("main")) == first
    assert own.fork_point(own.commit("HEAD")) == own.commit("HEAD")


def test_nothing_of_the_repositorys_own_is_run(repository: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    script = tmp_path / "script"
    script.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    script.chmod(0o755)
    for key in ("core.fsmonitor", "diff.external", "filter.x.smudge", "filter.x.clean", "diff.x.textconv", "core.sshCommand", "core.pager"):
        git(repository, "config", key, str(script))
    (repository / ".gitattributes").write_text("*.py filter=x diff=x\n")
    mark.unlink(missing_ok=True)
    target = tmp_path / "export"
    target.mkdir()
    own = Repository.around(repository)
    own.export(own.commit("HEAD"), target, max_size=1_000)
    assert own.fork_point(own.commit("HEAD")) == own.commit("HEAD")
    changed_lines([(b"a\n", b"b\n")])
    assert not mark.exists()
    assert (target / "app.py").read_text() == "x = 1\n"


def test_a_crafted_tree_does_not_lead_out(repository: Path, tmp_path: Path) -> None:
    blob = git(repository, "hash-object", "-w", "--stdin", data=b"pwned\n")
    inner = git(repository, "mktree", data=f"100644 blob {blob}\tescaped.py\n".encode())
    # git refuses to make such a tree by itself, so its bytes are written as they are
    raw = b"40000 ..\0" + bytes.fromhex(inner) + b"40000 .git\0" + bytes.fromhex(inner) + b"100644 good.py\0" + bytes.fromhex(blob)
    tree = git(repository, "hash-object", "-t", "tree", "-w", "--literally", "--stdin", data=raw)
    commit = git(repository, "commit-tree", tree, "-m", "crafted")
    target = tmp_path / "deep" / "export"
    target.mkdir(parents=True)
    own = Repository.around(repository)
    own.export(own.commit(commit), target, max_size=1_000)
    assert [path.name for path in target.rglob("*") if path.is_file()] == ["good.py"]
    assert list((tmp_path / "deep").iterdir()) == [target]


@pytest.mark.parametrize("path", ["../a", "a/../b", "/a", "a//b", ".git/hooks/x", "a/.GIT/x", "a\\b", "c:/x", ""])
def test_unsafe_paths(path: str) -> None:
    assert not is_safe(path)


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("a\nb\nc\n", "a\nb\nc\n", []),
        ("a\nb\nc\n", "a\nx\nc\n", [2]),
        ("a\nb\nc\n", "a\nb\nnew\nc\nmore\n", [3, 5]),
        ("a\nb\nc\n", "a\nc\n", []),
        ("a\n", "@@ -1 +1 @@\n+++ new/0\na\n", [1, 2]),
        ("a\nb\n", "a\nb", [2]),
        ("a\0\n", "a\0\nb\n", [2]),
        ("", "a\n", [1]),
    ],
)
def test_changed_lines(old: str, new: str, lines: list[int]) -> None:
    other, found = changed_lines([(b"x\n", b"y\n"), (old.encode(), new.encode())])
    assert [line for part in other for line in part] == [1]
    assert [line for part in found for line in part] == lines
