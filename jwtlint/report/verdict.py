"""The verdict in words, the same in every format."""

from __future__ import annotations

from typing import NamedTuple

from jwtlint.report.document import Report
from jwtlint.report.suppressed import by_failure, tally

FAILURES = {
    "revocation": ("Sessions cannot be revoked", "No trouble with revocation was found"),
    "staleness": ("Claims go stale", "No claim was found to go stale"),
    "theft": ("A stolen token is stolen for good", "No place was found where a token is easily stolen"),
}
REVOCABLE = "Sessions are revoked only by what was built around the JWT"
OTHERS = {"hygiene": "Signatures are handled badly", "upkeep": "Comments to jwtlint are not in order"}


class Answer(NamedTuple):
    """What was found of one of the failures: a sentence without its stop, and the findings by rule (empty for none).

    ``hidden`` are those by rule that do not count.
    """

    failure: str
    sentence: str
    rules: dict[str, int]
    hidden: dict[str, int]

    @property
    def counted(self) -> str:
        """``2 × JWT201, 1 × JWT203``, or ``1 × JWT203, none of which counts``; empty where nothing was found."""
        told = ", ".join(f"{count} × {rule}" for rule, count in sorted((self.rules or self.hidden).items()))
        return told if self.rules or not self.hidden else f"{told}, none of which counts"


def headline(report: Report) -> str:
    """The verdict in a sentence."""
    return "JWTs are used as sessions here." if report.verdict.session_by_jwt else "No session by JWT was found."


def answers(report: Report) -> list[Answer]:
    """What was found of each of the three failures, and of others if there is any; nothing when nothing was to be asked."""
    counts, hidden = by_failure(report.findings), by_failure(report.suppressed)
    if not report.verdict.session_by_jwt and not report.findings:
        return []
    trouble = {failure: bad for failure, (bad, _) in FAILURES.items()}
    if can_be_revoked(report):
        trouble["revocation"] = REVOCABLE
    found = []
    for failure, (_, good) in FAILURES.items():
        sentence = trouble[failure] if failure in counts or failure in hidden else good
        found.append(Answer(failure, sentence, counts.get(failure, {}), hidden.get(failure, {})))
    for failure in sorted(failure for failure in counts if failure not in FAILURES):
        found.append(Answer(failure, OTHERS.get(failure, f"There is trouble with {failure}"), counts[failure], {}))
    return found


def can_be_revoked(report: Report) -> bool:
    """Whether every verification of a session token looks at something on the server that can end it."""
    sessions = [token for token in report.tokens if token.purpose == "session"]
    kinds = [step.details["revocation"] for token in sessions for step in token.steps if step.event == "verification"]
    return bool(kinds) and "none" not in kinds


def numbers(report: Report) -> str:
    """What was looked at, in a sentence."""
    stats = report.stats
    line = f"{plural(stats.findings, 'finding')}{tally(report)} in {plural(stats.files_seen, 'file')}"
    line += f", of which {stats.files_parsed:,} mattered"
    if report.errors:
        line += f"; {plural(len(report.errors), 'file')} could not be read"
    return f"{line}."


def plural(number: int, noun: str) -> str:
    """``1 file``, ``2 files``"""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
