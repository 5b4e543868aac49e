"""The verdict in words, the same in every format."""

from __future__ import annotations

from typing import NamedTuple

from jwtlint.report.document import Report

FAILURES = {
    "revocation": ("Sessions cannot be revoked", "No trouble with revocation was found"),
    "staleness": ("Claims go stale", "No claim was found to go stale"),
    "theft": ("A stolen token is stolen for good", "No place was found where a token is easily stolen"),
}
REVOCABLE = "Sessions are revoked only by what was built around the JWT"
OTHERS = {"hygiene": "Signatures are handled badly"}


class Answer(NamedTuple):
    """What was found of one of the failures: a sentence without its stop, and the findings by rule (empty for none)."""

    failure: str
    sentence: str
    rules: dict[str, int]

    @property
    def counted(self) -> str:
        """``2 × JWT201, 1 × JWT203``"""
        return ", ".join(f"{count} × {rule}" for rule, count in sorted(self.rules.items()))


def headline(report: Report) -> str:
    """The verdict in a sentence."""
    return "JWTs are used as sessions here." if report.verdict.session_by_jwt else "No session by JWT was found."


def answers(report: Report) -> list[Answer]:
    """What was found of each of the three failures, and of others if there is any; nothing when nothing was to be asked."""
    counts: dict[str, dict[str, int]] = {}
    for finding in report.findings:
        rules = counts.setdefault(finding.failure, {})
        rules[finding.rule] = rules.get(finding.rule, 0) + 1
    if not report.verdict.session_by_jwt and not report.findings:
        return []
    found = [Answer(failure, bad if failure in counts else good, counts.get(failure, {})) for failure, (bad, good) in FAILURES.items()]
    if "revocation" in counts and can_be_revoked(report):
        found[0] = Answer("revocation", REVOCABLE, counts["revocation"])
    others = sorted(failure for failure in counts if failure not in FAILURES)
    return [*found, *(Answer(failure, OTHERS.get(failure, f"There is trouble with {failure}"), counts[failure]) for failure in others)]


def can_be_revoked(report: Report) -> bool:
    """Whether every verification of a session token looks at something on the server that can end it."""
    sessions = [token for token in report.tokens if token.purpose == "session"]
    kinds = [step.details["revocation"] for token in sessions for step in token.steps if step.event == "verification"]
    return bool(kinds) and "none" not in kinds


def numbers(report: Report) -> str:
    """What was looked at, in a sentence."""
    stats = report.stats
    line = f"{plural(stats.findings, 'finding')} in {plural(stats.files_seen, 'file')}, of which {stats.files_parsed:,} mattered"
    if report.errors:
        line += f"; {plural(len(report.errors), 'file')} could not be read"
    return f"{line}."


def plural(number: int, noun: str) -> str:
    """``1 file``, ``2 files``"""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
