"""The store, bound to this application's database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.database import db
from flask.cli import ScriptInfo

from .audit import Audit
from .database import Database
from .settings import settings
from .store import SessionStore

database = Database(lambda: db.engine)
store = SessionStore(database, settings)
audit = Audit(database, settings)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Around a command: in the application that ``flask`` finds (``FLASK_APP``)."""
    with ScriptInfo().load_app().app_context():
        yield
