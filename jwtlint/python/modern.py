"""Rewriting syntax newer than the running interpreter into what its parser reads, line for line.

LibCST knows the grammar of the newest Python, whatever interpreter it runs on. Deeply nested input can end LibCST's process
(a stack overflow in its parser), so the rewriting runs in a child process whose death costs only this one file.
"""

from __future__ import annotations

import os
import re
import select
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

from jwtlint.python import pieces

if TYPE_CHECKING:
    import libcst

MAX_BYTES = 1_000_000
TIMEOUT = 20.0  # seconds


# a backslash and what it escapes, be it the end of a line
ESCAPE = re.compile(r"\\(?:\r\n|.)", re.DOTALL)


def blanks(escape: re.Match[str]) -> str:
    """As many blanks; lines end where they did."""
    return "".join(sign if sign in "\r\n" else " " for sign in escape[0])


def rewrite(data: bytes) -> bytes | None:
    """The same program in older syntax; None if it cannot be read by LibCST either, or holds nothing to rewrite."""
    if len(data) > MAX_BYTES:
        return None
    if not hasattr(os, "fork"):
        return in_interpreter(data)
    import libcst  # noqa: F401  # imported before the fork, so that it is imported once

    return in_fork(data)


def in_fork(data: bytes) -> bytes | None:
    """Rewrite in a forked child."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reader)
            older = transform(data)
            if older is not None:
                with os.fdopen(writer, "wb") as stream:
                    stream.write(older)
                status = 0
        except BaseException:
            status = 1
        finally:
            os._exit(status)
    os.close(writer)
    chunks: list[bytes] = []
    with os.fdopen(reader, "rb", buffering=0) as stream:
        while True:
            ready, _, _ = select.select([stream], [], [], TIMEOUT)
            chunk = stream.read(65_536) if ready else None
            if chunk is None:
                os.kill(child, signal.SIGKILL)
                chunks.clear()
                break
            if not chunk:
                break
            chunks.append(chunk)
    _, status = os.waitpid(child, 0)
    return b"".join(chunks) if status == 0 and chunks else None


def in_interpreter(data: bytes) -> bytes | None:
    """Rewrite in a new interpreter, where there is no fork."""
    command = [sys.executable, "-c", "import sys; from jwtlint.python.modern import main; main()"]
    try:
        done = subprocess.run(command, input=data, capture_output=True, timeout=TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 and done.stdout else None


def main() -> None:
    """Read a program on standard input, write the older form on standard output."""
    older = transform(sys.stdin.buffer.read())
    if older is None:
        sys.exit(1)
    sys.stdout.buffer.write(older)


def transform(data: bytes) -> bytes | None:
    """The rewriting itself, of as little as is necessary. Lines stay where they are; columns may move by a bracket."""

    def in_piece(piece: str) -> str | None:
        module = transformed(piece)
        return module.code if module is not None else None

    older = pieces.changed(data, in_piece)
    if older is not None:
        return older
    module = transformed(data)
    return module.bytes if module is not None else None


def transformed(source: str | bytes) -> libcst.Module | None:
    """A program, or a piece of it, in older syntax; None if LibCST cannot read it."""
    import libcst

    class Older(libcst.CSTTransformer):
        """Puts brackets around exception lists (PEP 758), turns template strings into f-strings (PEP 750), widens the quotes
        of f-strings that nest their own or go over lines, and puts blanks for what is escaped in their expressions (PEP 701),
        makes groups of exceptions exceptions (PEP 654), and drops type parameters (PEP 695)."""

        def __init__(self) -> None:
            super().__init__()
            self.depth = 0  # of expressions in f-strings

        def leave_ExceptHandler(self, original_node: libcst.ExceptHandler, updated_node: libcst.ExceptHandler) -> libcst.ExceptHandler:
            return updated_node.with_changes(type=bracketed(updated_node.type))

        def leave_ExceptStarHandler(
            self, original_node: libcst.ExceptStarHandler, updated_node: libcst.ExceptStarHandler
        ) -> libcst.ExceptStarHandler:
            inner = bracketed(updated_node.type)
            return updated_node.with_changes(type=inner) if inner is not None else updated_node

        def leave_TryStar(self, original_node: libcst.TryStar, updated_node: libcst.TryStar) -> libcst.Try | libcst.TryStar:
            if sys.version_info >= (3, 11):
                return updated_node
            return libcst.Try(
                body=updated_node.body,
                handlers=[
                    libcst.ExceptHandler(handler.body, handler.type, handler.name, handler.leading_lines)
                    for handler in updated_node.handlers
                ],
                orelse=updated_node.orelse,
                finalbody=updated_node.finalbody,
                leading_lines=updated_node.leading_lines,
            )

        def leave_TemplatedString(
            self, original_node: libcst.TemplatedString, updated_node: libcst.TemplatedString
        ) -> libcst.BaseExpression:
            start = updated_node.start.replace("t", "f").replace("T", "f")
            module = libcst.Module([])
            code = module.code_for_node(updated_node)
            return libcst.parse_expression(start + code[len(updated_node.start) :])

        def leave_FormattedString(
            self, original_node: libcst.FormattedString, updated_node: libcst.FormattedString
        ) -> libcst.FormattedString:
            quote = updated_node.end
            inner = "".join(libcst.Module([]).code_for_node(part) for part in updated_node.parts)
            if len(quote) == 1 and (quote in inner or "\n" in inner) and quote * 3 not in inner:
                return updated_node.with_changes(start=updated_node.start + quote * 2, end=quote * 3)
            return updated_node

        def visit_FormattedStringExpression(self, node: libcst.FormattedStringExpression) -> None:
            self.depth += 1

        def leave_FormattedStringExpression(
            self, original_node: libcst.FormattedStringExpression, updated_node: libcst.FormattedStringExpression
        ) -> libcst.FormattedStringExpression:
            self.depth -= 1
            return updated_node

        def leave_SimpleString(self, original_node: libcst.SimpleString, updated_node: libcst.SimpleString) -> libcst.SimpleString:
            if not self.depth or "\\" not in updated_node.value:
                return updated_node
            start = f"{updated_node.prefix}{updated_node.quote}"
            inner = updated_node.value[len(start) : -len(updated_node.quote)]
            return updated_node.with_changes(value=f"{start}{ESCAPE.sub(blanks, inner)}{updated_node.quote}")

        def leave_FormattedStringText(
            self, original_node: libcst.FormattedStringText, updated_node: libcst.FormattedStringText
        ) -> libcst.FormattedStringText:
            return updated_node.with_changes(value=ESCAPE.sub(blanks, updated_node.value)) if self.depth else updated_node

        def leave_FunctionDef(self, original_node: libcst.FunctionDef, updated_node: libcst.FunctionDef) -> libcst.FunctionDef:
            lines = line_ends(original_node.type_parameters)
            if lines is None:
                return updated_node.with_changes(type_parameters=None)
            return updated_node.with_changes(type_parameters=None, whitespace_before_params=lines)

        def leave_ClassDef(self, original_node: libcst.ClassDef, updated_node: libcst.ClassDef) -> libcst.ClassDef:
            lines = line_ends(original_node.type_parameters)
            if lines is None:
                return updated_node.with_changes(type_parameters=None)
            left, right = updated_node.lpar, updated_node.rpar
            if isinstance(left, libcst.LeftParen) and left.whitespace_after.empty:
                left = libcst.LeftParen(lines)
            elif isinstance(right, libcst.RightParen):
                right = libcst.RightParen(lines)
            else:
                left, right = libcst.LeftParen(lines), libcst.RightParen()
            return updated_node.with_changes(type_parameters=None, lpar=left, rpar=right)

        def leave_TypeAlias(self, original_node: libcst.TypeAlias, updated_node: libcst.TypeAlias) -> libcst.Assign:
            value = updated_node.value
            lines = line_ends(original_node.type_parameters)
            if lines is not None:
                value = value.with_changes(lpar=[libcst.LeftParen(lines), *value.lpar], rpar=[*value.rpar, libcst.RightParen()])
            return libcst.Assign([libcst.AssignTarget(updated_node.name)], value)

    def line_ends(node: libcst.TypeParameters | None) -> libcst.ParenthesizedWhitespace | None:
        """As many line ends as there are in what is dropped; None for none."""
        count = libcst.Module([]).code_for_node(node).count("\n") if node is not None else 0
        if not count:
            return None
        return libcst.ParenthesizedWhitespace(empty_lines=[libcst.EmptyLine(indent=False)] * (count - 1))

    def bracketed(node: libcst.BaseExpression | None) -> libcst.BaseExpression | None:
        if isinstance(node, libcst.Tuple) and not node.lpar:
            return node.with_changes(lpar=[libcst.LeftParen()], rpar=[libcst.RightParen()])
        return node

    try:
        return libcst.parse_module(source).visit(Older())
    except (libcst.ParserSyntaxError, libcst.CSTValidationError, RecursionError, ValueError, LookupError):
        return None
