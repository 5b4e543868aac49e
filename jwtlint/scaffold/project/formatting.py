"""How the application formats its code: what its ruff, Black or flake8 configuration says."""

from __future__ import annotations

import configparser
from collections.abc import Iterable

import tomli

from jwtlint.scaffold.choice import Formatting
from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.source import Source

RUFF_FILES = (".ruff.toml", "ruff.toml")


def find_formatting(source: Source, folders: Iterable[str]) -> tuple[Formatting, Evidence | None]:
    """The formatting of the nearest configuration; ``folders`` are the nearest first. Ruff's own where there is none."""
    for folder in dict.fromkeys(folders):
        for name in RUFF_FILES:
            path = f"{folder}/{name}" if folder else name
            table = tables(source, path)
            if table is not None:
                return formatting(table, table.get("format")), evidence(source, path, "line-length")
        path = f"{folder}/pyproject.toml" if folder else "pyproject.toml"
        tool = (tables(source, path) or {}).get("tool")
        if isinstance(tool, dict):
            ruff = tool.get("ruff")
            if isinstance(ruff, dict):
                return formatting(ruff, ruff.get("format")), evidence(source, path, "line-length")
            black = tool.get("black")
            if isinstance(black, dict):
                return formatting(black, None), evidence(source, path, "line-length")
        for name in ("setup.cfg", ".flake8", "tox.ini"):
            path = f"{folder}/{name}" if folder else name
            length = flake8_length(source, path)
            if length:
                # a limit, not what a formatter fills lines to
                return Formatting(min(length, Formatting().line_length)), evidence(source, path, "max-line-length")
    return Formatting(), None


def formatting(table: dict[str, object], format_: object) -> Formatting:
    """The formatting in a table of ruff's or Black's."""
    length = table.get("line-length")
    quotes = format_.get("quote-style") if isinstance(format_, dict) else None
    return Formatting(length if isinstance(length, int) and 60 <= length <= 320 else 88, quotes == "single")


def tables(source: Source, path: str) -> dict[str, object] | None:
    """A TOML file's tables; None where there is none, or it is broken (a template)."""
    content = source.text(path)
    if content is None:
        return None
    try:
        return tomli.loads(content)
    except (tomli.TOMLDecodeError, RecursionError):
        return None


def flake8_length(source: Source, path: str) -> int:
    """The line length that flake8 is told; 0 where it is told none."""
    content = source.text(path)
    if content is None or "max-line-length" not in content.replace("_", "-"):
        return 0
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(content)
    except configparser.Error:
        return 0
    for key in ("max-line-length", "max_line_length"):
        value = parser.get("flake8", key, fallback="")
        if value.isdigit() and 60 <= int(value) <= 320:
            return int(value)
    return 0


def evidence(source: Source, path: str, key: str) -> Evidence:
    """The line that names a key."""
    lines = enumerate((source.text(path) or "").splitlines(), 1)
    return Evidence(path, next((number for number, line in lines if line.strip().startswith((key, key.replace("-", "_")))), 0), key)
