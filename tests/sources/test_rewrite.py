from __future__ import annotations

import os
from pathlib import Path

import pytest

from jwtlint.errors import UserError
from jwtlint.sources import rewrite


def test_a_file_gets_other_bytes_and_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"old")
    os.chmod(path, 0o750)
    rewrite.replace(path, b"new", b"old")
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o750
    assert os.listdir(tmp_path) == ["a.py"]


def test_a_file_that_somebody_changed_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(b"somebody's")
    with pytest.raises(UserError, match="changed while jwtlint looked at it"):
        rewrite.replace(path, b"new", b"old")
    assert path.read_bytes() == b"somebody's"


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_bytes(b"old")
    (tmp_path / "a.py").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UserError, match="cannot be read"):
        rewrite.replace(tmp_path / "a.py", b"new", b"old")
    with pytest.raises(UserError, match="is a symbolic link"):
        rewrite.create(tmp_path / "a.py", b"new")
    assert (tmp_path / "elsewhere").read_bytes() == b"old"


def test_what_cannot_be_written_is_one_sentence_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written"):
        rewrite.create(tmp_path / "no-such-folder" / "a.py", b"new")
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="cannot be written"):
        rewrite.create(tmp_path / "folder", b"new")
    assert os.listdir(tmp_path) == ["folder"]


def test_a_new_file_has_the_usual_mode(tmp_path: Path) -> None:
    rewrite.create(tmp_path / "a.py", b"new")
    (tmp_path / "b.py").write_bytes(b"")
    assert (tmp_path / "a.py").stat().st_mode == (tmp_path / "b.py").stat().st_mode
