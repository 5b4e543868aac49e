"""A database session for each request, to which users are attached."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TypeAlias

from app.database import SessionLocal
from sqlalchemy.ext.asyncio import AsyncSession

Db: TypeAlias = AsyncSession


async def get_db() -> AsyncIterator[AsyncSession]:
    """The request's database session."""
    async with SessionLocal() as db:
        yield db
