"""The application's own database session, to which users are attached."""

from __future__ import annotations

from typing import TypeAlias

from sqlalchemy.ext.asyncio import AsyncSession

from app.database import get_db

__all__ = ["Db", "get_db"]

Db: TypeAlias = AsyncSession
