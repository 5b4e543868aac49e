"""Texts with the edits of a fix made."""

from __future__ import annotations

import re
from collections.abc import Iterable

from jwtlint.rules.fixes import Edit

LINE_END = re.compile(r"\r\n|\r|\n")


def split_lines(text: str) -> list[str]:
    """Lines with their ends, as Python and LibCST count them: a form feed or another separator of Unicode ends no line."""
    lines: list[str] = []
    start = 0
    for found in LINE_END.finditer(text):
        lines.append(text[start : found.end()])
        start = found.end()
    if start < len(text):
        lines.append(text[start:])
    return lines


def applied(text: str, edits: Iterable[Edit]) -> str:
    """A text with edits made; they must not overlap. ``text`` has no byte order mark."""
    lines = split_lines(text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(line: int, column: int) -> int:
        if line > len(lines):
            return starts[-1]
        return starts[line - 1] + len(lines[line - 1].encode("utf-8", "surrogatepass")[:column].decode("utf-8", "surrogatepass"))

    parts: list[str] = []
    at = 0
    for edit in sorted(edits):
        begin = offset(edit.place.line, edit.place.column)
        parts += (text[at:begin], edit.text)
        at = offset(edit.place.end_line, edit.place.end_column)
    parts.append(text[at:])
    return "".join(parts)
