"""A folder that is analysed as one program, and what was found in it last."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lsprotocol import types

from jwtlint.language_server.messages import Analysed, Mark
from jwtlint.language_server.positions import Positions, encoded
from jwtlint.sources.text import Texts

MARKERS = ("jwtlint.toml", ".git")


@dataclass(frozen=True)
class Buffer:
    """A file as an editor holds it. ``path`` is absolute."""

    path: str
    uri: str
    version: int | None
    text: str


@dataclass(frozen=True)
class Snapshot:
    """One analysis and the texts that it saw. ``buffers`` are the open files by their paths below ``root``."""

    ticket: int
    root: str
    buffers: Mapping[str, Buffer]
    unsaved: Mapping[str, bytes]
    encoding: types.PositionEncodingKind | str

    @property
    def positions(self) -> Positions:
        """Ranges in its files, which are read again where no editor holds them."""
        return Positions(Texts(Path(self.root), self.unsaved), self.encoding, self.unsaved)

    def full(self, path: str) -> str:
        """The absolute path of a file."""
        return os.path.join(self.root, *path.split("/"))


@dataclass
class Outcome:
    """What an analysis found, with the range of each mark in its file."""

    snapshot: Snapshot
    analysed: Analysed
    ranges: dict[int, types.Range] = field(default_factory=dict)

    def __post_init__(self) -> None:
        positions = self.snapshot.positions
        self.ranges = {mark.number: positions.range(mark.place) for mark in self.analysed.marks}

    def marks_in(self, path: str) -> Iterator[tuple[Mark, types.Range]]:
        """The marks of a file (a path below the root), with their ranges."""
        for mark in self.analysed.marks:
            if mark.place.path == path:
                yield mark, self.ranges[mark.number]


class Project:
    """The folder ``root``; with ``alone`` only the one file of that name in it.

    ``analyse`` is called when there is something to do, never twice at a time; what comes meanwhile leads to one more call.
    """

    def __init__(self, root: str, alone: str, analyse: Callable[[Project], Awaitable[None]]) -> None:
        self.root = root
        self.alone = alone
        self.analyse = analyse
        self.outcome: Outcome | None = None
        self.published: dict[str, tuple[list[types.Diagnostic], int | None]] = {}  # by URI, with the version of the document
        self.problem = ""  # what the user was told last
        self.due: float | None = None
        self.hurry = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    def touch(self, delay: float) -> None:
        """Something changed: analyse after ``delay`` seconds in which nothing else does."""
        loop = asyncio.get_running_loop()
        self.due = loop.time() + delay
        self.hurry.set()
        if self.task is None or self.task.done():
            self.task = loop.create_task(self.run())

    async def run(self) -> None:
        """Analyse until nothing is due."""
        loop = asyncio.get_running_loop()
        while self.due is not None:
            wait = self.due - loop.time()
            if wait > 0:
                self.hurry.clear()
                try:
                    await asyncio.wait_for(self.hurry.wait(), wait)
                except asyncio.TimeoutError:
                    pass
                continue
            self.due = None
            await self.analyse(self)

    async def settled(self) -> Outcome | None:
        """What was found in the present texts; analyses that are due are made at once."""
        while self.task is not None and not self.task.done():
            if self.due is not None:
                self.touch(0)
            await asyncio.wait((self.task,), timeout=None if self.due is None else 0.05)
        return self.outcome

    def close(self) -> None:
        """Analyse no more."""
        self.due = None
        if self.task is not None:
            self.task.cancel()

    def path_of(self, full: str) -> str | None:
        """The path of a file below the root, with forward slashes; None for what this project is not about."""
        if self.alone:
            return self.alone if full == os.path.join(self.root, self.alone) else None
        prefix = self.root if self.root.endswith(os.sep) else self.root + os.sep
        return full[len(prefix) :].replace(os.sep, "/") if full.startswith(prefix) else None

    def snapshot(self, ticket: int, buffers: Mapping[str, Buffer], encoding: types.PositionEncodingKind | str) -> Snapshot:
        """The present texts. ``buffers`` are all open files by their absolute paths."""
        own = {path: buffer for full, buffer in buffers.items() if (path := self.path_of(full)) is not None}
        return Snapshot(ticket, self.root, own, {path: encoded(path, buffer.text) for path, buffer in own.items()}, encoding)


def around(full: str) -> tuple[str, str]:
    """The folder and the single file to analyse when a file is opened without a workspace: its repository, else the file alone."""
    folder, name = os.path.split(full)
    above = folder
    while True:
        if any(os.path.exists(os.path.join(above, marker)) for marker in MARKERS):
            return above, ""
        upper = os.path.dirname(above)
        if upper == above:
            return folder, name
        above = upper
