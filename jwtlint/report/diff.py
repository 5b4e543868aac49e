"""Unified diffs of scanned files, safe to print.

Control characters are written out, except tabs; so a diff can be applied by other tools unless the code itself holds such characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jwtlint.report.escape import UNSAFE, written_out
from jwtlint.report.line import Line

COMMAND = re.compile(r"^(\s*)(::|##\[)")  # what GitHub's and Azure's runners obey at the start of a line
STYLES = {"+": "green", "-": "red", "@": "cyan"}


def unified(path: str, before: str, after: str, context: int = 3) -> Iterator[Line]:
    """The lines of a diff between two versions of a file."""
    import difflib

    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    for text in difflib.unified_diff(old, new, f"a/{path}", f"b/{path}", n=context):
        line = text.rstrip("\r\n")
        style = "bold" if line.startswith(("--- ", "+++ ")) else STYLES.get(line[:1], "default")
        yield Line(safe(line), style)
        if not text.endswith(("\n", "\r")):
            yield Line("\\ No newline at end of file", "dim")


def safe(line: str) -> str:
    """A line of a diff without what a terminal or a CI runner obeys; tabs stay."""
    text = "\t".join(UNSAFE.sub(written_out, part) for part in line.split("\t"))
    return COMMAND.sub(r"\1\\x3a:", text) if "::" in text[:200] or "##[" in text[:200] else text
