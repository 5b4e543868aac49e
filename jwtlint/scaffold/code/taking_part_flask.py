"""How the sessions go together with what the application has begun in its database."""

from __future__ import annotations

from contextlib import AbstractContextManager

from .database import Transaction
from .service import database

# what ends sessions does so when it is called
AT_ONCE = True


def joined() -> AbstractContextManager[Transaction | None]:
    """The application's transaction, if it has changed something in it."""
    return database.joined()


def must_wait() -> bool:
    """Whether to write anything now would wait for the application."""
    return database.must_wait()
