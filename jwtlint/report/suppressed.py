"""What does not count, in the report for people: findings that are ignored or old, and stale entries of a baseline."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from jwtlint.facts.lifecycle import Place
from jwtlint.report.document import Report
from jwtlint.report.escape import visible
from jwtlint.report.line import Line
from jwtlint.rules.findings import Finding, Suppression

WORDS = {
    "comment": "ignored",
    "noqa": "ignored",
    "file-comment": "ignored in the whole file",
    "baseline": "in the baseline",
    "since": "not touched",
}
TALLY = {"comment": "ignored", "noqa": "ignored", "file-comment": "ignored", "baseline": "in the baseline", "since": "not touched"}


def suppressed_lines(report: Report, where: Callable[[Place], str]) -> Iterator[Line]:
    """Each finding that does not count, on one line, with the reason on another. ``where`` tells a place."""
    for finding in report.suppressed:
        line = Line(f"{where(finding.place)}: ").append(f"{WORDS[finding.suppressions[0].kind]}[{finding.rule}]", "dim")
        yield line.append(f" {visible(finding.message)}")
        for one in finding.suppressions:
            yield Line(f"    {why(one)}", "dim")


def why(suppression: Suppression) -> str:
    """Why a finding does not count, in a few words."""
    place = suppression.place
    where = f" (line {place.line})" if place is not None else ""
    reason = visible(suppression.reason)
    if suppression.kind in ("baseline", "since"):
        return reason
    return f"because: {reason or 'no reason is given'}{where}"


def stale_lines(report: Report) -> Iterator[Line]:
    """The entries of the baseline that may be deleted."""
    for entry in report.stale:
        line = Line("no longer found: ", "bold yellow")
        yield line.append(f"{visible(entry.path)}: {visible(entry.rule)} {visible(entry.message)}", "default")
    if report.stale:
        number = len(report.stale)
        noun = "entry is" if number == 1 else "entries are"
        yield Line(f"{number:,} {noun} left in the baseline without need; `jwtlint baseline --prune` takes them out.")


def tally(report: Report) -> str:
    """`` (3 ignored, 2 in the baseline)``, or nothing."""
    counts: dict[str, int] = {}
    for finding in report.suppressed:
        word = TALLY[finding.suppressions[0].kind]
        counts[word] = counts.get(word, 0) + 1
    return f" ({', '.join(f'{number:,} {word}' for word, number in counts.items())})" if counts else ""


def by_failure(findings: tuple[Finding, ...]) -> dict[str, dict[str, int]]:
    """The numbers of findings by failure and rule."""
    counts: dict[str, dict[str, int]] = {}
    for finding in findings:
        rules = counts.setdefault(finding.failure, {})
        rules[finding.rule] = rules.get(finding.rule, 0) + 1
    return counts
