"""The application's own database session, to which users are attached."""

from __future__ import annotations

from typing import TypeAlias

from app.database import get_db
from sqlalchemy.ext.asyncio import AsyncSession

__all__ = ["Db", "get_db"]

Db: TypeAlias = AsyncSession
