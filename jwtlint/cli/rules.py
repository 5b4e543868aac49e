"""``jwtlint rules``"""

from __future__ import annotations

import click


@click.command()
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Form of the list.")
def command(format_: str) -> None:
    """List the rules."""
    from jwtlint.rules import catalogue

    rules = catalogue.load()
    if format_ == "json":
        import msgspec

        listing = [
            {
                "code": rule.code,
                "name": rule.name,
                "failure": rule.failure,
                "level": rule.level,
                "cwe": rule.cwe,
                "asvs": rule.asvs,
                "why": " ".join(rule.why.split()),
                "remedy": " ".join(rule.remedy.split()),
                "fix": {"recipe": rule.fix.recipe or None, "none": rule.fix.none or None},
            }
            for rule in rules
        ]
        click.echo(msgspec.json.format(msgspec.json.encode(listing), indent=2))
        return
    width = max(len(rule.name) for rule in rules)
    for rule in rules:
        click.echo(f"{rule.code}  {rule.name:<{width}}  {rule.level:<7}  {rule.failure}")
