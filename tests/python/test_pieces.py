"""A program is cut where its statements begin, and only the pieces that the interpreter does not understand are changed."""

from __future__ import annotations

import pytest

from jwtlint.python.pieces import changed, statements

PROGRAM = '''\
# -*- coding: utf-8 -*-
"""A text
over = lines
"""
import jwt

@decorated(
    1,
)
@again
class Signer:
    x = 1
# about the next
def f():
    return (
1
)

if f():
    y = 2
else:
    y = 3
z = 4
'''


def test_statements_have_their_decorators_and_what_continues_them() -> None:
    first = [piece.splitlines()[0] for piece in statements(PROGRAM)]
    assert first == ["# -*- coding: utf-8 -*-", "over = lines", "import jwt", "@decorated(", "def f():", "1", "if f():", "z = 4"]
    assert "".join(statements(PROGRAM)) == PROGRAM


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_what_is_understood_is_not_asked_for(end: str) -> None:
    asked: list[str] = []
    data = PROGRAM.replace("\n", end).encode()
    assert changed(data, asked.append) == data
    # those that were cut where no statement begins, and are joined again
    assert {piece.split(end)[0] for piece in asked} == {"# -*- coding: utf-8 -*-", "def f():"}


def test_only_what_is_not_understood_is_changed() -> None:
    asked: list[str] = []

    def change(piece: str) -> str:
        asked.append(piece)
        return piece.replace("!", "1")

    data = b"\xef\xbb\xbfx = 1\ny = !\n\nz = '\xc3\xa4'\n"
    assert changed(data, change) == data.replace(b"!", b"1")
    assert asked == ["y = !\n\n"]


def test_the_encoding_stays() -> None:
    data = "# coding: latin-1\nx = 'ä'\ny = !\n".encode("latin-1")
    assert changed(data, lambda piece: piece.replace("!", "1")) == data.replace(b"!", b"1")


@pytest.mark.parametrize("data", [b"# coding: nothing\n", b"x = '\xff'\n", b"x = !\ny = 1\n", b"x = '''\n" + b"y\n" * 1_000])
def test_where_there_is_no_answer_there_is_none(data: bytes) -> None:
    assert changed(data, lambda _: None) is None


def test_an_empty_program_stays_empty() -> None:
    assert changed(b"", lambda _: None) == b""
