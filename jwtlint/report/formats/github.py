"""GitHub workflow commands, which make annotations in a pull request.

GitHub shows ten annotations of each kind a step, so the most severe come first.
https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from jwtlint.report.document import Rendering
from jwtlint.report.escape import visible, workflow_data, workflow_property
from jwtlint.report.severity import most_severe_first
from jwtlint.rules.findings import Finding

TERMINAL = False
Where: TypeAlias = dict[str, str | int]
KINDS = {"error": "error", "warning": "warning", "note": "notice"}


def render(rendering: Rendering) -> str:
    """One command a line."""
    return "".join(f"{line}\n" for line in lines(rendering))


def lines(rendering: Rendering) -> Iterator[str]:
    """The commands: findings, then files that could not be read."""
    for finding in most_severe_first(rendering.report):
        yield command(KINDS[finding.level], properties(finding, rendering), finding.message)
    for error in rendering.report.errors:
        where: Where = {"file": rendering.prefix.repository + error.path, "line": error.line or 1}
        yield command("warning", {**where, "title": "jwtlint could not read this file"}, error.reason)


def properties(finding: Finding, rendering: Rendering) -> Where:
    """Where an annotation stands; columns count characters, the end is included."""
    place, column = finding.place, rendering.texts.column
    where: Where = {"file": rendering.prefix.repository + place.path, "line": place.line, "endLine": place.end_line}
    if place.line == place.end_line:
        # GitHub takes columns within one line only
        start = column(place.path, place.line, place.column)
        where |= {"col": start, "endColumn": max(start, column(place.path, place.line, place.end_column) - 1)}
    return {**where, "title": f"{finding.rule} {finding.name}"}


def command(kind: str, properties: Where, message: str) -> str:
    """``::error file=app.py,line=1,title=…::message``"""
    told = ",".join(f"{name}={workflow_property(visible(str(value)))}" for name, value in properties.items())
    return f"::{kind} {told}::{workflow_data(visible(message))}"
