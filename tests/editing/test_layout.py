from __future__ import annotations

import libcst
import pytest

from jwtlint.editing.code import expression, keyword
from jwtlint.editing.layout import with_argument, with_entry, without_argument, without_entry

CALLS = [
    ("f()", "f(x=1)"),
    ("f(a)", "f(a, x=1)"),
    ("f(a,)", "f(a, x=1,)"),
    ("f(a ,b)", "f(a ,b, x=1)"),
    ("f(a, **k)", "f(a, **k, x=1)"),
    ("f(\n    a,\n    b,\n)", "f(\n    a,\n    b,\n    x=1,\n)"),
    ("f(\n    a,\n)", "f(\n    a,\n    x=1,\n)"),
    ("f(\n    a,\n    b\n)", "f(\n    a,\n    b,\n    x=1\n)"),
    ("f(\n    a,  # one\n    b,  # two\n)", "f(\n    a,  # one\n    b,  # two\n    x=1,\n)"),
    ("f(\n    a,\n    b  # two\n)", "f(\n    a,\n    b,  # two\n    x=1\n)"),
    ("f(a,\n  b)", "f(a,\n  b,\n  x=1)"),
]
ENTRIES = [
    ("{}", '{"x": 1}'),
    ('{"a": 1}', '{"a": 1, "x": 1}'),
    ('{\n    "a": 1,\n}', '{\n    "a": 1,\n    "x": 1,\n}'),
    ('{\n    "a": 1,  # one\n    "b": 2,  # two\n}', '{\n    "a": 1,  # one\n    "b": 2,  # two\n    "x": 1,\n}'),
    ('{\n    "a": 1,\n    "b": 2  # two\n}', '{\n    "a": 1,\n    "b": 2,  # two\n    "x": 1\n}'),
    ('{"a": 1, **b}', '{"a": 1, **b, "x": 1}'),
]
REMOVED = [
    ('{"x": 1}', "{}"),
    ('{"x": 1, "a": 2}', '{"a": 2}'),
    ('{"a": 2, "x": 1}', '{"a": 2}'),
    ('{"a": 2, "x": 1,}', '{"a": 2,}'),
    ('{\n    "a": 1,\n    "x": 1,\n}', '{\n    "a": 1,\n}'),
    ('{\n    "x": 1,\n    "a": 1,\n}', '{\n    "a": 1,\n}'),
    ('{\n    "a": 1,  # one\n    "x": 1,  # two\n}', '{\n    "a": 1,  # one\n}'),
    ('{\n    "a": 1,  # one\n    "x": 1,  # two\n    "b": 2,  # three\n}', '{\n    "a": 1,  # one\n    "b": 2,  # three\n}'),
]


def code(node: libcst.CSTNode) -> str:
    return libcst.Module([]).code_for_node(node)


@pytest.mark.parametrize(("before", "after"), CALLS)
def test_an_argument_is_laid_out_as_those_before_it(before: str, after: str) -> None:
    call = expression(before)
    assert isinstance(call, libcst.Call)
    assert code(with_argument(call, keyword("x", "1"))) == after


@pytest.mark.parametrize(("before", "after"), ENTRIES)
def test_an_entry_is_laid_out_as_those_before_it(before: str, after: str) -> None:
    mapping = expression(before)
    assert isinstance(mapping, libcst.Dict)
    assert code(with_entry(mapping, libcst.DictElement(expression('"x"'), expression("1")))) == after


@pytest.mark.parametrize(("before", "after"), REMOVED)
def test_an_entry_goes_with_its_line_and_its_comment(before: str, after: str) -> None:
    mapping = expression(before)
    assert isinstance(mapping, libcst.Dict)
    entry = next(one for one in mapping.elements if isinstance(one, libcst.DictElement) and code(one.key) == '"x"')
    assert code(without_entry(mapping, entry)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(x=1)", "f()"),
        ("f(a, x=1)", "f(a)"),
        ("f(x=1, a=2)", "f(a=2)"),
        ("f(\n    a,\n    x=1,\n)", "f(\n    a,\n)"),
        ("f(\n    a,\n    x=1\n)", "f(\n    a\n)"),
        ("f(\n    x=1,\n    a=2,\n)", "f(\n    a=2,\n)"),
        ("f(\n    a,  # one\n    x=1,  # two\n)", "f(\n    a,  # one\n)"),
    ],
)
def test_an_argument_goes_with_its_line(before: str, after: str) -> None:
    call = expression(before)
    assert isinstance(call, libcst.Call)
    argument = next(arg for arg in call.args if arg.keyword is not None and arg.keyword.value == "x")
    assert code(without_argument(call, argument)) == after
