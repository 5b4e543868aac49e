from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jwtlint import answers, config
from jwtlint.analysis import scan
from jwtlint.config import Options
from jwtlint.report import registry

pytestmark = pytest.mark.skipif(not answers.possible(), reason="the system's times of folders cannot be relied on")

APP = "import jwt\n\ntoken = jwt.encode({'sub': '1'}, 'key')\n"
COMMAND = ["check", "app"]
LATER = 10_000_000_000  # nanoseconds: as if the run had begun long after the files were written


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "project"
    (root / "pkg/deep").mkdir(parents=True)
    (root / ".git/info").mkdir(parents=True)
    for name in ("app.py", "pkg/views.py", "pkg/deep/models.py"):
        (root / name).write_text(APP)
    (root / "pkg/notes.txt").write_text("")
    (root / ".gitignore").write_text("*.log\n")
    monkeypatch.chdir(root)
    return root


def kept(root: Path, arguments: list[str] = COMMAND) -> None:
    """Scan, and keep an answer as the command line does."""
    found = scan(root, Options())
    assert found.lasting
    paths = [*found.depends_on(), *map(str, config.places(root))]
    answers.keep(arguments, b"said\n", 1, paths, time.time_ns() + LATER)


def test_an_answer_is_given_again(project: Path) -> None:
    assert answers.recall(COMMAND) is None
    kept(project)
    assert answers.recall(COMMAND) == (b"said\n", 1)


CHANGES: dict[str, Callable[[Path], object]] = {
    "a file": lambda root: (root / "app.py").write_text(APP.replace("sub", "foo")),
    "a file, its size and time restored": lambda root: restored(root / "app.py"),
    "a file is gone": lambda root: (root / "pkg/deep/models.py").unlink(),
    "a new file": lambda root: (root / "pkg/deep/new.py").write_text(""),
    "a new file in a folder without Python": lambda root: (root / "pkg/deep/b").mkdir(),
    "a file made a link": lambda root: ((root / "app.py").unlink(), (root / "app.py").symlink_to("pkg/views.py")),
    "a file renamed": lambda root: (root / "pkg/notes.txt").rename(root / "pkg/notes.py"),
    "an ignore file": lambda root: (root / ".gitignore").write_text("app.py\n"),
    "a new ignore file": lambda root: (root / "pkg/.gitignore").write_text("*\n"),
    "the repository's own ignore file": lambda root: (root / ".git/info/exclude").write_text("pkg\n"),
    "a new configuration": lambda root: (root / "jwtlint.toml").write_text("select = ['JWT1']\n"),
    "the repository is none any more": lambda root: (root / ".git").rename(root / "git"),
}


def restored(path: Path) -> None:
    stat = path.stat()
    path.write_text(APP.replace("sub", "foo"))
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


@pytest.mark.parametrize("change", CHANGES)
def test_nothing_is_said_again_when_something_changed(project: Path, change: str) -> None:
    kept(project)
    time.sleep(0.02)  # file systems count time in ticks
    CHANGES[change](project)
    assert answers.recall(COMMAND) is None


def test_what_git_does_is_no_change(project: Path) -> None:
    kept(project)
    time.sleep(0.02)
    (project / ".git/index.lock").write_text("")
    assert answers.recall(COMMAND) is not None


def test_another_command_or_place_is_another_question(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept(project)
    assert answers.recall([*COMMAND, "--verbose"]) is None
    monkeypatch.setenv("NO_COLOR", "1")
    assert answers.recall(COMMAND) is None
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.chdir(project / "pkg")
    assert answers.recall(COMMAND) is None


def test_what_changed_just_now_may_change_again_unseen(project: Path) -> None:
    answers.keep(COMMAND, b"said\n", 1, [str(project / "app.py")], time.time_ns())
    assert answers.recall(COMMAND) is None


def test_a_broken_answer_is_none(project: Path, own_cache: Path) -> None:
    kept(project)
    (path,) = (own_cache / "jwtlint/answers").iterdir()
    data = path.read_bytes()
    for damaged in (b"", b"\n\n", data[:-1], data[:-1] + b"\x01", data.replace(b"said", b"paid"), data.replace(b" 1 ", b" x ", 1)):
        path.write_bytes(damaged)
        assert answers.recall(COMMAND) is None
    path.write_bytes(data)
    assert answers.recall(COMMAND) is not None


def test_an_unwritable_place_is_no_error(project: Path, own_cache: Path) -> None:
    (own_cache / "jwtlint").write_text("")
    answers.keep(COMMAND, b"said\n", 1, [str(project / "app.py")], time.time_ns() + LATER)
    assert answers.recall(COMMAND) is None


def run(*arguments: str) -> tuple[int, str, set[str]]:
    """Exit status, output, and the modules that were imported."""
    command = [sys.executable, "-X", "importtime", "-m", "jwtlint", *arguments]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout, {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}


def test_the_command_line_answers_without_work(project: Path) -> None:
    time.sleep(answers.RACY_NS / 1e9 + 0.1)  # what is new is not relied on
    status, text, modules = run("check", ".")
    assert "click" in modules
    again, same, fewer = run("check", ".")
    assert (again, same) == (status, text)
    assert status == 1 and "JWT404" in text
    assert fewer & {"click", "msgspec", "re", "pathlib", "jwtlint.analysis"} == set()
    (project / "app.py").write_text("")
    assert run("check", ".")[1] != text


@pytest.mark.parametrize("name", registry.names())
def test_every_format_is_answered_without_work(project: Path, name: str) -> None:
    time.sleep(answers.RACY_NS / 1e9 + 0.1)
    status, text, _ = run("check", ".", "--format", name)
    again, same, fewer = run("check", ".", "--format", name)
    assert (again, same) == (status, text) and status == 1
    assert fewer & {"click", "msgspec", "pathlib", "jwtlint.analysis"} == set()


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "JWTLINT_DOCS_URL", "CI"])
def test_what_the_looks_depend_on_belongs_to_the_question(project: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.delenv(variable, raising=False)
    kept(project)
    assert answers.recall(COMMAND) is not None
    monkeypatch.setenv(variable, "https://lint.example")
    assert answers.recall(COMMAND) is None


def test_what_is_written_to_a_file_or_not_cached_is_not_kept(project: Path, own_cache: Path) -> None:
    time.sleep(answers.RACY_NS / 1e9 + 0.1)
    run("check", ".", "--output", "report.txt")
    run("check", ".", "--format", "text", "--format", "json:report.json")
    run("check", ".", "--no-cache")
    run("check", ".", "--show-files")
    assert not (own_cache / "jwtlint/answers").exists()
