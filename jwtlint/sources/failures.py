"""What is told of a file that could not be read or parsed."""

from __future__ import annotations

import msgspec


class FileError(msgspec.Struct, frozen=True, order=True):
    """A file or folder that could not be read or parsed. ``line`` is 1-based, 0 when it is not known.

    ``passing``: the reason lies outside the file (its permissions, say), and may be gone in the next run though the file is the same.
    """

    path: str
    reason: str
    line: int = 0
    passing: bool = False


def unreadable_file(path: str, error: OSError) -> FileError:
    """What to record of a file that the system refuses to read."""
    shown = path.encode("utf-8", "backslashreplace").decode("utf-8")
    return FileError(shown, f"it cannot be read ({error.strerror or error})", passing=True)
