"""The bytes of scanned files: from the disk, or what an editor holds unsaved in their place."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jwtlint.sources.hashing import blake2b

NOTHING: Mapping[str, bytes] = {}
FLAGS = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


class Contents:
    """The files below ``root``. ``unsaved`` maps paths, relative to it, to the bytes that take the place of what is on the disk."""

    def __init__(self, root: Path | str, unsaved: Mapping[str, bytes] = NOTHING) -> None:
        self.start = os.path.join(os.path.abspath(root), "")
        self.unsaved = unsaved

    def read(self, path: str, size: int) -> bytes:
        """A file's bytes; ``size`` is what it is expected to hold. A symbolic link is refused. Raises ``OSError``."""
        if path in self.unsaved:
            return self.unsaved[path]
        return read(self.start + path, size)


def read(path: str, size: int) -> bytes:
    """A file's bytes on the disk; ``size`` is what it is expected to hold. A symbolic link is refused. Raises ``OSError``."""
    descriptor = os.open(path, FLAGS)
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


def times_of(data: bytes) -> tuple[int, int]:
    """What stands for the time and number of a file that is not on the disk: told by its bytes, and no real file has such a time."""
    known = blake2b(data, digest_size=14).digest()
    return -1 - int.from_bytes(known[:7], "big"), int.from_bytes(known[7:], "big")
