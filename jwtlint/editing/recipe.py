"""What a recipe is asked, and what it answers.

A recipe is a module of :mod:`jwtlint.codemods` with a function ``mend(task: Task) -> Proposal``, which raises :class:`Refused` where
it cannot mend a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from jwtlint.linker.browser.library import WebModel
from jwtlint.linker.library import LibraryModel
from jwtlint.report.document import TokenStory
from jwtlint.rules.findings import Finding
from jwtlint.rules.fixes import Edit, Safety

if TYPE_CHECKING:
    from jwtlint.editing.files import Files


class Refused(Exception):
    """There is no fix for a finding. The message is one sentence without a full stop: the reason, in the user's words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Task(NamedTuple):
    """One finding to mend, and what is known besides.

    ``findings`` are all findings of the run, ``tokens`` all stories. ``limits`` are in seconds.
    """

    finding: Finding
    files: Files
    findings: Sequence[Finding]
    tokens: Sequence[TokenStory]
    limits: Mapping[str, int]
    models: Callable[[], Sequence[LibraryModel]]
    web_models: Callable[[], Sequence[WebModel]] = tuple


class Changed(Protocol):
    """One changed file."""

    def edits(self) -> tuple[Edit, ...]:
        """The edits that make the changes. Raises :class:`Refused`."""
        ...


class Proposal(NamedTuple):
    """What a recipe would do: an order in a few words, how far it can be trusted, and the changed files."""

    title: str
    safety: Safety
    drafts: tuple[Changed, ...]


class Recipe(Protocol):
    """A module of :mod:`jwtlint.codemods`.

    One may have ``REVEALS``, the codes of rules that may find something as soon as its fix is made, since what it mends hid it.
    """

    def mend(self, task: Task) -> Proposal:
        """Work out the fix of a finding. Raises :class:`Refused`."""
        ...
