"""``jwtlint graph``"""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "format_", type=click.Choice(["svg", "mermaid", "dot"]), default="svg", show_default=True, help="Form of it.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the drawing to a file.")
@click.option("--all", "everything", is_flag=True, help="Draw the tokens too that are no sessions.")
@click.option("--include-tests", is_flag=True, default=None, help="Scan test code too.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Use this configuration; its rules and models are loaded.")
@click.option("--no-config", is_flag=True, help="Use no configuration file.")
def command(
    paths: tuple[Path, ...],
    format_: str,
    output: Path | None,
    everything: bool,
    include_tests: bool | None,
    no_cache: bool,
    config: Path | None,
    no_config: bool,
) -> None:
    """Draw the life of each session token in PATHS (default: the current folder): minted, given claims, delivered, stored, verified,
    trusted, revoked. What is missing is drawn broken."""
    from jwtlint import analysis
    from jwtlint.cli import check, outputs
    from jwtlint.errors import UserError
    from jwtlint.facts.lifecycle import Purpose
    from jwtlint.report.story import dot, mermaid, svg
    from jwtlint.report.story.lives import lives
    from jwtlint.report.verdict import headline

    if config is not None and no_config:
        raise UserError("--config and --no-config exclude each other")
    root, inside = check.roots(paths)
    found = check.find_configuration(root, config, no_config)
    options = check.resolve(root, found, inside, {"include_tests": include_tests}, cache=not no_cache)
    with check.progress():
        report = analysis.examine(root, options)
    purposes: tuple[Purpose, ...] = ("session",)
    if everything:
        purposes = ("session", "one-time", "service", "federation", "unknown")
    draw = {"svg": svg.document, "mermaid": mermaid.document, "dot": dot.document}[format_]
    text = draw(lives(report, purposes), headline(report))
    if output is not None:
        outputs.write(output, text)
    else:
        click.echo(text.encode("utf-8", "backslashreplace"), nl=False)
