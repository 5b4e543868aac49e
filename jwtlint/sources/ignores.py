"""Ignore rules in the language of ``.gitignore`` (gitignore(5)), made for asking about many paths."""

from __future__ import annotations

import re
from collections.abc import Iterable


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
        self.patterns = [pattern for line in lines if (pattern := parse(line)) is not None]
        self.any = re.compile("|".join(f"(?:{pattern.regex.pattern})" for pattern in self.patterns)) if self.patterns else None

    def verdict(self, path: str, folder: bool) -> bool | None:
        """True for ignored, False for taken back by a negated pattern, None where no pattern speaks of the path."""
        if self.any is None or self.any.fullmatch(path) is None:
            return None
        for pattern in reversed(self.patterns):
            if (folder or not pattern.folders_only) and pattern.regex.fullmatch(path) is not None:
                return not pattern.negated
        return None


def parse(line: str) -> Pattern | None:
    """One line of an ignore file; None for blank lines, comments, and what can match nothing."""
    line = line.rstrip("\r\n")
    while line.endswith(" ") and not line.endswith("\\ "):
        line = line[:-1]
    if not line or line.startswith("#"):
        return None
    negated = line.startswith("!")
    if negated:
        line = line[1:]
    folders_only = line.endswith("/")
    line = line.rstrip("/") if folders_only else line
    anchored = "/" in line
    line = line.removeprefix("/")
    if not line or "\0" in line:
        return None
    try:
        regex = translate(line)
        re.compile(regex)
    except (re.error, ValueError):
        return None
    return Pattern(regex if anchored else f"(?:.*/)?{regex}", negated, folders_only)


def translate(glob: str) -> str:
    """A gitignore glob as a regular expression (without the rule for unanchored patterns)."""
    parts: list[str] = []
    position = 0
    while position < len(glob):
        if glob.startswith("**/", position) and (position == 0 or glob[position - 1] == "/"):
            parts.append("(?:.*/)?")
            position += 3
            continue
        if glob[position:] == "**" and position and glob[position - 1] == "/":
            parts.append(".+")
            break
        character = glob[position]
        position += 1
        if character == "*":
            while glob.startswith("*", position):
                position += 1
            parts.append("[^/]*")
        elif character == "?":
            parts.append("[^/]")
        elif character == "[":
            bracket, position = character_class(glob, position)
            parts.append(bracket)
        elif character == "\\":
            if position == len(glob):
                raise ValueError("a pattern that ends in a backslash matches nothing")
            parts.append(re.escape(glob[position]))
            position += 1
        else:
            parts.append(re.escape(character))
    return "(?s:" + "".join(parts) + ")"


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
