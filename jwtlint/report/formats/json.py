"""One JSON document, described by ``jwtlint/report/schema.json``.

Lines and columns are 1-based, columns count characters, and the end is exclusive. The text is printed in ASCII where a
character could control a terminal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import msgspec

from jwtlint.facts.lifecycle import Place, Reason
from jwtlint.report.document import Application, Rendering, Step, TokenStory
from jwtlint.report.escape import json_safe
from jwtlint.report.fix import fix_value
from jwtlint.rules.findings import Finding
from jwtlint.sources.text import Texts

JSONValue: TypeAlias = object
TERMINAL = False


def render(rendering: Rendering) -> str:
    """The document's text, with a line end."""
    return json_safe(msgspec.json.format(encoded(document(rendering)), indent=2).decode("utf-8")) + "\n"


def encoded(value: JSONValue) -> bytes:
    """A value as JSON on one line."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(whole_text(value))


def document(rendering: Rendering) -> dict[str, JSONValue]:
    """The whole document."""
    report = rendering.report
    verdict = report.verdict
    return {
        "version": report.version,
        "verdict": {
            "session_by_jwt": verdict.session_by_jwt,
            "revocation": verdict.revocation,
            "staleness": verdict.staleness,
            "theft": verdict.theft,
        },
        "findings": [finding_value(finding, rendering.texts) for finding in report.findings],
        "suppressed": [finding_value(finding, rendering.texts) for finding in report.suppressed],
        "applications": [application_value(application, rendering.texts) for application in report.applications],
        "tokens": [token_value(token, rendering.texts) for token in report.tokens],
        "errors": [{"path": error.path, "line": error.line or None, "reason": error.reason} for error in report.errors],
        "stats": {
            "files_seen": report.stats.files_seen,
            "files_parsed": report.stats.files_parsed,
            "findings": report.stats.findings,
            "rules": report.stats.rules,
            "suppressed": report.stats.suppressed,
        },
        "stale_baseline": [
            {"rule": entry.rule, "path": entry.path, "message": entry.message, "fingerprint": entry.fingerprint} for entry in report.stale
        ],
    }


def whole_text(value: JSONValue) -> JSONValue:
    """A value in which lone surrogates, which a literal in scanned code may hold, are written out."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    if isinstance(value, dict):
        return {whole_text(key): whole_text(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [whole_text(item) for item in value]
    return value


def finding_value(finding: Finding, texts: Texts) -> dict[str, JSONValue]:
    """One finding."""
    return {
        "rule": finding.rule,
        "name": finding.name,
        "failure": finding.failure,
        "level": finding.level,
        "confidence": finding.confidence,
        "message": finding.message,
        **place_value(finding.place, texts),
        "labels": [{"text": label.text, **place_value(label.place, texts)} for label in finding.labels],
        "trace": reason_values(finding.trace, texts),
        "reasons": reason_values(finding.reasons, texts),
        "fingerprint": finding.fingerprint,
        "fix": fix_value(finding.fix, texts),
        "suppressions": [
            {"kind": one.kind, "reason": one.reason, **(place_value(one.place, texts) if one.place else {})} for one in finding.suppressions
        ],
    }


def token_value(token: TokenStory, texts: Texts) -> dict[str, JSONValue]:
    """One token's story."""
    return {
        "token": token.token,
        "application": token.application,
        "purpose": token.purpose,
        "reasons": reason_values(token.reasons, texts),
        "story": step_values(token.steps, texts),
    }


def application_value(application: Application, texts: Texts) -> dict[str, JSONValue]:
    """One application, with the handlers that have a part in its sessions."""
    return {
        "application": application.name,
        "session_by_jwt": application.session_by_jwt,
        "handlers": step_values(application.handlers, texts),
    }


def step_values(steps: Sequence[Step], texts: Texts) -> list[dict[str, JSONValue]]:
    """Events, each with its place."""
    return [{"event": step.event, **place_value(step.place, texts), "details": step.details} for step in steps]


def reason_values(reasons: Sequence[Reason], texts: Texts) -> list[dict[str, JSONValue]]:
    """Pieces of evidence; those without a place have no path."""
    return [{"text": reason.text, **(place_value(reason.place, texts) if reason.place else {})} for reason in reasons]


def place_value(place: Place, texts: Texts) -> dict[str, JSONValue]:
    """A place as path, line and column."""
    return {
        "path": place.path,
        "line": place.line,
        "column": texts.column(place.path, place.line, place.column),
        "end_line": place.end_line,
        "end_column": texts.column(place.path, place.end_line, place.end_column),
    }
