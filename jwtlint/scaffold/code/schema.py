"""The SQL that makes the tables, as it stands in ``migrations/``."""

from __future__ import annotations

import re
from collections.abc import Iterator


def statements(sqlite: bool) -> Iterator[str]:
    """The statements of the script, which blank lines part; settings of its transaction
    are left out.
    """
    for statement in (UP_SQLITE if sqlite else UP).split(";\n\n"):
        words = re.sub(r"--.*", "", statement).strip(" \n;")
        if words and not words.startswith("SET "):
            yield statement


UP = "postgresql.up.sql"  # the file's text

UP_SQLITE = "sqlite.up.sql"  # the file's text
