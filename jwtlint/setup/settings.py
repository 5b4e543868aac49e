"""Changes to the ``jwtlint.toml`` that ``jwtlint init`` wrote."""

from __future__ import annotations

import re

from jwtlint.setup.templates import template


def with_setting(text: str, key: str) -> str | None:
    """The text with the line that the template leaves commented out for a key made real; None where that line does not stand there."""
    pattern = re.compile(rf"^#({re.escape(key)} = .*)$", re.MULTILINE)
    line = pattern.search(template("jwtlint.toml"))
    if line is None or f"{line.group()}\n" not in text:
        return None
    return text.replace(f"{line.group()}\n", f"{line.group(1)}\n", 1)
