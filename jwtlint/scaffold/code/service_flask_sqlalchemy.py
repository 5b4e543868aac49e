"""The store, bound to this application's database."""

from __future__ import annotations

from app.database import db

from .audit import Audit
from .database import Database
from .settings import settings
from .store import SessionStore

database = Database(lambda: db.engine)
store = SessionStore(database, settings)
audit = Audit(database, settings)
