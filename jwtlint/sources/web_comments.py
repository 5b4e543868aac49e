"""The comments of JavaScript, TypeScript, HTML and its template languages, in one pass that never looks back.

A scanner of its own, for it must find comments in files that are half broken, and in each language inside another: ``//`` and
``/* */`` in scripts, ``<!-- -->`` and ``{# #}`` (Jinja, Django) in pages.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from jwtlint.sources.comments import Comment

SCRIPTS = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
SCRIPT_TOKEN = re.compile(
    rb"""
    (?P<line>//[^\n]*)
    | (?P<block>/\*)
    | (?P<template>\{\#)
    | (?P<string>"(?:[^"\\\n]|\\.)*"? | '(?:[^'\\\n]|\\.)*'?)
    | (?P<backtick>`)
    | (?P<open>\{) | (?P<close>\})
    | (?P<slash>/)
    | (?P<end></(?i:script)\b)
    | (?P<word>[\w$.]+)
    | (?P<sign>[^\s])
    """,
    re.VERBOSE | re.DOTALL,
)
# a pattern in slashes, with classes in which a slash is a slash (ECMA-262, 12.9.5)
PATTERN = re.compile(rb"/(?:[^/\\\n\[]|\\[^\n]|\[(?:[^\]\\\n]|\\[^\n])*\])+/")
# after a value a slash divides
BEFORE_PATTERN = frozenset(b"(,=:[!&|?{};+-*%~^>")
WORDS_BEFORE_PATTERN = frozenset((b"return", b"typeof", b"case", b"in", b"of", b"delete", b"void", b"throw", b"await", b"yield", b"else"))
IN_BACKTICKS = re.compile(rb"`|\$\{|\\.", re.DOTALL)
PAGE_TOKEN = re.compile(rb"(?P<comment><!--)|(?P<template>\{\#)|(?P<tag><[a-zA-Z][\w-]*)")
TAG_SIGN = re.compile(rb"""[>"']""")
RAW = {b"script": re.compile(rb"</script\b", re.IGNORECASE), b"style": re.compile(rb"</style\b", re.IGNORECASE)}


def comments(path: str, lines: Sequence[bytes]) -> Iterator[Comment]:
    """The comments of a file, line by line, in order."""
    scanner = Scanner(b"\n".join(lines))
    if path.endswith(SCRIPTS):
        scanner.script(0, in_page=False)
    else:
        scanner.page()
    return scanner.lines()


class Scanner:
    """One file. ``found`` are the comments as the places of the whole and of what is between the marks."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.found: list[tuple[int, int, int, int]] = []
        self.missing: set[bytes] = set()

    def find(self, what: bytes, start: int) -> int:
        """Where something comes next, or -1; what is missing once is not looked for again."""
        if what in self.missing:
            return -1
        position = self.data.find(what, start)
        if position < 0:
            self.missing.add(what)
        return position

    def enclosed(self, start: int, opening: int, closing: bytes) -> int:
        """Take a comment that ends with a mark; give the position behind it. One that is never closed is none."""
        end = self.find(closing, start + opening)
        if end < 0:
            return start + opening
        self.found.append((start, end + len(closing), start + opening, end))
        return end + len(closing)

    def page(self) -> None:
        """Scan HTML."""
        position = 0
        while token := PAGE_TOKEN.search(self.data, position):
            start = token.start()
            if token.lastgroup == "comment":
                position = self.enclosed(start, 4, b"-->")
            elif token.lastgroup == "template":
                position = self.enclosed(start, 2, b"#}")
            else:
                position = self.tag_end(token.end())
                name = token.group()[1:].lower()
                if name == b"script":
                    position = self.script(position, in_page=True)
                elif name == b"style":
                    end = RAW[name].search(self.data, position)
                    position = end.end() if end is not None else len(self.data)

    def tag_end(self, position: int) -> int:
        """The position behind a tag; its quoted values are passed over."""
        while sign := TAG_SIGN.search(self.data, position):
            if sign.group() == b">":
                return sign.end()
            closing = self.find(sign.group(), sign.end())
            if closing < 0:
                return sign.end()
            position = closing + 1
        return len(self.data)

    def script(self, position: int, in_page: bool) -> int:
        """Scan a script to its end, or in a page to ``</script``; give the position there."""
        data = self.data
        depths: list[int] = []  # of braces, for each backtick that is open around here
        depth = 0
        value = False  # whether a value stands before
        no_pattern = 0  # up to here, a slash divides
        while token := SCRIPT_TOKEN.search(data, position):
            kind = token.lastgroup
            start, position = token.span()
            if kind == "line":
                end = RAW[b"script"].search(data, start, position) if in_page else None
                position = end.start() if end is not None else position
                self.found.append((start, position, start + 2, position))
            elif kind == "block":
                position = self.enclosed(start, 2, b"*/")
            elif kind == "template":
                if in_page:
                    position = self.enclosed(start, 2, b"#}")
                else:
                    position = start + 1
                    depth += 1
                    value = False
            elif kind == "backtick" or (kind == "close" and depths and depth == depths[-1]):
                if kind == "close":
                    depths.pop()
                position, inside = self.backticks(position)
                if inside:
                    depths.append(depth)
                value = not inside
            elif kind == "open":
                depth += 1
                value = False
            elif kind == "close":
                depth -= 1
                value = True
            elif kind == "slash":
                pattern = None
                if not value and start >= no_pattern:
                    pattern = PATTERN.match(data, start)
                    if pattern is None:
                        # one that is not closed is looked for once in a line
                        no_pattern = self.line_end(start)
                position = pattern.end() if pattern is not None else position
                value = pattern is not None
            elif kind == "end" and in_page:
                return position
            elif kind == "word":
                value = token.group() not in WORDS_BEFORE_PATTERN
            else:
                value = kind == "string" or (kind == "sign" and token.group()[0] not in BEFORE_PATTERN)
        return len(data)

    def backticks(self, position: int) -> tuple[int, bool]:
        """The position behind the end of a template literal's text, and whether it ended with ``${``."""
        while sign := IN_BACKTICKS.search(self.data, position):
            position = sign.end()
            if sign.group() == b"`":
                return position, False
            if sign.group() == b"${":
                return position, True
        return len(self.data), False

    def line_end(self, position: int) -> int:
        """Where the line of a position ends."""
        end = self.data.find(b"\n", position)
        return end if end >= 0 else len(self.data)

    def lines(self) -> Iterator[Comment]:
        """What was found, line by line."""
        starts = [0]
        while (end := self.data.find(b"\n", starts[-1])) >= 0:
            starts.append(end + 1)
        starts.append(len(self.data) + 1)
        borders: dict[int, tuple[int, int]] = {}
        for outer, outer_end, inner, inner_end in sorted(self.found):
            number = bisect_right(starts, inner) - 1
            while True:
                line, line_end = starts[number], starts[number + 1] - 1
                begin, stop = max(inner, line), min(inner_end, line_end)
                if number not in borders:
                    borders[number] = self.border(line, line_end)
                first, last = borders[number]
                alone = outer <= first and outer_end >= last
                yield Comment(self.data[begin:stop].decode("utf-8", "replace"), number + 1, begin - line, alone)
                if line_end >= inner_end:
                    break
                number += 1

    def border(self, start: int, end: int) -> tuple[int, int]:
        """Where the text of a line begins and ends, without the braces in which JSX writes a comment."""
        text = self.data[start:end]
        first, last = start + len(text) - len(text.lstrip()), start + len(text.rstrip())
        inner = self.data[first + 1 : last - 1].strip()
        if text.strip()[:1] == b"{" and text.strip()[-1:] == b"}" and inner.startswith(b"/*") and inner.endswith(b"*/"):
            return first + 1 + self.data[first + 1 : last].find(b"/*"), first + 1 + self.data[first + 1 : last].rfind(b"*/") + 2
        return first, last
