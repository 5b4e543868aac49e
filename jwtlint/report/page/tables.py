"""What outside standards ask, and what was found of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from jwtlint.report.document import Rendering
from jwtlint.report.escape import html
from jwtlint.report.links import asvs_page, cwe_page
from jwtlint.report.page.prose import outside, scrolling
from jwtlint.report.verdict import plural
from jwtlint.rules import standards
from jwtlint.rules.catalogue import Rule

# "noted": nothing but notes, which may or may not speak against a requirement
Result: TypeAlias = Literal["against", "noted", "nothing", "not checked"]
STATES: dict[Result, str] = {"against": "error", "noted": "note", "nothing": "good", "not checked": "unseen"}


class Form(NamedTuple):
    """How a standard is told: its table's heads, its results in words, and what comes before a number."""

    caption: str
    asks: str
    results: dict[Result, str]
    prefix: str
    address: Callable[[str], str]


ASVS = Form(
    "OWASP ASVS 5.0: all of V7, and what rules check of other chapters",
    "What it asks",
    {"against": "not met", "noted": "in question", "nothing": "nothing against it", "not checked": "not checked"},
    "",
    asvs_page,
)
CWE = Form(
    "CWE: the weaknesses that rules look for",
    "Weakness",
    {"against": "found", "noted": "in question", "nothing": "not found", "not checked": "not checked"},
    "CWE-",
    lambda number: cwe_page(int(number)),
)


class Row(NamedTuple):
    """One requirement, the rules that check it, and what they found."""

    number: str
    text: str
    rules: tuple[Rule, ...]
    findings: int
    result: Result


def rows(names: dict[str, str], rules: Sequence[Rule], named: Callable[[Rule], Sequence[str]], counts: dict[str, int]) -> list[Row]:
    """The requirements that rules name, and those of ``names``, in the order of their numbers."""
    by_number: dict[str, list[Rule]] = {number: [] for number in names}
    for rule in rules:
        for number in named(rule):
            by_number.setdefault(number, []).append(rule)
    found = []
    for number in sorted(by_number, key=standards.order):
        asked = by_number[number]
        findings = sum(counts.get(rule.code, 0) for rule in asked)
        graver = any(counts.get(rule.code, 0) and rule.level != "note" for rule in asked)
        result: Result = "against" if graver else "noted" if findings else "nothing" if asked else "not checked"
        found.append(Row(number, names.get(number, ""), tuple(asked), findings, result))
    return found


def section(rendering: Rendering) -> Iterator[str]:
    """The section's HTML: a table of ASVS, and one of CWE."""
    rules = rendering.rules()
    counts = rendering.report.stats.rules
    asvs, cwe = standards.load("asvs"), standards.load("cwe")
    yield '<section aria-labelledby="standards"><h2 id="standards">What the standards ask</h2>'
    yield (
        "<p>“Nothing against it” means that the rules which look for breaches found none in the code that was read; it is no proof. "
        "What is “not checked” cannot be told from code, or its rules were not asked.</p>"
    )
    yield table(ASVS, rows(asvs.requirements, rules, lambda rule: rule.asvs, counts))
    asked = {str(number) for rule in rules for number in rule.cwe}
    names = {number: name for number, name in cwe.requirements.items() if number in asked}
    yield table(CWE, rows(names, rules, lambda rule: [str(number) for number in rule.cwe], counts))
    yield "</section>"


def table(form: Form, told: Sequence[Row]) -> str:
    """One table."""
    return scrolling("".join(table_parts(form, told)), html(form.caption))


def table_parts(form: Form, told: Sequence[Row]) -> Iterator[str]:
    """The pieces of a table."""
    yield f'<table class="standards"><caption>{html(form.caption)}</caption><thead><tr>'
    yield "".join(f'<th scope="col">{head}</th>' for head in ("No.", form.asks, "Rules", "Result"))
    yield "</tr></thead><tbody>"
    for row in told:
        state = STATES[row.result]
        noun = "note" if row.result == "noted" else "finding"
        result = form.results[row.result] + (f": {plural(row.findings, noun)}" if row.findings else "")
        codes = " ".join(f'<span class="rule" title="{html(rule.name)}">{html(rule.code)}</span>' for rule in row.rules)
        number = outside(form.address(row.number), form.prefix + row.number)
        yield f'<tr class="{state}"><th scope="row">{number}</th><td>{html(row.text)}</td>'
        yield f'<td>{codes}</td><td><span class="key {state}">{result}</span></td></tr>'
    yield "</tbody></table>"
