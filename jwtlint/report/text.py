"""The report for people: each finding with its code, where the token comes from, and how to mend it; then the verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

import msgspec

from jwtlint.facts.lifecycle import Place, Reason
from jwtlint.report.document import Rendering, Report
from jwtlint.report.escape import visible
from jwtlint.report.fix import fix_lines
from jwtlint.report.frame import frame
from jwtlint.report.line import Line, colored, plain
from jwtlint.rules.findings import Finding
from jwtlint.sources.text import Texts

LEVEL_STYLES = {"error": "bold red", "warning": "bold yellow", "note": "bold cyan"}
FAILURES = {
    "revocation": ("Sessions cannot be revoked", "No trouble with revocation was found"),
    "staleness": ("Claims go stale", "No claim was found to go stale"),
    "theft": ("A stolen token is stolen for good", "No place was found where a token is easily stolen"),
}
WIDTH = 100


class Style(msgspec.Struct, frozen=True):
    """How much is told, and whether in colour."""

    color: bool = False
    quiet: bool = False
    verbose: bool = False
    statistics: bool = False


def render(rendering: Rendering, style: Style) -> str:
    """The whole report."""
    told = lines(rendering, style)
    return colored(told) if style.color else plain(told)


def lines(rendering: Rendering, style: Style) -> Iterator[Line]:
    """All lines of the report."""
    report = rendering.report
    if style.quiet:
        for finding in report.findings:
            yield concise(finding, rendering.texts)
        for error in report.errors:
            yield Line(f"{visible(error.path)}:{error.line or 1}: {visible(error.reason)}")
        if style.statistics:
            yield from statistics(report)
        return
    told: set[str] = set()
    for finding in report.findings:
        yield from finding_lines(finding, rendering, style, first=finding.rule not in told)
        told.add(finding.rule)
        yield Line("")
    for error in report.errors:
        where = f"{visible(error.path)}:{error.line}" if error.line else visible(error.path)
        yield Line("not read: ", "bold yellow").append(f"{where}: {visible(error.reason)}", "default")
    if report.errors:
        yield Line("")
    if style.statistics and report.findings:
        yield from statistics(report)
        yield Line("")
    yield from summary(report)


def concise(finding: Finding, texts: Texts) -> Line:
    """One finding on one line."""
    line = Line(f"{where(finding.place, texts)}: ")
    line.append(f"{finding.level}[{finding.rule}]", LEVEL_STYLES[finding.level])
    return line.append(f" {visible(finding.message)}")


def finding_lines(finding: Finding, rendering: Rendering, style: Style, first: bool) -> Iterator[Line]:
    """One finding. The remedy is told at the ``first`` finding of a rule only."""
    color = LEVEL_STYLES[finding.level]
    texts = rendering.texts
    head = Line(f"{finding.level}[{finding.rule}]", color)
    head.append(f" {finding.name}: ", "bold")
    yield head.append(visible(finding.message))
    gutter = max(4, *(len(str(label.place.end_line)) for label in finding.labels), 0) if finding.labels else 4
    label = finding.labels[0].text if finding.labels else finding.name
    yield arrow(finding.place, texts, gutter)
    yield from frame(texts, finding.place, label, color, gutter=gutter)
    for other in finding.labels[1:]:
        yield arrow(other.place, texts, gutter, ":::")
        yield from frame(texts, other.place, other.text, "bold blue", context=0, height=1, gutter=gutter)
    told = {label.place for label in finding.labels}
    if len(finding.trace) > 1 and any(reason.place not in told for reason in finding.trace):
        yield from evidence("how it gets there", finding.trace, texts, gutter)
    if style.verbose:
        if finding.reasons:
            yield from evidence(f"why ({finding.confidence} confidence)", finding.reasons, texts, gutter)
        yield Line(f"{' ' * gutter} = fingerprint: {finding.fingerprint}", "dim")
    if finding.fix is not None and (first or finding.fix.recipe):
        yield from fix_lines(finding.fix, texts, gutter)
    if first and finding.rule in rendering.remedies:
        remedy = " ".join(rendering.remedies[finding.rule].split())
        yield from paragraph("to mend it: ", remedy, gutter)


def where(place: Place, texts: Texts) -> str:
    """``path:line:column``"""
    return f"{visible(place.path)}:{place.line}:{texts.column(place.path, place.line, place.column)}"


def arrow(place: Place, texts: Texts, gutter: int, sign: str = "-->") -> Line:
    """The line above a frame that says where it stands."""
    return Line(" " * (gutter - 1) + sign + " ", "blue").append(where(place, texts), "default")


def evidence(title: str, reasons: tuple[Reason, ...], texts: Texts, gutter: int) -> Iterator[Line]:
    """Pieces of evidence, one a line."""
    yield Line(f"{' ' * gutter} = ", "blue").append(f"{title}:", "bold")
    for reason in reasons:
        line = Line(f"{' ' * gutter}   - {visible(reason.text)}")
        if reason.place is not None:
            line.append(f" ({where(reason.place, texts)})", "dim")
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


def statistics(report: Report) -> Iterator[Line]:
    """The number of findings by rule, most first."""
    names = {finding.rule: finding.name for finding in report.findings}
    for rule, count in sorted(report.stats.rules.items(), key=lambda pair: (-pair[1], pair[0])):
        yield Line(f"{count:>5}  {rule}  {names[rule]}")


def summary(report: Report) -> Iterator[Line]:
    """The verdict, what was found of each of the three failures, and the numbers."""
    verdict = report.verdict
    if verdict.session_by_jwt:
        yield Line("JWTs are used as sessions here.", "bold")
    else:
        yield Line("No session by JWT was found.", "bold")
    counts: dict[str, dict[str, int]] = {}
    for finding in report.findings:
        rules = counts.setdefault(finding.failure, {})
        rules[finding.rule] = rules.get(finding.rule, 0) + 1
    if verdict.session_by_jwt or report.findings:
        for failure, (found, nothing) in FAILURES.items():
            if failure in counts:
                yield Line("  ✗ ", "bold red").append(f"{found}: {counted(counts[failure])}.", "default")
            else:
                yield Line("  ✓ ", "bold green").append(f"{nothing}.", "default")
        if "hygiene" in counts:
            yield Line("  ✗ ", "bold red").append(f"Signatures are handled badly: {counted(counts['hygiene'])}.", "default")
    stats = report.stats
    line = f"{plural(stats.findings, 'finding')} in {plural(stats.files_seen, 'file')}, of which {stats.files_parsed:,} mattered"
    if report.errors:
        line += f"; {plural(len(report.errors), 'file')} could not be read"
    yield Line(f"{line}.")
    if report.findings:
        yield Line(f"`jwtlint explain {report.findings[0].rule}` tells more about a rule.", "dim")


def counted(rules: dict[str, int]) -> str:
    """``2 × JWT201, 1 × JWT203``"""
    return ", ".join(f"{count} × {rule}" for rule, count in sorted(rules.items()))


def plural(number: int, noun: str) -> str:
    """``1 file``, ``2 files``"""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
