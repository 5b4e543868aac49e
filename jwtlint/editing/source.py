"""One Python file as bytes, as text and as a LibCST tree that gives exactly these bytes back.

LibCST's parser can end its process on deep nesting and is slow on many tokens, so what is odd is refused before it is parsed; the
rest of the danger is met by doing all of this in worker processes.
"""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize
import warnings
from typing import NamedTuple

import libcst

from jwtlint.editing.recipe import Refused

MAX_BYTES = 1_000_000
MAX_SEPARATORS = 25_000  # commas and brackets: as many tokens as LibCST parses in a few seconds
TEMPLATE = re.compile(r"\{\{|\{%")


class Source(NamedTuple):
    """A file. ``text`` is without a byte order mark and has the line ends of the file; ``encoding`` is that of the bytes."""

    path: str
    data: bytes
    text: str
    encoding: str
    mark: bytes
    module: libcst.Module

    def encoded(self, text: str) -> bytes:
        """Another text as this file's bytes. Raises :class:`Refused` when its encoding lacks a character."""
        try:
            return self.mark + text.encode(self.encoding)
        except UnicodeEncodeError:
            raise Refused(f"the file's encoding ({self.encoding}) lacks a character of the fix") from None


def read_source(path: str, data: bytes) -> Source:
    """Parse one file. Raises :class:`Refused` with the reason why its code is left alone."""
    if "{{" in path or "{%" in path:
        raise Refused("the file is part of a template, so a change could break what is made of it")
    if len(data) > MAX_BYTES:
        raise Refused("the file is too large to be rewritten")
    text, encoding, mark = decoded(data)
    check_syntax(data, text)
    if sum(map(text.count, ",([{")) > MAX_SEPARATORS:
        raise Refused("the file holds too much data to be rewritten")
    try:
        module = libcst.parse_module(text)
    except (libcst.ParserSyntaxError, libcst.CSTValidationError, RecursionError, ValueError):
        raise Refused("LibCST cannot parse the file") from None
    if module.code != text:
        raise Refused("LibCST does not give the file back as it is")
    return Source(path, data, text, encoding, mark, module)


def decoded(data: bytes) -> tuple[str, str, bytes]:
    """The text of Python source, its encoding, and its byte order mark (PEP 263). Raises :class:`Refused`."""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    body = data[len(mark) :]
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(body).readline)
        text = body.decode(encoding)
        if text.encode(encoding) != body:
            raise Refused(f"the file's encoding ({encoding}) does not give its bytes back")
    except (SyntaxError, UnicodeError, LookupError):
        raise Refused("the file cannot be decoded") from None
    return text, encoding, mark


def check_syntax(data: bytes, text: str) -> None:
    """Refuse what this interpreter cannot parse, for then it cannot be told whether the result is right. Raises :class:`Refused`."""
    problem = syntax_problem(data)
    if problem is None:
        return
    if TEMPLATE.search(text):
        raise Refused("the file is a template of Python code, so a change could break what is made of it")
    raise Refused(f"this Python cannot parse the file ({problem}), so it could not check the result; run jwtlint with the project's Python")


def syntax_problem(data: bytes) -> str | None:
    """Why a file is no valid Python; None if it is, in the grammar of this interpreter or in a newer one's that LibCST knows."""
    problem = problem_here(data)
    if problem is None:
        return None
    from jwtlint.python import modern

    older = modern.rewrite(data)
    return problem if older is None or problem_here(older) is not None else None


def problem_here(data: bytes) -> str | None:
    """Why this interpreter cannot parse a file; None if it can."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except SyntaxError as error:
        return (error.msg or "invalid syntax").splitlines()[0]
    except (RecursionError, MemoryError):
        return "it is nested too deeply"
    except (ValueError, LookupError):
        return "it cannot be decoded"
    return None
