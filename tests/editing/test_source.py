from __future__ import annotations

import codecs

import pytest

from jwtlint.editing.recipe import Refused
from jwtlint.editing.source import read_source


@pytest.mark.parametrize(
    "data",
    [
        b"x = 1\n",
        b"x = 1",
        b"",
        b"x = 1\r\ny = 2\r\n",
        b"x = 1\ry = 2\r\n",
        b"if x:\n\ty = 1\n        # odd\n\tz = 2\n",
        b"x = 1; y = 2 ;\n",
        codecs.BOM_UTF8 + "x = 'é'\n".encode(),
        "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"),
        "# coding: cp1251\nx = 'ж'\n".encode("cp1251"),
        "x = '\u2028中'\n".encode(),
        b"x = (1 +\\\n  2)\n",
    ],
)
def test_a_file_is_given_back_byte_for_byte(data: bytes) -> None:
    source = read_source("a.py", data)
    assert source.encoded(source.module.code) == data


@pytest.mark.parametrize(
    ("path", "data", "reason"),
    [
        ("{{cookiecutter.slug}}/app.py", b"x = 1\n", "template"),
        ("app.py", b"{% if x %}\nx = 1\n{% endif %}\n", "template"),
        ("app.py", b"import {{ name }}.models\n", "template"),
        ("app.py", b"x = = 1\n", "cannot parse"),
        ("app.py", b"x = '\xff'\n", "decoded"),
        ("app.py", b"# coding: nonsense\nx = '\xff'\n", "decoded"),
        ("app.py", b"x = [" + b"1," * 70_000 + b"]\n", "too much data"),
        ("app.py", b"x = " + b"(" * 5_000 + b")" * 5_000 + b"\n", "cannot parse"),
        ("app.py", b"#" * 1_000_001, "too large"),
    ],
)
def test_what_cannot_be_rewritten_is_refused_with_a_reason(path: str, data: bytes, reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        read_source(path, data)


def test_a_character_that_the_encoding_lacks_is_refused() -> None:
    source = read_source("a.py", b"# coding: latin-1\nx = 1\n")
    with pytest.raises(Refused, match="lacks a character"):
        source.encoded("x = '中'\n")


def test_syntax_newer_than_the_interpreter_can_be_rewritten() -> None:
    data = b"try:\n    pass\nexcept A, B:\n    pass\n"  # PEP 758, Python 3.14
    assert read_source("app.py", data).module.bytes == data
