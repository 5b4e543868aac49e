"""A code frame: the lines around a place, with the exact span underlined and a label under it."""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.facts.lifecycle import Place
from jwtlint.report.escape import visible
from jwtlint.report.line import Line, width
from jwtlint.sources.text import Texts

MAX_WIDTH = 140


def frame(texts: Texts, place: Place, label: str, style: str, context: int = 1, height: int = 4, gutter: int = 4) -> Iterator[Line]:
    """The lines of a frame. ``context`` lines stand before it; of a long span only the first ``height`` lines are shown."""
    lines = texts.lines(place.path)
    if not 0 < place.line <= len(lines):
        return
    last = min(max(place.end_line, place.line), len(lines))
    shown = min(last, place.line + height - 1)
    for number in range(max(1, place.line - context), place.line):
        yield source_line(number, readable(lines[number - 1]), gutter)
    for number in range(place.line, shown + 1):
        line = lines[number - 1]
        start = place.column if number == place.line else len(line) - len(line.lstrip())
        end = place.end_column if number == place.end_line else len(line.rstrip())
        before, inside, after = readable(line[:start]), readable(line[start:end]), readable(line[end:])
        before, inside, after = cropped(before, inside, after)
        yield source_line(number, before + inside + after, gutter)
        underline = Line(" " * gutter + " | ", "blue")
        underline.append(" " * width(before))
        underline.append("^" * max(1, width(inside)), style)
        if number == shown:
            underline.append(f" {visible(label)}" if shown == last else f" {visible(label)} (to line {last})", style)
        yield underline


def source_line(number: int, text: str, gutter: int) -> Line:
    """One numbered line."""
    line = Line(f"{number:>{gutter}} | ", "blue")
    return line.append(text[:MAX_WIDTH], "default").stripped()


def readable(data: bytes) -> str:
    """Bytes of one line as safe text."""
    return visible(data.decode("utf-8", "replace"))


def cropped(before: str, inside: str, after: str) -> tuple[str, str, str]:
    """A line cut so that the span can be seen."""
    if len(before) + len(inside) + len(after) <= MAX_WIDTH:
        return before, inside, after
    if len(before) > MAX_WIDTH // 2:
        before = "…" + before[-(MAX_WIDTH // 4) :]
    room = MAX_WIDTH - len(before)
    if len(inside) > room:
        return before, inside[: room - 1] + "…", ""
    room -= len(inside)
    return before, inside, after if len(after) <= room else after[: max(0, room - 1)] + "…"
