"""The report as one page that stands alone: verdict, the tokens' lives, findings, and what the standards ask.

It loads nothing, opens from disk, and works without its script (which only filters, and switches the colours).
"""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.report.document import Rendering, Report
from jwtlint.report.escape import html
from jwtlint.report.page import findings, shell, stories, tables
from jwtlint.report.story import svg
from jwtlint.report.verdict import Answer, answers, can_be_revoked, headline, numbers

TERMINAL = False
QUESTIONS = {
    "revocation": "Can a session be ended?",
    "staleness": "Is what the server believes up to date?",
    "theft": "Is the token safe from thieves?",
    "hygiene": "Are signatures checked well?",
    "upkeep": "Are comments to jwtlint in order?",
}
CONSEQUENCES = {
    "revocation": "they cannot be revoked",
    "staleness": "their claims go stale",
    "theft": "a stolen one stays stolen",
}


def render(rendering: Rendering) -> str:
    """The whole page."""
    style = svg.stylesheet() + shell.data("code.css") + shell.data("report.css")
    title = f"jwtlint: {headline(rendering.report)}"
    return shell.page(title, "\n".join(body(rendering)), style, shell.data("report.js"))


def body(rendering: Rendering) -> Iterator[str]:
    """The page's parts."""
    report = rendering.report
    yield '<a class="skip" href="#main">Skip to the report</a>'
    yield '<header><p class="brand">jwtlint</p><div class="tools"><button type="button" id="theme" hidden>Dark</button>'
    yield '<button type="button" id="print" hidden>Print</button></div></header><main id="main" tabindex="-1">'
    yield f'<section class="verdict {state(report)}"><h1>{html(sentence(report))}</h1><p>{html(numbers(report))}</p></section>'
    found = answers(report)
    if found:
        first = {finding.rule: number for number, finding in reversed(list(enumerate(report.findings, 1)))}
        yield '<ul class="answers">'
        for answer in found:
            yield card(answer, first)
        yield "</ul>"
    yield from stories.stories(report)
    yield from findings.section(rendering)
    yield from unread(report)
    yield from stories.left_alone(report)
    yield from tables.section(rendering)
    made = f"Made by jwtlint {html(report.version)}, which read the code without running it and sent nothing to anybody."
    yield f"</main><footer><p>{made}</p></footer>"


def sentence(report: Report) -> str:
    """The verdict in one sentence, with its consequences."""
    consequences = {**CONSEQUENCES, "revocation": "only what was built around them ends them"} if can_be_revoked(report) else CONSEQUENCES
    told = [consequences[answer.failure] for answer in answers(report) if answer.rules and answer.failure in consequences]
    if not report.verdict.session_by_jwt or not told:
        return headline(report)
    joined = ", ".join(told[:-1]) + (", and " if len(told) > 2 else " and ") + told[-1] if len(told) > 1 else told[0]
    return f"{headline(report)[:-1]}: {joined}."


def state(report: Report) -> str:
    """The colour of the verdict."""
    return "error" if report.findings else "good"


def card(answer: Answer, first: dict[str, int]) -> str:
    """One of the failures: the question, the answer, and the rules that found something, each leading to its ``first`` finding."""
    mark, kind = ("✗", "error") if answer.rules else ("–", "unseen") if answer.hidden else ("✓", "good")
    question = QUESTIONS.get(answer.failure, answer.failure.capitalize())
    counts = sorted(answer.rules.items())
    rules = " ".join(f'<a class="rule" href="#finding-{first[rule]}">{count} × {html(rule)}</a>' for rule, count in counts)
    return (
        f'<li class="{kind}"><h2><span class="mark" aria-hidden="true">{mark}</span> {html(question)}</h2>'
        f"<p>{html(answer.sentence)}{html(f': {answer.counted}') if answer.hidden and not answer.rules else ''}.</p><p>{rules}</p></li>"
    )


def unread(report: Report) -> Iterator[str]:
    """The files that could not be read; nothing when there are none."""
    if not report.errors:
        return
    yield '<section aria-labelledby="unread"><h2 id="unread">Files that could not be read</h2><ul>'
    for error in report.errors:
        where = f"{error.path}:{error.line}" if error.line else error.path
        yield f"<li><code>{html(where)}</code>: {html(error.reason)}</li>"
    yield "</ul></section>"
