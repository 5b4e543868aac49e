"""Applying fixes round by round, until there is nothing more to do.

In each round the fixes that do not touch each other are made together in a copy, and the copy is scanned again. They stand if every
one of them ended its finding and no finding came anew; otherwise half of them are tried, and a single one that fails is left out for
good. What overlaps waits for the next round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import msgspec

from jwtlint.editing.recipe import Refused
from jwtlint.editing.scripts import check_script, decoded_web
from jwtlint.editing.source import decoded, syntax_problem
from jwtlint.facts.web_layout import is_web
from jwtlint.fixing.shadow import Shadow
from jwtlint.fixing.suggest import Workshop, recipe
from jwtlint.report.document import Report
from jwtlint.rules.edited import applied
from jwtlint.rules.findings import Finding
from jwtlint.rules.fixes import Edit, Fix, overlap

MAX_ROUNDS = 200
Key = tuple[str, str, str]


class Done(msgspec.Struct, frozen=True):
    """A fix that was made, with the finding as it was told before."""

    finding: Finding
    fix: Fix


class Left(msgspec.Struct, frozen=True):
    """A finding that is left, and why."""

    finding: Finding
    reason: str


class Outcome(msgspec.Struct, frozen=True):
    """What the rounds came to. ``changed`` maps paths to the bytes before and after.

    ``left`` are the selected findings with no fix, ``unsafe`` those whose fix was not allowed, ``failed`` those whose fix did not prove
    itself.
    """

    done: tuple[Done, ...]
    left: tuple[Left, ...]
    unsafe: tuple[Finding, ...]
    failed: tuple[Left, ...]
    changed: dict[str, tuple[bytes, bytes]]


class Rounds:
    """Fixes in one shadow. ``codes`` are the rules whose findings are to be mended; None for all."""

    def __init__(self, shadow: Shadow, unsafe: bool, codes: Collection[str] | None = None) -> None:
        self.shadow = shadow
        self.allow_unsafe = unsafe
        self.codes = codes
        self.done: list[Done] = []
        self.failed: dict[str, Left] = {}
        self.report: Report | None = None

    def run(self) -> Outcome:
        """Make all fixes that can be made. Raises :class:`jwtlint.errors.UserError` as a scan does."""
        report = self.with_fixes()
        limit = None
        for _ in range(MAX_ROUNDS):
            batch = independent(self.candidates(report))[:limit]
            if not batch:
                break
            problem = self.attempt(report, batch)
            if problem is None:
                self.done.extend(Done(finding, fix) for finding, fix in batch)
                limit = None
                report = self.with_fixes()
            elif len(batch) == 1:
                finding = batch[0][0]
                self.failed[finding.fingerprint] = Left(finding, problem)
                limit = None
            else:
                limit = len(batch) // 2
        return self.outcome(report)

    def with_fixes(self) -> Report:
        """The shadow's report, with fixes. It is scanned anew unless the last round did that."""
        shadow, options = self.shadow, self.shadow.options
        scan = shadow.scan()
        folders = [Path(folder) for folder in options.model_folders]
        return Workshop(shadow.folder, scan.report, scan.rules(), shadow.paths, options.limits, folders).with_fixes()

    def selected(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that are to be mended."""
        return [finding for finding in findings if self.codes is None or finding.rule in self.codes]

    def candidates(self, report: Report) -> list[tuple[Finding, Fix]]:
        """The fixes that may be made: safe ones first, each in the order of places."""
        found = [
            (finding, finding.fix)
            for finding in self.selected(report.findings)
            if finding.fix is not None
            and finding.fix.is_available
            and (self.allow_unsafe or finding.fix.safety == "safe")
            and finding.fingerprint not in self.failed
        ]
        return sorted(found, key=lambda pair: pair[1].safety != "safe")

    def attempt(self, report: Report, batch: Sequence[tuple[Finding, Fix]]) -> str | None:
        """Make some fixes; if they do not prove themselves, take them back and say why."""
        edits: dict[str, list[Edit]] = {}
        for _, fix in batch:
            for edit in fix.edits:
                edits.setdefault(edit.place.path, []).append(edit)
        try:
            changed = {path: rewritten(self.shadow.read(path), own) for path, own in edits.items()}
        except Refused as refused:
            return refused.reason
        before = self.shadow.write(changed)
        revealed = {code for _, fix in batch for code in getattr(recipe(fix.recipe), "REVEALS", ())}
        problem = trouble(report, self.shadow.scan().report, [finding for finding, _ in batch], revealed)
        if problem is not None:
            self.shadow.write(before)
        return problem

    def outcome(self, report: Report) -> Outcome:
        """What it came to."""
        left: list[Left] = []
        unsafe: list[Finding] = []
        for finding in self.selected(report.findings):
            if finding.fingerprint in self.failed or finding.fix is None:
                continue
            if finding.fix.is_available:
                unsafe.append(finding)
            else:
                left.append(Left(finding, finding.fix.reason))
        return Outcome(tuple(self.done), tuple(left), tuple(unsafe), tuple(self.failed.values()), self.shadow.changed)


def independent(pairs: Iterable[tuple[Finding, Fix]]) -> list[tuple[Finding, Fix]]:
    """Fixes that can be made together: none touches what another one changes."""
    chosen: list[tuple[Finding, Fix]] = []
    taken: dict[str, list[Edit]] = {}
    for finding, fix in pairs:
        if any(overlap(edit, other) for edit in fix.edits for other in taken.get(edit.place.path, ())):
            continue
        chosen.append((finding, fix))
        for edit in fix.edits:
            taken.setdefault(edit.place.path, []).append(edit)
    return chosen


def rewritten(data: bytes, edits: Sequence[Edit]) -> bytes:
    """A file's bytes with edits made: encoding, mark and line ends stay. Raises :class:`Refused` when it could not be parsed any more."""
    path = edits[0].place.path
    if is_web(path):
        text, mark = decoded_web(data)
        script = applied(text, edits).encode("utf-8")
        check_script(path, data[len(mark) :], script)
        return mark + script
    text, encoding, mark = decoded(data)
    try:
        changed = mark + applied(text, edits).encode(encoding)
    except UnicodeEncodeError:
        raise Refused(f"the file's encoding ({encoding}) lacks a character of the fix") from None
    problem = syntax_problem(changed)
    if problem is not None:
        raise Refused(f"the result would not be valid Python ({problem})")
    return changed


def trouble(before: Report, after: Report, mended: Sequence[Finding], revealed: Collection[str] = ()) -> str | None:
    """What is wrong with some fixes: a finding that is still there, one that is new, or a file that cannot be read any more.

    New findings of rules in ``revealed`` were hidden by what is mended.
    """
    known = {(error.path, error.reason) for error in before.errors}
    for error in after.errors:
        if (error.path, error.reason) not in known:
            return f"afterwards {error.path} could not be analysed ({error.reason})"
    old, new = Counter(map(key, before.findings)), Counter(map(key, after.findings))
    for rule, path, _ in new - old:
        if rule in revealed:
            continue
        return f"it would bring a new finding ({rule} in {path})"
    for one, count in Counter(map(key, mended)).items():
        if new[one] > old[one] - count:
            return "the finding would still be there"
    return None


def key(finding: Finding) -> Key:
    """What a finding is recognised by when the code around it changed."""
    return finding.rule, finding.place.path, finding.symbol
