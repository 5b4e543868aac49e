"""Ignore rules in the language of ``.gitignore`` (gitignore(5)), made for asking about many paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count


class Pattern:
    """One line: a regular expression over a path relative to the folder of the file it stands in."""

    __slots__ = ("regex", "negated", "folders_only")

    def __init__(self, regex: str, negated: bool, folders_only: bool) -> None:
        self.regex = re.compile(regex)
        self.negated = negated
        self.folders_only = folders_only


class IgnoreRules:
    """The patterns of one ignore file.

    Most paths match no pattern at all, so one alternation of all of them is asked first.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        numbers = count()
        self.patterns = [pattern for line in lines if (pattern := parse(line, numbers)) is not None]
        self.any = re.compile("|".join(f"(?:{pattern.regex.pattern})" for pattern in self.patterns)) if self.patterns else None

    def verdict(self, path: str, folder: bool) -> bool | None:
        """True for ignored, False for taken back by a negated pattern, None where no pattern speaks of the path."""
        if self.any is None or self.any.fullmatch(path) is None:
            return None
        for pattern in reversed(self.patterns):
            if (folder or not pattern.folders_only) and pattern.regex.fullmatch(path) is not None:
                return not pattern.negated
        return None


def parse(line: str, numbers: Iterator[int]) -> Pattern | None:
    """One line of an ignore file; None for blank lines, comments, and what can match nothing. ``numbers`` name groups."""
    line = line.rstrip("\r\n")
    while line.endswith(" ") and not line.endswith("\\ "):
        line = line[:-1]
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    if negated:
        line = line[1:]
    folders_only = line.endswith("/")
    line = line.removesuffix("/")
    anchored = "/" in line
    segments = line.removeprefix("/").split("/")
    if "" in segments or "\0" in line:
        return None
    try:
        return Pattern(translate(segments if anchored else ["**", *segments], numbers), negated, folders_only)
    except (re.error, ValueError):
        return None


def translate(segments: Sequence[str], numbers: Iterator[int]) -> str:
    """The segments of a glob as a regular expression. ``**`` stands for any number of folders, at the end for all inside.

    A scanned repository writes these patterns, so none may take exponential time: what follows a wildcard is taken at its first
    occurrence and never given back (a lookahead that captures, as ``fnmatch`` does it), for no later one can match more.
    """
    groups: list[list[str]] = [[]]
    for position, segment in enumerate(segments):
        if segment != "**":
            groups[-1].append(translate_segment(segment, numbers))
        elif position + 1 < len(segments) and (groups[-1] or len(groups) == 1):
            groups.append([])
    inside_all = segments[-1] == "**"
    parts: list[str] = []
    for position, group in enumerate(groups):
        last = position == len(groups) - 1
        text = "/".join(group)
        if last and inside_all:
            text = f"{text}/.+" if text else ".+"
        elif not last and text:
            text += "/"
        if position == 0:
            parts.append(text)
        elif last:
            parts.append(f"(?:.*/)?{text}")
        else:
            parts.append(first_occurrence("(?:[^/]+/)*?", text, numbers))
    return "(?s:" + "".join(parts) + ")"


def translate_segment(glob: str, numbers: Iterator[int]) -> str:
    """What stands between two slashes."""
    chunks: list[list[str]] = [[]]
    position = 0
    while position < len(glob):
        character = glob[position]
        position += 1
        if character == "*":
            if chunks[-1] or len(chunks) == 1:
                chunks.append([])
        elif character == "?":
            chunks[-1].append("[^/]")
        elif character == "[":
            bracket, position = character_class(glob, position)
            chunks[-1].append(bracket)
        elif character == "\\":
            if position == len(glob):
                raise ValueError("a pattern that ends in a backslash matches nothing")
            chunks[-1].append(re.escape(glob[position]))
            position += 1
        else:
            chunks[-1].append(re.escape(character))
    first, *others = ("".join(chunk) for chunk in chunks)
    if not others:
        return first
    *middle, last = others
    return first + "".join(first_occurrence("[^/]*?", chunk, numbers) for chunk in middle) + f"[^/]*{last}"


def first_occurrence(wildcard: str, text: str, numbers: Iterator[int]) -> str:
    """A wildcard and the first occurrence of what follows it, without a second try."""
    name = f"n{next(numbers)}"
    return f"(?=(?P<{name}>{wildcard}{text}))(?P={name})"


def character_class(glob: str, position: int) -> tuple[str, int]:
    """``[...]`` from behind its bracket, and the position behind it. Raises ``ValueError`` when it is not closed."""
    start = position
    if glob[position : position + 1] in ("!", "^"):
        position += 1
    if glob[position : position + 1] == "]":
        position += 1
    end = glob.find("]", position)
    if end < 0:
        raise ValueError("an unclosed bracket matches nothing")
    content = glob[start:end]
    negated = content[:1] in ("!", "^")
    content = content[1:] if negated else content
    content = content.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("^", "\\^").replace("&&", "&\\&")
    return (f"[^/{content}]" if negated else f"(?!/)[{content}]"), end + 1
