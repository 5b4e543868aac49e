"""The table of rules in the README, between two marks, from the rule files."""

from __future__ import annotations

from collections.abc import Sequence

from jwtlint.documentation.site import first_sentence, sections
from jwtlint.errors import UserError
from jwtlint.rules.catalogue import Rule

BEGIN = "<!-- rules: written by `jwtlint docs --readme README.md` -->"
END = "<!-- /rules -->"


def updated(text: str, rules: Sequence[Rule], name: str) -> str:
    """A README's text with a new table between the marks. Raises :class:`UserError` when the marks are not there."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise UserError(f"{name} has no place for the rules; put the lines {BEGIN} and {END} where the table shall be")
    return f"{before}{BEGIN}\n{table(rules)}{END}{after}"


def table(rules: Sequence[Rule]) -> str:
    """The table: a row a rule."""
    lines = ["| rule | name | level | what goes wrong |", "|---|---|---|---|"]
    for _, title, _, own in sections(rules):
        lines.append(f"| | **{title}** | | |")
        for rule in own:
            lines.append(f"| {rule.code} | {rule.name} | {rule.level} | {first_sentence(rule.why).replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"
