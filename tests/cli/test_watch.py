"""``jwtlint check --watch`` on a real terminal."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from repositories import TOKENS, VIEWS, mend

from jwtlint.cli import main

pty = pytest.importorskip("pty", reason="there are no pseudo-terminals here")
PATIENCE = 60.0  # seconds after which a test gives up


def hear_interrupts() -> None:
    """What a shell runs in the background ignores Ctrl-C, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Terminal:
    """A command on a terminal, and all that it wrote."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.reader, writer = pty.openpty()
        command = [str(Path(sys.executable).parent / "jwtlint"), *arguments]
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=writer, stdout=writer, stderr=writer, start_new_session=True, preexec_fn=hear_interrupts
        )
        os.close(writer)
        self.written = ""

    def until(self, *words: str) -> str:
        """Read on until all words came; what came since the last time."""
        end = time.monotonic() + PATIENCE
        while not all(word in self.written for word in words):
            ready, _, _ = select.select([self.reader], [], [], max(0, end - time.monotonic()))
            assert ready, f"{words} did not come: {self.written}"
            self.written += os.read(self.reader, 65536).decode("utf-8", "replace")
        told, self.written = self.written, ""
        return told

    def interrupt(self) -> int:
        """Ctrl-C; gives the exit status."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE)


@pytest.fixture
def application(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "tokens.py").write_text(TOKENS)
    (tmp_path / "views.py").write_text(VIEWS)
    return tmp_path


@pytest.fixture
def terminal(application: Path) -> Iterator[Terminal]:
    one = Terminal(application, "check", "--watch", "--format", "concise", "--color", "never")
    yield one
    one.process.kill()
    one.process.wait()
    os.close(one.reader)


WAITS = "watching for changes; Ctrl-C ends"


def test_it_checks_again_when_something_changes(application: Path, terminal: Terminal) -> None:
    assert "tokens.py:11:12: error[JWT101]" in terminal.until(WAITS)
    mend(application)
    assert "JWT101" not in terminal.until(WAITS)
    # a new file, and a configuration that was not there
    (application / "more.py").write_text("import jwt\n\nt = jwt.encode({}, 'secret', algorithm='HS256')\n")
    assert "more.py:3:20: error[JWT404]" in terminal.until(WAITS)
    (application / "jwtlint.toml").write_text("ignroe = ['JWT4']\n")
    assert 'unknown key "ignroe"' in terminal.until(WAITS)
    (application / "jwtlint.toml").write_text("ignore = ['JWT4']\n")
    assert "JWT404" not in terminal.until(WAITS)
    assert terminal.interrupt() == 0


def test_the_status_is_that_of_the_last_run(terminal: Terminal) -> None:
    terminal.until(WAITS)
    assert terminal.interrupt() == 1


def test_wrong_use(application: Path) -> None:
    result = CliRunner().invoke(main, ["check", "--watch", str(application)])
    assert result.exit_code == 2
    assert "--watch is for people at a terminal" in result.stderr
    result = CliRunner().invoke(main, ["check", "--watch", "--stdin-filename", "a.py"])
    assert result.stderr == "jwtlint: --watch and --stdin-filename exclude each other\n"
    on_terminal = Terminal(application, "check", "--watch", "no-such-folder")
    on_terminal.until("there is no file or folder no-such-folder")
    assert on_terminal.process.wait(PATIENCE) == 2
    os.close(on_terminal.reader)
