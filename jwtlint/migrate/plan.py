"""What a migration would do, and what it leaves to people: the words in which the command tells it."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from jwtlint.facts.lifecycle import Place, Reason

Kind: TypeAlias = Literal["mint", "verify", "end", "install", "settings", "library", "front-end"]

TITLES: dict[Kind, str] = {
    "install": "Sessions where the application is made",
    "settings": "Settings",
    "library": "The JWT library's own parts",
    "mint": "Tokens that are handed out become stand-ins for a session",
    "verify": "Tokens that come back are looked up",
    "end": "Sessions end",
    "front-end": "The browser keeps no token",
}


class Step(msgspec.Struct, frozen=True):
    """One change: where, what in a few words, and why."""

    kind: Kind
    place: Place
    title: str
    why: tuple[Reason, ...] = ()


class Left(msgspec.Struct, frozen=True):
    """Something that people have to do: what, where (None: nowhere in particular), and why it was not done."""

    title: str
    reason: str
    place: Place | None = None
