from __future__ import annotations

from pathlib import Path

import pytest

from jwtlint.facts.layout import Layout
from jwtlint.sources.imports import ImportGraph, ImportLine, import_lines, targets
from jwtlint.sources.screen import automaton

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"

look = automaton({})


def statements(text: str) -> bytes:
    return look(text.encode()).imports


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("import a", [("a", 0, ())]),
        ("import a.b, c as d", [("a.b", 0, ()), ("c", 0, ())]),
        ("from a import b", [("a", 0, ("b",))]),
        ("from a.b import c as d, e", [("a.b", 0, ("c", "e"))]),
        ("from . import a", [("", 1, ("a",))]),
        ("from ..a import *", [("a", 2, ("*",))]),
        ("from a import (\n    b,\n    c,\n)\nx = 1", [("a", 0, ("b", "c"))]),
        ("from a import b, \\\n    c, \\\n    d\nimport e", [("a", 0, ("b", "c", "d")), ("e", 0, ())]),
        ("def f():\n    from a import b\n    import c", [("a", 0, ("b",)), ("c", 0, ())]),
        ("from a import b  # import c", [("a", 0, ("b",))]),
        ("from a import (b)\r\nimport c\r\n", [("a", 0, ("b",)), ("c", 0, ())]),
        ("import a\rimport b\r", [("a", 0, ()), ("b", 0, ())]),
        ("x = 'import'\nimportlib = 1\nfromage = important", []),
        ("from a import (b,\nimport c", [("a", 0, ("b",)), ("c", 0, ())]),
        ("", []),
    ],
)
def test_statements_are_found_without_parsing(text: str, lines: list[ImportLine]) -> None:
    assert [line for line in import_lines(statements(text)) if line[0] != "lib"] == lines


@pytest.mark.parametrize("line", ["from x import (\n", "from x import a, \\\n", "import import import ", "from x import (a\n)\n"])
def test_no_hostile_file_takes_for_ever(line: str) -> None:
    assert statements(line * 100_000).startswith(line[:6].encode())


@pytest.mark.parametrize("folder", sorted(path.name for path in FIXTURES.iterdir()))
def test_importers_are_those_that_resolving_everything_finds(folder: str) -> None:
    files = {path.relative_to(FIXTURES / folder).as_posix(): path.read_bytes() for path in (FIXTURES / folder).rglob("*.py")}
    layout = Layout(files)
    graph = ImportGraph(layout, {path: look(data).imports for path, data in files.items()})
    every = {path: targets(path, import_lines(data), layout) for path, data in files.items()}
    assert any(every.values()) or len(files) < 3
    for path in files:
        assert graph.importers({path}) == {one for one, found in every.items() if path in found}
        assert graph.targets(path) == every[path]


def test_importers_by_a_package_a_submodule_and_a_leading_dot() -> None:
    texts = {
        "a/__init__.py": "",
        "a/b.py": "from . import c",
        "a/c.py": "",
        "d.py": "from a import c",
        "e.py": "import a.c",
        "f.py": "cc = 1\nimport abc, a_c",
        "g.py": "from a import *",
    }
    graph = ImportGraph(Layout(texts), {path: statements(text) for path, text in texts.items()})
    assert graph.importers({"a/c.py"}) == {"a/b.py", "d.py", "e.py"}
    assert graph.importers({"a/__init__.py"}) == {"a/b.py", "d.py", "g.py"}
    assert graph.importers({"a/c.py"}, without={"d.py"}) == {"a/b.py", "e.py"}
    assert graph.importers({"g.py", "f.py"}) == set()
