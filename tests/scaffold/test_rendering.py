"""Before and after: what the renderer makes of code that is written for an imaginary application."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import msgspec
import pytest

from jwtlint.scaffold.choice import Choice, DjangoApp, Formatting, Imported, Tables, UserModel
from jwtlint.scaffold.render import imports, names, quotes, reflow, sync
from jwtlint.scaffold.render.package import CODE, render_module
from jwtlint.scaffold.render.tokens import text_of, tokens_of

PLAIN = Choice(
    framework="fastapi",
    layer="sqlalchemy",
    driver="sqlalchemy",
    database="postgresql",
    user=UserModel("shop.people", "Member", "members", key="number", key_column="no", key_type="uuid"),
    output="shop/sessions",
    package="shop.sessions",
    engine=Imported("shop.db", ("async_engine",), "async_engine"),
    metadata=Imported("shop.db", ("Model",), "Model.metadata"),
)


def dedented(text: str) -> str:
    return dedent(text).lstrip("\n")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("async def f():\n    return await g()\n", "def f():\n    return g()\n"),
        ("async with a as b, c:\n    pass\n", "with a as b, c:\n    pass\n"),
        ("async for x in y:\n    z = [i async for i in x]\n", "for x in y:\n    z = [i for i in x]\n"),
        ("x = (await f())[0]\n", "x = (f())[0]\n"),
        ("def f(s: AsyncSession) -> AsyncGenerator[int, None]: ...\n", "def f(s: Session) -> Generator[int, None, None]: ...\n"),
        ("s = f'{await g()} and await'\n", "s = f'{g()} and await'\n"),
        ("await asyncio.sleep(1)\n", "time.sleep(1)\n"),
        ("sys.exit(asyncio.run(main(1)))\n", "sys.exit(main(1))\n"),
        ("import asyncio  # async only\nx = 1\n", "x = 1\n"),
        ("x = aio()  # sync only: x = io()\n", "x = io()\n"),
        ("note = 'async with await'  # await it\n", "note = 'async with await'  # await it\n"),
    ],
)
def test_the_synchronous_form(before: str, after: str) -> None:
    assert sync.synchronous(before) == after


def test_the_asynchronous_form_loses_only_its_marks() -> None:
    marked = "import asyncio  # async only\nx = aio()  # sync only: x = io()\n# sync only: import time\n"
    assert sync.marked_lines(marked, asynchronous=True) == "import asyncio\nx = aio()\n"


@pytest.mark.parametrize("path", sorted(CODE.rglob("*.py")), ids=lambda path: path.name)
def test_tokens_put_together_are_the_source(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert text_of(tokens_of(source)) == source


def test_sql_gets_the_users_table_and_the_type_of_its_key() -> None:
    sql = 'user_id bigint REFERENCES "users" ("id"), SELECT u."id" FROM "users" AS u, "sessions"'
    assert names.in_sql(sql, PLAIN) == 'user_id uuid REFERENCES "members" ("no"), SELECT u."no" FROM "members" AS u, "sessions"'
    assert names.in_sql("user_id bigint", PLAIN, True) == "user_id char(32)"
    other = msgspec.structs.replace(
        PLAIN,
        user=msgspec.structs.replace(PLAIN.user, schema="crm", table="users"),
        tables=Tables(sessions="login_sessions"),
    )
    once = names.in_sql('"users", "sessions", "session_events"', other)
    assert once == '"crm"."users", "login_sessions", "session_events"'
    assert names.in_sql(once, other) == once


def test_a_module_gets_the_applications_names() -> None:
    before = '''
        """Run ``python -m app.sessions``."""

        from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

        from app.database import engine
        from app.models import Base, User

        from .types import UserId

        KEY = User.id
        metadata = Base.metadata
        SQL = 'SELECT "id" FROM "users"'


        async def use(session: AsyncSession, own: AsyncEngine = engine, id: UserId | None = None) -> None:
            """Use it."""
            await session.execute(SQL, {"id": id})
        '''
    after = '''
        """Run ``python -m shop.sessions``."""

        from sqlalchemy import Engine
        from sqlalchemy.orm import Session

        from shop.db import Model as Base
        from shop.db import async_engine as engine
        from shop.people import Member as User

        from .types import UserId

        KEY = User.number
        metadata = Base.metadata
        SQL = 'SELECT "no" FROM "members"'


        def use(session: Session, own: Engine = engine, id: UserId | None = None) -> None:
            """Use it."""
            session.execute(SQL, {"id": id})
        '''
    assert render_module(dedented(before), PLAIN) == dedented(after)


def test_what_is_no_plain_name_is_bound_behind_the_imports() -> None:
    choice = msgspec.structs.replace(PLAIN, engine=Imported("core.db", ("Kind", "engines"), "engines[Kind.WRITER]"))
    after = "from core.db import Kind, engines\n\nengine = engines[Kind.WRITER]\n\nprint(engine)\n"
    assert render_module("from app.database import engine\n\nprint(engine)\n", choice) == after


def test_an_engine_is_made_where_none_can_be_imported() -> None:
    made = render_module("from app.database import engine\n\nprint(engine)\n", msgspec.structs.replace(PLAIN, engine=None))
    assert "from sqlalchemy import create_engine\n" in made
    assert 'engine = create_engine(os.environ["DATABASE_URL"])\n' in made


@pytest.mark.parametrize(
    ("kind", "line", "imported"),
    [("bigint", "int", False), ("integer", "int", False), ("text", "str", False), ("uuid", "UUID", True)],
)
def test_the_users_key_has_its_type(kind: str, line: str, imported: bool) -> None:
    choice = msgspec.structs.replace(PLAIN, user=msgspec.convert({**msgspec.to_builtins(PLAIN.user), "key_type": kind}, UserModel))
    made = render_module("from typing import TypeAlias\n\nUserId: TypeAlias = int\n", choice)
    assert f"UserId: TypeAlias = {line}\n" in made
    assert ("from uuid import UUID\n" in made) is imported


def test_djangos_settings_and_label_are_named() -> None:
    choice = msgspec.structs.replace(PLAIN, django=DjangoApp("shop.settings", label="other_sessions"))
    assert names.in_text("app.settings has login_sessions of app.sessions", choice) == "shop.settings has other_sessions of shop.sessions"


def test_imports_are_in_order_and_unused_ones_go() -> None:
    before = (
        "from __future__ import annotations\n\nfrom .b import c\nimport os\nfrom shop.db import x\n"
        "from sqlalchemy import text, Column, DDL\n"
        "from . import rows\nimport unused\n\nprint(c, os, x, text, Column, DDL, rows)\n"
    )
    after = (
        "from __future__ import annotations\n\nimport os\n\nfrom sqlalchemy import DDL, Column, text\n\nfrom shop.db import x\n\n"
        "from . import rows\nfrom .b import c\n\nprint(c, os, x, text, Column, DDL, rows)\n"
    )
    assert imports.arranged(before, 88, {"shop"}) == after


def test_single_quotes_where_the_application_has_them() -> None:
    choice = msgspec.structs.replace(PLAIN, formatting=Formatting(88, single_quotes=True))
    made = render_module('"""A module."""\n\nx = ["a", "it\'s", \'say "so"\', f"{1}"]\n', choice)
    assert made == '"""A module."""\n\nx = [\'a\', "it\'s", \'say "so"\', f\'{1}\']\n'
    assert quotes.single(made) == made


@pytest.mark.parametrize("width", [79, 88, 100, 120])
@pytest.mark.parametrize("asynchronous", [True, False], ids=["async", "sync"])
def test_lines_are_laid_out_as_ruff_does_it(tmp_path: Path, width: int, asynchronous: bool) -> None:
    for path in CODE.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        form = sync.marked_lines(source, True) if asynchronous else sync.synchronous(source)
        target = tmp_path / path.relative_to(CODE)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(reflow.reflowed(imports.arranged(form, width, {"app"}, keep_unused=True), width), encoding="utf-8")
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--target-version", "py310", "--line-length", str(width)]
    assert subprocess.run([*command, "--diff", "."], cwd=tmp_path, capture_output=True, text=True, check=False).stdout == ""
