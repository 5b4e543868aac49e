"""Reading TOML into typed structures, with errors that name the file and the key."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TypeVar

import msgspec

from jwtlint.errors import UserError, suggestion

T = TypeVar("T", bound=msgspec.Struct)


def read(path: Path, until: re.Pattern[bytes] | None = None) -> dict[str, object]:
    """The tables of a TOML file; with ``until`` only what stands before its first match, if that is TOML by itself.

    Raises :class:`UserError`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from None
    # a run on rules that the cache has needs none
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib

    end = until.search(data) if until is not None else None
    if end is not None:
        try:
            return tomllib.loads(data[: end.start()].decode("utf-8"))
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError):
            pass  # it was no border: a line of a string, or of a list in a list
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8, which TOML demands") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserError(f"{path} is not valid TOML: {error}") from None


def convert(tables: object, kind: type[T], where: str) -> T:
    """Tables as a typed structure. ``where`` names the file (and table) in an error. Raises :class:`UserError`."""
    try:
        return msgspec.convert(tables, kind)
    except msgspec.ValidationError as error:
        raise UserError(f"{where}: {sentence(error, kind)}") from None


def sentence(error: msgspec.ValidationError, kind: type[msgspec.Struct]) -> str:
    """A validation error in words: the key first, then what is wrong with it."""
    text, _, path = str(error).partition(" - at `")
    key = re.sub(r"\[\.\.\.\]", "", path.rstrip("`")).removeprefix("$").lstrip(".")
    unknown = re.match(r"Object contains unknown field `(.*)`", text)
    if unknown:
        name = unknown.group(1)
        full = f"{key}.{name}" if key else name
        return f'unknown key "{full}"{suggestion(name, kind.__struct_encode_fields__) if not key else ""}'
    missing = re.match(r"Object missing required field `(.*)`", text)
    if missing:
        name = missing.group(1)
        return f'the key "{f"{key}.{name}" if key else name}" is missing'
    text = text[0].lower() + text[1:]
    return f'key "{key}": {text}' if key else text
