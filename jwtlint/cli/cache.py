"""``jwtlint cache``"""

from __future__ import annotations

import click


@click.group()
def command() -> None:
    """Show or clear the cache."""


@command.command("path")
def path() -> None:
    """Print the folder of the cache."""
    from jwtlint.sources.cache import cache_folder

    click.echo(str(cache_folder()))


@command.command("clear")
def clear() -> None:
    """Delete the cache."""
    from jwtlint.sources import cache

    count = cache.clear()
    click.echo(f"{count} cache file{'' if count == 1 else 's'} deleted from {cache.cache_folder()}")
