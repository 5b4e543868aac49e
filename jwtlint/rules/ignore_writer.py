"""Writes the comments that silence findings, each on a line of its own above the statement, with a place for the reason.

Nothing but comments is added: what was written is read again, and a comment that would not be obeyed, or that changes anything
else, is taken back.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from jwtlint.rules.findings import Finding
from jwtlint.rules.ignores import requests
from jwtlint.sources import comments
from jwtlint.sources.text import in_utf8

PLACEHOLDER = "TODO: say why"
PYTHON = ("# {}",)
SCRIPT = ("// {}",)
PAGE = ("<!-- {} -->", "// {}", "{{# {} #}}")
INDENTATION = re.compile(rb"[ \t]*")
MARK = b"\xef\xbb\xbf"


class Written(NamedTuple):
    """A file with its new comments, and the findings for which none could be written."""

    data: bytes
    refused: tuple[Finding, ...]


def write(path: str, data: bytes, findings: Sequence[Finding], reason: str = PLACEHOLDER) -> Written:
    """Add a comment for each statement at which findings of one file point."""
    lines = data.splitlines(keepends=True)
    found = comments.read(path, in_utf8(data).splitlines())
    by_statement: dict[int, list[Finding]] = {}
    for finding in findings:
        first, _ = found.statement(finding.place.line, finding.place.end_line)
        by_statement.setdefault(first, []).append(finding)
    refused: list[Finding] = []
    # from the end, so that lines further up keep their numbers
    for first in sorted(by_statement, reverse=True):
        codes = sorted({finding.rule for finding in by_statement[first]})
        new = with_comment(path, lines, first, f"jwtlint: ignore[{', '.join(codes)}] -- {reason}", codes)
        if new is None:
            refused += by_statement[first]
        else:
            lines = new
    return Written(b"".join(lines), tuple(refused))


def with_comment(path: str, lines: list[bytes], first: int, text: str, codes: Sequence[str]) -> list[bytes] | None:
    """The lines with a comment above the 1-based line ``first``; None where no comment can be."""
    if not 0 < first <= len(lines):
        return None
    line = lines[first - 1]
    mark = MARK if first == 1 and line.startswith(MARK) else b""
    indentation = INDENTATION.match(line[len(mark) :])
    before = indentation.group() if indentation is not None else b""
    for form in forms(path, line[len(mark) :]):
        comment = mark + before + form.format(text).encode("utf-8") + line_end(lines)
        new = [*lines[: first - 1], comment, line[len(mark) :], *lines[first:]]
        if is_obeyed(path, new, first, codes) and is_same_code(path, lines, new):
            return new
    return None


def forms(path: str, line: bytes) -> Iterable[str]:
    """The forms of comment that may hold above a line."""
    if path.endswith((".py", ".pyi")):
        return PYTHON
    from jwtlint.sources.web_comments import SCRIPTS

    # above an element of JSX a comment would be text on the page
    return PAGE if not path.endswith(SCRIPTS) else () if line.lstrip().startswith(b"<") else SCRIPT


def line_end(lines: Sequence[bytes]) -> bytes:
    """How the lines of a file end."""
    first = lines[0]
    return first[len(first.rstrip(b"\r\n")) :] or b"\n"


def is_obeyed(path: str, lines: Sequence[bytes], number: int, codes: Sequence[str]) -> bool:
    """Whether the line holds nothing but a comment that asks for the silence of rules."""
    found = comments.read(path, in_utf8(b"".join(lines)).splitlines())
    asked = {request.name for request in requests(path, found) if request.place.line == number and request.alone}
    return asked >= set(codes)


def is_same_code(path: str, before: Sequence[bytes], after: Sequence[bytes]) -> bool:
    """Whether the tokens of Python source are the same but for comments; other files have none to compare."""
    return not path.endswith((".py", ".pyi")) or list(tokens(before)) == list(tokens(after))


def tokens(lines: Sequence[bytes]) -> Iterator[tuple[int, str]]:
    """The tokens of Python source without comments and blank lines, as far as it can be tokenized."""
    text = in_utf8(b"".join(lines)).decode("utf-8", "replace")
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type not in (tokenize.COMMENT, tokenize.NL):
                yield token.type, token.string
    except (tokenize.TokenError, SyntaxError):
        yield -1, ""
