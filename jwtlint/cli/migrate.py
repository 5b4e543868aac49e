"""``jwtlint migrate``"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from jwtlint.cli.scaffold import project_options

if TYPE_CHECKING:
    from jwtlint.migrate.run import Migration


def pairs(context: click.Context, option: click.Parameter, values: Iterable[str]) -> dict[str, str]:
    """``sub=id`` as a mapping."""
    found: dict[str, str] = {}
    for value in values:
        claim, separator, attribute = value.partition("=")
        if not separator or not claim or not attribute:
            raise click.BadParameter(f"{value} is not of the form CLAIM=ATTRIBUTE, as sub=id", context, option)
        found[claim] = attribute
    return found


@click.command()
@click.argument("path", default=".", type=click.Path(path_type=Path))
@click.option("--plan/--write", "show", default=True, show_default=True, help="Tell every step and change nothing, or do it.")
@click.option("--diff", is_flag=True, help="With --plan: the changes of the application's own files as a diff on standard output.")
@click.option("--allow-dirty", is_flag=True, help="Write even if git has changes that are not committed.")
@click.option("--identifier", multiple=True, callback=pairs, metavar="CLAIM=ATTRIBUTE", help="How tokens name the user, as sub=id.")
@click.option(
    "--routes",
    metavar="PREFIX",
    help="Where the routes are by which users see and end their sessions, as /api/account, or none. "
    "[default: /account if the application has no logout]",
)
@project_options("fastapi", "flask", "django")
def command(
    path: Path,
    show: bool,
    diff: bool,
    allow_dirty: bool,
    identifier: dict[str, str],
    routes: str | None,
    **given: str | None,
) -> None:
    """Move the application in PATH (default: the current folder) from JWT sessions to a session table.

    The session code is generated, and the application's own code is changed so that tokens it hands out stand for sessions. In phase 1,
    which this sets, JWTs that are out there go on working until they are exchanged; the generated README tells the phases after it.
    Nothing is changed without --write.

    Exit status: 0 done, or nothing to do; 2 wrong use, a git tree with uncommitted changes, or something that only you can decide.
    """
    from jwtlint.cli import check, scaffold
    from jwtlint.config import Options
    from jwtlint.errors import UserError
    from jwtlint.migrate.run import migrate

    if not path.is_dir():
        raise UserError(f"{path} is no folder; give the folder that holds the application")
    root = path.resolve()
    wishes = scaffold.wishes_of(root, given)
    with check.progress():
        done = migrate(root, Options(cache=False), wishes, identifier, routes)
    if show:
        if diff:
            show_diff(done)
        else:
            tell_plan(done)
        return
    from jwtlint.cli.fix import refuse_dirty

    if not allow_dirty:
        refuse_dirty(root, [root / name for name in (*done.changed, *(one.path for one in done.generated.files))])
    write(done)


def show_diff(done: Migration) -> None:
    """The changes of the application's own files."""
    from jwtlint.cli.fix import diff
    from jwtlint.report.line import plain

    click.echo(plain(diff(done.changed, done.study.root)), nl=False)


def tell_plan(done: Migration) -> None:
    """Every step, in the order in which a reader wants it."""
    from jwtlint.cli.scaffold import say, say_detected
    from jwtlint.migrate.plan import TITLES

    if not done.study.steps and not done.generated.files:
        say("The application is migrated; what is left to do is told by `jwtlint check`.")
        return
    say_detected(done.detected)
    say("")
    new = done.generated.of("new", "changed")
    say(f"Generate {len(new)} files in {done.generated.output}")
    for one in new:
        say(f"  {one.path}")
    for kind, title in TITLES.items():
        steps = [step for step in done.study.steps if step.kind == kind]
        if steps:
            say("")
            say(title)
        for step in sorted(steps, key=lambda step: step.place):
            say(f"  {step.place.path}:{step.place.line}: {step.title}")
            for reason in step.why:
                where = f" ({reason.place.path}:{reason.place.line})" if reason.place is not None else ""
                say(f"      because {reason.text}{where}")
    tell_left(done)
    say("")
    say("Nothing was changed; --write does it, --diff shows the changes of your own files.")


def tell_left(done: Migration) -> None:
    """What people have to do."""
    from jwtlint.cli.scaffold import say

    groups: dict[tuple[str, str], list[str]] = {}
    for left in done.study.left:
        where = f"{left.place.path}:{left.place.line}" if left.place is not None else ""
        groups.setdefault((left.title, left.reason), []).append(where)
    if groups:
        say("")
        say("Left to you")
    for (title, reason), places in groups.items():
        if len(places) == 1:
            say(f"  {places[0]}: {title}: {reason}" if places[0] else f"  {title}: {reason}")
            continue
        say(f"  {title}: {reason}")
        for where in places:
            say(f"      {where}")


def write(done: Migration) -> None:
    """Write all files, or none."""
    from jwtlint.cli.scaffold import say
    from jwtlint.migrate.writing import write_all
    from jwtlint.scaffold.steps import committing, migration, packages

    written = write_all(done)
    if not written:
        say("The application is migrated already; nothing was changed.")
        return
    say("Written")
    for name in written:
        say(f"  {name}")
    tell_left(done)
    say("")
    say("Next steps")
    is_installed = not any("INSTALLED_APPS" in left.title for left in done.study.left)
    tables = migration(done.detected, is_installed, imports_before(done))
    steps = [packages(done.detected), tables, *committing(done.generated.root, written)]
    output = done.generated.output
    phase = "LOGIN_SESSIONS in the settings" if done.detected.choice.framework == "django" else f"the last line of {output}/settings.py"
    steps.append(f'run your tests, deploy, and go on as {output}/README.md says under "From JWTs to sessions": the phase stands in {phase}')
    for number, step in enumerate(steps, 1):
        say(f"  {number}. {step}")


def imports_before(done: Migration) -> bool:
    """Whether the changed application imports the sessions before it makes its tables, where that stands in one file."""
    made = done.detected.create_all
    if made is None or made.path not in done.changed:
        return False
    before, call, _ = done.changed[made.path][1].decode("utf-8", "replace").partition("create_all")
    return bool(call) and f"from {done.detected.choice.package}." in before
