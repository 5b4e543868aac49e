"""Syntax newer than the running interpreter is read too, and its lines stay where they are."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jwtlint.facts import program as facts
from jwtlint.python import modern
from jwtlint.python.frontend import Unreadable, read_module

EXCEPT_WITHOUT_BRACKETS = """\
import jwt

def claims(token):
    try:
        return jwt.decode(token, KEY)
    except jwt.ExpiredSignatureError, jwt.InvalidTokenError:
        return None

def after():
    return 9
"""
TEMPLATE_STRING = """\
import jwt
page = t'<main data-token="{jwt.encode(claims, KEY)}">'
rest = 3
"""
NESTED_QUOTES = """\
import jwt
url = f"/reset?token={jwt.encode({"sub": user.id}, KEY)}"
rest = 3
"""
OVER_LINES = """\
import jwt
url = f"/reset?token={
    jwt.encode({'sub': user.id}, KEY)
}"
rest = 5
"""
ESCAPED = r"""
import jwt
page = f"{"\n".join(jwt.encode({"sub": f"{user.id}\t"}, KEY) for user in users)} \n {r'\d'}"
rest = 4
"""
TYPE_PARAMETERS = """\
type Claims[T] = dict[str, T]

class Signer[T](Base):
    def sign[U](self, claims: U) -> str:
        return jwt.encode(claims, KEY)

async def read[T: (str, bytes)](token: T):
    return token
"""
PARAMETERS_OVER_LINES = """\
type Claims[
    T,
] = dict[str, T]

class Signer[
    T,  # what is signed
    U: int,
](
    Base,
):
    def sign[
        V
    ](self, claims: V) -> str:
        return jwt.encode(claims, KEY)

class Plain[
    T
]:
    pass

class Bare[
    T
](): pass

rest = 25
"""
NEWER = [EXCEPT_WITHOUT_BRACKETS, TEMPLATE_STRING, NESTED_QUOTES, OVER_LINES, ESCAPED, TYPE_PARAMETERS, PARAMETERS_OVER_LINES]


def lines_of(code: str) -> dict[str, int]:
    """The line of each function and of each step, by what it is."""
    module = read_module("app.py", code.encode())
    return {
        **{function.name: function.at.line for function in module.functions},
        **{class_.name: class_.at.line for class_ in module.classes},
        **{step.target.name: step.at.line for step in module.steps if isinstance(step.target, facts.Name)},
    }


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (EXCEPT_WITHOUT_BRACKETS, {"claims": 3, "after": 9}),
        (TEMPLATE_STRING, {"page": 2, "rest": 3}),
        (NESTED_QUOTES, {"url": 2, "rest": 3}),
        (OVER_LINES, {"url": 2, "rest": 5}),
        (ESCAPED, {"page": 3, "rest": 4}),
        (TYPE_PARAMETERS, {"Signer": 3, "Signer.sign": 4, "read": 7}),
        (PARAMETERS_OVER_LINES, {"Signer": 5, "Signer.sign": 11, "Plain": 16, "Bare": 21, "rest": 25}),
    ],
    ids=["except without brackets", "template string", "nested quotes", "over lines", "escaped", "parameters", "parameters over lines"],
)
def test_newer_syntax_keeps_its_lines(code: str, expected: dict[str, int]) -> None:
    found = lines_of(code)
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize("code", NEWER)
def test_the_rewritten_text_has_as_many_lines(code: str) -> None:
    older = modern.rewrite(code.encode())
    assert older is not None
    assert older.count(b"\n") == code.count("\n")


@pytest.mark.parametrize("code", NEWER)
def test_the_calls_inside_newer_syntax_are_seen(code: str) -> None:
    assert {"encode", "decode"} & read_module("app.py", code.encode()).mentions.keys()


@pytest.mark.parametrize("code", NEWER)
def test_every_way_to_rewrite_gives_the_same(code: str) -> None:
    data = code.encode()
    assert modern.in_interpreter(data) == modern.in_fork(data) == modern.transform(data)


def test_nested_quotes_keep_the_call_inside() -> None:
    module = read_module("app.py", NESTED_QUOTES.encode())
    template = module.steps[0].value
    assert isinstance(template, facts.Template)
    (call,) = [part for part in template.parts if isinstance(part, facts.Call)]
    assert isinstance(call.positional[0], facts.Mapping)


def test_what_is_no_python_at_all_is_told_with_the_line_of_the_first_error() -> None:
    with pytest.raises(Unreadable) as caught:
        read_module("app.py", b"x = 1\nthis is no Python\n")
    assert caught.value.line == 2


def test_a_file_too_large_to_rewrite_is_left_alone() -> None:
    assert modern.rewrite(b"#" * (modern.MAX_BYTES + 1)) is None


def test_the_death_of_the_rewriting_process_costs_only_this_file() -> None:
    # 5,000 nested brackets overflow the stack of LibCST's parser
    code = "from jwtlint.python import modern; print(modern.rewrite(b'x = ' + b'[' * 5000 + b']' * 5000), modern.rewrite(b'x = 1'))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "None b'x = 1'\n"


def test_where_there_is_no_fork_the_death_costs_only_this_file_too() -> None:
    assert modern.in_interpreter(b"x = " + b"[" * 5_000 + b"]" * 5_000) is None
