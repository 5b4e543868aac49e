"""Tokens that a server's template takes from the request itself and writes into its page.

What a view hands to its template is found where the view does so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import Span
from jwtlint.linker.browser.program import WebProgram

PART = re.compile(r"[A-Za-z_][\w-]*")


def tokens_in_pages(
    program: WebProgram, held: Mapping[tuple[str, str], Place], near: Callable[[str, str], bool]
) -> Iterator[tuple[str, Span, str, Place]]:
    """The page, the place in it, why, and the token's mint.

    ``held`` says what holds a token: the Python file that puts it there and a name such as ``g.token``. ``near`` tells whether a page is
    one of that file's application.
    """
    if not held:
        return
    names = {(source, tuple(name.split("."))): mint for (source, name), mint in held.items()}
    for path, index in program.modules.items():
        for written in index.module.written:
            parts = tuple(PART.findall(written.text.partition("|")[0]))
            for (source, name), mint in names.items():
                if is_in(name, parts) and near(path, source):
                    yield path, written.at, f"{'.'.join(name)} holds the session token", mint
                    break


def is_in(name: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    """Whether a template's expression reads a name: ``request.cookies.get('jwt')`` reads ``cookies.jwt``."""
    parts = tuple("cookies" if part == "COOKIES" else part for part in parts if part != "get")
    return any(parts[start : start + len(name)] == name for start in range(len(parts) - len(name) + 1)) and parts[-1:] == name[-1:]
