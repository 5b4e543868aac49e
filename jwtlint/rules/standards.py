"""Outside standards that rules name: ``rules/standards/*.toml``, the numbers of their requirements and what each asks."""

from __future__ import annotations

import msgspec

from jwtlint import toml
from jwtlint.rules.folder import builtin_folder


class Standard(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A standard. ``requirements`` maps numbers to a few words, in the order of the numbers."""

    name: str
    requirements: dict[str, str]


def load(name: str) -> Standard:
    """The standard in one file (``asvs``, ``cwe``). Raises :class:`jwtlint.errors.UserError`."""
    path = builtin_folder() / "standards" / f"{name}.toml"
    return toml.convert(toml.read(path), Standard, str(path))


def order(number: str) -> list[int]:
    """What sorts ``7.4.1`` before ``10.4.5``."""
    return [int(part) for part in number.split(".") if part.isdigit()]
