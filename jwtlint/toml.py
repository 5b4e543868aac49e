"""Reading TOML into typed structures, with errors that name the file and the key; and writing single values of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from jwtlint.errors import UserError, suggestion

T = TypeVar("T", bound=msgspec.Struct)


def read(path: Path, part: Callable[[bytes], bytes] | None = None) -> dict[str, object]:
    """The tables of a TOML file; with ``part`` only of that part of its text, if it is TOML by itself.

    Raises :class:`UserError`.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}") from None
    # compiled, and so three times as fast as the standard library's; a run on rules that the cache has needs none
    import tomli

    if part is not None:
        try:
            return tomli.loads(part(data).decode("utf-8"))
        except (UnicodeDecodeError, tomli.TOMLDecodeError, RecursionError):
            pass  # what looked like a border stands in a text, or is a list in a list
    try:
        return tomli.loads(data.decode("utf-8"))
    except UnicodeDecodeError:
        raise UserError(f"{path} is not UTF-8, which TOML demands") from None
    except (tomli.TOMLDecodeError, RecursionError) as error:
        raise UserError(f"{path} is not valid TOML: {error}") from None


TABLE = re.compile(rb"^[ \t]*\[", re.MULTILINE)
EXAMPLE = re.compile(rb"^\[\[example\]\]", re.MULTILINE)
OTHER_TABLE = re.compile(rb"^[ \t]*\[(?!\[example\]\])", re.MULTILINE)


def head(data: bytes) -> bytes:
    """What stands before the first table of a document."""
    table = TABLE.search(data)
    return data[: table.start()] if table is not None else data


def without_examples(data: bytes) -> bytes:
    """A document without its last tables ``[[example]]``, which make up much of it, and which only tests and pages need."""
    example = EXAMPLE.search(data)
    if example is None or OTHER_TABLE.search(data, example.start()) is not None:
        return data
    return data[: example.start()]


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


def literal(value: object) -> str:
    """A value (text, truth, a number, a list or a table of such) as TOML on one line, safe to print: no control character is left."""
    if isinstance(value, dict):
        inside = ", ".join(f"{key(str(name))} = {literal(one)}" for name, one in value.items())
        return f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(literal, value))}]"
    import json

    text = json.dumps(value, ensure_ascii=False)
    return text if text.isprintable() else "".join(map(escaped, text))


def key(name: str) -> str:
    """A key, in quotes where it needs them."""
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else literal(name)


def escaped(character: str) -> str:
    """A character that cannot be seen as an escape (TOML 1.0, String)."""
    code = ord(character)
    return character if character.isprintable() else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
