"""``jwtlint fix``"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jwtlint.cli import rules_option

if TYPE_CHECKING:
    from jwtlint.fixing.rounds import Outcome
    from jwtlint.report.line import Line


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--diff/--write", "show", default=True, show_default=True, help="Show what would change, or change the files.")
@rules_option("--select", "Only these rules: codes, prefixes or names.")
@click.option("--unsafe", is_flag=True, help="Make fixes too that somebody has to look at.")
@click.option("--allow-dirty", is_flag=True, help="Write even if git has changes that are not committed.")
@click.option("--include-tests", is_flag=True, default=None, help="Scan test code too.")
@click.option("--no-cache", is_flag=True, help="Neither read nor write the cache.")
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Use this configuration; its rules and models are loaded.")
@click.option("--no-config", is_flag=True, help="Use no configuration file.")
@click.option("--max-lifetime", type=click.IntRange(min=1), metavar="MINUTES", help="How long an access token may live.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="Use colours.")
def command(
    paths: tuple[Path, ...],
    show: bool,
    select: tuple[str, ...],
    unsafe: bool,
    allow_dirty: bool,
    include_tests: bool | None,
    no_cache: bool,
    config: Path | None,
    no_config: bool,
    max_lifetime: int | None,
    color: str,
) -> None:
    """Mend findings in PATHS (default: the current folder): a diff on standard output, what it does on standard error.

    Nothing is changed without --write. A safe fix cannot change what a correct client sees; an unsafe one needs a look.

    Exit status: with --diff 0 there is nothing to change, 1 there is; with --write 0 all was written, 1 something was left (a file that
    changed meanwhile, or a fix that did not prove itself); 2 wrong use, configuration, or a git tree with uncommitted changes.
    """
    from jwtlint.cli import check, outputs
    from jwtlint.errors import UserError
    from jwtlint.fixing.rounds import Rounds
    from jwtlint.fixing.shadow import Shadow
    from jwtlint.rules import catalogue

    if config is not None and no_config:
        raise UserError("--config and --no-config exclude each other")
    root, inside = check.roots(paths)
    found = check.find_configuration(root, config, no_config)
    given: dict[str, object] = {"include_tests": include_tests, "max_lifetime": max_lifetime}
    options = check.resolve(root, found, inside, given, cache=not no_cache)
    codes = None
    if select:
        codes = catalogue.named(catalogue.load([Path(folder) for folder in options.rule_folders]), select)
    with check.progress(), Shadow(root, options) as shadow:
        outcome = Rounds(shadow, unsafe, codes).run()
    if show:
        from jwtlint.report.line import colored, plain

        lines = diff(outcome.changed, root)
        click.echo(colored(lines) if outputs.use_color(color, True) else plain(lines), nl=False, color=True)
        tell(outcome, root, written=None)
        raise SystemExit(1 if outcome.changed else 0)
    if not allow_dirty and outcome.changed:
        refuse_dirty(root, [root / path for path in outcome.changed])
    written, refused = write(outcome, root)
    tell(outcome, root, written=written)
    for sentence in refused:
        say(f"jwtlint: {sentence}")
    raise SystemExit(1 if refused or outcome.failed else 0)


def diff(changed: Mapping[str, tuple[bytes, bytes]], root: Path) -> list[Line]:
    """The changes of all files."""
    from jwtlint.editing.files import shown_text
    from jwtlint.report.diff import unified

    lines: list[Line] = []
    for path, (before, after) in changed.items():
        lines += unified(shown(root, path), shown_text(path, before), shown_text(path, after))
    return lines


def shown(root: Path, path: str) -> str:
    """A path as seen from the current folder."""
    return Path(os.path.relpath(root / path)).as_posix()


def tell(outcome: Outcome, root: Path, written: list[str] | None) -> None:
    """Say on standard error what was, or would be, done and what is left. ``written`` is None where only a diff is shown."""
    for done in outcome.done:
        place = done.finding.place
        if written is None or set(done.fix.paths) <= set(written):
            say(f"{shown(root, place.path)}:{place.line}: {done.finding.rule} {done.fix.title} ({done.fix.safety})")
    for left in outcome.failed:
        place = left.finding.place
        title = left.finding.fix.title if left.finding.fix is not None else ""
        say(f"{shown(root, place.path)}:{place.line}: {left.finding.rule} not mended ({title}): {left.reason}")
    files = len(outcome.changed) if written is None else len(written)
    verb = "would be made" if written is None else "made"
    sentence = f"{count(len(outcome.done), 'fix', 'fixes')} {verb} in {count(files, 'file', 'files')}."
    if outcome.unsafe:
        sentence += f" {count(len(outcome.unsafe), 'more needs', 'more need')} a look: --unsafe."
    if outcome.left:
        sentence += f" {count(len(outcome.left), 'finding has', 'findings have')} no fix; `jwtlint check` says why."
    say(sentence)
    if written is None and outcome.changed:
        say("Nothing was changed; --write does it.")


def count(number: int, one: str, many: str) -> str:
    """``1 fix``, ``2 fixes``"""
    return f"{number:,} {one if number == 1 else many}"


def say(sentence: str) -> None:
    """A line on standard error."""
    from jwtlint.report.escape import visible

    click.echo(visible(sentence), err=True)


def refuse_dirty(root: Path, paths: list[Path]) -> None:
    """End when git has changes that are not committed, for then there is no way back. Raises :class:`jwtlint.errors.UserError`."""
    from jwtlint.errors import UserError
    from jwtlint.fixing.worktree import dirty

    names = dirty(root, paths)
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        raise UserError(
            f"the git tree has changes that are not committed ({', '.join(names[:3])}{more}); commit or stash them, or say --allow-dirty"
        )


def write(outcome: Outcome, root: Path) -> tuple[list[str], list[str]]:
    """Write the changed files, each whole or not at all; gives the paths that were written, and what is wrong with the others.

    Fixes that span several files are made in all of them or in none.
    """
    from jwtlint.errors import UserError
    from jwtlint.sources import rewrite

    refused: list[str] = []
    stale: set[str] = set()
    for path, (before, _) in outcome.changed.items():
        try:
            if rewrite.read(root / path) != before:
                stale.add(path)
                refused.append(f"{shown(root, path)} changed since it was scanned and is left alone; run jwtlint fix again")
        except UserError as error:
            stale.add(path)
            refused.append(str(error))
    grown = True
    while grown:
        grown = False
        for done in outcome.done:
            tied = set(done.fix.paths)
            if tied & stale and not tied <= stale:
                for path in sorted(tied - stale):
                    others = ", ".join(shown(root, other) for other in sorted(tied & stale))
                    refused.append(f"{shown(root, path)} is left alone, since a change there belongs to one in {others}")
                stale |= tied
                grown = True
    written: list[str] = []
    for path, (before, after) in outcome.changed.items():
        if path in stale:
            continue
        try:
            rewrite.replace(root / path, after, before)
            written.append(path)
        except UserError as error:
            refused.append(str(error))
    return written, refused
