"""What is found out of applications of every kind, and what is said where only the user can decide."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from generate import Wanted, application, scaffold, write
from repositories import git

from jwtlint.errors import UserError
from jwtlint.scaffold.choice import Choice, Imported, Tables
from jwtlint.scaffold.project.detect import Detected, detect
from jwtlint.scaffold.project.source import Source
from jwtlint.scaffold.wishes import Wishes

FIXTURES = Path(__file__).parent.parent.parent / "fixtures"
SQLALCHEMY = Wanted("fastapi", "sqlalchemy", "postgresql", "bigint")


def found(folder: Path, files: dict[str, str], wishes: Wishes | None = None) -> Detected:
    """What is detected in an application of the given files."""
    write(folder, files)
    return detect(Source(folder), wishes or Wishes())


def chosen(folder: Path, files: dict[str, str], wishes: Wishes | None = None) -> Choice:
    return found(folder, files, wishes).choice


def refused(folder: Path, files: dict[str, str], wishes: Wishes | None = None) -> str:
    with pytest.raises(UserError) as error:
        found(folder, files, wishes)
    return str(error.value)


@pytest.mark.parametrize(
    "wanted",
    [
        SQLALCHEMY,
        Wanted("fastapi", "sqlalchemy", "sqlite", "uuid", layer="sqlmodel"),
        Wanted("fastapi", "sqlalchemy-async", "postgresql", "text"),
        Wanted("flask", "sqlalchemy", "sqlite", "integer"),
        Wanted("flask", "sqlalchemy", "postgresql", "uuid", layer="flask-sqlalchemy"),
        Wanted("flask", "psycopg", "postgresql", "bigint"),
        Wanted("fastapi", "psycopg-async", "postgresql", "uuid"),
        Wanted("fastapi", "asyncpg", "postgresql", "text"),
        Wanted("none", "sqlite3", "sqlite", "integer"),
        Wanted("django", "django", "postgresql", "uuid"),
        Wanted("django", "django", "sqlite", "integer"),
    ],
    ids=lambda wanted: wanted.name,
)
def test_all_that_matters_is_found_out(tmp_path: Path, wanted: Wanted) -> None:
    choice = chosen(tmp_path, application(wanted))
    assert (choice.framework, choice.driver, choice.database) == (wanted.framework, wanted.driver, wanted.database)
    assert choice.user.key_type == wanted.key
    assert choice.user.active == "is_active"
    assert choice.user.password in ("hashed_password", "password")
    assert choice.output == ("sessions" if wanted.framework == "django" else "app/sessions")
    assert choice.layer == (wanted.layer or wanted.driver.removesuffix("-async"))


def test_handles_are_imported_from_where_they_are_made(tmp_path: Path) -> None:
    choice = chosen(tmp_path, application(SQLALCHEMY))
    assert choice.engine == Imported("app.database", ("engine",), "engine")
    assert choice.session_factory == Imported("app.database", ("SessionLocal",), "SessionLocal")
    assert choice.metadata == Imported("app.database", ("Base",), "Base.metadata")


def test_a_dependency_is_asynchronous_as_what_makes_its_sessions(tmp_path: Path) -> None:
    files = application(Wanted("fastapi", "sqlalchemy-async", "postgresql", "bigint"))
    before, _, rest = dedent(files["app/database.py"]).partition("async def get_db(")
    assert rest
    files["app/database.py"] = f"""{before}async def get_db():
    session = SessionLocal()
    try:
        yield session
    finally:
        await session.close()
"""
    files["app/routes.py"] = """\
from fastapi import APIRouter, Depends

from app.database import get_db

router = APIRouter()


@router.get("/")
async def home(db=Depends(get_db)):
    return {}
"""
    assert chosen(tmp_path, files).driver == "sqlalchemy-async"


@pytest.mark.parametrize(
    "decorator",
    ["@table_registry.mapped_as_dataclass", "@table_registry.mapped_as_dataclass(kw_only=True)", "@mapped_as_dataclass(table_registry)"],
)
def test_a_class_that_a_registry_maps_has_the_registry_s_metadata(tmp_path: Path, decorator: str) -> None:
    files = application(SQLALCHEMY)
    files["app/tables.py"] = "from sqlalchemy.orm import registry\n\ntable_registry = registry()\n"
    files["app/models.py"] = f"""\
from sqlalchemy.orm import Mapped, mapped_as_dataclass, mapped_column

from app.tables import table_registry


{decorator}
class User:
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(init=False, primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    password: Mapped[str]
"""
    assert chosen(tmp_path, files).metadata == Imported("app.tables", ("table_registry",), "table_registry.metadata")


def test_reasons_name_places(tmp_path: Path) -> None:
    details = {detail.subject: detail for detail in found(tmp_path, application(SQLALCHEMY)).details}
    (why,) = details["user model"].why
    assert why.path == "app/models.py" and "class User" in (tmp_path / why.path).read_text().splitlines()[why.line - 1]
    (why,) = details["framework"].why
    assert "FastAPI()" in (tmp_path / why.path).read_text().splitlines()[why.line - 1]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("id: Mapped[int] = mapped_column(primary_key=True)", "integer"),
        ("id: Mapped[int] = mapped_column(BigInteger, primary_key=True)", "bigint"),
        ("id: Mapped[Key]", "uuid"),
        ("id = Column(String(36), primary_key=True)", "text"),
        ("id = Column(Own, primary_key=True)", "uuid"),
        ('id = Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)', "bigint"),
    ],
)
def test_the_type_of_the_key(tmp_path: Path, column: str, kind: str) -> None:
    files = application(SQLALCHEMY)
    files["app/models.py"] = f"""
        import uuid
        from typing import Annotated

        from sqlalchemy import BigInteger, Column, Integer, String, Uuid
        from sqlalchemy.orm import Mapped, mapped_column
        from sqlalchemy.types import TypeDecorator

        from app.database import Base

        Key = Annotated[uuid.UUID, mapped_column(primary_key=True)]


        class Own(TypeDecorator):
            impl = Uuid


        class User(Base):
            __tablename__ = "users"

            {column}
            password_hash = Column(String)
        """
    assert chosen(tmp_path, files).user.key_type == kind


def test_a_key_in_a_mixin_under_another_name(tmp_path: Path) -> None:
    files = application(SQLALCHEMY)
    files["app/keys.py"] = """
        from sqlalchemy import BigInteger, Column


        class Keyed:
            number = Column("user_no", BigInteger, primary_key=True)
        """
    files["app/models.py"] = """
        from sqlalchemy import Column, String

        from app.database import Base
        from app.keys import Keyed


        class Member(Keyed, Base):
            __tablename__ = "members"
            __table_args__ = {"schema": "crm"}

            password = Column(String)
        """
    user = chosen(tmp_path, files).user
    assert (user.dotted, user.table, user.schema) == ("app.models.Member", "members", "crm")
    assert (user.key, user.key_column, user.key_type) == ("number", "user_no", "bigint")


@pytest.mark.parametrize("root", ["backend", "src", "services/web/src"])
def test_an_application_in_a_folder_of_its_own(tmp_path: Path, root: str) -> None:
    choice = chosen(tmp_path, {f"{root}/{path}": text for path, text in application(SQLALCHEMY).items()})
    assert (choice.root, choice.output, choice.package) == (root, f"{root}/app/sessions", "app.sessions")
    assert choice.user.module == "app.models"


def test_engines_in_a_dictionary(tmp_path: Path) -> None:
    files = application(SQLALCHEMY)
    files["app/database.py"] = """
        from sqlalchemy import create_engine
        from sqlalchemy.orm import DeclarativeBase

        engines = {"reader": create_engine("postgresql://r/x"), "writer": create_engine("postgresql://w/x")}


        class Base(DeclarativeBase):
            pass
        """
    assert chosen(tmp_path, files).engine == Imported("app.database", ("engines",), 'engines["writer"]')


def test_alembic_goes_on_from_the_only_head(tmp_path: Path) -> None:
    files = application(Wanted(alembic=True))
    files["migrations/versions/ffff00001111_more.py"] = 'revision: str = "ffff00001111"\ndown_revision: str | None = "1a2b3c4d5e6f"\n'
    choice = chosen(tmp_path, files)
    assert choice.alembic is not None
    assert choice.alembic.down_revision == "ffff00001111"
    assert choice.alembic.path == f"migrations/versions/{choice.alembic.revision}_add_sessions.py"


def test_alembic_names_files_as_its_template_says(tmp_path: Path) -> None:
    files = application(Wanted(alembic=True))
    files["alembic.ini"] = "[alembic]\nscript_location = %(here)s/migrations\nfile_template = %%(year)d-%%(month).2d_%%(rev)s_%%(slug)s\n"
    alembic = chosen(tmp_path, files).alembic
    assert alembic is not None
    assert alembic.path == f"migrations/versions/{alembic.created[:7]}_{alembic.revision}_add_sessions.py"


def test_alembic_in_a_folder_that_git_tracks_although_it_is_told_to_ignore_it(tmp_path: Path) -> None:
    (tmp_path / "tracked").mkdir()
    (tmp_path / "untracked").mkdir()
    files = application(Wanted(alembic=True)) | {".gitignore": "migrations\nenv\n"}
    files["env/lib/alembic/templates/generic/env.py"] = files["migrations/env.py"]  # of a virtual environment that was committed
    del files["alembic.ini"]
    for folder in (tmp_path / "tracked", tmp_path / "untracked"):
        write(folder, files)
        git(folder, "init", "-q")
        git(folder, "add", "-A", *(["--force"] if folder.name == "tracked" else []))
        git(folder, "commit", "-qm", "all")

    choice = detect(Source(tmp_path / "tracked"), Wishes()).choice
    assert choice.migrations == "alembic" and choice.alembic is not None
    assert choice.alembic.path.startswith("migrations/versions/") and choice.alembic.down_revision == "1a2b3c4d5e6f"
    assert detect(Source(tmp_path / "untracked"), Wishes()).choice.migrations == "sql"


def test_several_heads_are_the_users_to_decide(tmp_path: Path) -> None:
    files = application(Wanted(alembic=True))
    files["migrations/versions/a.py"] = 'revision = "aaaa"\ndown_revision = "1a2b3c4d5e6f"\n'
    files["migrations/versions/b.py"] = 'revision = "bbbb"\ndown_revision = "1a2b3c4d5e6f"\n'
    said = refused(tmp_path, files)
    assert "aaaa" in said and "bbbb" in said and "--alembic-head" in said
    alembic = chosen(tmp_path, {}, Wishes(alembic_head="bbbb")).alembic
    assert alembic is not None and alembic.down_revision == "bbbb"


def test_a_table_or_package_called_sessions_is_left_alone(tmp_path: Path) -> None:
    files = application(SQLALCHEMY)
    files["app/sessions.py"] = """
        from sqlalchemy import Column, Integer

        from app.database import Base


        class Session(Base):
            __tablename__ = "sessions"

            id = Column(Integer, primary_key=True)
        """
    choice = chosen(tmp_path, files)
    assert choice.output == "app/login_sessions"
    assert choice.tables == Tables(sessions="login_sessions")


def test_a_user_model_that_is_named(tmp_path: Path) -> None:
    files = application(SQLALCHEMY)
    files["app/people.py"] = """
        from sqlalchemy import Column, Integer

        from app.database import Base


        class Robot(Base):
            __tablename__ = "robots"

            id = Column(Integer, primary_key=True)
        """
    assert chosen(tmp_path, files).user.name == "User"
    for wish in ("app/people.py:Robot", "app.people:Robot"):
        assert chosen(tmp_path, {}, Wishes(user_model=wish)).user.table == "robots"
    assert 'did you mean "Robot"?' in refused(tmp_path, {}, Wishes(user_model="app/people.py:Robt"))
    assert "--user-model is written as" in refused(tmp_path, {}, Wishes(user_model="Robot"))


def test_what_only_the_user_can_decide_names_the_option(tmp_path: Path) -> None:
    assert "--user-model" in refused(tmp_path / "a", {"app.py": "x = 1\n"})
    files = application(SQLALCHEMY)
    files["app/database.py"] = files["app/database.py"].replace("postgresql+psycopg://localhost/app", "")
    assert "--database" in refused(tmp_path / "b", files)
    files["app/database.py"] = files["app/database.py"].replace('"DATABASE_URL", ""', '"DATABASE_URL", "mysql+pymysql://localhost/app"')
    said = refused(tmp_path / "c", files)
    assert "MySQL (app/database.py:" in said and "--database" in said
    assert chosen(tmp_path / "c", {}, Wishes(database="postgresql")).database == "postgresql"
    two = {f"{name}/{path}": text for name in ("one", "two") for path, text in application(SQLALCHEMY).items()}
    assert "several applications" in refused(tmp_path / "d", two)
    assert "speaks to postgresql only" in refused(tmp_path / "e", application(SQLALCHEMY), Wishes(driver="psycopg", database="sqlite"))
    assert "alembic init" in refused(tmp_path / "f", application(SQLALCHEMY), Wishes(migrations="alembic"))


def test_requirements_as_poetry_writes_them(tmp_path: Path) -> None:
    files = application(SQLALCHEMY)
    files["app/database.py"] = files["app/database.py"].replace("postgresql+psycopg://localhost/app", "")
    files["pyproject.toml"] = '[project]\nname = "app"\ndependencies = [\n    "psycopg[binary] (>=3.2.9,<4.0.0)",\n]\n'
    assert chosen(tmp_path, files).database == "postgresql"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_requirements_as_windows_writes_them(tmp_path: Path, encoding: str) -> None:
    files = application(SQLALCHEMY)
    files["app/database.py"] = files["app/database.py"].replace("postgresql+psycopg://localhost/app", "")
    write(tmp_path, files)
    (tmp_path / "requirements.txt").write_bytes("psycopg2-binary==2.9.11\r\nfastapi==0.128.0\r\n".encode(encoding))
    assert chosen(tmp_path, {}).database == "postgresql"


@pytest.mark.parametrize(
    ("name", "text", "length"),
    [
        ("pyproject.toml", "[tool.ruff]\nline-length = 100\n", 100),
        ("ruff.toml", "line-length = 79\n", 79),
        ("pyproject.toml", "[tool.black]\nline-length = 120\n", 120),
        ("setup.cfg", "[flake8]\nmax-line-length = 120\n", 88),
        (".flake8", "[flake8]\nmax-line-length = 79\n", 79),
    ],
)
def test_the_line_length_is_the_formatters(tmp_path: Path, name: str, text: str, length: int) -> None:
    assert chosen(tmp_path, application(SQLALCHEMY) | {name: text}).formatting.line_length == length


def test_other_mappers_are_named(tmp_path: Path) -> None:
    files = {"models.py": "from tortoise.models import Model\n\n\nclass User(Model):\n    pass\n"}
    assert "Tortoise ORM" in refused(tmp_path, files)


def test_nothing_of_the_project_runs_and_no_link_is_followed(tmp_path: Path) -> None:
    files = application(SQLALCHEMY)
    files["app/trap.py"] = f"open({str(tmp_path / 'sprung')!r}, 'w')\n"
    write(tmp_path / "project", files)
    (tmp_path / "outside.ini").write_text("[alembic]\nscript_location = migrations\n")
    (tmp_path / "project" / "alembic.ini").symlink_to(tmp_path / "outside.ini")
    assert scaffold(tmp_path / "project").returncode == 0
    assert not (tmp_path / "sprung").exists()
    assert detect(Source(tmp_path / "project"), Wishes()).choice.migrations == "sql"


@pytest.mark.parametrize(
    ("fixture", "user", "driver", "output"),
    [
        ("fastapi-pyjwt-wrapper", "app.models.User", "sqlalchemy", "app/sessions"),
        ("fastapi-users-jwt", "bakery.db.User", "sqlalchemy-async", "bakery/sessions"),
        ("src-layout-reexports", "acme_notes.models.Account", "sqlalchemy", "src/acme_notes/sessions"),
        ("flask-itsdangerous-jws", "notes.models.User", "sqlalchemy", "notes/sessions"),
        ("drf-pyjwt-authentication", "choirbook.apps.singers.models.Singer", "django", "choirbook/apps/sessions"),
        ("drf-jwt-legacy", "django.contrib.auth.models.User", "django", "sessions"),
    ],
)
def test_sample_applications(fixture: str, user: str, driver: str, output: str) -> None:
    choice = detect(Source(FIXTURES / fixture), Wishes()).choice
    assert (choice.user.dotted, choice.driver, choice.output) == (user, driver, output)


def test_two_applications_in_one_repository() -> None:
    with pytest.raises(UserError, match="give the folder of the one that is meant"):
        detect(Source(FIXTURES / "monorepo-two-apps"), Wishes())
