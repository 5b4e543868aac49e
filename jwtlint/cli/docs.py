"""``jwtlint docs``"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from jwtlint.rules.catalogue import Rule


@click.command()
@click.option("--output", type=click.Path(path_type=Path), metavar="DIR", help="Write the site into this folder.")
@click.option("--readme", type=click.Path(path_type=Path), metavar="FILE", help="Renew the table of rules between the marks in this file.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Add the rules and models that this configuration names.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if --readme would change its file.")
def command(output: Path | None, readme: Path | None, config: Path | None, check: bool) -> None:
    """Write a page for each rule, from the rule files, as a static site that opens from disk."""
    from jwtlint import config as configuration
    from jwtlint.errors import UserError
    from jwtlint.rules import catalogue, models

    if output is None and readme is None:
        raise UserError("say what to write: --output DIR for the site, --readme FILE for a table of rules")
    found = configuration.named(config) if config is not None else configuration.Found()
    rules = catalogue.load([Path(folder) for folder in found.folders("rules")])
    if readme is not None:
        renew(readme, rules, check)
    if output is not None:
        from jwtlint.documentation import site

        model_folders = [Path(folder) for folder in found.folders("models")]
        count = 0
        for path, text in site.pages(rules, models.load(model_folders, examples=False)):
            write(output / path, text)
            count += 1
        click.echo(f"{count} pages in {output}; begin with {output / 'index.html'}")


def renew(readme: Path, rules: tuple[Rule, ...], check: bool) -> None:
    """Renew the table of rules in a file."""
    from jwtlint.documentation.readme import updated
    from jwtlint.errors import UserError

    try:
        text = readme.read_text(encoding="utf-8")
    except (OSError, UnicodeError) as error:
        raise UserError(f"{readme} cannot be read: {error}") from None
    new = updated(text, rules, str(readme))
    if new == text:
        click.echo(f"the rules in {readme} are up to date")
    elif check:
        click.echo(f"the rules in {readme} are not up to date; run `jwtlint docs --readme {readme}`", err=True)
        raise SystemExit(1)
    else:
        write(readme, new)
        click.echo(f"the rules in {readme} were renewed")


def write(path: Path, text: str) -> None:
    """Write a file in one go; its folders are made."""
    import os

    from jwtlint.errors import UserError

    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror or error}") from None
