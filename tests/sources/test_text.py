from __future__ import annotations

from pathlib import Path

import pytest

from jwtlint.facts.lifecycle import Place
from jwtlint.sources.text import Texts, in_utf8


def test_byte_offsets_become_columns_in_characters() -> None:
    texts = Texts(None, {"a.py": "é = '𝒳' + x\n".encode()})
    assert texts.column("a.py", 1, 0) == 1
    assert texts.column("a.py", 1, len("é = '𝒳' + ".encode())) == 11
    assert texts.column("a.py", 9, 3) == 1


def test_a_snippet_is_the_text_of_a_place_in_one_line() -> None:
    texts = Texts(None, {"a.py": b"x = f(\n    a,\n\tb)\ny"})
    assert texts.snippet(Place("a.py", 1, 4, 3, 3)) == "f( a, b)"
    assert texts.snippet(Place("a.py", 1, 0, 1, 1)) == "x"
    assert texts.snippet(Place("none.py", 1, 0, 1, 1)) == ""


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xef\xbb\xbfx = 1", "x = 1"),
        (b"# coding: latin-1\nx = '\xe9'", "# coding: latin-1\nx = 'é'"),
        (b"x = '\xff'", None),
        (b"# coding: no-such\n\xff", None),
    ],
)
def test_source_is_read_by_its_declared_encoding(data: bytes, text: str | None) -> None:
    assert in_utf8(data) == (data if text is None else text.encode())


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "a.py").symlink_to(tmp_path / "secret")
    assert Texts(tmp_path).lines("a.py") == ()
    assert Texts(tmp_path).lines("none.py") == ()
