from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from jwtlint.sources.screen import Screening, ScreenResult
from jwtlint.sources.walk import SourceFile, WalkResult, walk

TOKENS = {b"jwt": 1}


def screen(root: Path, files: Sequence[SourceFile], needles: Mapping[bytes, int]) -> ScreenResult:
    screening = Screening(root, lambda: needles)
    screening.begin(files)
    return together(screening)


def together(screening: Screening) -> ScreenResult:
    """All that a screening tells."""
    parts = [*screening.results()]
    looks = {path: look for part in parts for path, look in part.looks.items()}
    return ScreenResult(looks, tuple(sorted(error for part in parts for error in part.errors)))


@contextmanager
def finding(
    root: Path, walking: Callable[[], WalkResult] | None = None, needles: Callable[[], Mapping[bytes, int]] = lambda: TOKENS
) -> Iterator[Screening]:
    """A screening that looks for its files."""
    screening = Screening(root, needles)
    screening.find(walking or (lambda: walk(root)))
    try:
        yield screening
    finally:
        screening.stop()


def subjects(result: ScreenResult) -> dict[str, int]:
    return {path: look.subjects for path, look in result.looks.items()}


def test_each_file_with_the_subjects_it_speaks_of(tmp_path: Path) -> None:
    for name, text in {"a.py": "import jwt", "b.py": "password", "c.py": "x", "d.py": "jwt_password", "e.py": ""}.items():
        (tmp_path / name).write_text(text)
    result = screen(tmp_path, walk(tmp_path).files, {b"jwt": 1, b"password": 2})
    # those that speak of nothing are not told of
    assert subjects(result) == {"a.py": 1, "b.py": 2, "d.py": 3}
    assert result.errors == ()


def test_a_short_needle_does_not_hide_a_longer_one(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("jwt_secret")
    assert subjects(screen(tmp_path, walk(tmp_path).files, {b"jwt": 1, b"jwt_secret": 2})) == {"a.py": 3}


def test_without_needles_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("jwt")
    assert subjects(screen(tmp_path, walk(tmp_path).files, {})) == {}


def test_a_file_that_grew_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x" * 100 + "jwt")
    assert subjects(screen(tmp_path, [SourceFile("a.py", 10, 0, 0)], {b"jwt": 1})) == {"a.py": 1}


def test_a_file_that_became_a_link_or_is_gone_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("jwt")
    (tmp_path / "a.py").symlink_to(tmp_path / "target")
    result = screen(tmp_path, [SourceFile("a.py", 3, 0, 0), SourceFile("b.py", 3, 0, 0)], {b"jwt": 1})
    assert subjects(result) == {}
    assert [error.path for error in result.errors] == ["a.py", "b.py"]


@pytest.fixture(params=[3, 1_000])
def tree(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """Few files, or more than one share; every third speaks of tokens, and one cannot be read."""
    for number in range(request.param):
        (tmp_path / f"m{number:04}.py").write_text("import jwt" if number % 3 == 0 else "x = 1")
    (tmp_path / "z.py").write_bytes("import jwt".encode("utf-16"))
    return tmp_path


def test_what_looks_for_its_files_finds_what_is_found_when_they_are_known(tree: Path) -> None:
    with finding(tree) as screening:
        assert screening.found() == walk(tree)
        assert screening.found() is screening.found()
        screening.begin(walk(tree).files)
        found = together(screening)
    assert found == screen(tree, walk(tree).files, TOKENS)
    assert len(found.looks) == len([path for path in tree.glob("m*.py") if "jwt" in path.read_text()])
    assert len(found.errors) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_the_files_are_looked_for_in_another_process_which_goes_on_with_them(tree: Path) -> None:
    told = tree / "told.txt"

    def walking() -> WalkResult:
        told.write_text(str(os.getpid()))
        return walk(tree)

    with finding(tree, walking) as screening:
        screening.found()
        assert int(told.read_text()) != os.getpid()
        assert screening.workers is not None
        screening.workers.shared = False  # so that nothing is done here
        number, told_of_it = next(screening.workers.results())
        assert number == 1 and isinstance(told_of_it, bytes)


def fail() -> None:
    raise KeyError


@pytest.mark.parametrize("end", [fail, lambda: os._exit(1)])
def test_where_the_other_process_fails_or_ends_the_files_are_looked_for_here(tree: Path, end: Callable[[], None]) -> None:
    here = os.getpid()

    def broken() -> WalkResult:
        if os.getpid() != here:
            end()
        return walk(tree)

    with finding(tree, broken) as screening:
        assert screening.found() == walk(tree)
        assert together(screening) == screen(tree, walk(tree).files, TOKENS)


def test_a_mistake_in_what_is_looked_for_is_raised_here(tree: Path) -> None:
    def broken() -> Mapping[bytes, int]:
        raise KeyError("a broken model")

    with finding(tree, needles=broken) as screening:
        screening.found()
        with pytest.raises(KeyError, match="a broken model"):
            together(screening)


def test_with_one_processor_nothing_runs_beside(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jwtlint.sources.workers.available", lambda: 1)
    with finding(tree) as screening:
        assert screening.workers is None
        assert screening.found() == walk(tree)
        assert together(screening) == screen(tree, walk(tree).files, TOKENS)
