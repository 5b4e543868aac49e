"""Findings and unread files as diagnostics."""

from __future__ import annotations

import os
from collections.abc import Callable

from lsprotocol import types

from jwtlint.language_server.messages import Mark
from jwtlint.language_server.positions import Positions
from jwtlint.language_server.project import Outcome

SOURCE = "jwtlint"
SEVERITIES = {
    "error": types.DiagnosticSeverity.Error,
    "warning": types.DiagnosticSeverity.Warning,
    "note": types.DiagnosticSeverity.Information,
}


def by_file(outcome: Outcome, uri: Callable[[str], str]) -> dict[str, list[types.Diagnostic]]:
    """The diagnostics of an analysis by the absolute paths of files. ``uri`` gives the address of such a path."""
    snapshot = outcome.snapshot
    positions = snapshot.positions
    found: dict[str, list[types.Diagnostic]] = {}
    for mark in outcome.analysed.marks:
        found.setdefault(snapshot.full(mark.place.path), []).append(diagnostic(mark, outcome, positions, uri))
    for unread in outcome.analysed.unread:
        full = snapshot.full(unread.path)
        if unread.path in snapshot.unsaved or os.path.isfile(full):
            found.setdefault(full, []).append(
                types.Diagnostic(
                    range=positions.line(unread.path, unread.line),
                    message=f"jwtlint cannot analyse this file: {unread.reason}",
                    severity=types.DiagnosticSeverity.Warning,
                    source=SOURCE,
                )
            )
    return found


def diagnostic(mark: Mark, outcome: Outcome, positions: Positions, uri: Callable[[str], str]) -> types.Diagnostic:
    """One finding."""
    page = outcome.analysed.pages.get(mark.rule)
    related = [
        types.DiagnosticRelatedInformation(
            types.Location(uri(outcome.snapshot.full(one.place.path)), positions.range(one.place)), one.text
        )
        for one in mark.related
    ]
    return types.Diagnostic(
        range=outcome.ranges[mark.number],
        message=f"{mark.message} ({mark.name})",
        severity=SEVERITIES[mark.level],
        code=mark.rule,
        code_description=types.CodeDescription(page.address) if page is not None and page.address else None,
        source=SOURCE,
        # a comment to jwtlint that does nothing
        tags=[types.DiagnosticTag.Unnecessary] if mark.failure == "upkeep" else None,
        related_information=related or None,
    )
