from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jwtlint.sources.ignores import IgnoreRules

PATHS = [
    "a.py", "b.py", "build/a.py", "src/build/a.py", "src/a/b/c.py", "src/a.txt",
    "x [1].py", "#a.py", "!a.py", "a b.py", "ab.py", "docs/a.py",
]


def git_says(folder: Path, lines: list[str]) -> list[bool]:
    """Which of ``PATHS`` git ignores."""
    (folder / ".gitignore").write_bytes("\n".join(lines).encode())
    result = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin", "-z"],
        input="\0".join(PATHS).encode(),
        cwd=folder,
        capture_output=True,
        check=False,
    )
    ignored = set(result.stdout.decode().split("\0"))
    return [path in ignored for path in PATHS]


def ignored(rules: IgnoreRules, path: str) -> bool:
    """As the walk asks: each folder on the way first, then the file."""
    parts = path.split("/")
    folders = ["/".join(parts[:end]) for end in range(1, len(parts))]
    return any(rules.verdict(folder, True) for folder in folders) or bool(rules.verdict(path, False))


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


@pytest.mark.parametrize(
    "lines",
    [
        ["a.py"],
        ["/a.py"],
        ["build/"],
        ["/build/"],
        ["src/*"],
        ["src/**/c.py"],
        ["**/a.py"],
        ["src/**"],
        ["*.py", "!b.py"],
        ["*.py", "!src/", "!/b.py"],
        ["!a.py", "a.py"],
        ["# a.py", "\\#a.py"],
        ["\\!a.py"],
        ["a b.py   "],
        ["a\\ b.py"],
        ["[ab].py"],
        ["[!a].py"],
        ["[^a].py"],
        ["[a-b].py"],
        ["x \\[1\\].py"],
        ["[a"],
        ["a\\"],
        ["?.py"],
        ["s?c/a.py"],
        ["a/b"],
        ["/*", "!/src/"],
        ["**"],
        ["*"],
        ["src/a/**/b"],
        ["src/**/**/c.py"],
        ["**/**/c.py"],
        ["src/**/a/**/c.py"],
        ["**/src/**/b/**"],
        ["*a*.p*y"],
        ["*d*c*/*.py"],
        ["a//b"],
        ["build//"],
        ["*]"],
        ["[]a].py"],
        ["", "  ", "/"],
        ["*b.py\r"],
    ],
    ids=repr,
)
def test_patterns_mean_what_they_mean_to_git(repository: Path, lines: list[str]) -> None:
    rules = IgnoreRules(lines)
    expected = git_says(repository, lines)
    if lines == ["*b.py\r"]:
        # git keeps the carriage return of a DOS line end; people do not mean it
        expected = [path.endswith("b.py") for path in PATHS]
    assert [ignored(rules, path) for path in PATHS] == expected


PIECE = st.sampled_from(["a", "b", "src", "build", "docs", "*", "?", "**", ".py", "a.py", "/", "[ab]", "c.py", "c", "d", "**/", "/**/"])
LINE = st.builds(
    lambda bang, pieces: bang + "".join(pieces), st.sampled_from(["", "", "!"]), st.lists(PIECE, min_size=1, max_size=8)
).filter(lambda line: all("**" not in segment or segment == "**" for segment in line.removeprefix("!").split("/")))


def test_two_asterisks_among_other_signs_are_one() -> None:
    # as gitignore(5) says; what git does depends on its version
    rules = IgnoreRules(["src/a**/c.py"])
    assert rules.verdict("src/ab/c.py", False)
    assert rules.verdict("src/a/b/c.py", False) is None


@pytest.mark.parametrize("pattern", ["*a" * 60 + "b", "**/a/" * 30 + "b", "*a*" * 30 + "/" + "*a" * 30 + "b", "a" + "*" * 500 + "b"])
def test_no_pattern_of_a_hostile_repository_takes_for_ever(pattern: str) -> None:
    rules = IgnoreRules([pattern])
    assert rules.verdict("a" * 255, False) is None
    assert rules.verdict("a/" * 500 + "a", False) is None


def test_so_many_wildcards_are_not_asked() -> None:
    rules = IgnoreRules([f"*{number}?*b" for number in range(20_000)])
    assert len(rules.regexes) < 1_000
    assert rules.verdict("a0xb", False)


@settings(max_examples=100, deadline=None)
@given(lines=st.lists(LINE, min_size=1, max_size=3))
def test_any_patterns_mean_what_they_mean_to_git(repository: Path, lines: list[str]) -> None:
    rules = IgnoreRules(lines)
    assert [ignored(rules, path) for path in PATHS] == git_says(repository, lines)
