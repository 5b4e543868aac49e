"""The application's own database session, to which users are attached."""

from __future__ import annotations

from typing import TypeAlias

from app.database import db
from sqlalchemy.orm import Session

Db: TypeAlias = Session


def get_db() -> Session:
    """The request's database session."""
    session: Session = db.session()
    return session


def release_db() -> None:
    """It is Flask-SQLAlchemy that closes it."""
