from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jwtlint.facts.lifecycle import Place
from jwtlint.rules.findings import Finding
from jwtlint.rules.ignore_writer import PLACEHOLDER, write


def finding(line: int, rule: str = "JWT101", path: str = "a.py") -> Finding:
    return Finding(
        rule=rule, name="n", failure="theft", level="note", confidence="high", message="m", place=Place(path, line, 0, line, 1)
    )


def written(text: str, *findings: Finding, path: str = "a.py") -> str:
    result = write(path, text.encode(), findings, "why")
    assert result.refused == ()
    return result.data.decode()


def test_a_comment_for_each_statement_with_all_its_rules() -> None:
    text = "def f():\n    x = g(\n        1,\n        2,\n    )\n    return x\n"
    expected = (
        "def f():\n"
        "    # jwtlint: ignore[JWT101, JWT105] -- why\n"
        "    x = g(\n        1,\n        2,\n    )\n"
        "    # jwtlint: ignore[JWT308] -- why\n"
        "    return x\n"
    )
    assert written(text, finding(3), finding(4, "JWT105"), finding(6, "JWT308")) == expected


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("x = '''\na'''\n", 2, "# jwtlint: ignore[JWT101] -- why\nx = '''\na'''\n"),
        ("\ufeffx = 1\r\n", 1, "\ufeff# jwtlint: ignore[JWT101] -- why\r\nx = 1\r\n"),
        ("x = 1", 1, "# jwtlint: ignore[JWT101] -- why\nx = 1"),
        ("if a:\n\tx = 1\nelif b:\n\tpass\n", 3, "if a:\n\tx = 1\n# jwtlint: ignore[JWT101] -- why\nelif b:\n\tpass\n"),
        ("@d\n@e\ndef f(): pass\n", 3, "@d\n@e\n# jwtlint: ignore[JWT101] -- why\ndef f(): pass\n"),
    ],
)
def test_python_of_any_shape(text: str, line: int, expected: str) -> None:
    assert written(text, finding(line)) == expected


@pytest.mark.parametrize(
    ("path", "text", "line", "expected"),
    [
        ("a.ts", "  store(t)\n", 1, "  // jwtlint: ignore[JWT101] -- why\n  store(t)\n"),
        ("a.html", "<p>\n  <a>\n", 2, "<p>\n  <!-- jwtlint: ignore[JWT101] -- why -->\n  <a>\n"),
        ("a.vue", "<script>\nstore(t)\n</script>", 2, "<script>\n// jwtlint: ignore[JWT101] -- why\nstore(t)\n</script>"),
    ],
)
def test_pages_and_scripts(path: str, text: str, line: int, expected: str) -> None:
    assert written(text, finding(line, path=path), path=path) == expected


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.js", "x = `\n${store(t)}\n`\n", 2),  # inside a text
        ("a.tsx", "return (\n<p>\n<a onClick={() => store(t)}>\n", 3),  # it would be shown on the page
        ("a.html", "<script>\nx = `\n${store(t)}`</script>", 3),
        ("a.py", "x = 1\n", 9),
    ],
)
def test_where_no_comment_can_be_nothing_is_written(path: str, text: str, line: int) -> None:
    result = write(path, text.encode(), [finding(line, path=path)])
    assert result.data == text.encode()
    assert len(result.refused) == 1


def test_a_second_run_finds_the_first_ones_comment() -> None:
    once = written("x = 1\n", finding(1))
    # the finding is two statements further down only in its line
    assert written(once, finding(2, "JWT105")) == "# jwtlint: ignore[JWT101] -- why\n# jwtlint: ignore[JWT105] -- why\nx = 1\n"
    assert PLACEHOLDER == "TODO: say why"


STATEMENTS = st.sampled_from(
    [
        "x = 1",
        "y = f(\n    1,\n)",
        "s = '''\n# no\n'''",
        "if x:\n    y = '\\\n'",
        "for i in x:\n\tpass",
        "# old\nz = [\n]",
        "a; b",
        "class C:\n  d = 1",
    ]
)


@given(
    st.lists(STATEMENTS, min_size=1, max_size=6),
    st.lists(st.integers(1, 12), min_size=1, max_size=4),
    st.sampled_from(["\n", "\r\n"]),
)
def test_the_code_stays_what_it_is(statements: list[str], lines: list[int], end: str) -> None:
    text = "".join(f"{statement}\n" for statement in statements).replace("\n", end)
    result = write("a.py", text.encode(), [finding(line) for line in lines])
    new = result.data.decode()
    assert ast.dump(ast.parse(new)) == ast.dump(ast.parse(text))
    added = [line for line in new.split(end) if "jwtlint: ignore[" in line]
    assert [line for line in new.split(end) if "jwtlint: ignore[" not in line] == text.split(end)
    assert all(line.lstrip().startswith("# jwtlint: ignore[JWT101] -- TODO") for line in added)
