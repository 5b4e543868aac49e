"""The application's own database session, to which users are attached."""

from __future__ import annotations

from typing import TypeAlias

from app.database import get_db
from sqlalchemy.orm import Session

__all__ = ["Db", "get_db", "release_db"]

Db: TypeAlias = Session


def release_db() -> None:
    """It is the application that closes it."""
