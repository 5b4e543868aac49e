"""Expressions of template languages, replaced by names of the same length, so that what stands around them can be parsed.

Jinja, Django, Handlebars and Go write ``{{ x }}``, ``{% x %}`` and ``{# x #}``; Mako ``${x}`` and ``<% x %>``; ERB and EJS ``<%= x %>``.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import NamedTuple

MARK = ord("_")
FILL = b"$"
OPENING = re.compile(rb"\{\{|\{%|\{#|<%|\$\{")
CLOSING = {b"{{": b"}}", b"{%": b"%}", b"{#": b"#}", b"<%": b"%>", b"${": b"}"}
# between these tags nothing is filled in (Jinja and Twig, Django)
VERBATIM = {b"raw": re.compile(rb"\{%-?\s*endraw\s*-?%\}"), b"verbatim": re.compile(rb"\{%-?\s*endverbatim\b")}
MAKO = re.compile(rb"<%(?:!|\s|inherit|def|block|namespace|page|include)")


class Hole(NamedTuple):
    """One expression that the server fills in: the byte offsets of its braces, and what stands between them."""

    start: int
    end: int
    text: str


class Filled:
    """A file's bytes with every hole filled by a name, and every tag and comment of the template language by blanks."""

    def __init__(self, data: bytes, holes: list[Hole]) -> None:
        self.data = data
        self.holes = holes
        self.starts = [hole.start for hole in holes]

    def at(self, start: int) -> Hole | None:
        """The hole that begins at a byte."""
        place = bisect_left(self.starts, start)
        return self.holes[place] if place < len(self.starts) and self.starts[place] == start else None

    def within(self, start: int, end: int) -> list[Hole]:
        """The holes between two bytes."""
        return self.holes[bisect_left(self.starts, start) : bisect_left(self.starts, end)] if self.holes else []


def fill(data: bytes, mako: bool = False) -> Filled:
    """Fill what a template language leaves open. With ``mako``, or where the text looks so, ``${x}`` is such a place."""
    mako = mako or (b"<%" in data and MAKO.search(data) is not None)
    out = bytearray(data)
    holes: list[Hole] = []
    unclosed: set[bytes] = set()
    position = 0
    while (found := OPENING.search(data, position)) is not None:
        opening = found[0]
        start = found.start()
        position = found.end()
        if opening in unclosed or (opening == b"${" and not mako):
            continue
        close = data.find(CLOSING[opening], position)
        if close < 0:
            unclosed.add(opening)  # not looked for again: a hostile file may open ever so many
            continue
        end = close + len(CLOSING[opening])
        inner = data[position:close].strip(b"-+ \t\r\n")
        if opening in (b"{{", b"${") or (opening == b"<%" and data[position : position + 1] in (b"=", b"-")):
            name(out, start, end)
            holes.append(Hole(start, end, inner.lstrip(b"=- ").decode("utf-8", "replace")))
        else:
            blank(out, start, end)
            ending = VERBATIM.get(inner.partition(b" ")[0]) if opening == b"{%" else None
            if ending is not None:
                stop = ending.search(data, end)
                end = stop.start() if stop is not None else len(data)
        position = end
    return Filled(bytes(out), holes)


def name(out: bytearray, start: int, end: int) -> None:
    """Put a name in place of a stretch; line ends stay."""
    lines = b"\n" in out[start:end]
    out[start:end] = bytes((MARK,)) + (FILL * (end - start - 1) if not lines else keep_lines(out[start + 1 : end], FILL))


def blank(out: bytearray, start: int, end: int) -> None:
    """Put blanks in place of a stretch; line ends stay."""
    out[start:end] = keep_lines(out[start:end], b" ")


def keep_lines(data: bytes | bytearray, fill: bytes) -> bytes:
    """A stretch of the same length and with the same line ends."""
    return re.sub(rb"[^\r\n]", fill, bytes(data))
