"""``jwtlint config``"""

from __future__ import annotations

import click

from jwtlint.cli import completion


@click.command()
@click.argument("key", required=False, shell_complete=completion.setting)
@click.option("--schema", is_flag=True, help="Print the JSON schema (draft 7) of the settings, for editors.")
def command(key: str | None, schema: bool) -> None:
    """Tell what the settings are, or what KEY means.

    `jwtlint check --show-settings` tells which hold, and where each comes from.
    """
    from jwtlint.config import Configuration
    from jwtlint.documentation import settings
    from jwtlint.errors import UserError, suggestion

    if schema:
        if key is not None:
            raise UserError("--schema is about all settings; leave out the key")
        click.echo(settings.schema_text(), nl=False)
    elif key is None:
        click.echo(settings.listing(), nl=False)
    elif key in Configuration.__struct_encode_fields__:
        click.echo(settings.page(key), nl=False)
    else:
        raise UserError(f'there is no setting "{key}"{suggestion(key, Configuration.__struct_encode_fields__)}')
