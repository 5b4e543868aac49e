"""Whether a session still lives, asked by a coroutine that waits for nothing else."""

from __future__ import annotations

from .store import SessionStore
from .types import Session


async def is_still_live(store: SessionStore, session: Session) -> bool:
    """Ask the database."""
    return await store.is_still_live(session)
