"""The command line: one module a subcommand, each imported when it is called."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from jwtlint import __version__
from jwtlint.errors import UserError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SUBCOMMANDS = {
    "check": "Find JWTs that are used as sessions.",
    "graph": "Draw the life of each session token, and what is missing in it.",
    "init": "Set jwtlint up in a repository: settings, a pre-commit hook, a CI job.",
    "baseline": "Write down what is found now, so that only new findings count.",
    "fix": "Mend what can be mended: show a diff, or write.",
    "explain": "Tell what a rule means, why it matters, and how to mend it.",
    "lsp": "Serve an editor by the Language Server Protocol.",
    "docs": "Write a page for each rule, as a static site.",
    "rules": "List the rules.",
    "models": "Draft a model of a function of your own.",
    "test": "Try the examples of your own rules and models.",
    "config": "Tell what the settings are; print their JSON schema.",
    "cache": "Show or clear the cache.",
    "scaffold": "Generate server-side sessions into an application.",
    "migrate": "Move an application from JWT sessions to a session table.",
}


class LazyGroup(click.Group):
    """A group that imports a subcommand's module when it is called; ``--help`` imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(SUBCOMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in SUBCOMMANDS:
            return None
        command = importlib.import_module(f"jwtlint.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(SUBCOMMANDS.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run a subcommand; a user's mistake, or one of ours, becomes one sentence and exit status 2."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                # what the terminal's encoding lacks is written out
                stream.reconfigure(errors="backslashreplace")
        try:
            return super().invoke(ctx)
        except UserError as error:
            fail(str(error))
        except BrokenPipeError:
            # the reader of a pipe went away (``| head``)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise SystemExit(1) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("JWTLINT_TRACEBACK"):
                raise
            kind = type(error).__name__
            fail(f"something went wrong inside jwtlint ({kind}: {error}); please report it, with what JWTLINT_TRACEBACK=1 prints")
        return None


def fail(sentence: str) -> None:
    """Say what is wrong and end with status 2."""
    from jwtlint.report.escape import visible

    click.echo(f"jwtlint: {visible(sentence)}", err=True)
    raise SystemExit(2)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="jwtlint")
def main() -> None:
    """Find JSON Web Tokens that are used as sessions, and what that costs: no revocation, stale claims, theft for ever.

    Exit status: 0 nothing found that counts, 1 findings (from --fail-level up), 2 wrong use or configuration, 3 with --strict a file
    could not be analysed.
    """


def split_commas(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """``--select A,B --select C`` as A, B, C."""
    return tuple(part for value in values for part in (piece.strip() for piece in value.split(",")) if part)


def rules_option(name: str, told: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """An option that takes rules, with commas between them or several times."""
    return click.option(name, multiple=True, callback=split_commas, shell_complete=complete_rules, metavar="RULES", help=told)


def complete_rules(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """What a shell completes; the module is imported when it is asked for."""
    from jwtlint.cli import completion

    return completion.rules(context, parameter, incomplete)
