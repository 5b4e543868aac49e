"""What is left to do by hand once the files are written, worded for this project."""

from __future__ import annotations

from jwtlint.scaffold.project.detect import Detected

# what to install for a driver and a database, and the packages any of which will do
DRIVERS: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {
    ("psycopg", "postgresql"): ("psycopg[binary,pool]", ("psycopg", "psycopg-binary")),
    ("psycopg-async", "postgresql"): ("psycopg[binary,pool]", ("psycopg", "psycopg-binary")),
    ("asyncpg", "postgresql"): ("asyncpg", ("asyncpg",)),
    ("sqlalchemy", "postgresql"): ("psycopg[binary]", ("psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary", "pg8000")),
    ("sqlalchemy-async", "postgresql"): ("asyncpg", ("asyncpg", "psycopg", "psycopg-binary")),
    ("sqlalchemy-async", "sqlite"): ("aiosqlite", ("aiosqlite",)),
    ("django", "postgresql"): ("psycopg[binary]", ("psycopg", "psycopg2", "psycopg2-binary", "psycopg-binary")),
}


# whose pool of connections must be opened in an event loop
OWN_POOLS = ("asyncpg", "psycopg-async")


def next_steps(detected: Detected) -> tuple[str, str, str]:
    """The three steps, one sentence each: packages, migration, mounting."""
    return packages(detected), migration(detected), mounting(detected)


def packages(detected: Detected) -> str:
    """What is missing among the requirements."""
    choice = detected.choice
    missing: list[str] = []
    known = DRIVERS.get((choice.driver, choice.database))
    if known is not None and not detected.requirements.has(*known[1]):
        missing.append(known[0])
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


def migration(detected: Detected) -> str:
    """How the tables are made."""
    choice = detected.choice
    if choice.migrations == "alembic" and detected.alembic is not None:
        command = "flask db upgrade" if detected.alembic.flask else "alembic upgrade head"
        return f"make the tables: {inside(detected.alembic.folder)}{command}"
    if choice.migrations == "django":
        folder = detected.django.folder if detected.django is not None else choice.root
        label = choice.django.label if choice.django is not None else "login_sessions"
        return f'put "{choice.package}" into INSTALLED_APPS and make the tables: {inside(folder)}python manage.py migrate {label}'
    script = f"{choice.output}/migrations/{choice.database}.up.sql"
    if choice.database == "postgresql":
        return f'make the tables: psql "$DATABASE_URL" --single-transaction --file {script}'
    return f"make the tables: sqlite3 THE_DATABASE_FILE < {script}"


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

