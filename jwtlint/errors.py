"""What can go wrong: a mistake of the user ends the run, a file that cannot be read does not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

import msgspec


class UserError(Exception):
    """Wrong use or configuration. The message is one sentence: what, where, and how to mend it. Exit status 2."""


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


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean "known"?``, or nothing when no known word is near."""
    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""
