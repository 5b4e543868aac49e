"""``jwtlint models``"""

from __future__ import annotations

from pathlib import Path

import click


@click.group()
def command() -> None:
    """Work with models of libraries: what their calls mean."""


@command.command("infer")
@click.argument("function", metavar="PATH::FUNCTION")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the model to a file, which must not exist.")
def infer(function: str, output: Path | None) -> None:
    """Draft the model of a function of your own that calls a known library to make or verify tokens.

    FUNCTION is a function, or Class.method, in the Python file PATH. The model is for the projects that import it and do not hold its
    source. Nothing is run. Put the file into a folder that the setting `models` names, and try its example with `jwtlint test`.
    """
    from jwtlint.drafting import draft, text
    from jwtlint.errors import UserError
    from jwtlint.rules import models
    from jwtlint.sources import rewrite
    from jwtlint.sources.git import top_around

    path, colons, name = function.partition("::")
    if not colons or not path or not name:
        raise UserError(f"{function} is no PATH::FUNCTION, as src/acme/tokens.py::issue")
    file = Path(path).resolve()
    if not file.is_file() or file.suffix != ".py":
        raise UserError(f"there is no Python file {path}")
    root = top_around(file.parent) or Path().resolve()
    if not file.is_relative_to(root):
        root = file.parent
    found = draft.draft(root, file.relative_to(root).as_posix(), name, models.load(examples=False))
    told = text.text(found, function)
    if output is None:
        click.echo(told, nl=False)
    elif output.exists():
        raise UserError(f"{output} exists already; name another file")
    else:
        rewrite.create(output, told.encode("utf-8"))
        click.echo(f"written: {output}", err=True)
