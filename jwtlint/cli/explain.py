"""``jwtlint explain``"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from jwtlint.rules.catalogue import Rule


@click.command()
@click.argument("rule")
def command(rule: str) -> None:
    """Tell what RULE (a code or a name) means, why it matters, and how to mend it."""
    from jwtlint.errors import UserError, suggestion
    from jwtlint.rules import catalogue

    rules = catalogue.load()
    for one in rules:
        if rule.upper() == one.code or rule == one.name:
            click.echo(explanation(one), nl=False)
            return
    raise UserError(f'there is no rule "{rule}"{suggestion(rule, [word for one in rules for word in (one.code, one.name)])}')


def explanation(rule: Rule) -> str:
    """A rule's page as plain text."""
    numbers = ", ".join(f"CWE-{number}" for number in rule.cwe)
    parts = [
        f"{rule.code} {rule.name} ({rule.level}, {rule.failure})",
        wrapped(rule.why),
        "To mend it",
        wrapped(rule.remedy),
    ]
    fixable = "`jwtlint fix` can do it; see what it makes of the bad example."
    parts += ["Fix", wrapped(fixable if rule.fix.recipe else f"None: {rule.fix.none}.")]
    for example in rule.example:
        parts += [f"Bad ({example.file})", textwrap.indent(example.bad.strip("\n"), "    ")]
        if example.fixed:
            parts += ["Fixed", textwrap.indent(example.fixed.strip("\n"), "    ")]
        parts += ["Good", textwrap.indent(example.good.strip("\n"), "    ")]
    parts.append(f"{numbers}; OWASP ASVS 5.0: {', '.join(rule.asvs)}")
    return "\n\n".join(parts) + "\n"


def wrapped(text: str) -> str:
    """A paragraph of at most 88 columns."""
    return textwrap.fill(" ".join(text.split()), 88)
