"""The same command on the same files says the same: its answer is kept, and given again when nothing changed.

This module imports next to nothing. It looks at every file and folder that the run looked at, and compares what the system
tells of each: its size, its times, its number. The time of the last change of a folder tells that no name was added or taken
away, so no folder is listed again.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from zlib import crc32

from jwtlint import __version__
from jwtlint.sources.home import cache_home

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORMAT = b"jwtlint answer 1\n"
# what changed this shortly before it was looked at may change again with the same time stamp
RACY_NS = 2_000_000_000
NUMBERS = 5  # of each path
MAX_NUMBER = (1 << 63) - 1
ABSENT = [0, 0, 0, 0, 0]


def possible() -> bool:
    """Whether the system's times of folders can be relied on."""
    return os.name == "posix"


def question(arguments: Sequence[str]) -> bytes:
    """All that an answer depends on but for files: the command, where it was given, and how its answer is shown."""
    out = sys.stdout
    parts = (
        __version__,
        sys.version,
        sys.executable,
        os.getcwd(),
        *(os.environ.get(name, "") for name in ("NO_COLOR", "FORCE_COLOR", "TERM", "CI", "JWTLINT_DOCS_URL")),
        str(out.isatty()),
        out.encoding,
        *arguments,
    )
    return "\0".join(parts).encode("utf-8", "surrogateescape")


def name_of(asked: bytes) -> str:
    """The file in which an answer is kept."""
    return os.path.join(cache_home(), "answers", f"{crc32(asked):08x}")


def numbers(path: str) -> list[int]:
    """What the system tells of a path; of a ``.git`` only its kind, for all that git does changes it."""
    try:
        found = os.lstat(path)
    except OSError:
        return ABSENT
    if path.endswith("/.git"):
        return [stat.S_IFMT(found.st_mode), 1, 0, 0, 0]
    return [found.st_mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino & MAX_NUMBER]


def recall(arguments: Sequence[str]) -> tuple[bytes, int] | None:
    """The answer and exit status of the last run of a command; None when there is none, or a file changed."""
    if not possible():
        return None
    try:
        asked = question(arguments)
        with open(name_of(asked), "rb") as file:
            if file.readline() != FORMAT:
                return None
            checksum, status, *lengths = map(int, file.readline().split())
            body = file.read()
        if crc32(body) != checksum or sum(lengths) != len(body):
            return None
        parts: list[bytes] = []
        start = 0
        for length in lengths:
            parts.append(body[start : start + length])
            start += length
        question_asked, text, paths, known = parts
        if question_asked != asked:
            return None
        expected = iter(memoryview(known).cast("q").tolist())
        # five at a time
        for path, *before in zip(paths.decode("utf-8", "surrogateescape").split("\0"), *[expected] * NUMBERS):
            if numbers(path) != before:
                return None
    except (OSError, ValueError, TypeError):
        return None
    return text, status


def keep(arguments: Sequence[str], text: bytes, status: int, paths: Iterable[str], began_ns: int) -> None:
    """Keep an answer. ``paths`` are all that the run looked at, or missed; it ``began_ns`` nanoseconds after the epoch."""
    if not possible():
        return
    limit = began_ns - RACY_NS
    seen = sorted(set(paths))
    known: list[int] = []
    for path in seen:
        found = numbers(path)
        if found[2] > limit or found[3] > limit or "\0" in path:
            return
        known += found
    asked = question(arguments)
    listed = "\0".join(seen).encode("utf-8", "surrogateescape")
    told = b"".join(number.to_bytes(8, sys.byteorder, signed=True) for number in known)
    body = asked + text + listed + told
    lengths = " ".join(str(len(part)) for part in (asked, text, listed, told))
    name = name_of(asked)
    temporary = f"{name}-{os.getpid()}-{time.monotonic_ns()}"
    try:
        os.makedirs(os.path.dirname(name), mode=0o700, exist_ok=True)
        with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(FORMAT + f"{crc32(body)} {status} {lengths}\n".encode() + body)
        os.replace(temporary, name)
    except OSError:
        return
