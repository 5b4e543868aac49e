from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jwtlint.report.escape import UNSAFE, json_safe, markup, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 漢 ✓", "plain é 漢 ✓"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("a\0b\x07", "a\\x00b\\x07"),
        ("user\u202enimda", "user\\u202enimda"),
        ("a\u2066b\u200b\ufeff", "a\\u2066b\\u200b\\ufeff"),
        ("two\nlines\r", "two\\x0alines\\x0d"),
        ("tab\there", "tab here"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_controls_are_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(st.characters(codec=None)))
def test_nothing_unsafe_is_left(text: str) -> None:
    assert UNSAFE.search(visible(text)) is None
    visible(text).encode("utf-8")


def test_brackets_are_no_markup() -> None:
    from rich.text import Text

    assert Text.from_markup(markup("[red]x[/red] \x1b")).plain == "[red]x[/red] \\x1b"


@given(st.text())
def test_json_means_the_same(text: str) -> None:
    document = json_safe(json.dumps({"a": text}, ensure_ascii=False))
    assert json.loads(document) == {"a": text}
    assert not any(character in document for character in "\x7f\x9b\u202e\u2066\u200b")
