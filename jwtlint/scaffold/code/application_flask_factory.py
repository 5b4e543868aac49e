"""A database session for each request, to which users are attached."""

from __future__ import annotations

from typing import TypeAlias

from app.database import SessionLocal
from flask import g
from sqlalchemy.orm import Session, scoped_session

Db: TypeAlias = Session


def get_db() -> Session:
    """The request's database session: the application's, where it keeps one a request
    (``scoped_session``), else one of the request's own.
    """
    if isinstance(SessionLocal, scoped_session):
        return SessionLocal()
    if "sessions_db" not in g:
        g.sessions_db = SessionLocal()
    session: Session = g.sessions_db
    return session


def release_db() -> None:
    """Close the request's own, at its end."""
    session: Session | None = g.pop("sessions_db", None)
    if session is not None:
        session.close()
