"""``jwtlint lsp``"""

from __future__ import annotations

import gc
from pathlib import Path

import click


@click.command()
@click.option("--config", type=click.Path(path_type=Path), metavar="FILE", help="Use this configuration; its rules and models are loaded.")
@click.option("--no-config", is_flag=True, help="Use no configuration file.")
@click.option("--stdio", is_flag=True, help="Speak over standard input and output. That is what happens anyway; some editors insist.")
def command(config: Path | None, no_config: bool, stdio: bool) -> None:
    """Serve an editor by the Language Server Protocol, over standard input and output.

    Findings appear while you type; each folder of the workspace is analysed as a whole, with its own configuration. Nothing of the
    workspace is run or imported.
    """
    from jwtlint.errors import UserError

    if config is not None and no_config:
        raise UserError("--config and --no-config exclude each other")
    if config is not None and not config.is_file():
        raise UserError(f"the configuration file {config} does not exist")
    try:
        import pygls  # noqa: F401
    except ImportError:
        raise UserError("the language server needs pygls; install it with: pip install 'jwtlint-sessions[lsp]'") from None
    from jwtlint.language_server.server import serve

    gc.enable()  # this is no short run
    raise SystemExit(serve(str(config.resolve()) if config is not None else "", no_config))
