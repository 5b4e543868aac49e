"""The store, bound to this application's database."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.database import db
from flask.cli import NoAppException, ScriptInfo

from .audit import Audit
from .database_flask import ApplicationDatabase
from .settings import settings
from .store import SessionStore

database = ApplicationDatabase(lambda: db.engine, lambda: db.session())
store = SessionStore(database, settings)
audit = Audit(database, settings)


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    """Around a command: in the application that ``flask`` finds (``FLASK_APP``)."""
    try:
        application = ScriptInfo(os.environ.get("FLASK_APP")).load_app()
    except NoAppException as error:
        raise ValueError(f"{error} FLASK_APP names it.") from None
    with application.app_context():
        yield
