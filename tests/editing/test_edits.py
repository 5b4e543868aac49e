from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jwtlint.editing.edits import edits_between
from jwtlint.facts.lifecycle import Place
from jwtlint.rules.edited import applied, split_lines
from jwtlint.rules.fixes import Edit, overlap

TEXTS = st.lists(st.sampled_from(["a = 1", "é = 'ü'", "\t# 中", "", "x;y", "\f", "a = 1  # b"]), max_size=8).flatmap(
    lambda lines: st.lists(st.sampled_from(["\n", "\r\n", "\r", ""]), min_size=len(lines), max_size=len(lines)).map(
        lambda ends: "".join(line + end for line, end in zip(lines, ends))
    )
)


@given(TEXTS, TEXTS)
def test_the_edits_between_two_texts_make_one_of_the_other(old: str, new: str) -> None:
    edits = edits_between("a.py", old, new)
    assert applied(old, edits) == new
    assert list(edits) == sorted(edits)
    assert not any(overlap(first, second) for first, second in zip(edits, edits[1:]))


@given(TEXTS)
def test_equal_texts_need_no_edit(text: str) -> None:
    assert edits_between("a.py", text, text) == ()


def test_an_edit_is_as_small_as_can_be_and_counts_columns_in_utf_8() -> None:
    old = "x = 1\nf('é', secure=False)\n"
    new = "x = 1\nf('é', secure=True)\n"
    assert edits_between("a.py", old, new) == (Edit(Place("a.py", 2, 15, 2, 19), "Tru"),)
    assert applied(old, edits_between("a.py", old, new)) == new


def test_a_form_feed_ends_no_line() -> None:
    assert split_lines("a\fb\x1cc\r\nd\re\n") == ["a\fb\x1cc\r\n", "d\r", "e\n"]


def test_edits_overlap_where_they_touch_the_same_text_or_insert_at_the_same_spot() -> None:
    def edit(column: int, end: int, path: str = "a.py") -> Edit:
        return Edit(Place(path, 1, column, 1, end), "x")

    assert overlap(edit(0, 3), edit(2, 5))
    assert overlap(edit(2, 2), edit(2, 2))
    assert overlap(edit(0, 5), edit(2, 2))
    assert not overlap(edit(0, 2), edit(2, 5))
    assert not overlap(edit(0, 3), edit(2, 5, "b.py"))
