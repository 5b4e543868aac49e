"""What a finding says of its fix: what would be written where, how far it can be trusted, or why there is none.

This is data only. :mod:`jwtlint.codemods` holds the recipes that make it, :mod:`jwtlint.fixing` asks them and writes files; reports
and editors read it.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from jwtlint.facts.lifecycle import Place

Safety: TypeAlias = Literal["safe", "unsafe"]


class Edit(msgspec.Struct, frozen=True, order=True):
    """The text at ``place`` is to become ``text``; an empty place inserts, an empty text deletes.

    Lines are 1-based; columns are 0-based offsets in UTF-8 bytes, the end exclusive (as in every :class:`Place`). ``text`` has the
    file's own line ends.
    """

    place: Place
    text: str


class Fix(msgspec.Struct, frozen=True, kw_only=True):
    """The fix of one finding, or the reason why there is none.

    Either ``edits`` are there, with ``title`` (an order in a few words: ``set httponly=True``), ``safety`` and the ``recipe`` that made
    them; or ``reason`` is one sentence, without a full stop, and all else is empty but for the ``recipe`` that refused, if one did.

    The edits of a fix belong together: all of them are applied, or none. They are sorted, do not overlap, and may be in several files.
    ``safe`` means that no correct client of the application can see the difference; ``unsafe`` that a person has to look.
    """

    title: str = ""
    safety: Safety | None = None
    edits: tuple[Edit, ...] = ()
    recipe: str = ""
    reason: str = ""

    @property
    def is_available(self) -> bool:
        """Whether there is something to apply."""
        return bool(self.edits)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that it changes, sorted."""
        return tuple(sorted({edit.place.path for edit in self.edits}))


def overlap(first: Edit, second: Edit) -> bool:
    """Whether two edits of any files touch the same text, or insert at the same spot, so that they cannot both be applied."""
    one, other = first.place, second.place
    if one.path != other.path:
        return False
    start, end = (one.line, one.column), (one.end_line, one.end_column)
    other_start, other_end = (other.line, other.column), (other.end_line, other.end_column)
    if start == other_start:
        return True
    return start < other_end and other_start < end
