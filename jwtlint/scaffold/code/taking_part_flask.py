"""How the sessions go together with what the application has begun in its database."""

from __future__ import annotations

from contextlib import AbstractContextManager

from . import service
from .database import Transaction

# what ends sessions does so when it is called
AT_ONCE = True


def joined() -> AbstractContextManager[Transaction | None]:
    """The application's transaction, if it has changed something in it."""
    return service.database.joined()


def must_wait() -> bool:
    """Whether to write anything now would wait for the application."""
    return service.database.must_wait()
