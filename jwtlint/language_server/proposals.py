"""What can be done about the findings of one analysis: fixes, and comments that silence with a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from jwtlint import scope
from jwtlint.analysis import Scan
from jwtlint.config import Options
from jwtlint.errors import UserError
from jwtlint.facts.lifecycle import Place
from jwtlint.language_server.messages import Proposals, Silencing
from jwtlint.rules import ignore_writer
from jwtlint.rules.findings import Finding
from jwtlint.rules.fixes import Edit, Fix
from jwtlint.sources import rewrite
from jwtlint.sources.text import in_utf8


class Desk:
    """One analysis, known by its ``ticket``, and the fixes that were worked out since."""

    def __init__(self, ticket: int, root: Path, scan: Scan, options: Options, unsaved: Mapping[str, bytes]) -> None:
        self.ticket = ticket
        self.root = root
        self.scan = scan
        self.options = options
        self.unsaved = unsaved
        self.fixes: dict[str, dict[int, Fix]] = {}

    def proposals(self, path: str, numbers: Sequence[int], all_safe: bool) -> Proposals:
        """What can be done about some findings of a file. Raises :class:`UserError` when the file cannot be read any more."""
        fixes = self.fixes_in(path)
        findings = self.scan.report.findings
        wanted = [number for number in numbers if number in fixes]
        silencings: dict[int, Silencing] = {}
        for number in wanted:
            found = self.silencing(findings[number])
            if found is not None:
                silencings[number] = found
        return Proposals({number: fixes[number] for number in wanted}, silencings, self.all_safe(path) if all_safe else ())

    def fixes_in(self, path: str) -> dict[int, Fix]:
        """The fixes of all findings of a file."""
        if path not in self.fixes:
            from jwtlint.fixing.suggest import Workshop

            walked = scope.files(self.root, self.options, self.unsaved)
            folders = [Path(folder) for folder in self.options.model_folders]
            paths = [file.path for file in walked.files]
            shop = Workshop(self.root, self.scan.report, self.scan.rules(), paths, self.options.limits, folders, self.unsaved)
            found = shop.with_fixes({path}).findings
            self.fixes[path] = {
                number: one.fix for number, one in enumerate(found) if one.place.path == path and one.fix is not None
            }
        return self.fixes[path]

    def data(self, path: str) -> bytes:
        """A file's bytes as they were analysed. Raises :class:`UserError`."""
        known = self.unsaved.get(path)
        return known if known is not None else rewrite.read(self.root / path)

    def silencing(self, finding: Finding) -> Silencing | None:
        """A comment above the statement of a finding; None where there can be none."""
        from jwtlint.editing.edits import edits_between

        if finding.failure == "upkeep":
            return None
        path = finding.place.path
        data = self.data(path)
        written = ignore_writer.write(path, data, [finding])
        if written.refused or written.data == data:
            return None
        old, new = (in_utf8(version).decode("utf-8", "replace") for version in (data, written.data))
        edits = edits_between(path, old, new)
        before, after = in_utf8(data).splitlines(), in_utf8(written.data).splitlines()
        line = next((number for number, pair in enumerate(zip(before, after)) if pair[0] != pair[1]), len(before))
        column = after[line].find(ignore_writer.PLACEHOLDER.encode())
        if column < 0:
            return None
        return Silencing(edits, Place(path, line + 1, column, line + 1, column + len(ignore_writer.PLACEHOLDER.encode())))

    def all_safe(self, path: str) -> tuple[Edit, ...]:
        """The safe fixes that change nothing but this file, as far as they do not touch each other; none if the result would be broken."""
        from jwtlint.editing.recipe import Refused
        from jwtlint.fixing.rounds import independent, rewritten

        findings = self.scan.report.findings
        safe = [
            (findings[number], fix)
            for number, fix in self.fixes_in(path).items()
            if fix.is_available and fix.safety == "safe" and fix.paths == (path,)
        ]
        edits = tuple(sorted(edit for _, fix in independent(safe) for edit in fix.edits))
        if not edits:
            return ()
        try:
            rewritten(self.data(path), edits)
        except (Refused, UserError):
            return ()
        return edits
