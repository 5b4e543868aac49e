"""``jwtlint scaffold``"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

if TYPE_CHECKING:
    from jwtlint.scaffold.project.detect import Detail, Detected
    from jwtlint.scaffold.project.source import Source
    from jwtlint.scaffold.wishes import Wishes
    from jwtlint.scaffold.write import Plan

Command: TypeAlias = Callable[..., Any]  # a function that click calls with the options by their names
DRIVERS = ["sqlalchemy", "sqlalchemy-async", "psycopg", "psycopg-async", "asyncpg", "django", "sqlite3"]


def project_options(*frameworks: str) -> Callable[[Command], Command]:
    """The options by which a user says what would be found out otherwise; ``frameworks`` are those that the command knows."""
    options = (
        click.option("--framework", type=click.Choice(frameworks), help="The web framework."),
        click.option("--database", type=click.Choice(["postgresql", "sqlite"]), help="The database that the application runs on."),
        click.option("--driver", type=click.Choice(DRIVERS), help="How the application reaches its database."),
        click.option(
            "--cache", type=click.Choice(["redis", "none"]), help="Keep sessions in Redis in front of the database. [default: none]"
        ),
        click.option("--migrations", type=click.Choice(["sql", "alembic", "django"]), help="The tool that makes the tables."),
        click.option("--user-model", metavar="PATH:CLASS", help="The class whose rows are the users, as app/models.py:User."),
        click.option(
            "--output", metavar="DIR", help="The folder of the generated package. [default: sessions/ in the application's package]"
        ),
        click.option("--alembic-head", metavar="REVISION", help="The revision to go on from, where there are several heads."),
    )

    def add(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return add


@click.command()
@click.argument("path", default=".", type=click.Path(path_type=Path))
@project_options("fastapi", "flask", "django", "none")
@click.option("--diff", is_flag=True, help="Show what would change, and change nothing.")
@click.option("--force", is_flag=True, help="Write over files that somebody edited.")
def command(
    path: Path,
    diff: bool,
    force: bool,
    **given: str | None,
) -> None:
    """Generate server-side sessions into the application in PATH (default: the current folder): the table, its migration, and the
    code that uses it. What is not given is found out from the code, which is never run.

    Exit status: 0 done, or nothing to do; 2 wrong use, or something that only you can decide.
    """
    from jwtlint.scaffold import write
    from jwtlint.scaffold.project.detect import detect
    from jwtlint.scaffold.project.source import Source
    from jwtlint.scaffold.render.package import render

    source = Source(path)
    detected = detect(source, wishes_of(source.root, given))
    planned = write.plan(source.root, detected.choice, detected.wishes, render(detected.choice), detected.record)
    if diff:
        show_difference(planned, force)
        return
    say_detected(detected)
    written = write.execute(planned, force)
    say_written(planned, written, force)
    if written:
        say_steps(detected, source, written)


def wishes_of(root: Path, given: Mapping[str, str | None]) -> Wishes:
    """The options of the command line that were given."""
    import msgspec

    from jwtlint.scaffold.wishes import Wishes

    output = given.get("output")
    named = {
        **given,
        "user_model": inside_model(given.get("user_model"), root),
        "output": inside(output, root) if output is not None else None,
    }
    found: Wishes = msgspec.convert({name: value for name, value in named.items() if value is not None}, Wishes)
    return found


def inside(given: str, root: Path) -> str:
    """A path of the command line relative to the scanned folder: as seen from the current folder if that lies in it, else from there."""
    here = Path(given).absolute()
    base = Path(os.path.normpath(here))
    if base.is_relative_to(root) and (base.exists() or base.parent.exists()):
        return base.relative_to(root).as_posix()
    return Path(given).as_posix()


def inside_model(given: str | None, root: Path) -> str | None:
    """``path/to/models.py:User`` with the path relative to the scanned folder."""
    if given is None:
        return None
    where, separator, name = given.rpartition(":")
    return f"{inside(where, root)}:{name}" if separator and where.endswith(".py") else given


def say(text: str) -> None:
    """Print a line that may hold what was read from the project."""
    from jwtlint.report.escape import visible

    click.echo(visible(text))


def say_detected(detected: Detected) -> None:
    """What was found out, and why."""
    say("Detected")
    width = max(len(detail.subject) for detail in detected.details)
    for detail in detected.details:
        say(f"  {detail.subject.ljust(width)}  {detail.says}{reasons(detail)}")


def reasons(detail: Detail) -> str:
    """The places behind a detail, in brackets."""
    texts = [f"{one.place}: {one.says}" if one.path else one.says for one in detail.why]
    return f"  [{'; '.join(texts)}]" if texts else ""


def say_written(planned: Plan, written: list[str], force: bool) -> None:
    """What was written, and what was left alone."""
    click.echo("")
    if written:
        say("Written")
        for path in written:
            say(f"  {path}")
    for one in planned.files:
        if one.state == "edited" and not force:
            say(f"kept {one.path}: it was edited since it was generated (--diff --force shows what would change)")
        elif one.state == "foreign" and not force:
            say(f"kept {one.path}: it was there before, and is not ours (--force writes over it)")
        elif one.state == "gone":
            say(f"left {one.path}: it is no longer needed and can be deleted")
    if not written:
        say(f"{planned.output} is up to date; nothing was changed")


def say_steps(detected: Detected, source: Source, written: list[str]) -> None:
    """What is left to do by hand."""
    from jwtlint.scaffold.steps import committing, next_steps

    click.echo("")
    say("Next steps")
    for number, step in enumerate((*next_steps(detected, source), *committing(source.root, written)), 1):
        say(f"  {number}. {step}")


def show_difference(planned: Plan, force: bool) -> None:
    """What would change, as a unified diff."""
    from jwtlint.report.escape import visible
    from jwtlint.scaffold.write import difference

    text = difference(planned, force)
    for line in text.splitlines():
        click.echo(visible(line.replace("\t", "    ")))
    if not text:
        say(f"{planned.output} is up to date")
