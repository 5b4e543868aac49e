"""Markdown for a pull request's comment, or for a job's summary (``$GITHUB_STEP_SUMMARY``).

GitHub takes 65,536 characters in a comment, so what is told last is left out first. The first line is a mark by which a script finds
the comment of the run before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jwtlint.report.document import Rendering
from jwtlint.report.escape import markdown, markdown_code, markdown_html
from jwtlint.report.explanation import one_line
from jwtlint.report.links import rule_page
from jwtlint.report.severity import most_severe_first
from jwtlint.report.story import mermaid
from jwtlint.report.story.lives import Life, lives
from jwtlint.report.verdict import answers, headline, numbers, plural
from jwtlint.rules.catalogue import Rule
from jwtlint.rules.findings import Finding

TERMINAL = False
MARK = "<!-- jwtlint -->"
ROOM = 60_000
LEVELS = {"error": "🔴 error", "warning": "🟠 warning", "note": "🔵 note"}
MAX_DRAWINGS = 10


def render(rendering: Rendering) -> str:
    """The whole text."""
    report = rendering.report
    rules = {rule.code: rule for rule in rendering.rules()}
    told = [MARK, f"## {headline(report)}", ""]
    told += verdict(rendering)
    told += [numbers(report), ""]
    room = ROOM - sum(len(line) + 1 for line in told)
    for part in (
        findings_table(most_severe_first(report), rules, rendering, room // 2),
        errors_list(rendering, room // 8),
        remedies(report.findings, rules),
        drawings(lives(report), room // 4),
    ):
        lines = list(part)
        size = sum(len(line.encode()) + 1 for line in lines)
        if size <= room:
            told += lines
            room -= size
    return "\n".join(told).rstrip("\n") + "\n"


def verdict(rendering: Rendering) -> Iterator[str]:
    """What was found of each failure."""
    for answer in answers(rendering.report):
        if answer.rules:
            yield f"- ❌ **{answer.sentence}**: {answer.counted}"
        elif answer.hidden:
            yield f"- ➖ {answer.sentence}: {answer.counted}"
        else:
            yield f"- ✅ {answer.sentence}"
    if answers(rendering.report):
        yield ""


def findings_table(findings: Sequence[Finding], rules: dict[str, Rule], rendering: Rendering, room: int) -> Iterator[str]:
    """A row for each finding, as many as there is room for."""
    if not findings:
        return
    yield "| level | rule | where | what |"
    yield "|---|---|---|---|"
    for number, finding in enumerate(findings):
        line = row(finding, rules, rendering)
        room -= len(line.encode()) + 1
        if room < 0:
            yield ""
            yield f"… and {plural(len(findings) - number, 'finding')} more."
            break
        yield line
    yield ""


def row(finding: Finding, rules: dict[str, Rule], rendering: Rendering) -> str:
    """One finding."""
    where = markdown_code(f"{rendering.prefix.repository}{finding.place.path}:{finding.place.line}").replace("|", "\\|")
    rule = rules.get(finding.rule)
    code = f"[{finding.rule}]({rule_page(rule)})" if rule is not None else finding.rule
    return f"| {LEVELS[finding.level]} | {code} {markdown(finding.name)} | {where} | {markdown(finding.message)} |"


def errors_list(rendering: Rendering, room: int) -> Iterator[str]:
    """The files that could not be read, as many as there is room for."""
    errors = rendering.report.errors
    if not errors:
        return
    yield "Not read:"
    yield ""
    for number, error in enumerate(errors):
        line = f"- {markdown_code(rendering.prefix.repository + error.path)}: {markdown(error.reason)}"
        room -= len(line.encode()) + 1
        if room < 0:
            yield f"- … and {plural(len(errors) - number, 'file')} more"
            break
        yield line
    yield ""


def remedies(findings: Sequence[Finding], rules: dict[str, Rule]) -> Iterator[str]:
    """How to mend what was found, rule by rule."""
    found = [rules[code] for code in sorted({finding.rule for finding in findings}) if code in rules]
    if not found:
        return
    yield "<details><summary>How to mend it</summary>"
    yield ""
    for rule in found:
        yield f"- **{rule.code} {rule.name}**: {one_line(rule.remedy)}"
    yield ""
    yield "</details>"
    yield ""


def drawings(found: Sequence[Life], room: int) -> Iterator[str]:
    """The lives of the session tokens, as many as there is room for."""
    for life in found[:MAX_DRAWINGS]:
        where = f"{life.place.path}:{life.place.line}"
        lines = [
            f"<details><summary>{life.title} <code>{markdown_html(where)}</code>. {markdown_html(life.summary)}</summary>",
            "",
            "```mermaid",
            *mermaid.lines([life], ""),
            "```",
            "",
            "</details>",
            "",
        ]
        room -= sum(len(line.encode()) + 1 for line in lines)
        if room < 0:
            return
        yield from lines
