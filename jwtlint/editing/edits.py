"""Edits out of two versions of a text."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from jwtlint.facts.lifecycle import Place
from jwtlint.rules.edited import split_lines
from jwtlint.rules.fixes import Edit


def edits_between(path: str, old: str, new: str) -> tuple[Edit, ...]:
    """The smallest edits by line and character that make ``new`` of ``old``; sorted."""
    before, after = split_lines(old), split_lines(new)
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old_lines, new_lines = before[head : len(before) - tail], after[head : len(after) - tail]
    found: list[Edit] = []
    for tag, first, last, new_first, new_last in difflib.SequenceMatcher(None, old_lines, new_lines, autojunk=False).get_opcodes():
        if tag != "equal":
            found.append(narrowed(path, before, head + first, head + last, "".join(new_lines[new_first:new_last])))
    return tuple(found)


def narrowed(path: str, lines: Sequence[str], first: int, last: int, text: str) -> Edit:
    """The edit that replaces the lines ``first`` to ``last`` (0-based, the end exclusive), without what both versions share."""
    old = "".join(lines[first:last])
    start = 0
    while start < min(len(old), len(text)) and old[start] == text[start]:
        start += 1
    end = 0
    while end < min(len(old), len(text)) - start and old[-1 - end] == text[-1 - end]:
        end += 1
    # never between the two characters of a line end
    if start and old[start - 1] == "\r" and (old[start : start + 1] == "\n" or text[start : start + 1] == "\n"):
        start -= 1
    if end and old[len(old) - end] == "\n" and (old[: len(old) - end].endswith("\r") or text[: len(text) - end].endswith("\r")):
        end -= 1
    line, column = position(lines, first, start)
    end_line, end_column = position(lines, first, len(old) - end)
    return Edit(Place(path, line, column, end_line, end_column), text[start : len(text) - end])


def position(lines: Sequence[str], first: int, offset: int) -> tuple[int, int]:
    """The 1-based line and the 0-based UTF-8 column of a character, counted from the start of line ``first``."""
    number = first
    while number < len(lines) and offset >= len(lines[number]):
        offset -= len(lines[number])
        number += 1
    if number == len(lines):
        # behind the last character
        if lines and not lines[-1].endswith(("\n", "\r")):
            return number, len(lines[-1].encode("utf-8", "surrogatepass"))
        return number + 1, 0
    return number + 1, len(lines[number][:offset].encode("utf-8", "surrogatepass"))
