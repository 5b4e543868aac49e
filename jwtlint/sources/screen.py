"""What the bytes of a file speak of, and its import statements, without parsing: one pass of an Aho-Corasick automaton.

A large tree is read by several processes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import ahocorasick_rs
import msgspec

from jwtlint.facts.web_layout import is_web
from jwtlint.sources import web_screen, workers
from jwtlint.sources.cache import digest
from jwtlint.sources.contents import NOTHING, Contents
from jwtlint.sources.failures import FileError, unreadable_file
from jwtlint.sources.look import SILENT, Look
from jwtlint.sources.walk import SourceFile, WalkResult

IMPORT = b"import"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # its marks
SHARE = 100  # files in one job
MANY_FILES = 8 * SHARE
WALK_LIMIT = 3600.0  # seconds; nothing in a walk can hang but the disk


class ScreenResult(msgspec.Struct, frozen=True, array_like=True):
    """The looks at the files that speak of something or import something, and what could not be read."""

    looks: dict[str, Look]
    errors: tuple[FileError, ...]


class Screening:
    """Reads files and looks for needles, each of which stands for a subject: a bit; in files of front ends for words.

    What gives these is called when they are needed, in each process. Either :meth:`find` begins to look for the files, or :meth:`begin` is
    told them. ``unsaved`` takes the place of what is on the disk.
    """

    def __init__(
        self,
        root: Path,
        needles: Callable[[], Mapping[bytes, int]],
        web_words: Callable[[], Collection[bytes]] = tuple,
        unsaved: Mapping[str, bytes] = NOTHING,
    ) -> None:
        self.contents = Contents(root, unsaved)
        self.needles = needles
        self.web_words = web_words
        self.walk: Callable[[], WalkResult] | None = None
        self.walked: WalkResult | None = None
        self.files: Sequence[SourceFile] = ()
        self.workers: workers.Workers | None = None

    def find(self, walk: Callable[[], WalkResult]) -> None:
        """Begin to walk in another process, which goes on with looking at what it finds while this one does something else."""
        self.walk = walk
        if workers.available() > 1:
            self.workers = workers.Workers(self.job, 1, 1, WALK_LIMIT, shared=True, others=lambda: self.shares)

    def found(self) -> WalkResult:
        """The files that :meth:`find` looks for."""
        if self.walked is None:
            assert self.walk is not None
            if self.workers is None:
                self.walked = self.walk()
            else:
                data = self.workers.first()
                self.walked = self.walk() if isinstance(data, workers.Failure) else msgspec.msgpack.decode(data, type=WalkResult)
            self.files = self.walked.files
            if self.workers is not None:
                self.workers.add(self.shares, workers.available() - 1)
        return self.walked

    def begin(self, files: Sequence[SourceFile]) -> None:
        """Begin to look at files; at once if there is much to do. After :meth:`find` these are the ones that it found."""
        if self.walked is not None:
            return
        self.files = files
        if workers.available() > 1 and len(files) >= MANY_FILES:
            self.workers = workers.Workers(self.job, self.shares, workers.available() - 1, shared=True)

    @property
    def shares(self) -> int:
        """The number of shares of the files."""
        return (len(self.files) + SHARE - 1) // SHARE

    def job(self, number: int) -> bytes:
        """The walk, if there is one, or one share of the files."""
        if self.walk is None:
            return msgspec.msgpack.encode(self.share(number))
        if number:
            if not self.files:
                raise LookupError("the walk failed in this process")
            return msgspec.msgpack.encode(self.share(number - 1))
        walked = self.walk()
        told = msgspec.msgpack.encode(walked)
        self.files = walked.files
        return told

    def share(self, number: int) -> ScreenResult:
        """Look at one share of the files."""
        return self.read(self.files[number * SHARE : (number + 1) * SHARE])

    def read(self, files: Sequence[SourceFile]) -> ScreenResult:
        """Look at some files."""
        looks: dict[str, Look] = {}
        errors: list[FileError] = []
        for file in files:
            try:
                data = self.contents.read(file.path, file.size)
            except OSError as error:
                errors.append(unreadable_file(file.path, error))
                continue
            web = is_web(file.path)
            if data.startswith(UTF_16):
                # the words that are looked for cannot be found in it
                which = "" if web else ", which Python does not read"
                errors.append(FileError(file.path, f"it is encoded in UTF-16{which}; save it as UTF-8"))
                continue
            look = self.web_look(file.path, data) if web else self.look(data)
            if look != SILENT:
                looks[file.path] = look
        return ScreenResult(looks, tuple(errors))

    @cached_property
    def look(self) -> Callable[[bytes], Look]:
        """What looks at a Python file."""
        return automaton(self.needles())

    @cached_property
    def web_look(self) -> Callable[[str, bytes], Look]:
        """What looks at a file of a front end."""
        return web_screen.automaton(self.web_words())

    @property
    def key(self) -> bytes:
        """A digest of all that is looked for."""
        needles = (needle + subject.to_bytes(2, "big") for needle, subject in sorted(self.needles().items()))
        return digest(*needles, b"web", *self.web_words())

    def results(self) -> Iterator[ScreenResult]:
        """What the files speak of, as it becomes known."""
        if self.workers is None:
            yield self.read(self.files)
            return
        for number, data in self.workers.results():
            if isinstance(data, workers.Failure):
                yield self.share(number - (self.walk is not None))
            else:
                yield msgspec.msgpack.decode(data, type=ScreenResult)

    def stop(self) -> None:
        """End what still runs."""
        if self.workers is not None:
            self.workers.stop()


def automaton(needles: Mapping[bytes, int]) -> Callable[[bytes], Look]:
    """A function that looks at some bytes."""
    patterns = sorted({needle for needle in needles if needle} | {IMPORT})
    bits = [needles.get(pattern, 0) for pattern in patterns]
    marker = patterns.index(IMPORT)
    find = ahocorasick_rs.BytesAhoCorasick(patterns).find_matches_as_indexes

    def look(data: bytes) -> Look:
        found = 0
        marks: list[int] = []
        # overlapping: a short needle must not hide a longer one with another subject
        for index, start, _ in find(data, overlapping=True):
            found |= bits[index]
            if index == marker:
                marks.append(start)
        return Look(found, import_statements(data, marks) if marks else b"")

    return look


def import_statements(data: bytes, marks: Sequence[int]) -> bytes:
    """The statements around the given places of ``import``, without indentation; one that goes over several lines is whole."""
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    found: list[bytes] = []
    done = 0
    closed = True
    for mark in marks:
        if mark < done:
            continue
        start = data.rfind(b"\n", 0, mark) + 1
        end = line_end(data, mark)
        line = data[start:end].lstrip()
        if line.startswith((b"from", b"import")):
            if b"(" in line and b")" not in line and closed:
                close = data.find(b")", end)
                # not asked again where there is none: a hostile file may open ever so many
                closed = close >= 0
                if closed:
                    end = close + 1
                    line = data[start:end].lstrip()
            else:
                parts: list[bytes] = []
                while line.endswith((b"\\", b"\\\r")) and end < len(data):
                    parts.append(line.rstrip(b"\\\r"))
                    following = line_end(data, end + 1)
                    line, end = data[end + 1 : following], following
                line = b" ".join((*parts, line)) if parts else line
            found.append(line)
        done = end
    return b"\n".join(found)


def line_end(data: bytes, position: int) -> int:
    """The position of the next line end, or the end of the data."""
    end = data.find(b"\n", position)
    return end if end >= 0 else len(data)
