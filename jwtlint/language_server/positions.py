"""Places in files as ranges of the Language Server Protocol, and the texts of editors as bytes."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Mapping

from lsprotocol import types

from jwtlint.facts.lifecycle import Place
from jwtlint.sources.text import Texts

MARK = "\ufeff"
UNITS = {types.PositionEncodingKind.Utf16: ("utf-16-le", 2), types.PositionEncodingKind.Utf32: ("utf-32-le", 4)}


class Positions:
    """Ranges in the files of one folder. ``encoding`` is what client and server agreed on; ``unsaved`` are bytes of open files."""

    def __init__(self, texts: Texts, encoding: types.PositionEncodingKind | str, unsaved: Mapping[str, bytes]) -> None:
        self.texts = texts
        self.encoding = encoding
        self.marked = {path for path, data in unsaved.items() if data.startswith(MARK.encode())}

    def range(self, place: Place) -> types.Range:
        """A place as a range."""
        return types.Range(self.position(place.path, place.line, place.column), self.position(place.path, place.end_line, place.end_column))

    def position(self, path: str, line: int, column: int) -> types.Position:
        """A 1-based line and 0-based UTF-8 column as a position (lines from 0, columns in units of the encoding)."""
        text = self.texts.line(path, line)[:column].decode("utf-8", "replace")
        if line == 1 and path in self.marked:
            text = MARK + text
        return types.Position(max(0, line - 1), self.units(text))

    def units(self, text: str) -> int:
        """The length of a text in units of the encoding."""
        name, size = UNITS.get(types.PositionEncodingKind(self.encoding), ("utf-8", 1))
        return len(text.encode(name, "surrogatepass")) // size

    def line(self, path: str, number: int) -> types.Range:
        """A whole line, given by its 1-based number, without its indentation."""
        text = self.texts.line(path, number)
        return self.range(Place(path, number, len(text) - len(text.lstrip()), number, len(text.rstrip())))


def encoded(path: str, text: str) -> bytes:
    """The text of an editor as bytes: Python source in the encoding that it declares (PEP 263), all else in UTF-8."""
    data = text.encode("utf-8", "surrogatepass")
    if not path.endswith(".py") or data.isascii():
        return data
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return text.encode(encoding) if encoding not in ("utf-8", "utf-8-sig") else data
    except (SyntaxError, UnicodeError, LookupError):
        return data


def overlaps(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges touch."""
    return not (before(one.end, other.start) or before(other.end, one.start))


def before(one: types.Position, other: types.Position) -> bool:
    """Whether a position stands before another one."""
    return (one.line, one.character) < (other.line, other.character)
