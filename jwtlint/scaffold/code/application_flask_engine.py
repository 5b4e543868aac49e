"""A database session for each request, to which users are attached."""

from __future__ import annotations

from typing import TypeAlias

from app.database import engine
from flask import g
from sqlalchemy.orm import Session

Db: TypeAlias = Session


def get_db() -> Session:
    """The request's database session."""
    if "sessions_db" not in g:
        g.sessions_db = Session(engine)
    session: Session = g.sessions_db
    return session


def release_db() -> None:
    """Close it, at the request's end."""
    session: Session | None = g.pop("sessions_db", None)
    if session is not None:
        session.close()
