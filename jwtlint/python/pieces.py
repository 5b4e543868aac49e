"""A program in pieces of a few statements, of which only those that the interpreter does not understand are changed.

LibCST reads a hundred times more slowly than the interpreter, and a file with new syntax has it in few places.
"""

from __future__ import annotations

import ast
import io
import tokenize
from collections.abc import Callable, Iterator

MAX_LINES = 400  # that one piece may grow to
# a line that begins so goes on with what stands before it
CONTINUING = (" ", "\t", "\f", "#", ")", "]", "}", "else", "elif", "except", "finally", "'''", '"""', "\r", "\n")


def changed(data: bytes, change: Callable[[str], str | None]) -> bytes | None:
    """A program in which ``change`` was asked for other text in place of each piece that cannot be parsed.

    None if it has no answer for one of them, or the bytes cannot be decoded. All lines stay where they are if it keeps to that.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return None
    found: list[str] = []
    pieces = statements(text)
    for piece in pieces:
        while (answer := piece if parses(piece) else change(piece)) is None:
            # a text over several lines was taken for statements
            following = next(pieces, None)
            if following is None or piece.count("\n") > MAX_LINES:
                return None
            piece += following
        found.append(answer)
    return "".join(found).encode(encoding)


def statements(text: str) -> Iterator[str]:
    """The statements at the top of a program, each with what stands before the next; a statement with its decorators."""
    piece: list[str] = []
    decorated = False
    for line in io.StringIO(text, newline=""):
        if not line.startswith(CONTINUING):
            if piece and not decorated:
                yield "".join(piece)
                piece.clear()
            decorated = line.startswith("@")
        piece.append(line)
    if piece:
        yield "".join(piece)


def parses(piece: str) -> bool:
    """Whether the interpreter understands a piece."""
    try:
        ast.parse(piece)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
