"""``jwtlint explain``"""

from __future__ import annotations

import click

from jwtlint.cli import completion


@click.command()
@click.argument("rule", shell_complete=completion.rule)
def command(rule: str) -> None:
    """Tell what RULE (a code or a name) means, why it matters, and how to mend it."""
    from jwtlint.errors import UserError, suggestion
    from jwtlint.report import explanation
    from jwtlint.rules import catalogue

    rules = catalogue.load()
    for one in rules:
        if rule.upper() == one.code or rule == one.name:
            click.echo(explanation.plain(one), nl=False)
            return
    raise UserError(f'there is no rule "{rule}"{suggestion(rule, [word for one in rules for word in (one.code, one.name)])}')
