"""Files are written all or none, never over what somebody edited, and not at all where nothing changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from generate import Wanted, application, scaffold, write

from jwtlint.cli import main
from jwtlint.errors import UserError
from jwtlint.scaffold.write import replace_all

STORE = "app/sessions/store.py"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An application with generated sessions."""
    write(tmp_path, application(Wanted(alembic=True)))
    assert scaffold(tmp_path).returncode == 0
    return tmp_path


def test_it_says_what_was_written_and_the_three_next_steps(tmp_path: Path) -> None:
    write(tmp_path, application(Wanted(alembic=True)))
    said = scaffold(tmp_path).stdout
    assert f"Written\n  {STORE.replace('store', '__init__')[:13]}" in said and f"  {STORE}\n" in said
    assert "  1. add psycopg[binary] to the requirements" in said
    assert "  2. make the tables: alembic upgrade head\n" in said
    assert "  3. in app/main.py:3: from app.sessions.web import" in said


def test_an_old_pin_is_named_in_the_steps(tmp_path: Path) -> None:
    write(tmp_path, application(Wanted()) | {"requirements.txt": "fastapi\npsycopg\nSQLAlchemy==1.4.9\n"})
    assert "  1. add SQLAlchemy 2 (requirements.txt:3 has SQLAlchemy==1.4.9) to the requirements" in scaffold(tmp_path).stdout


def test_an_edited_file_is_kept_and_said_to_be(project: Path) -> None:
    (project / STORE).write_text("mine\n")
    again = scaffold(project)
    assert again.returncode == 0 and (project / STORE).read_text() == "mine\n"
    assert f"kept {STORE}: it was edited" in again.stdout and "nothing was changed" in again.stdout
    assert scaffold(project, "--force").returncode == 0
    assert "class SessionStore" in (project / STORE).read_text()
    assert "is up to date" in scaffold(project).stdout


def test_a_deleted_file_comes_back(project: Path) -> None:
    before = (project / STORE).read_text()
    (project / STORE).unlink()
    assert f"Written\n  {STORE}\n" in scaffold(project).stdout
    assert (project / STORE).read_text() == before


def test_a_file_that_was_never_ours_is_kept(tmp_path: Path) -> None:
    write(tmp_path, application(Wanted()) | {"app/login/store.py": "mine\n"})
    said = scaffold(tmp_path, "--output", "app/login").stdout
    assert "kept app/login/store.py: it was there before, and is not ours" in said
    assert (tmp_path / "app/login/store.py").read_text() == "mine\n"
    assert (tmp_path / "app/login/audit.py").exists()


def test_a_difference_is_shown_and_nothing_is_changed(tmp_path: Path) -> None:
    write(tmp_path, application(Wanted()))
    shown = scaffold(tmp_path, "--diff")
    assert shown.returncode == 0 and f"+++ b/{STORE}\n" in shown.stdout and "+class SessionStore:" in shown.stdout
    assert not (tmp_path / "app/sessions").exists()
    scaffold(tmp_path)
    assert scaffold(tmp_path, "--diff").stdout == "app/sessions is up to date\n"


def test_no_control_character_of_the_project_reaches_the_terminal(project: Path) -> None:
    (project / STORE).write_text("x = '\x1b[31m\t\u202e'\n")
    shown = scaffold(project, "--diff", "--force").stdout
    assert "-x = '\\x1b[31m" in shown and "\x1b" not in shown and "\u202e" not in shown


def test_a_later_revision_does_not_move_ours(project: Path) -> None:
    (ours,) = (project / "migrations/versions").glob("*add_sessions.py")
    revision = ours.name.partition("_")[0]
    (project / "migrations/versions/later.py").write_text(f'revision = "eeee"\ndown_revision = "{revision}"\n')
    assert "is up to date; nothing was changed" in scaffold(project).stdout


def test_what_was_chosen_once_stays_chosen(tmp_path: Path) -> None:
    write(tmp_path, application(Wanted()))
    scaffold(tmp_path, "--cache", "redis")
    assert (tmp_path / "app/sessions/cache.py").exists()
    assert "is up to date; nothing was changed" in scaffold(tmp_path).stdout
    assert "left app/sessions/cache.py: it is no longer needed" in scaffold(tmp_path, "--cache", "none").stdout


def test_all_files_or_none(tmp_path: Path) -> None:
    (tmp_path / "b").write_text("a file where a folder must be\n")
    (tmp_path / "a.py").write_text("before\n")
    with pytest.raises(UserError, match="nothing was changed"):
        replace_all(tmp_path, {"a.py": "after\n", "new/c.py": "x\n", "b/d.py": "x\n"})
    assert (tmp_path / "a.py").read_text() == "before\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.py", "b"]


def test_modes_are_kept(tmp_path: Path) -> None:
    (tmp_path / "run.py").write_text("before\n")
    (tmp_path / "run.py").chmod(0o750)
    replace_all(tmp_path, {"run.py": "after\n"})
    assert (tmp_path / "run.py").stat().st_mode & 0o777 == 0o750


def test_nothing_is_written_through_a_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    write(tmp_path / "project", application(Wanted()))
    os.symlink(outside, tmp_path / "project" / "app" / "login")
    result = scaffold(tmp_path / "project", "--output", "app/login")
    assert result.returncode == 2 and "symbolic link" in result.stderr
    assert list(outside.iterdir()) == []


def test_mistakes_are_one_sentence(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["scaffold", str(tmp_path)])
    assert result.exit_code == 2 and result.stderr.startswith("jwtlint: there is no Python file in ") and result.stderr.count("\n") == 1
    result = CliRunner().invoke(main, ["scaffold", str(tmp_path / "nowhere")])
    assert result.exit_code == 2 and "is no folder" in result.stderr
