"""The keys of the configuration for people and for editors, made from :class:`jwtlint.config.Configuration`."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from jwtlint import toml
from jwtlint.config import Configuration

DIALECT = "http://json-schema.org/draft-07/schema#"  # what SchemaStore and Taplo understand


def schema() -> dict[str, Any]:
    """The JSON schema of ``jwtlint.toml``, and of the table ``[tool.jwtlint]``: flat, and closed to unknown keys.

    TOML has no null, so that a key which may be absent is described by the type that it has when it is there.
    """
    (_,), components = msgspec.json.schema_components([Configuration])
    made = components["Configuration"]
    return {
        "$schema": DIALECT,
        "title": "jwtlint",
        "description": "The settings of jwtlint: the file jwtlint.toml, or the table [tool.jwtlint] of pyproject.toml.",
        "type": "object",
        "additionalProperties": made["additionalProperties"],
        "properties": {key: without_null(described) for key, described in made["properties"].items()},
    }


def without_null(described: dict[str, Any]) -> dict[str, Any]:
    """What is told of a key, without the null that stands for its absence."""
    if "anyOf" not in described:
        return described
    (kind,) = (one for one in described["anyOf"] if one != {"type": "null"})
    return {**{name: value for name, value in described.items() if name not in ("anyOf", "default")}, **kind}


def schema_text() -> str:
    """The schema as it is printed and shipped."""
    return json.dumps(schema(), indent=2) + "\n"


def page(key: str) -> str:
    """What one key means: its type, default and an example."""
    described = schema()["properties"][key]
    lines = [key, "", f"    {described['description']}", "", f"type: {kind(described)}", f"default: {default(described)}"]
    for example in described.get("examples", []):
        lines.append(f"example: {key} = {toml.literal(example)}")
    return "".join(f"{line}\n" for line in lines)


def listing() -> str:
    """Every key with its default and what it means, one a line."""
    keys = schema()["properties"]
    width = max(map(len, keys))
    return "".join(f"{key:<{width}}  {described['description']} (default: {default(described)})\n" for key, described in keys.items())


def kind(described: dict[str, Any]) -> str:
    """A type in words."""
    if "enum" in described:
        return " or ".join(json.dumps(one) for one in described["enum"])
    if described["type"] == "array":
        return f"list of {described['items']['type']}s"
    if described["type"] == "object":
        return f"table of {kind(described['additionalProperties'])}"
    least = f", at least {described['minimum']}" if "minimum" in described else ""
    return f"{described['type']}{least}"


def default(described: dict[str, Any]) -> str:
    """A default as TOML, or ``not set``."""
    return toml.literal(described["default"]) if "default" in described else "not set"
