"""``jwtlint init``"""

from __future__ import annotations

import textwrap
from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@click.option("--ci", type=click.Choice(["github", "gitlab", "azure", "jenkins", "none"]), help="The CI. Found out if not given.")
@click.option("--dry-run", is_flag=True, help="Show what would be written, and write nothing.")
def command(folder: Path, ci: str | None, dry_run: bool) -> None:
    """Set jwtlint up in the repository around FOLDER: settings, a hook for pre-commit, a CI job.

    Files that exist are never changed; what to add to them is shown. A second run changes nothing.
    """
    import msgspec

    from jwtlint.errors import UserError
    from jwtlint.report.escape import visible
    from jwtlint.setup import proposals, surroundings
    from jwtlint.sources import rewrite
    from jwtlint.sources.git import top_around

    if not folder.is_dir():
        raise UserError(f"there is no folder {folder}")
    top = top_around(folder)
    if top is None:
        raise UserError(f"{folder} does not lie in a git repository; `git init` makes one")
    around = surroundings.look(top)
    if ci is not None:
        around = msgspec.structs.replace(around, service=None if ci == "none" else ci, reason="you say so")
    for proposal in proposals.proposals(around):
        if ci == "none" and proposal.path == "a CI file":
            continue
        if proposal.text is None:
            click.echo(visible(f"left alone: {proposal.path}: {proposal.reason}"))
        elif proposal.by_hand:
            click.echo(visible(f"left alone: {proposal.path}: {proposal.reason}:"))
            click.echo("\n" + textwrap.indent(proposal.text, "    "))
        else:
            target = top / proposal.path
            inside(top, target)
            if not dry_run:
                target.parent.mkdir(parents=True, exist_ok=True)
                rewrite.create(target, proposal.text.encode("utf-8"))
            click.echo(visible(f"{'would write' if dry_run else 'written'}: {proposal.path}: {proposal.reason}"))
    click.echo("next: `jwtlint check` shows what there is, `jwtlint fix` what it can mend;")
    click.echo("      `jwtlint baseline` accepts what is there now, so that a run fails on new findings only")


def inside(top: Path, target: Path) -> None:
    """Refuse a place that links lead out of the repository. Raises :class:`UserError`."""
    from jwtlint.errors import UserError

    if not target.resolve().is_relative_to(top.resolve()) or target.is_symlink():
        raise UserError(f"{target} is or lies behind a symbolic link; nothing is written through it")
