"""What the bytes of a file speak of, without parsing: one pass of an Aho-Corasick automaton over each file."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import ahocorasick_rs
import msgspec

from jwtlint.sources.failures import FileError, unreadable_file
from jwtlint.sources.walk import SourceFile


class ScreenResult(msgspec.Struct, frozen=True):
    """The subjects of each file that was read (a sum of bits, 0 for none), and what could not be read."""

    subjects: dict[str, int]
    errors: tuple[FileError, ...]


def screen(root: Path, files: Iterable[SourceFile], needles: Mapping[bytes, int]) -> ScreenResult:
    """Read ``files`` and look for ``needles``, each of which stands for a subject: a bit."""
    speak_of = automaton(needles)
    subjects: dict[str, int] = {}
    errors: list[FileError] = []
    top = os.path.abspath(root)
    for file in files:
        try:
            data = read(os.path.join(top, file.path), file.size)
        except OSError as error:
            errors.append(unreadable_file(file.path, error))
            continue
        subjects[file.path] = speak_of(data)
    return ScreenResult(subjects, tuple(errors))


def automaton(needles: Mapping[bytes, int]) -> Callable[[bytes], int]:
    """A function that gives the subjects of some bytes."""
    patterns = [needle for needle in sorted(needles) if needle]
    if not patterns:
        return lambda _: 0
    bits = [needles[pattern] for pattern in patterns]
    find = ahocorasick_rs.BytesAhoCorasick(patterns).find_matches_as_indexes

    def speak_of(data: bytes) -> int:
        found = 0
        # overlapping: a short needle must not hide a longer one with another subject
        for match in find(data, overlapping=True):
            found |= bits[match[0]]
        return found

    return speak_of


def read(path: str, size: int) -> bytes:
    """A file's bytes; ``size`` is what it is expected to hold. A symbolic link is refused. Raises ``OSError``."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    descriptor = os.open(path, flags)
    try:
        data = os.read(descriptor, size + 1)
        if len(data) <= size:
            return data
        # it grew since the walk
        parts = [data]
        while part := os.read(descriptor, 1 << 20):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)
