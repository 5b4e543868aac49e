"""Tables that the application makes with SQL of its own: in ``.sql`` files and in strings that hold ``CREATE TABLE``."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from jwtlint.scaffold.choice import KeyType, UserModel
from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.literals import texts_in
from jwtlint.scaffold.project.source import Source
from jwtlint.sources.walk import PRUNED

CREATE = re.compile(
    r"CREATE\s+(?:UNLOGGED\s+)?TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    r"(?:\"?(?P<schema>\w+)\"?\.)?[\"`\[]?(?P<table>\w+)[\"`\]]?\s*\(",
    re.IGNORECASE,
)
COLUMN = re.compile(r"^[\"`\[]?(?P<name>\w+)[\"`\]]?\s+(?P<type>[A-Za-z]+(?:\s+varying)?)(?P<rest>.*)$", re.DOTALL)
KEY = re.compile(r"PRIMARY\s+KEY\s*\(\s*[\"`\[]?(\w+)[\"`\]]?\s*\)", re.IGNORECASE)
TYPES: dict[str, KeyType] = {
    "bigint": "bigint",
    "bigserial": "bigint",
    "int8": "bigint",
    "integer": "integer",
    "int": "integer",
    "int4": "integer",
    "serial": "integer",
    "smallint": "integer",
    "uuid": "uuid",
    "text": "text",
    "varchar": "text",
    "character": "text",
    "char": "text",
    "citext": "text",
}
MAX_SQL_FILES = 300


class SqlTable:
    """One ``CREATE TABLE``: its name, and its columns' types and what stands behind them, by name."""

    def __init__(self, schema: str, name: str, body: str, why: Evidence) -> None:
        self.schema = schema
        self.name = name
        self.why = why
        self.columns: dict[str, tuple[str, str]] = {}
        self.keys: list[str] = []
        for part in split(body):
            key = KEY.match(part) or (KEY.search(part) if part.upper().startswith("CONSTRAINT") else None)
            if key:
                self.keys.append(key[1])
                continue
            column = COLUMN.match(part)
            if column and column["name"].upper() not in ("CONSTRAINT", "UNIQUE", "CHECK", "FOREIGN", "PRIMARY", "EXCLUDE"):
                self.columns[column["name"]] = column["type"].lower(), column["rest"]
                if re.search(r"PRIMARY\s+KEY", column["rest"], re.IGNORECASE):
                    self.keys.append(column["name"])

    def user_model(self, password: str, active: str, inactive: str) -> UserModel | None:
        """The table as that of the users; None if its key is not one column."""
        if len(self.keys) != 1 or self.keys[0] not in self.columns:
            return None
        key = self.keys[0]
        kind = TYPES.get(self.columns[key][0].split()[0], "text")
        return UserModel("", "", self.name, key, key, kind, self.schema, active, inactive, password)

    def booleans(self) -> set[str]:
        """The names of the boolean columns."""
        return {name for name, (kind, _) in self.columns.items() if kind in ("boolean", "bool")}


def find_tables(source: Source) -> list[SqlTable]:
    """Every table that SQL of the application's makes."""
    found: list[SqlTable] = []
    for path, line, content in sql_texts(source):
        for match in CREATE.finditer(content):
            body = inside(content, match.end())
            if body is not None:
                where = Evidence(path, line + content.count("\n", 0, match.start()), f"CREATE TABLE {match['table']}")
                found.append(SqlTable(match["schema"] or "", match["table"], body, where))
    return found


def sql_texts(source: Source) -> Iterator[tuple[str, int, str]]:
    """The SQL in files and in strings, with the path and the line it begins at."""
    for path, index in source.modules.items():
        for number in range(len(index.module.functions) + 1):
            for step in index.steps_of(number):
                for node in texts_in(step.value):
                    if "create table" in str(node.value).lower():
                        yield path, node.at.line, str(node.value)
    seen = 0
    for folder, folders, names in os.walk(source.root):
        folders[:] = sorted(one for one in folders if one not in PRUNED and not one.startswith("."))
        for name in sorted(names):
            if name.endswith(".sql") and seen < MAX_SQL_FILES:
                seen += 1
                path = os.path.relpath(os.path.join(folder, name), source.root).replace(os.sep, "/")
                content = source.text(path)
                if content is not None and not name.endswith(".down.sql"):
                    yield path, 1, content


def inside(content: str, start: int) -> str | None:
    """What stands before the bracket that closes the one just before ``start``."""
    depth = 1
    for position in range(start, min(len(content), start + 20_000)):
        if content[position] == "(":
            depth += 1
        elif content[position] == ")":
            depth -= 1
            if depth == 0:
                return content[start:position]
    return None


def split(body: str) -> list[str]:
    """The parts between the commas that stand in no bracket, without comments."""
    body = re.sub(r"--[^\n]*", "", body)
    parts: list[str] = [""]
    depth = 0
    for character in body:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]
