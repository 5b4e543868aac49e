"""``manage.py sessions
was-active|list|events|revoke-user|revoke-everyone|maintain|jwt-use``: for the auditor
and the administrator.
"""

from __future__ import annotations

import sys
from argparse import Namespace

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from ...command_line import add_commands, run


class Command(BaseCommand):
    """Ask about the sessions of users, and end them."""

    help = "Ask about the sessions of users, and end them."

    def add_arguments(self, parser: CommandParser) -> None:
        """What can be asked."""
        add_commands(parser)

    def handle(self, *_: object, **options: object) -> None:
        """Do what is asked; the exit status is the answer's."""
        try:
            status = run(Namespace(**options))
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from None
        except DatabaseError as error:
            # status 1 is taken for "no"
            said = f"no answer from the database: {error}; were the migrations run?"
            raise CommandError(said, returncode=2) from error
        if status:
            sys.exit(status)
