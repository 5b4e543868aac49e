"""Whether a session still lives, asked by a coroutine: in a thread, since the answer
is waited for.
"""

from __future__ import annotations

import asyncio

from .store import SessionStore
from .types import Session


async def is_still_live(store: SessionStore, session: Session) -> bool:
    """Ask the database."""
    return await asyncio.to_thread(store.is_still_live, session)
