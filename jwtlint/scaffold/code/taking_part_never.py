"""How the sessions go together with what the application has begun in its database:
nothing is known of that, so they wait until its view has returned.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

from .database import Transaction

# what ends sessions does so before the response is sent
AT_ONCE = False


def joined() -> AbstractContextManager[Transaction | None]:
    """The application's transaction: none that is known."""
    return nullcontext()


def must_wait() -> bool:
    """Whether to write anything now would wait for the application."""
    return False
