"""A small application of somebody's, and the real ``jwtlint scaffold`` run in it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

KEYS = {
    # key type: SQLAlchemy's, in annotations, its import, Django's field, in SQL
    "bigint": ("BigInteger().with_variant(Integer(), 'sqlite')", "int", "", "BigAutoField", "bigint"),
    "integer": ("Integer()", "int", "", "AutoField", "integer"),
    "uuid": ("Uuid()", "UUID", "from uuid import UUID, uuid4\n", "UUIDField", "uuid"),
    "text": ("String(36)", "str", "from uuid import uuid4\n", "CharField", "text"),
}
DEFAULTS = {"uuid": ", default=uuid4", "text": ", default=lambda: str(uuid4())"}
DJANGO_DEFAULTS = {"uuid": "default=uuid4, ", "text": "max_length=36, default=lambda: str(uuid4()), "}
PACKAGES = {"postgresql": {"psycopg", "psycopg-async", "sqlalchemy", "django"}}


@dataclass(frozen=True)
class Wanted:
    """What the application is made of, and what is asked of the scaffold. ``layer`` "" is the driver's usual one."""

    framework: str = "fastapi"
    driver: str = "sqlalchemy"
    database: str = "postgresql"
    key: str = "bigint"
    cache: str = "none"
    layer: str = ""
    alembic: bool = False
    options: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For the tests' ids."""
        parts = [self.framework, self.layer or self.driver, self.database, self.key]
        return "-".join([*parts, *(["redis"] if self.cache == "redis" else []), *(["alembic"] if self.alembic else [])])


def generate(folder: Path, wanted: Wanted) -> Path:
    """Make the application in a folder and generate the sessions into it; the folder that the application is imported from."""
    write(folder, application(wanted))
    result = scaffold(folder, *options(wanted))
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def options(wanted: Wanted) -> list[str]:
    """The command line; most of it is found out."""
    return [*(["--cache", "redis"] if wanted.cache == "redis" else []), *wanted.options]


def scaffold(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the real command in a folder."""
    command = [sys.executable, "-m", "jwtlint", "scaffold", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def write(folder: Path, files: dict[str, str]) -> None:
    """Write files."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text).lstrip("\n"), encoding="utf-8")


def application(wanted: Wanted) -> dict[str, str]:
    """The application's files."""
    if wanted.driver == "django":
        return django(wanted)
    files = {"app/__init__.py": "", "requirements.txt": requirements(wanted)}
    if wanted.driver in ("sqlalchemy", "sqlalchemy-async"):
        files |= flask_sqlalchemy(wanted) if wanted.layer == "flask-sqlalchemy" else sqlalchemy(wanted)
    else:
        files |= raw(wanted)
    if wanted.alembic:
        files |= alembic(wanted)
    return files | web(wanted)


def url(wanted: Wanted) -> str:
    """The address that the application falls back to."""
    if wanted.database == "sqlite":
        return "sqlite+aiosqlite:///app.db" if wanted.driver == "sqlalchemy-async" else "sqlite:///app.db"
    dialect = {"sqlalchemy": "postgresql+psycopg", "sqlalchemy-async": "postgresql+asyncpg"}.get(wanted.driver, "postgresql")
    return f"{dialect}://localhost/app"


def requirements(wanted: Wanted) -> str:
    """What the application needs."""
    names = {"fastapi": "fastapi\n", "flask": "flask\n", "django": "django\n"}.get(wanted.framework, "")
    return names + {"asyncpg": "asyncpg\n", "psycopg": "psycopg[pool]\n", "psycopg-async": "psycopg[pool]\n"}.get(wanted.driver, "")


def sqlalchemy(wanted: Wanted) -> dict[str, str]:
    """SQLAlchemy or SQLModel, synchronous or not."""
    column, annotation, imported, _, _ = KEYS[wanted.key]
    default = DEFAULTS.get(wanted.key, "")
    if wanted.driver == "sqlalchemy":
        database = f"""
            import os
            from collections.abc import Iterator

            from sqlalchemy import create_engine
            from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

            engine = create_engine(os.environ.get("DATABASE_URL", "{url(wanted)}"))
            SessionLocal = sessionmaker(engine)


            class Base(DeclarativeBase):
                pass


            def get_db() -> Iterator[Session]:
                with SessionLocal() as session:
                    yield session
            """
    else:
        database = f"""
            import os
            from collections.abc import AsyncIterator

            from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
            from sqlalchemy.orm import DeclarativeBase

            engine = create_async_engine(os.environ.get("DATABASE_URL", "{url(wanted)}"))
            SessionLocal = async_sessionmaker(engine, expire_on_commit=False)


            class Base(DeclarativeBase):
                pass


            async def get_db() -> AsyncIterator[AsyncSession]:
                async with SessionLocal() as session:
                    yield session
            """
    if wanted.layer == "sqlmodel":
        field = f"default_factory={default.removeprefix(', default=')}, " if default else "default=None, "
        models = f"""
            {imported}
            from sqlmodel import Field, SQLModel


            class User(SQLModel, table=True):
                __tablename__ = "users"

                id: {annotation} = Field({field}primary_key=True)
                email: str = Field(unique=True)
                hashed_password: str
                is_active: bool = True
            """
    else:
        models = f"""
            {imported}
            from sqlalchemy import BigInteger, Integer, String, Uuid
            from sqlalchemy.orm import Mapped, mapped_column

            from app.database import Base


            class User(Base):
                __tablename__ = "users"

                id: Mapped[{annotation}] = mapped_column({column}, primary_key=True{default})
                email: Mapped[str] = mapped_column(unique=True)
                hashed_password: Mapped[str]
                is_active: Mapped[bool] = mapped_column(default=True)
            """
    return {"app/database.py": database, "app/models.py": models}


def flask_sqlalchemy(wanted: Wanted) -> dict[str, str]:
    """Flask-SQLAlchemy."""
    column, _, imported, _, _ = KEYS[wanted.key]
    default = DEFAULTS.get(wanted.key, "")
    return {
        "app/database.py": """
            from flask_sqlalchemy import SQLAlchemy

            db = SQLAlchemy()
            """,
        "app/models.py": f"""
            {imported}
            from sqlalchemy import BigInteger, Integer, String, Uuid

            from app.database import db


            class User(db.Model):
                __tablename__ = "users"

                id = db.Column({column}, primary_key=True{default})
                email = db.Column(db.String(255), unique=True, nullable=False)
                hashed_password = db.Column(db.String(255), nullable=False)
                is_active = db.Column(db.Boolean, nullable=False, default=True)
            """,
    }


def raw(wanted: Wanted) -> dict[str, str]:
    """A driver without an ORM."""
    kind = KEYS[wanted.key][4]
    database = {
        "psycopg": f"""
            import os

            from psycopg_pool import ConnectionPool

            pool = ConnectionPool(os.environ.get("DATABASE_URL", "{url(wanted)}"), open=False)
            """,
        "psycopg-async": f"""
            import os

            from psycopg_pool import AsyncConnectionPool

            pool = AsyncConnectionPool(os.environ.get("DATABASE_URL", "{url(wanted)}"), open=False)
            """,
        "asyncpg": f"""
            import os

            import asyncpg


            async def connect() -> asyncpg.Pool:
                return await asyncpg.create_pool(os.environ.get("DATABASE_URL", "{url(wanted)}"))
            """,
        "sqlite3": """
            import os
            import sqlite3


            def connect() -> sqlite3.Connection:
                return sqlite3.connect(os.environ.get("DATABASE_FILE", "app.db"))
            """,
    }[wanted.driver]
    schema = f"""
        CREATE TABLE users (
            id {kind} PRIMARY KEY,
            email text NOT NULL UNIQUE,
            hashed_password text NOT NULL,
            is_active boolean NOT NULL DEFAULT true
        );
        """
    return {"app/database.py": database, "app/schema.sql": schema}


def web(wanted: Wanted) -> dict[str, str]:
    """The application object."""
    if wanted.framework == "fastapi":
        return {"app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n"}
    if wanted.framework == "flask" and wanted.layer == "flask-sqlalchemy":
        main = f"""
            import os

            from flask import Flask

            from app.database import db

            app = Flask(__name__)
            app.config["SQLALCHEMY_DATABASE_URI"] = os.environ.get("DATABASE_URL", "{url(wanted)}")
            app.secret_key = os.environ.get("SECRET_KEY", "")
            db.init_app(app)
            """
        return {"app/main.py": main}
    if wanted.framework == "flask":
        return {"app/main.py": "from flask import Flask\n\napp = Flask(__name__)\n"}
    return {"app/main.py": "from app import database\n\nprint(database)\n"}


def alembic(wanted: Wanted) -> dict[str, str]:
    """An Alembic environment with one revision, which makes the users table."""
    kind = KEYS[wanted.key][0]
    return {
        "alembic.ini": "[alembic]\nscript_location = migrations\n",
        "migrations/env.py": f"""
            import os

            from alembic import context
            from sqlalchemy import create_engine

            from app import models
            from app.database import Base

            url = os.environ.get("DATABASE_URL", "{url(wanted)}")
            engine = create_engine(url.replace("+asyncpg", "+psycopg").replace("+aiosqlite", ""))
            with engine.connect() as connection:
                context.configure(connection=connection, target_metadata=Base.metadata)
                with context.begin_transaction():
                    context.run_migrations()
            """,
        "migrations/script.py.mako": "",
        "migrations/versions/1a2b3c4d5e6f_users.py": f"""
            from alembic import op
            from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Uuid

            revision = "1a2b3c4d5e6f"
            down_revision = None


            def upgrade() -> None:
                op.create_table(
                    "users",
                    Column("id", {kind}, primary_key=True),
                    Column("email", String(), nullable=False, unique=True),
                    Column("hashed_password", String(), nullable=False),
                    Column("is_active", Boolean(), nullable=False),
                )


            def downgrade() -> None:
                op.drop_table("users")
            """,
    }


def django(wanted: Wanted) -> dict[str, str]:
    """A Django project with a user model of its own, or with Django's where the key is an integer."""
    field = KEYS[wanted.key][3]
    default = DJANGO_DEFAULTS.get(wanted.key, "")
    engine = {"postgresql": "django.db.backends.postgresql", "sqlite": "django.db.backends.sqlite3"}[wanted.database]
    own = wanted.key != "integer"
    files = {
        "manage.py": """
            import os
            import sys

            from django.core.management import execute_from_command_line

            if __name__ == "__main__":
                os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
                execute_from_command_line(sys.argv)
            """,
        "project/__init__.py": "",
        "project/settings.py": f"""
            import os
            from pathlib import Path

            SECRET_KEY = os.environ.get("SECRET_KEY", "only for tests")
            INSTALLED_APPS = [
                "django.contrib.auth",
                "django.contrib.contenttypes",
                "django.contrib.sessions",
                "rest_framework",
                "accounts",
            ]
            MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"]
            ROOT_URLCONF = "project.urls"
            DATABASES = {{
                "default": {{
                    "ENGINE": "{engine}",
                    "NAME": os.environ.get("DATABASE_NAME", "app.db"),
                    "HOST": os.environ.get("DATABASE_HOST", ""),
                    "PORT": os.environ.get("DATABASE_PORT", ""),
                    "USER": os.environ.get("DATABASE_USER", ""),
                }}
            }}
            {'AUTH_USER_MODEL = "accounts.User"' if own else ""}
            DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
            USE_TZ = True
            BASE_DIR = Path(__file__).parent.parent
            """,
        "project/urls.py": "from django.urls import path\n\nurlpatterns: list[object] = []\n",
        "accounts/__init__.py": "",
        "requirements.txt": "django\ndjangorestframework\npsycopg\n",
    }
    models = "from django.db import models\n"
    if own:
        models = f"""
            {KEYS[wanted.key][2]}
            from django.contrib.auth.models import AbstractUser
            from django.db import models


            class User(AbstractUser):
                id = models.{field}({default}primary_key=True)
            """
    return files | {"accounts/models.py": models}
