"""What the bytes of a file speak of, and its import statements, without parsing: one pass of an Aho-Corasick automaton.

A large tree is read by several processes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

import ahocorasick_rs
import msgspec

from jwtlint.facts.web_layout import is_web
from jwtlint.sources import web_screen, workers
from jwtlint.sources.contents import NOTHING, Contents
from jwtlint.sources.failures import FileError, unreadable_file
from jwtlint.sources.look import Look
from jwtlint.sources.walk import SourceFile

IMPORT = b"import"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")  # its marks
SHARE = 200  # files in one job
MANY_FILES = 4 * SHARE


class ScreenResult(msgspec.Struct, frozen=True, array_like=True):
    """A look at each file that was read, and what could not be read."""

    looks: dict[str, Look]
    errors: tuple[FileError, ...]


class Screening:
    """Reads ``files`` and looks for ``needles``, each of which stands for a subject: a bit; in files of front ends for ``web_words``.

    It begins at once if there is much to do. ``unsaved`` takes the place of what is on the disk.
    """

    def __init__(
        self,
        root: Path,
        files: Iterable[SourceFile],
        needles: Mapping[bytes, int],
        web_words: Collection[bytes] = (),
        unsaved: Mapping[str, bytes] = NOTHING,
    ) -> None:
        self.contents = Contents(root, unsaved)
        self.files = list(files)
        self.look = automaton(needles)
        self.web_look = web_screen.automaton(web_words) if any(is_web(file.path) for file in self.files) else None
        self.workers: workers.Workers | None = None
        count = workers.available()
        if count > 1 and len(self.files) >= MANY_FILES:
            self.workers = workers.Workers(self.share, (len(self.files) + SHARE - 1) // SHARE, count - 1, shared=True)

    def share(self, number: int) -> bytes:
        """One share of the files."""
        return msgspec.msgpack.encode(self.read(self.files[number * SHARE : (number + 1) * SHARE]))

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
            if data.startswith(UTF_16):
                # the words that are looked for cannot be found in it
                which = "" if is_web(file.path) else ", which Python does not read"
                errors.append(FileError(file.path, f"it is encoded in UTF-16{which}; save it as UTF-8"))
                continue
            if self.web_look is not None and is_web(file.path):
                looks[file.path] = self.web_look(file.path, data)
            else:
                looks[file.path] = self.look(data)
        return ScreenResult(looks, tuple(errors))

    def result(self) -> ScreenResult:
        """What all files speak of."""
        if self.workers is None:
            return self.read(self.files)
        looks: dict[str, Look] = {}
        errors: list[FileError] = []
        for number, data in self.workers.results():
            if isinstance(data, workers.Failure):
                part = self.read(self.files[number * SHARE : (number + 1) * SHARE])
            else:
                part = msgspec.msgpack.decode(data, type=ScreenResult)
            looks.update(part.looks)
            errors.extend(part.errors)
        return ScreenResult(looks, tuple(sorted(errors)))

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
