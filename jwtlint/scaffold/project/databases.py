"""Which database the application runs on: by the URLs and engines in its code, its settings files, and what it requires."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from jwtlint.linker.traversal import walk
from jwtlint.scaffold.project.columns import word
from jwtlint.scaffold.project.django import DjangoProject
from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.literals import texts_in
from jwtlint.scaffold.project.requirements import Requirements
from jwtlint.scaffold.project.source import Source

SCHEMES = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "postgis": "postgresql",
    "sqlite": "sqlite",
    "mysql": "MySQL",
    "mariadb": "MariaDB",
    "oracle": "Oracle",
    "mssql": "SQL Server",
    "cockroachdb": "CockroachDB",
}
SCHEME = re.compile(rf"^({'|'.join(SCHEMES)})(\+\w+)?(://|:///|$)")
IN_TEXT = re.compile(rf"\b({'|'.join(SCHEMES)})(\+\w+)?://")
ENGINES = {
    "postgresql": "postgresql",
    "postgis": "postgresql",
    "sqlite3": "sqlite",
    "spatialite": "sqlite",
    "mysql": "MySQL",
    "oracle": "Oracle",
}
PACKAGES = {
    "psycopg": "postgresql",
    "psycopg2": "postgresql",
    "psycopg2-binary": "postgresql",
    "psycopg-binary": "postgresql",
    "asyncpg": "postgresql",
    "pg8000": "postgresql",
    "aiopg": "postgresql",
    "mysqlclient": "MySQL",
    "pymysql": "MySQL",
    "aiomysql": "MySQL",
    "asyncmy": "MySQL",
    "mysql-connector-python": "MySQL",
    "aiosqlite": "sqlite",
    "oracledb": "Oracle",
    "pyodbc": "SQL Server",
}
ENVIRONMENT_FILES = (".env.example", ".env.sample", ".env.template", ".env.dist", ".env.dev", ".env.development", ".env")


class DatabaseUse(msgspec.Struct, frozen=True):
    """A place that speaks of a database. ``weight``: 3 for an engine or URL in code, 2 in a settings file, 1 for a requirement.

    ``driver`` is what a URL names behind the database, as "asyncpg" in ``postgresql+asyncpg://``; "" for none.
    """

    database: str
    weight: int
    why: Evidence
    driver: str = ""


def find_databases(
    source: Source, folders: Iterable[str], projects: Iterable[DjangoProject], requirements: Requirements, inside: Iterable[str]
) -> list[DatabaseUse]:
    """What speaks of a database in an application: in its modules ``inside``, and in the files of ``folders``, the strongest first."""
    found: list[DatabaseUse] = []
    for project in projects:
        if project.engine and project.engine_why is not None:
            last = project.engine.rpartition(".")[2]
            database = ENGINES.get(last) or SCHEMES.get(last.partition("+")[0])
            if database is not None:
                found.append(DatabaseUse(database, 3, project.engine_why))
    for path in inside:
        if not set(path.split("/")[:-1]) & {"versions", "docs", "examples", "docs_src"}:
            found += in_module(source, path)
    for folder in folders:
        for name in source.names_in(folder):
            if name in ENVIRONMENT_FILES:
                found += in_text(source, f"{folder}/{name}" if folder else name)
    for package, evidence in requirements.names.items():
        if package in PACKAGES:
            found.append(DatabaseUse(PACKAGES[package], 1, evidence))
    return sorted(found, key=lambda one: -one.weight)


def in_module(source: Source, path: str) -> list[DatabaseUse]:
    """The URLs and schemes in a module's strings."""
    index = source.modules[path].module
    values = list(index.steps)
    for function in index.functions:
        values += function.steps
    for class_ in index.classes:
        values += class_.steps
    found: list[DatabaseUse] = []
    schemes = {"scheme", "drivername"} & index.mentions.keys()
    for step in values:
        for node in texts_in(step.value):
            match = SCHEME.match(str(node.value).lower())
            if match and (match[3] or match[2] or schemes):
                why = Evidence(path, node.at.line, f'"{shown(str(node.value))}"')
                found.append(DatabaseUse(SCHEMES[match[1]], 3, why, (match[2] or "").removeprefix("+")))
        if step.annotation is not None and any(word(one) == "PostgresDsn" for one in walk(step.annotation)):
            found.append(DatabaseUse("postgresql", 3, Evidence(path, step.at.line, "PostgresDsn")))
    return found


def in_text(source: Source, path: str) -> list[DatabaseUse]:
    """The URLs in a settings file."""
    found: list[DatabaseUse] = []
    for number, line in enumerate((source.text(path) or "").splitlines(), 1):
        match = IN_TEXT.search(line.lower()) if not line.lstrip().startswith("#") else None
        if match:
            why = Evidence(path, number, f"a URL {match[0]}...")
            found.append(DatabaseUse(SCHEMES[match[1]], 2, why, (match[2] or "").removeprefix("+")))
    return found


def shown(url: str) -> str:
    """A URL without what may be secret in it."""
    scheme, separator, _ = url.partition("://")
    return f"{scheme}{separator}..." if separator else url


def decide(uses: Iterable[DatabaseUse]) -> tuple[str, Evidence] | None:
    """The database that counts. PostgreSQL before SQLite, which is often there for development and tests beside it."""
    uses = list(uses)
    for weight in (3, 2, 1):
        here = [one for one in uses if one.weight == weight]
        for wanted in ("postgresql", None, "sqlite"):
            for one in here:
                if one.database == wanted or (wanted is None and one.database not in ("postgresql", "sqlite")):
                    if one.database == "sqlite" and weight > 1:
                        driver = next((other for other in uses if other.weight == 1 and other.database == "postgresql"), None)
                        if driver is not None and weight == 2:
                            return "postgresql", driver.why
                    return one.database, one.why
    return None

