"""GitLab's code quality report.

https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
"""

from __future__ import annotations

import msgspec

from jwtlint.report.document import Rendering
from jwtlint.report.escape import json_safe, visible
from jwtlint.report.formats.json import JSONValue, encoded
from jwtlint.report.links import rule_page
from jwtlint.rules.findings import Finding

TERMINAL = False
SEVERITIES = {"error": "critical", "warning": "major", "note": "minor"}


def render(rendering: Rendering) -> str:
    """The report: a list of issues."""
    pages = {rule.code: rule_page(rule) for rule in rendering.rules()}
    issues: list[JSONValue] = [issue(finding, rendering, pages.get(finding.rule, "")) for finding in rendering.report.findings]
    return json_safe(msgspec.json.format(encoded(issues), indent=2).decode("utf-8")) + "\n"


def issue(finding: Finding, rendering: Rendering, page: str) -> dict[str, JSONValue]:
    """One issue; its fingerprint stays the same when lines move."""
    return {
        "type": "issue",
        "check_name": finding.rule,
        "description": visible(f"{finding.rule} {finding.name}: {finding.message}"),
        "categories": ["Security"],
        "severity": SEVERITIES[finding.level],
        "fingerprint": finding.fingerprint,
        "url": page,
        "location": {
            "path": rendering.prefix.repository + finding.place.path,
            "lines": {"begin": finding.place.line, "end": finding.place.end_line},
        },
    }
