"""Where an expression is evaluated: in which function, and called from where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from jwtlint.facts.program import Call

if TYPE_CHECKING:
    from jwtlint.linker.browser.values import Value

MODULE = -1


class Frame(msgspec.Struct, frozen=True, eq=False):
    """A function (``MODULE`` for the file's own statements) with the frame around it in the text, and the call that leads here."""

    path: str
    function: int = MODULE
    around: Frame | None = None
    call: Call | None = None
    caller: Frame | None = None
    receiver: Value | None = None
    depth: int = 0
