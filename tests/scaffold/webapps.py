"""Small applications with the generated sessions in them, for each framework and driver."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import cast

import msgspec

from jwtlint.scaffold.choice import Choice, Database, DjangoApp, Driver, Framework, Imported, KeyType, Layer, UserModel
from jwtlint.scaffold.render.package import render

DATABASE = "app.database"
KEYS = {"bigint": "int", "uuid": "UUID", "text": "str"}


def imported(name: str, expression: str = "", module: str = DATABASE) -> Imported:
    """A name of the application's."""
    return Imported(module, (name,), expression or name)


def choice(framework: str, driver: str, *, layer: str = "", cached: bool = False, key: str = "bigint") -> Choice:
    """What the command would have found out."""
    is_sqlalchemy = driver.startswith("sqlalchemy")
    user = UserModel(
        "app.models" if is_sqlalchemy else "", "User" if is_sqlalchemy else "", "users", key_type=cast(KeyType, key), active="is_active"
    )
    found = Choice(
        framework=cast(Framework, framework),
        layer=cast(Layer, layer or driver.removesuffix("-async")),
        driver=cast(Driver, driver),
        database=cast(Database, "sqlite" if driver == "sqlite3" else "postgresql"),
        cache="redis" if cached else "none",
        user=user,
        output="app/sessions",
        package="app.sessions",
    )
    if framework == "django":
        return msgspec.structs.replace(found, migrations="django", django=DjangoApp("app.settings"))
    if layer == "flask-sqlalchemy":
        return msgspec.structs.replace(found, db=imported("db"), metadata=imported("db", "db.metadata"))
    if is_sqlalchemy:
        own, sqlmodel = imported("Base", "Base.metadata", "app.models"), imported("SQLModel", "SQLModel.metadata", "sqlmodel")
        return msgspec.structs.replace(
            found,
            engine=imported("engine"),
            session_factory=imported("SessionLocal"),
            get_session=imported("get_db") if framework == "fastapi" else None,
            metadata=sqlmodel if layer == "sqlmodel" else own,
        )
    return found if driver in ("asyncpg", "sqlite3") else msgspec.structs.replace(found, pool=imported("pool"))


def make(folder: Path, framework: str, driver: str, *, layer: str = "", cached: bool = False, key: str = "bigint") -> None:
    """Write an application with its sessions into a folder."""
    files = {"app/__init__.py": ""} | database(driver, layer)
    if driver.startswith("sqlalchemy"):
        files["app/models.py"] = models(layer, key)
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(dedent(text).lstrip("\n"), encoding="utf-8")
    for path, text in render(choice(framework, driver, layer=layer, cached=cached, key=key)).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def database(driver: str, layer: str) -> dict[str, str]:
    """How the application reaches its database."""
    if layer == "flask-sqlalchemy":
        return {"app/database.py": "from flask_sqlalchemy import SQLAlchemy\n\ndb = SQLAlchemy()\n"}
    text = {
        "sqlalchemy": """
            import os
            from collections.abc import Iterator

            from sqlalchemy import create_engine
            from sqlalchemy.orm import Session, sessionmaker

            engine = create_engine(os.environ.get("APP_DATABASE_URL", "sqlite:///app.db"))
            SessionLocal = sessionmaker(engine)


            def get_db() -> Iterator[Session]:
                with SessionLocal() as db:
                    yield db
            """,
        "sqlalchemy-async": """
            import os
            from collections.abc import AsyncIterator

            from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

            engine = create_async_engine(os.environ.get("APP_DATABASE_URL", "sqlite+aiosqlite:///app.db"))
            SessionLocal = async_sessionmaker(engine)


            async def get_db() -> AsyncIterator[AsyncSession]:
                async with SessionLocal() as db:
                    yield db
            """,
        "psycopg": """
            import os

            from psycopg import Connection
            from psycopg.rows import DictRow, dict_row
            from psycopg_pool import ConnectionPool

            pool: ConnectionPool[Connection[DictRow]] = ConnectionPool(
                os.environ.get("APP_DATABASE_URL", ""), connection_class=Connection[DictRow], kwargs={"row_factory": dict_row}, open=False
            )
            """,
        "psycopg-async": """
            import os

            from psycopg import AsyncConnection
            from psycopg.rows import DictRow, dict_row
            from psycopg_pool import AsyncConnectionPool

            pool: AsyncConnectionPool[AsyncConnection[DictRow]] = AsyncConnectionPool(
                os.environ.get("APP_DATABASE_URL", ""),
                connection_class=AsyncConnection[DictRow],
                kwargs={"row_factory": dict_row},
                open=False,
            )
            """,
    }.get(driver)
    return {} if text is None else {"app/database.py": text}


def models(layer: str, key: str) -> str:
    """The user model."""
    annotation = KEYS[key]
    column = {"bigint": "BigInteger().with_variant(Integer(), 'sqlite')", "uuid": "Uuid()", "text": "String(36)"}[key]
    imports = "from uuid import UUID\n" if key == "uuid" else ""
    if layer == "sqlmodel":
        return f"""{imports}
from sqlmodel import Field, SQLModel


class User(SQLModel, table=True):
    __tablename__ = "users"

    id: {annotation} = Field(primary_key=True)
    name: str = ""
    is_active: bool = True
"""
    if layer == "flask-sqlalchemy":
        return f"""{imports}
from sqlalchemy import BigInteger, Integer, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from app.database import db


class User(db.Model):
    __tablename__ = "users"

    id: Mapped[{annotation}] = mapped_column({column}, primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)
"""
    return f"""{imports}
from sqlalchemy import BigInteger, Integer, String, Uuid
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[{annotation}] = mapped_column({column}, primary_key=True)
    name: Mapped[str] = mapped_column(default="")
    is_active: Mapped[bool] = mapped_column(default=True)
"""
