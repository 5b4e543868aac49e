"""What is left to do by hand once the files are written, worded for this project."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Sequence
from pathlib import Path

from jwtlint.scaffold.choice import SQLALCHEMY_DRIVERS
from jwtlint.scaffold.project.detect import Detected
from jwtlint.scaffold.project.source import Source
from jwtlint.sources.git import ignored

# what to install for a driver and a database, and the packages any of which will do
DRIVERS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("psycopg", "postgresql"): ("psycopg[binary,pool]", ("psycopg", "psycopg-binary")),
    ("psycopg-async", "postgresql"): ("psycopg[binary,pool]", ("psycopg", "psycopg-binary")),
    ("asyncpg", "postgresql"): ("asyncpg", ("asyncpg",)),
    ("sqlalchemy", "postgresql"): ("psycopg[binary]", ("psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary", "pg8000")),
    ("sqlalchemy-async", "postgresql"): (
        "the driver that the database's URL names (asyncpg for postgresql+asyncpg://, psycopg[binary] for postgresql+psycopg://)",
        ("asyncpg", "psycopg", "psycopg-binary"),
    ),
    ("sqlalchemy-async", "sqlite"): ("aiosqlite", ("aiosqlite",)),
    ("django", "postgresql"): ("psycopg[binary]", ("psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary")),
}
# what to install for a driver that a URL names
URL_DRIVERS = {
    "asyncpg": "asyncpg",
    "psycopg": "psycopg[binary]",
    "psycopg_async": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "pg8000": "pg8000",
    "aiosqlite": "aiosqlite",
}
MANY = 6  # files; more are named by their folders
# whose pool of connections must be opened in an event loop
OWN_POOLS = ("asyncpg", "psycopg-async")


def next_steps(detected: Detected, source: Source) -> list[str]:
    """The steps, one sentence each: packages, migration, mounting; without what an earlier run was followed by."""
    settings = texts(source, detected.django.modules if detected.django is not None else ())
    is_installed = any(f"{quote}{detected.choice.package}{quote}" in settings for quote in "\"'")
    steps = [packages(detected), migration(detected, is_installed)]
    code = texts(source, (detected.application.path,) if detected.application is not None else ())
    used = (f"{detected.choice.package}.middleware.", f"{detected.choice.package}.bridge", f"{detected.choice.package}.web import")
    if not any(name in settings + code for name in used):
        steps.append(mounting(detected))
    return steps


def texts(source: Source, paths: Iterable[str]) -> str:
    """What stands in some files."""
    return "\n".join(source.text(path) or "" for path in paths)


def packages(detected: Detected) -> str:
    """What is missing among the requirements."""
    choice = detected.choice
    missing: list[str] = []
    known = DRIVERS.get((choice.driver, choice.database))
    if known is not None and not detected.requirements.has(*known[1]):
        named = URL_DRIVERS.get(detected.url_driver) if choice.driver in SQLALCHEMY_DRIVERS else None
        missing.append(named or known[0])
    old = detected.requirements.pinned_below("sqlalchemy", 2) if choice.driver.startswith("sqlalchemy") else None
    if old is not None:
        missing.append(f"SQLAlchemy 2 ({old.place} has {old.says})")
    if choice.cache == "redis" and not detected.requirements.has("redis"):
        missing.append("redis")
    tests = [name for name in ("pytest", *(["anyio"] if choice.is_async else [])) if not detected.requirements.has(name, "fastapi")]
    for_tests = f" (and {' and '.join(tests)} for the tests)" if tests else ""
    if missing:
        return f"add {' and '.join(missing)} to the requirements and install it{for_tests}"
    return f"nothing to install: the requirements name all that the code needs{for_tests}"


def migration(detected: Detected, is_installed: bool = False, is_imported: bool = False) -> str:
    """How the tables are made. ``is_installed``: the generated package is among Django's applications already; ``is_imported``: it is
    imported before ``create_all`` runs.
    """
    choice = detected.choice
    if choice.migrations == "alembic" and detected.alembic is not None:
        command = "flask db upgrade" if detected.alembic.flask else "alembic upgrade head"
        return f"make the tables: {inside(detected.alembic.folder)}{command}"
    if choice.migrations == "django":
        folder = detected.django.folder if detected.django is not None else choice.root
        label = choice.django.label if choice.django is not None else "login_sessions"
        put = "" if is_installed else f'put "{choice.package}" into INSTALLED_APPS and '
        return f"{put}make the tables: {inside(folder)}python manage.py migrate {label}"
    script = f"{choice.output}/migrations/{choice.database}.up.sql"
    by_hand = f'psql "$DATABASE_URL" --single-transaction --file {script}'
    if choice.database == "sqlite":
        by_hand = f"sqlite3 THE_DATABASE_FILE < {script}"
    if detected.create_all is not None:
        condition = "" if is_imported else f" if {choice.package}.tables is imported before"
        made = f"create_all in {detected.create_all.path} makes them with the application's own{condition}"
        return f"make the tables: {made}; where it does not run: {by_hand}"
    return f"make the tables: {by_hand}"


def committing(root: Path, written: Sequence[str]) -> list[str]:
    """How files that git is told to ignore are committed; nothing where there are none. Their paths are relative to ``root``."""
    left = ignored(root, written)
    if not left:
        return []
    names = left if len(left) <= MANY else sorted({pattern_of(path) for path in left})
    return [f"commit what an ignore file keeps from git, too: git add --force -- {' '.join(map(shlex.quote, names))}"]


def pattern_of(path: str) -> str:
    """A pattern of git's for the files like one, which leaves compiled ones out; the file itself where it lies in no folder."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/*.{name.rpartition('.')[2]}" if folder else name


def mounting(detected: Detected) -> str:
    """How the application uses the sessions."""
    choice = detected.choice
    use = detected.application
    where = f"in {use.path}:{use.line}" if use is not None else "where the application object is made"
    if choice.framework == "fastapi":
        name = (use.name if use is not None else "") or "app"
        pool = f", with {choice.package}.service.opened() in its lifespan" if choice.driver in OWN_POOLS and choice.pool is None else ""
        return f"{where}: from {choice.package}.web import install, then install({name}){pool}"
    if choice.framework == "flask":
        name = (use.name if use is not None else "") or "app"
        return f"{where}: from {choice.package}.web import Sessions, then Sessions({name})"
    if choice.framework == "django":
        settings = detected.django.modules[0] if detected.django is not None else "the settings"
        middleware = f'"{choice.package}.middleware.LoginSessionMiddleware"'
        return f"in {settings}: put {middleware} into MIDDLEWARE where AuthenticationMiddleware stands; see {choice.output}/README.md"
    return f"call the store from your handlers: from {choice.package}.service import store; see {choice.output}/README.md"


def inside(folder: str) -> str:
    """``cd folder && ``, or nothing for the folder itself."""
    return f"cd {folder} && " if folder else ""

