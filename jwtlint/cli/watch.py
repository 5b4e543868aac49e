"""``jwtlint check --watch``: the same command again whenever a file changes that its answer depends on."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable

import click

PAUSE = 0.4  # seconds between two looks
KEY = "jwtlint.watched"
CLEAR = "\x1b[2J\x1b[H"


def is_on() -> bool:
    """Whether somebody watches."""
    return KEY in click.get_current_context().meta


def tell(paths: Callable[[], Iterable[str]]) -> None:
    """Say what the present run depends on, if somebody watches."""
    if is_on():
        click.get_current_context().meta[KEY][:] = sorted(set(paths()))


def watch(command: click.Command) -> None:
    """Run a command with the present arguments again and again, until Ctrl-C; ends with the status of the last run."""
    from jwtlint.errors import UserError

    if not sys.stdout.isatty():
        raise UserError("--watch is for people at a terminal; leave it out where standard output goes elsewhere")
    context = click.get_current_context()
    watched: list[str] = context.meta.setdefault(KEY, [])
    status = 0
    try:
        while True:
            before = seen(watched)
            click.echo(CLEAR, nl=False)
            status = run(context, command, watched)
            after = seen(watched)
            if before.keys() == after.keys() and before != after:
                # it changed while it was read
                continue
            click.echo("watching for changes; Ctrl-C ends", err=True)
            while seen(watched) == after:
                time.sleep(PAUSE)
    except KeyboardInterrupt:
        raise SystemExit(status) from None


def run(context: click.Context, command: click.Command, watched: list[str]) -> int:
    """One run. A mistake in a configuration can be mended while somebody watches; one on the command line is the end."""
    from jwtlint.errors import UserError
    from jwtlint.report.escape import visible

    try:
        context.invoke(command, **{**context.params, "watch": False})
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except UserError as error:
        if not watched:
            raise
        click.echo(f"jwtlint: {visible(str(error))}", err=True)
        return 2
    return 0


def seen(paths: Iterable[str]) -> dict[str, list[int]]:
    """What the system tells of each path."""
    from jwtlint.answers import numbers

    return {path: numbers(path) for path in paths}
