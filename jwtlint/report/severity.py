"""Levels in the order of their weight, for formats of which a reader sees the beginning only."""

from __future__ import annotations

from jwtlint.report.document import Report
from jwtlint.rules.catalogue import LEVELS
from jwtlint.rules.findings import CONFIDENCES, Finding


def most_severe_first(report: Report) -> list[Finding]:
    """The findings by level, then confidence, then place."""
    return sorted(report.findings, key=weight, reverse=True)


def weight(finding: Finding) -> tuple[int, int]:
    """What makes a finding come first."""
    return LEVELS.index(finding.level), CONFIDENCES.index(finding.confidence)
