"""Makes the tables of the sessions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import migrations

if TYPE_CHECKING:
    from django.apps.registry import Apps
    from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Make the tables."""
    run(editor, UP_SQLITE if editor.connection.vendor == "sqlite" else UP)


def take_away(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Take the tables away: everybody is logged out."""
    run(editor, DOWN_SQLITE if editor.connection.vendor == "sqlite" else DOWN)


def run(editor: BaseDatabaseSchemaEditor, script: str) -> None:
    """Run the statements of a script, which blank lines part, one by one."""
    for statement in script.split(";\n\n"):
        if re.sub(r"--.*", "", statement).strip(" \n;"):
            editor.execute(statement, params=None)


UP = "postgresql.up.sql"  # the file's text

DOWN = "postgresql.down.sql"  # the file's text

UP_SQLITE = "sqlite.up.sql"  # the file's text

DOWN_SQLITE = "sqlite.down.sql"  # the file's text


class Migration(migrations.Migration):
    """The first migration."""

    initial = True
    dependencies = [migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [migrations.RunPython(make, take_away)]
