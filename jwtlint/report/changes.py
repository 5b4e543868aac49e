"""What would mend a finding, as replacements of text: the one place from which SARIF's ``fixes`` and the diffs of reports are made."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from jwtlint.facts.lifecycle import Place
from jwtlint.report.escape import visible
from jwtlint.rules.findings import Finding
from jwtlint.sources.text import Texts


class Replacement(msgspec.Struct, frozen=True):
    """The text at ``place`` is to become ``text``; an empty place inserts, an empty text deletes."""

    place: Place
    text: str


class Change(msgspec.Struct, frozen=True):
    """Replacements that belong together: all of them are made, or none. ``title`` is an order in a few words."""

    title: str
    replacements: tuple[Replacement, ...]

    @property
    def paths(self) -> list[str]:
        """The files that it changes, sorted."""
        return sorted({one.place.path for one in self.replacements})


def change_of(finding: Finding) -> Change | None:
    """What would mend a finding; None where nothing is known, or only words are."""
    if finding.fix is None or not finding.fix.is_available:
        return None
    title = f"{finding.fix.title} ({finding.fix.safety})"
    return Change(title, tuple(Replacement(edit.place, edit.text) for edit in finding.fix.edits))


def diff(change: Change, texts: Texts, context: int = 2) -> Iterator[str]:
    """The lines of a unified diff, safe to print. Files that changed since they were scanned give nothing."""
    import difflib

    for path in change.paths:
        before = [visible(line.decode("utf-8", "replace")) for line in texts.lines(path)]
        after = [visible(line) for line in replaced(path, change, texts)]
        shown = visible(path)
        yield from difflib.unified_diff(before, after, f"a/{shown}", f"b/{shown}", n=context, lineterm="")


def replaced(path: str, change: Change, texts: Texts) -> list[str]:
    """A file's lines with the replacements made, the last one first so that places stay right."""
    lines = list(texts.lines(path))
    own = [one for one in change.replacements if one.place.path == path]
    for one in sorted(own, key=lambda replacement: replacement.place, reverse=True):
        place = one.place
        if not 0 < place.line <= place.end_line <= len(lines):
            return [line.decode("utf-8", "replace") for line in texts.lines(path)]
        new = lines[place.line - 1][: place.column] + one.text.encode("utf-8") + lines[place.end_line - 1][place.end_column :]
        lines[place.line - 1 : place.end_line] = new.split(b"\n")
    return [line.removesuffix(b"\r").decode("utf-8", "replace") for line in lines]
