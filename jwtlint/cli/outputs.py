"""``--format FORMAT[:FILE]`` and ``--output FILE``: which report goes where, and how it looks on a terminal."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from jwtlint.report import registry


class Output(NamedTuple):
    """A format, and the file that its report goes to (None for the standard output)."""

    format: str
    file: Path | None


if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    ParamType = click.ParamType[Output]
else:
    ParamType = click.ParamType  # an older click has no generic type


class FormatParameter(ParamType):
    """``FORMAT`` or ``FORMAT:FILE``."""

    name = "format"

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:
        """What stands for a value in the help."""
        return "FORMAT[:FILE]"

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """The formats that begin so."""
        from jwtlint.cli import completion

        return completion.plain(registry.names(), incomplete)

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Output:
        """An output; a name that no format has ends the run."""
        if isinstance(value, Output):
            return value
        name, colon, file = str(value).partition(":")
        known = registry.names()
        if name not in known:
            from jwtlint.errors import suggestion

            self.fail(f'there is no format "{name}"{suggestion(name, known) or "; there are " + ", ".join(known)}', param, ctx)
        if colon and not file:
            self.fail(f'a file name must follow "{name}:".', param, ctx)
        return Output(name, Path(file) if file else None)


def resolved(formats: Sequence[Output], output: Path | None) -> list[Output]:
    """The outputs with ``--output`` obeyed: it is the file of the one format that names none itself.

    Raises :class:`jwtlint.errors.UserError` when two reports would go to the same place, or none goes to ``output``.
    """
    from jwtlint.errors import UserError

    free = [one.format for one in formats if one.file is None]
    if len(free) > 1:
        example = f"--format {free[1]}:FILE"
        raise UserError(f"only one report can be printed; name a file for {free[1]} ({example})")
    if output is not None and not free:
        raise UserError(f"no report is left for --output {output}: each --format names a file of its own")
    found = [Output(one.format, one.file if one.file is not None else output) for one in formats]
    files = [os.path.abspath(one.file) for one in found if one.file is not None]
    for file in files:
        if files.count(file) > 1:
            raise UserError(f"two reports would be written to {file}; name another file for one of them")
    return found


def use_color(color: str, printed: bool) -> bool:
    """Whether to colour: as told; else as the user's environment says (no-color.org, force-color.org); else on a terminal."""
    if color != "auto":
        return color == "always"
    if not printed or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return os.environ["FORCE_COLOR"] not in ("0", "false")
    return os.environ.get("TERM") != "dumb" and sys.stdout.isatty()


def use_links(color: bool) -> bool:
    """Whether a terminal is there that may be given hyperlinks (OSC 8); a log never is."""
    return color and sys.stdout.isatty() and os.environ.get("TERM") not in ("dumb", "linux") and not os.environ.get("CI")


def prefix(root: Path, start: Path) -> str:
    """The way from a folder to a folder in it, with forward slashes and one at its end; empty where there is none."""
    if root == start or start not in root.parents:
        return ""
    return root.relative_to(start).as_posix() + "/"


def repository_of(folder: Path) -> Path:
    """The top of the repository that a folder lies in; the current folder, where it lies in none."""
    for one in (folder, *folder.parents):
        if (one / ".git").exists():
            return one
    return Path.cwd()


def tell_files(written: Sequence[Output], findings: int) -> None:
    """Say on a terminal where the reports are, for nothing else is printed then."""
    if sys.stderr.isatty():
        from jwtlint.report.escape import visible
        from jwtlint.report.verdict import plural

        files = ", ".join(visible(str(one.file)) for one in written)
        click.echo(f"{plural(findings, 'finding')}; the report is in {files}", err=True)


def write(file: Path, text: str) -> None:
    """Write a report to a file, as UTF-8. Raises :class:`jwtlint.errors.UserError`."""
    from jwtlint.errors import UserError

    try:
        file.write_bytes(text.encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise UserError(f"the report cannot be written to {file}: {error.strerror or error}") from None
