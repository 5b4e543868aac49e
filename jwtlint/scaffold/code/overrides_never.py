"""What an application overrides in its tests is no database of the sessions."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def followed(app: Any) -> AsyncIterator[None]:
    """Nothing to do."""
    yield
