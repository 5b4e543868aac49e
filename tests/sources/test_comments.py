from __future__ import annotations

import pytest

from jwtlint.sources import comments
from jwtlint.sources.comments import Comment, Comments


def read(path: str, text: str) -> Comments:
    return comments.read(path, text.encode().splitlines())


def texts(path: str, text: str) -> list[str]:
    return [comment.text.strip() for comment in read(path, text).all]


def test_python_comments_with_their_places() -> None:
    found = read("a.py", "é = 1  # one\n# two\n").all
    assert found == (Comment(" one", 1, 9, False), Comment(" two", 2, 1, True))
    assert "é = 1  # one".encode()[9:] == b" one"


@pytest.mark.parametrize(
    "text",
    ['x = "# no"\n', "x = '''\n# no\n'''\n", 'x = f"{y}# no"\n', "x = 'it\\'s # no'\n", '"""\nDoc.\n\n# no\n"""\n', 'x = r"\\# no"\n'],
)
def test_a_text_in_a_string_is_no_comment(text: str) -> None:
    assert texts("a.py", text) == []


def test_statements_are_logical_lines() -> None:
    text = """\
@decorated(
    1,
)
def f(
    a,
):
    x = g(
        a,  # inside

        b,
    )
    y = 1; z = 2
    if x and \\
            y:
        return '''
        two
        lines'''
"""
    found = read("a.py", text)
    assert found.statements == ((1, 3), (4, 6), (7, 11), (12, 12), (13, 14), (15, 17))
    assert found.statement(8, 8) == (7, 11)
    assert found.statement(16, 16) == (15, 17)
    # where no statement is, the lines themselves count
    assert found.statement(99, 100) == (99, 100)


def test_the_comment_lines_directly_above() -> None:
    text = "# far\n\n# two\n# one\nx = 1  # here\ny = 2\n"
    found = read("a.py", text)
    assert list(found.above(5)) == [4, 3]
    # a comment behind code belongs to that code
    assert list(found.above(6)) == []


@pytest.mark.parametrize("text", ["x = 1  # one\n(((\n# two", "x = 1  # one\n'''\n# two", "# one\n\t x\n  y\n  # two\n"])
def test_what_cannot_be_tokenized_ends_the_search_and_no_more(text: str) -> None:
    assert texts("a.py", text)[0] == "one"


SCRIPT = r"""
const a = "// no", b = '/* no */', c = `// no ${ d("// no") /* one */ } // no`; // two
const pattern = /[/"]\/\/ no/.test(x) // three
const ratio = a / b / c; // four
/* five
 * six */
const e = { a: `x${ { b: 1 }.b }y` } // seven
let f = (1) / 2 // eight
"""


def test_comments_of_scripts() -> None:
    assert texts("a.ts", SCRIPT) == ["one", "two", "three", "four", "five", "* six", "seven", "eight"]


def test_comments_in_jsx() -> None:
    text = "return (\n  <p>\n    {/* one */}\n    <a href='http://x'>Don't</a>\n  </p>\n) // two\n"
    found = read("a.tsx", text)
    assert [(comment.text.strip(), comment.alone) for comment in found.all] == [("one", True), ("two", False)]


PAGE = """\
<!-- one -->
<a title="<!-- no -->" href='{# no #}'>x // no</a>
{# two #}
<script src="//no"></script>
<SCRIPT>
  const t = "{{ token }}"; // three
  {# four #}
  let u = "</p>"; /* five
  six */
</SCRIPT>
<style>a { background: url(//no) }</style>
<!-- seven
eight -->
"""


def test_comments_of_pages_and_of_the_scripts_in_them() -> None:
    assert texts("a.html", PAGE) == ["one", "two", "three", "four", "five", "six", "seven", "eight"]
    lines = PAGE.encode().splitlines()
    for comment in read("a.html", PAGE).all:
        assert lines[comment.line - 1][comment.column :].decode().startswith(comment.text)


def test_a_comment_that_is_never_closed_is_none() -> None:
    assert texts("a.html", "<!-- x <!-- y {# z\n<p title=\"a>\n") == []
    assert texts("a.js", "/* x\n// one") == ["one"]


@pytest.mark.parametrize("piece", ['<a "', "<!--", "{#", "<script>`${", "/*", "<script>'", "`${{", "a/", "/["])
def test_hostile_text_takes_linear_time(piece: str) -> None:
    # a scan that looked back would take hours
    for path in ("a.html", "a.js"):
        assert len(texts(path, piece * 200_000)) <= 200_000
