"""Files are written all or none, never over what somebody edited, and not at all where nothing changes."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner
from generate import Wanted, application, scaffold, write
from repositories import git

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


def test_the_driver_is_the_one_that_the_urls_name(tmp_path: Path) -> None:
    cases = {
        "asyncpg": ("postgresql+asyncpg", "fastapi\n", "add asyncpg to"),
        "psycopg": ("postgresql+psycopg", "fastapi\n", "add psycopg[binary] to"),
        "unknown": ("mysql+aiomysql", "fastapi\n", "add the driver that the database's URL names (asyncpg for postgresql+asyncpg://, "),
        "required": ("postgresql+psycopg", "fastapi\npsycopg[binary]\n", "nothing to install"),
    }
    for name, (dialect, requirements, said) in cases.items():
        files = application(Wanted(driver="sqlalchemy-async"))
        files["app/database.py"] = files["app/database.py"].replace("postgresql+asyncpg", dialect)
        write(tmp_path / name, files | {"requirements.txt": requirements})
        assert f"  1. {said}" in scaffold(tmp_path / name, "--database", "postgresql").stdout, name


def test_tables_that_the_application_makes_itself_are_not_made_by_hand(tmp_path: Path) -> None:
    files = application(Wanted(driver="sqlalchemy-async", database="sqlite"))
    files["app/start.py"] = """
        from app.database import Base, engine


        async def start() -> None:
            async with engine.begin() as connection:
                await connection.run_sync(Base.metadata.create_all)
        """
    write(tmp_path, files)
    said = scaffold(tmp_path).stdout
    assert "made by SQLAlchemy's create_all  [app/start.py:6: create_all]" in said
    assert (
        "  2. make the tables: create_all in app/start.py makes them with the application's own if app.sessions.tables is imported before; "
        "where it does not run: sqlite3 THE_DATABASE_FILE < app/sessions/migrations/sqlite.up.sql\n"
    ) in said


def test_what_was_done_after_an_earlier_run_is_no_step(tmp_path: Path) -> None:
    write(tmp_path, application(Wanted("django", "django", "sqlite")))
    first = scaffold(tmp_path).stdout
    assert '  2. put "sessions" into INSTALLED_APPS and make the tables: python manage.py migrate login_sessions\n' in first
    assert '  3. in project/settings.py: put "sessions.middleware.LoginSessionMiddleware" into MIDDLEWARE' in first
    settings = tmp_path / "project/settings.py"
    text = settings.read_text().replace('"accounts",', '"accounts",\n    "sessions",')
    settings.write_text(text.replace("MIDDLEWARE = [", 'MIDDLEWARE = ["sessions.middleware.LoginSessionMiddleware", '))
    again = scaffold(tmp_path, "--cache", "redis").stdout
    assert "  2. make the tables: python manage.py migrate login_sessions\n" in again and "  3." not in again


def test_files_that_git_is_told_to_ignore_are_named(tmp_path: Path) -> None:
    write(tmp_path, application(Wanted(alembic=True)) | {".gitignore": "migrations\n*.log\n"})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "-A", "--force")
    git(tmp_path, "commit", "-qm", "all")
    said = scaffold(tmp_path).stdout
    assert "  4. commit what an ignore file keeps from git, too: git add --force -- app/sessions/migrations/postgresql.down.sql " in said
    command = said.partition("too: git ")[2].splitlines()[0]
    git(tmp_path, *command.split())
    git(tmp_path, "add", "-A")
    assert "!!" not in git(tmp_path, "status", "--porcelain", "--ignored")
    assert "migrations/versions/" in git(tmp_path, "diff", "--cached", "--name-only")


def test_of_many_ignored_files_only_those_that_were_written_are_named(tmp_path: Path) -> None:
    write(tmp_path, application(Wanted()) | {".gitignore": "sessions\n"})
    git(tmp_path, "init", "-q")
    said = scaffold(tmp_path).stdout
    compiled = tmp_path / "app/sessions/__pycache__/web.cpython-311.pyc"
    compiled.parent.mkdir()
    compiled.write_bytes(b"")
    git(tmp_path, *shlex.split(said.partition("too: git ")[2].splitlines()[0]))
    added = git(tmp_path, "diff", "--cached", "--name-only").split()
    assert {f"app/sessions/{name}" for name in ("web.py", "tests/test_web.py", "README.md", "migrations/sqlite.up.sql")} <= set(added)
    assert not any(path.endswith(".pyc") for path in added)


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
