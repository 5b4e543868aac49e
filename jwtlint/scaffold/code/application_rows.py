"""The database that users are read from."""

from __future__ import annotations

from typing import TypeAlias

from . import service
from .database import Database

Db: TypeAlias = Database


async def get_db() -> Database:
    """The application's database."""
    return service.database


def release_db() -> None:
    """Nothing is held."""
