"""The findings of the HTML report, and the form that filters them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jwtlint.facts.lifecycle import Place, Reason
from jwtlint.report.document import Rendering
from jwtlint.report.escape import html
from jwtlint.report.fix import file_diff
from jwtlint.report.links import rule_page
from jwtlint.report.page.highlight import Highlighter, block
from jwtlint.report.page.prose import outside, prose, scrolling, standards
from jwtlint.report.severity import most_severe_first
from jwtlint.report.verdict import plural
from jwtlint.rules.catalogue import Rule
from jwtlint.rules.findings import Finding
from jwtlint.rules.fixes import Fix

DIFF = {"+": "added", "-": "removed"}
FAILURES = {
    "revocation": "cannot be revoked",
    "staleness": "goes stale",
    "theft": "easily stolen",
    "hygiene": "signatures",
    "upkeep": "comments",
}


def section(rendering: Rendering) -> Iterator[str]:
    """The section's HTML; nothing when there are no findings."""
    findings = rendering.report.findings
    if not findings:
        return
    rules = {rule.code: rule for rule in rendering.rules()}
    highlighter = Highlighter(rendering.texts)
    yield '<section aria-labelledby="findings"><h2 id="findings">Findings</h2>'
    yield from filters(findings)
    numbers = {id(finding): number for number, finding in enumerate(findings, 1)}
    for finding in most_severe_first(rendering.report):
        yield from article(finding, numbers[id(finding)], rules.get(finding.rule), highlighter, rendering)
    yield '<p id="none" hidden>No finding is left. <button type="button" class="reset">Show all</button></p></section>'


def filters(findings: Sequence[Finding]) -> Iterator[str]:
    """The form; the page's script shows it and makes it work."""
    present = {finding.failure: None for finding in findings}
    failures = [*(failure for failure in FAILURES if failure in present), *(failure for failure in present if failure not in FAILURES)]
    rules = sorted({(finding.rule, finding.name) for finding in findings})
    files = sorted({finding.place.path for finding in findings})
    yield '<form id="filters" hidden aria-label="Filter the findings"><fieldset><legend>Failure</legend>'
    for failure in failures:
        count = sum(finding.failure == failure for finding in findings)
        yield f'<label class="chip"><input type="checkbox" name="failure" value="{failure}" checked> {FAILURES.get(failure, failure)}'
        yield f' <span class="count">{count}</span></label>'
    yield "</fieldset><label>Rule "
    yield from choice("rule", [(code, f"{code} {name}") for code, name in rules])
    yield "</label><label>File "
    yield from choice("file", [(path, path) for path in files])
    yield '</label><label>Words <input type="search" name="words" placeholder="in message or code"></label>'
    yield '<button type="reset">Show all</button>'
    yield f'<output id="shown" role="status">{plural(len(findings), "finding")}</output></form>'


def choice(name: str, options: Sequence[tuple[str, str]]) -> Iterator[str]:
    """A list to choose one of, or all."""
    yield f'<select name="{name}"><option value="">all</option>'
    for value, text in options:
        yield f'<option value="{html(value)}">{html(text)}</option>'
    yield "</select>"


def article(finding: Finding, number: int, rule: Rule | None, highlighter: Highlighter, rendering: Rendering) -> Iterator[str]:
    """One finding."""
    data = f'data-failure="{finding.failure}" data-rule="{html(finding.rule)}" data-file="{html(finding.place.path)}"'
    yield f'<article class="finding {finding.level}" id="finding-{number}" tabindex="-1" aria-labelledby="title-{number}" {data}>'
    yield f'<h3 id="title-{number}"><span class="badge {finding.level}">{finding.level}</span> '
    yield f'<span class="rule">{html(finding.rule)}</span> {html(finding.name)}</h3>'
    yield f'<p class="message">{html(finding.message)}</p>'
    label = finding.labels[0].text if finding.labels else finding.name
    yield figure(finding.place, label, finding.level, highlighter, rendering)
    if len(finding.labels) > 1:
        yield f"<details><summary>Places that belong to it ({len(finding.labels) - 1})</summary>"
        for other in finding.labels[1:]:
            yield figure(other.place, other.text, "other", highlighter, rendering)
        yield "</details>"
    if finding.trace:
        yield from evidence("How it gets there", finding.trace, rendering)
    if finding.reasons:
        yield from evidence(f"Why we think so ({finding.confidence} confidence)", finding.reasons, rendering)
    yield from suggestion(finding.fix, rendering)
    yield from remedy(rule)
    told = [f"fingerprint <code>{html(finding.fingerprint)}</code>"]
    if rule is not None:
        told = [outside(rule_page(rule), f"about {rule.code}"), standards(rule), *told]
    yield f'<p class="small">{" · ".join(told)}</p></article>'


def figure(place: Place, label: str, level: str, highlighter: Highlighter, rendering: Rendering) -> str:
    """The code at a place."""
    frame = highlighter.frame(place, label, level)
    if not frame:
        frame = '<p class="small">The code cannot be shown: the file has changed since.</p>'
    where = html(told_place(place, rendering))
    return f"<figure><figcaption>{where}</figcaption>{scrolling(frame, f'Code of {where}')}</figure>"


def told_place(place: Place, rendering: Rendering) -> str:
    """``path:line:column``"""
    return f"{place.path}:{place.line}:{rendering.texts.column(place.path, place.line, place.column)}"


def evidence(title: str, reasons: Sequence[Reason], rendering: Rendering) -> Iterator[str]:
    """Pieces of evidence, in order."""
    yield f"<details><summary>{html(title)}</summary><ol class=\"trace\">"
    for reason in reasons:
        where = f' <span class="where">{html(told_place(reason.place, rendering))}</span>' if reason.place is not None else ""
        yield f"<li>{html(reason.text)}{where}</li>"
    yield "</ol></details>"


def suggestion(fix: Fix | None, rendering: Rendering) -> Iterator[str]:
    """What would mend a finding, as a diff, or why nothing can by itself; nothing where nobody asked."""
    if fix is None:
        return
    if not fix.is_available:
        yield f"<p><strong>No fix:</strong> {html(fix.reason)}.</p>"
        return
    title = html(f"Suggested change ({fix.safety}): {fix.title}")
    yield f"<details open><summary>{title}</summary>"
    lines = []
    for line in (one.plain for path in fix.paths for one in file_diff(fix, path, rendering.texts, context=2)):
        kind = "file" if line.startswith(("--- a/", "+++ b/")) else DIFF.get(line[:1], "")
        lines.append(f'<li class="{kind}"><code>{html(line) or " "}</code></li>')
    yield scrolling(f'<ol class="code diff">{"".join(lines)}</ol>', title) + "</details>"


def remedy(rule: Rule | None) -> Iterator[str]:
    """How to mend what a rule finds: what the rule says, and its good example."""
    if rule is None:
        return
    yield f'<details open class="remedy"><summary>How to mend it</summary><p>{prose(rule.remedy)}</p>'
    if rule.example:
        example = rule.example[0]
        yield f"<details class=\"example\"><summary>An example that is right ({html(example.file)})</summary>"
        yield f"{scrolling(block(example.good, example.file), f'Example for {html(rule.code)}')}</details>"
    yield "</details>"
