"""One JSON value a line: each finding, application, token and error of the JSON document with its ``kind``, then ``verdict`` and ``stats``.

``schema.json`` describes a line as ``#/$defs/line``.
"""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.report.document import Rendering
from jwtlint.report.escape import json_safe
from jwtlint.report.formats.json import JSONValue, document, encoded

TERMINAL = False
LISTS = {"findings": "finding", "applications": "application", "tokens": "token", "errors": "error"}


def render(rendering: Rendering) -> str:
    """All lines."""
    return "".join(json_safe(encoded(value).decode("utf-8")) + "\n" for value in values(document(rendering)))


def values(whole: dict[str, JSONValue]) -> Iterator[dict[str, JSONValue]]:
    """The values of the lines."""
    for key, kind in LISTS.items():
        items = whole[key]
        assert isinstance(items, list)
        for item in items:
            yield {"kind": kind, **item}
    for kind in ("verdict", "stats"):
        value = whole[kind]
        assert isinstance(value, dict)
        yield {"kind": kind, "version": whole["version"], **value}
