"""Ignore rules in the language of ``.gitignore`` (gitignore(5)), made for asking about many paths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import count
from typing import NamedTuple

GLOB_SIGNS = frozenset("*?[\\")
# a hostile repository may write ever so many; what is not ignored is scanned
MAX_GLOBS = 500
MAX_LENGTH = 1_000  # characters of one pattern


class Pattern(NamedTuple):
    """One line: the segments of a glob. ``anchored``: it is about the whole path; else about its last segment."""

    segments: tuple[str, ...]
    anchored: bool
    negated: bool
    folders_only: bool


class IgnoreRules:
    """The patterns of one ignore file. Paths are relative to the folder of the file it stands in; the last match decides.

    Most lines name a file, a folder or an ending, and most paths match nothing: names and paths without a wildcard are looked
    up, endings are compared, and only what remains is asked by regular expressions.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self.patterns = [pattern for line in lines if (pattern := parse(line)) is not None]
        self.literals: dict[str, list[int]] = {}  # last segments, and whole paths behind a slash
        self.endings: dict[str, list[int]] = {}
        globs: list[int] = []
        for index, pattern in enumerate(self.patterns):
            text = "/".join(pattern.segments)
            if GLOB_SIGNS.isdisjoint(text):
                self.literals.setdefault(f"/{text}" if pattern.anchored else text, []).append(index)
            elif not pattern.anchored and text[0] == "*" and GLOB_SIGNS.isdisjoint(text[1:]):
                self.endings.setdefault(text[1:], []).append(index)
            elif len(globs) < MAX_GLOBS:
                globs.append(index)
        self.all_endings = tuple(self.endings)
        self.regexes: list[tuple[re.Pattern[str], int]] = []
        self.name_globs = self.union(index for index in globs if not self.patterns[index].anchored)
        self.path_globs = self.union(index for index in globs if self.patterns[index].anchored)

    def __bool__(self) -> bool:
        """Whether there is any pattern."""
        return bool(self.patterns)

    def union(self, indexes: Iterable[int]) -> re.Pattern[str] | None:
        """One regular expression for several patterns, each of which is kept as well; None for no pattern."""
        numbers = count()
        texts: list[str] = []
        for index in indexes:
            try:
                text = translate(self.patterns[index].segments, numbers)
                self.regexes.append((re.compile(text), index))
            except (re.error, ValueError):
                continue  # it can match nothing
            texts.append(f"(?:{text})")
        return re.compile("|".join(texts)) if texts else None

    def verdict(self, path: str, folder: bool) -> bool | None:
        """True for ignored, False for taken back by a negated pattern, None where no pattern speaks of the path."""
        name = path.rpartition("/")[2]
        found: list[int] = []
        if name in self.literals:
            found += self.literals[name]
        if (whole := f"/{path}") in self.literals:
            found += self.literals[whole]
        if self.all_endings and name.endswith(self.all_endings):
            found += (index for ending, indexes in self.endings.items() if name.endswith(ending) for index in indexes)
        by_name = self.name_globs is not None and self.name_globs.fullmatch(name) is not None
        by_path = self.path_globs is not None and self.path_globs.fullmatch(path) is not None
        if by_name or by_path:
            for regex, index in self.regexes:
                if regex.fullmatch(path if self.patterns[index].anchored else name) is not None:
                    found.append(index)
        for index in sorted(found, reverse=True):
            pattern = self.patterns[index]
            if folder or not pattern.folders_only:
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
    line = line.removesuffix("/")
    anchored = "/" in line
    segments = tuple(line.removeprefix("/").split("/"))
    if "" in segments or "\0" in line or len(line) > MAX_LENGTH:
        return None
    return Pattern(segments, anchored, negated, folders_only)


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
