"""A mistake of the user ends the run; what is wrong with a scanned file does not (:mod:`jwtlint.sources.failures`)."""

from __future__ import annotations

from collections.abc import Iterable


class UserError(Exception):
    """Wrong use or configuration. The message is one sentence: what, where, and how to mend it. Exit status 2."""


def suggestion(word: str, known: Iterable[str]) -> str:
    """``; did you mean "known"?``, or nothing when no known word is near."""
    import difflib

    near = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{near[0]}"?' if near else ""
