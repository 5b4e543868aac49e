from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from jwtlint.sources.screen import Screening, ScreenResult
from jwtlint.sources.walk import SourceFile, walk


def screen(root: Path, files: Iterable[SourceFile], needles: Mapping[bytes, int]) -> ScreenResult:
    return Screening(root, files, needles).result()


def subjects(result: ScreenResult) -> dict[str, int]:
    return {path: look.subjects for path, look in result.looks.items()}


def test_each_file_with_the_subjects_it_speaks_of(tmp_path: Path) -> None:
    for name, text in {"a.py": "import jwt", "b.py": "password", "c.py": "x", "d.py": "jwt_password", "e.py": ""}.items():
        (tmp_path / name).write_text(text)
    result = screen(tmp_path, walk(tmp_path).files, {b"jwt": 1, b"password": 2})
    assert subjects(result) == {"a.py": 1, "b.py": 2, "c.py": 0, "d.py": 3, "e.py": 0}
    assert result.errors == ()


def test_a_short_needle_does_not_hide_a_longer_one(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("jwt_secret")
    assert subjects(screen(tmp_path, walk(tmp_path).files, {b"jwt": 1, b"jwt_secret": 2})) == {"a.py": 3}


def test_without_needles_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("jwt")
    assert subjects(screen(tmp_path, walk(tmp_path).files, {})) == {"a.py": 0}


def test_a_file_that_grew_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x" * 100 + "jwt")
    assert subjects(screen(tmp_path, [SourceFile("a.py", 10, 0, 0)], {b"jwt": 1})) == {"a.py": 1}


def test_a_file_that_became_a_link_or_is_gone_is_recorded(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("jwt")
    (tmp_path / "a.py").symlink_to(tmp_path / "target")
    result = screen(tmp_path, [SourceFile("a.py", 3, 0, 0), SourceFile("b.py", 3, 0, 0)], {b"jwt": 1})
    assert subjects(result) == {}
    assert [error.path for error in result.errors] == ["a.py", "b.py"]
