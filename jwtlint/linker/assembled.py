"""Tokens that no single call mints or verifies: what several steps of the program assemble.

A first look at the program (:mod:`jwtlint.linker.handmade`, :mod:`jwtlint.linker.filled`) finds them before the story is
told, and leaves here what the evaluator and the search for calls cannot see for themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from jwtlint.linker.values import Values

if TYPE_CHECKING:
    from jwtlint.linker.evaluate import Evaluator
    from jwtlint.linker.frames import Frame
    from jwtlint.linker.sites import Site

Maker: TypeAlias = "Callable[[Evaluator, Frame], Values]"


@dataclass(slots=True)
class Assembled:
    """``values`` says what some calls give, by the identity of their node; ``sites`` are calls with a meaning that no model gives them."""

    values: dict[int, Maker] = field(default_factory=dict)
    sites: list[Site] = field(default_factory=list)
