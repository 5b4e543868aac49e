"""Sections of a text that hold for some choices only.

They stand between lines ``<!-- fastapi flask -->`` and ``<!-- /fastapi flask -->``, for a choice that any of the words holds for.
"""

from __future__ import annotations

import re

from jwtlint.scaffold.choice import SQLALCHEMY_DRIVERS, Choice

SECTION = re.compile(r"^<!-- (?P<words>[a-z][a-z0-9 -]*) -->\n(?P<text>.*?)^<!-- /(?P=words) -->\n", re.MULTILINE | re.DOTALL)


def words(choice: Choice) -> set[str]:
    """The words that hold for a choice."""
    found = {choice.framework, choice.layer, choice.driver, choice.database, f"{choice.migrations}-migrations"}
    found.add("cached" if choice.cache == "redis" else "uncached")
    found |= {"unbridged"} if choice.bridge is None else {"bridged", choice.bridge.library or "no-library"}
    found.add("asynchronous" if choice.is_async else "synchronous")
    if choice.driver in SQLALCHEMY_DRIVERS:
        found.add("orm")
    if choice.bridge is not None:
        found |= {"bridge", f"{choice.framework}-bridge", f"{choice.bridge.library}-bridge"}
    if choice.driver == "asyncpg" or (choice.driver in ("psycopg", "psycopg-async") and choice.pool is None):
        found.add("own-pool")
    if choice.bridge is not None:
        found |= {"bridge", choice.bridge.library}
    return found


def kept(text: str, choice: Choice) -> str:
    """A text with the sections that hold for a choice, and without the marks; sections may stand in sections."""
    known = words(choice)
    while SECTION.search(text):
        text = SECTION.sub(lambda match: match["text"] if known & set(match["words"].split()) else "", text)
    return text
