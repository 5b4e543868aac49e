"""The scanned files as lines of text, for fingerprints, columns and code frames."""

from __future__ import annotations

import codecs
import io
import os
import tokenize
from collections.abc import Mapping
from pathlib import Path

from jwtlint.facts.lifecycle import Place


class Texts:
    """The lines of files under ``root``, read when they are asked for. A file that is gone has no lines.

    ``known`` maps paths to the bytes that take the place of what is on the disk.
    """

    def __init__(self, root: Path | None, known: Mapping[str, bytes] | None = None) -> None:
        self.root = root
        self.files: dict[str, tuple[bytes, ...]] = {path: tuple(in_utf8(data).splitlines()) for path, data in (known or {}).items()}

    def lines(self, path: str) -> tuple[bytes, ...]:
        """A file's lines without their ends."""
        found = self.files.get(path)
        if found is None:
            found = self.files[path] = self.read(path)
        return found

    def read(self, path: str) -> tuple[bytes, ...]:
        """Read a file; never through a symbolic link, which may lead out of the tree."""
        if self.root is None:
            return ()
        try:
            descriptor = os.open(self.root / path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
            with open(descriptor, "rb") as file:
                data = file.read()
        except OSError:
            return ()
        return tuple(in_utf8(data).splitlines())

    def line(self, path: str, number: int) -> bytes:
        """One line by its 1-based number; empty where there is none."""
        lines = self.lines(path)
        return lines[number - 1] if 0 < number <= len(lines) else b""

    def column(self, path: str, line: int, offset: int) -> int:
        """A 0-based UTF-8 byte offset as a 1-based column in characters."""
        return len(self.line(path, line)[:offset].decode("utf-8", "replace")) + 1

    def utf16_column(self, path: str, line: int, offset: int) -> int:
        """A 0-based UTF-8 byte offset as a 1-based column in UTF-16 code units, as editors and SARIF count."""
        return len(self.line(path, line)[:offset].decode("utf-8", "replace").encode("utf-16-le")) // 2 + 1

    def snippet(self, place: Place) -> str:
        """The text of a place, its white space made single blanks."""
        return " ".join(b" ".join(self.lines_of(place)).decode("utf-8", "replace").split())

    def lines_of(self, place: Place) -> list[bytes]:
        """The text of a place, line by line."""
        lines = list(self.lines(place.path)[place.line - 1 : place.end_line])
        if not lines:
            return []
        lines[-1] = lines[-1][: place.end_column] if place.end_line == place.line + len(lines) - 1 else lines[-1]
        lines[0] = lines[0][place.column :]
        return lines


    def essence(self, place: Place) -> str:
        """What identifies the text of a place: of a call what is called, else all of it, as far as a formatter leaves it alone.

        With the arguments of a call, an edit to one of its claims would make another finding of the same call.
        """
        text = "".join(self.snippet(place).split()).replace("'", '"')
        called, bracket, _ = text.partition("(")
        return called if called and bracket else text


def in_utf8(data: bytes) -> bytes:
    """Python source as UTF-8 without a mark, in which columns are counted, whatever encoding it declares (PEP 263)."""
    if data.startswith(codecs.BOM_UTF8):
        return data[len(codecs.BOM_UTF8) :]
    if data.isascii():
        return data
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return data.decode(encoding).encode("utf-8") if encoding != "utf-8" else data
    except (SyntaxError, UnicodeError, LookupError):
        return data
