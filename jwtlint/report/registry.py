"""The formats by name: a module in ``formats/`` is a format, and is imported when it is asked for."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from jwtlint.report.document import Rendering

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "formats")


class Format(Protocol):
    """What a module in ``formats/`` holds.

    ``TERMINAL``: people read it on a terminal, so it is printed in the terminal's encoding; all others are UTF-8.
    """

    TERMINAL: bool

    def render(self, rendering: Rendering) -> str:
        """The whole report, with a line end."""


def names() -> list[str]:
    """The names of all formats, sorted; no format is imported."""
    return sorted(name[:-3] for name in os.listdir(FOLDER) if name.endswith(".py") and not name.startswith("_"))


def find(name: str) -> Format:
    """The format of a name, which must be one of :func:`names`."""
    if name not in names():
        raise KeyError(name)
    return cast(Format, importlib.import_module(f"jwtlint.report.formats.{name}"))
