"""Real terminals (pseudoterminals) for what people see and type."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

PATIENCE = 120.0  # seconds without a sign of life, after which a test gives up
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>]|\x1b\][^\x07]*\x07")


class Terminal:
    """A terminal on which a program runs."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], folder: Path) -> None:
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=dict(environment), cwd=folder, start_new_session=True, close_fds=True
        )
        os.close(slave)
        self.told = ""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.master)

    def type(self, text: str) -> None:
        """Press keys; what was told before them is forgotten."""
        self.told = ""
        os.write(self.master, text.encode())

    def read_until(self, expected: str) -> str:
        """What is told, without escape sequences, up to some text in it."""
        while expected not in self.told:
            ready, _, _ = select.select([self.master], [], [], PATIENCE)
            assert ready, f"{expected!r} was not told, but {self.told!r}"
            part = os.read(self.master, 65536).decode(errors="replace")
            self.told = ESCAPES.sub("", self.told + part.replace("\0", ""))
        return self.told


def printed(command: Sequence[str], environment: Mapping[str, str], errors: bool = False, folder: Path | None = None) -> str:
    """All that a command prints on a terminal of its own, or its errors only; escape sequences stay."""
    master, slave = pty.openpty()
    streams = (subprocess.DEVNULL, slave) if errors else (slave, subprocess.DEVNULL)
    process = subprocess.Popen(command, stdout=streams[0], stderr=streams[1], env=dict(environment), cwd=folder)
    os.close(slave)
    told = b""
    try:
        while part := os.read(master, 65536):
            told += part
    except OSError:
        pass  # the other end was closed
    process.wait()
    os.close(master)
    return told.decode()
