"""One line a finding: ``path:line:column: level[rule] message``, as editors and compilers read it."""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.facts.lifecycle import Place
from jwtlint.report.document import Rendering, Report
from jwtlint.report.escape import visible
from jwtlint.report.line import Line, colored, plain
from jwtlint.report.links import rule_page
from jwtlint.report.suppressed import suppressed_lines
from jwtlint.rules.findings import Finding

TERMINAL = True
LEVEL_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}


class Places:
    """Places as people on a terminal read them: from the current folder, columns in characters."""

    def __init__(self, rendering: Rendering) -> None:
        self.texts = rendering.texts
        self.prefix = rendering.prefix.current
        self.pages = {rule.code: rule_page(rule) for rule in rendering.rules()} if rendering.style.links else {}

    def where(self, place: Place) -> str:
        """``path:line:column``"""
        return f"{visible(self.prefix + place.path)}:{place.line}:{self.texts.column(place.path, place.line, place.column)}"

    def link(self, finding: Finding) -> str:
        """Rich's style of a rule's code that leads to the rule's page, where the terminal can follow it."""
        return f"link {self.pages[finding.rule]}" if finding.rule in self.pages else ""


def render(rendering: Rendering) -> str:
    """The whole report."""
    return colored(lines(rendering)) if rendering.style.color else plain(lines(rendering))


def lines(rendering: Rendering) -> Iterator[Line]:
    """All lines of the report: findings, or how many there are of each rule; then files that could not be read."""
    report = rendering.report
    places = Places(rendering)
    if rendering.style.statistics:
        yield from statistics(report)
    for finding in () if rendering.style.statistics else report.findings:
        line = Line(f"{places.where(finding.place)}: ")
        color = LEVEL_STYLES[finding.level]
        line.append(f"{finding.level}[", color).append(finding.rule, f"{color} {places.link(finding)}").append("]", color)
        yield line.append(f" {visible(finding.message)}")
    if rendering.style.show_ignored:
        yield from suppressed_lines(report, places.where)
    for error in report.errors:
        yield Line(f"{visible(places.prefix + error.path)}:{error.line or 1}: {visible(error.reason)}")


def statistics(report: Report) -> Iterator[Line]:
    """The number of findings by rule, most first."""
    names = {finding.rule: finding.name for finding in report.findings}
    for rule, count in sorted(report.stats.rules.items(), key=lambda pair: (-pair[1], pair[0])):
        yield Line(f"{count:>5}  {rule}  {names[rule]}")
