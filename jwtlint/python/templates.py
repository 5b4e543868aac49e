"""Python files that are templates themselves (cookiecutter, Jinja): blanks are filled so that the parser can read them."""

from __future__ import annotations

import re

EXPRESSION = re.compile(rb"\{\{.*?\}\}", re.DOTALL)
STATEMENT = re.compile(rb"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
OTHER = re.compile(rb"[^A-Za-z0-9_]")


def fill(data: bytes) -> bytes:
    """The file with each ``{{ … }}`` made a name and each ``{% … %}`` made blank. Nothing moves: every replacement is as long
    as what it replaces, and line ends stay."""
    return EXPRESSION.sub(as_name, STATEMENT.sub(as_blank, data))


def as_blank(found: re.Match[bytes]) -> bytes:
    """Spaces, and the line ends inside."""
    return re.sub(rb"[^\n]", b" ", found.group())


def as_name(found: re.Match[bytes]) -> bytes:
    """A name made of the expression (``{{cookiecutter.app}}`` -> ``__cookiecutter_app__``); a number for one over several lines."""
    text = found.group()
    if b"\n" in text:
        return as_blank(found)[:-1] + b"0"
    return OTHER.sub(b"_", text)
