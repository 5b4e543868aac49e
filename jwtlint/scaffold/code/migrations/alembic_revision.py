"""add sessions

Revision ID: 0123456789ab
Revises: ba9876543210
Create Date: 2026-01-01 00:00:00

"""

from __future__ import annotations

import re

import sqlalchemy as sa
from alembic import op

revision = "0123456789ab"
down_revision = "ba9876543210"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    run(UP_SQLITE if op.get_context().dialect.name == "sqlite" else UP)


def downgrade() -> None:
    """Take the tables away: everybody is logged out."""
    run(DOWN_SQLITE if op.get_context().dialect.name == "sqlite" else DOWN)


def run(script: str) -> None:
    """Run the statements of a script, which blank lines part, one by one."""
    for statement in script.split(";\n\n"):
        if re.sub(r"--.*", "", statement).strip(" \n;"):
            op.execute(sa.text(statement.replace(":", r"\:")))


UP = "postgresql.up.sql"  # the file's text

DOWN = "postgresql.down.sql"  # the file's text

UP_SQLITE = "sqlite.up.sql"  # the file's text

DOWN_SQLITE = "sqlite.down.sql"  # the file's text
