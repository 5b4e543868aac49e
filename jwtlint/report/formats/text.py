"""The report for people: each finding with its code, where the token comes from, and how to mend it; then the verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from jwtlint.facts.lifecycle import Place, Reason
from jwtlint.report.document import Rendering, Report
from jwtlint.report.escape import visible
from jwtlint.report.fix import fix_lines
from jwtlint.report.formats import concise
from jwtlint.report.formats.concise import LEVEL_STYLES, Places, statistics
from jwtlint.report.frame import frame
from jwtlint.report.line import Line, colored, plain
from jwtlint.report.suppressed import stale_lines, suppressed_lines
from jwtlint.report.verdict import answers, headline, numbers
from jwtlint.rules.findings import Finding

TERMINAL = True
WIDTH = 100


def render(rendering: Rendering) -> str:
    """The whole report."""
    told = concise.lines(rendering) if rendering.style.quiet else lines(rendering)
    return colored(told) if rendering.style.color else plain(told)


def lines(rendering: Rendering) -> Iterator[Line]:
    """All lines of the report."""
    report = rendering.report
    places = Places(rendering)
    if rendering.style.statistics:
        if report.findings:
            yield from statistics(report)
            yield Line("")
    else:
        yield from every_finding(rendering, places)
    if rendering.style.show_ignored and report.suppressed:
        yield from suppressed_lines(report, places.where)
        yield Line("")
    if report.stale:
        yield from stale_lines(report)
        yield Line("")
    for error in report.errors:
        where = f"{visible(places.prefix + error.path)}:{error.line}" if error.line else visible(places.prefix + error.path)
        yield Line("not read: ", "bold yellow").append(f"{where}: {visible(error.reason)}", "default")
    if report.errors:
        yield Line("")
    yield from summary(report)


def every_finding(rendering: Rendering, places: Places) -> Iterator[Line]:
    """The findings one after the other."""
    findings = rendering.report.findings
    remedies = {rule.code: rule.remedy for rule in rendering.rules()} if findings else {}
    for finding in findings:
        # the remedy is told at the first finding of a rule only
        yield from finding_lines(finding, places, rendering.style.verbose, remedies.pop(finding.rule, ""))
        yield Line("")


def finding_lines(finding: Finding, places: Places, verbose: bool, remedy: str) -> Iterator[Line]:
    """One finding."""
    color = LEVEL_STYLES[finding.level]
    head = Line("", color).append(f"{finding.level}[").append(finding.rule, places.link(finding)).append("]")
    head.append(f" {finding.name}: ", "bold")
    yield head.append(visible(finding.message))
    gutter = max(4, *(len(str(label.place.end_line)) for label in finding.labels), 0) if finding.labels else 4
    label = finding.labels[0].text if finding.labels else finding.name
    yield arrow(finding.place, places, gutter)
    yield from frame(places.texts, finding.place, label, color, gutter=gutter)
    for other in finding.labels[1:]:
        yield arrow(other.place, places, gutter, ":::")
        yield from frame(places.texts, other.place, other.text, "bold blue", context=0, height=1, gutter=gutter)
    told = {label.place for label in finding.labels}
    if len(finding.trace) > 1 and any(reason.place not in told for reason in finding.trace):
        yield from evidence("how it gets there", finding.trace, places, gutter)
    if verbose:
        if finding.reasons:
            yield from evidence(f"why ({finding.confidence} confidence)", finding.reasons, places, gutter)
        yield Line(f"{' ' * gutter} = fingerprint: {finding.fingerprint}", "dim")
    if finding.fix is not None and (remedy or finding.fix.recipe):
        yield from fix_lines(finding.fix, places.texts, gutter)
    if remedy:
        yield from paragraph("to mend it: ", " ".join(remedy.split()), gutter)


def arrow(place: Place, places: Places, gutter: int, sign: str = "-->") -> Line:
    """The line above a frame that says where it stands."""
    return Line(" " * (gutter - 1) + sign + " ", "blue").append(places.where(place), "default")


def evidence(title: str, reasons: tuple[Reason, ...], places: Places, gutter: int) -> Iterator[Line]:
    """Pieces of evidence, one a line."""
    yield Line(f"{' ' * gutter} = ", "blue").append(f"{title}:", "bold")
    for reason in reasons:
        line = Line(f"{' ' * gutter}   - {visible(reason.text)}")
        if reason.place is not None:
            line.append(f" ({places.where(reason.place)})", "dim")
        yield line


def paragraph(title: str, text: str, gutter: int) -> Iterator[Line]:
    """A titled paragraph, wrapped."""
    for number, line in enumerate(textwrap.wrap(title + visible(text), WIDTH - gutter - 3)):
        if number:
            yield Line(f"{' ' * gutter}   {line}")
        else:
            first = Line(f"{' ' * gutter} = ", "blue")
            first.append(line[: len(title)], "bold")
            yield first.append(line[len(title) :], "default")


def summary(report: Report) -> Iterator[Line]:
    """The verdict, what was found of each of the three failures, and the numbers."""
    yield Line(headline(report), "bold")
    for answer in answers(report):
        if answer.rules:
            yield Line("  ✗ ", "bold red").append(f"{answer.sentence}: {answer.counted}.", "default")
        elif answer.hidden:
            yield Line("  – ", "dim").append(f"{answer.sentence}: {answer.counted}.", "default")
        else:
            yield Line("  ✓ ", "bold green").append(f"{answer.sentence}.", "default")
    yield Line(numbers(report))
    if report.findings:
        yield Line(f"`jwtlint explain {report.findings[0].rule}` tells more about a rule, `jwtlint fix` shows what can be mended.", "dim")
