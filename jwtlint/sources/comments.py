"""The comments of a file, and where its statements begin and end: found by tokenizing, so that text in a string is no comment."""

from __future__ import annotations

import sys
import tokenize
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

# what stands between two statements, or at the border of a block
BETWEEN = frozenset((tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER))


class Comment(NamedTuple):
    """One line of a comment, without its marks. ``line`` is 1-based; ``column`` is the byte at which ``text`` begins.

    ``alone``: nothing but the comment stands on the line.
    """

    text: str
    line: int
    column: int
    alone: bool


class Comments:
    """The comments of one file. ``statements`` are the first and last lines of its statements, sorted; none where they are not known.

    A compound statement ends with its header (``def f():``), for what is inside are statements of their own.
    """

    def __init__(self, comments: Iterable[Comment], statements: Iterable[tuple[int, int]] = ()) -> None:
        self.all = tuple(comments)
        self.statements = tuple(statements)
        self.alone = {comment.line for comment in self.all if comment.alone}

    def statement(self, line: int, end_line: int) -> tuple[int, int]:
        """The first and last line of the statement on a line; the given lines where statements are not known."""
        index = bisect_right(self.statements, (line, sys.maxsize)) - 1
        if index >= 0 and self.statements[index][1] >= line:
            return self.statements[index]
        return line, end_line

    def above(self, line: int) -> Iterator[int]:
        """The lines directly above a line that hold nothing but comments, upward."""
        while (line := line - 1) in self.alone:
            yield line


def read(path: str, lines: Sequence[bytes]) -> Comments:
    """The comments of a file, given as lines in UTF-8 without their ends. Text that cannot be tokenized ends the search."""
    if path.endswith((".py", ".pyi")):
        return python_comments(lines)
    from jwtlint.sources import web_comments

    return Comments(web_comments.comments(path, lines))


def python_comments(lines: Sequence[bytes]) -> Comments:
    """The comments and statements of Python source."""
    comments: list[Comment] = []
    statements: list[tuple[int, int]] = []
    first = 0
    texts = iter([line.decode("utf-8", "replace") + "\n" for line in lines])
    try:
        for token in tokenize.generate_tokens(lambda: next(texts, "")):
            if token.type == tokenize.COMMENT:
                line, column = token.start
                before = token.line[:column]
                text = token.string[1:]
                comments.append(Comment(text, line, len(before.encode("utf-8")) + 1, not before.strip()))
            elif token.type == tokenize.NEWLINE:
                statements.append((first or token.start[0], token.start[0]))
                first = 0
            elif not first and token.type not in BETWEEN:
                first = token.start[0]
    except (tokenize.TokenError, SyntaxError, RecursionError):
        pass  # what stands behind is not heard, and so silences nothing
    return Comments(comments, statements)
