"""The store, bound to this application's pool of connections."""

from __future__ import annotations

from app.database import pool

from .audit import Audit
from .database import Database
from .settings import settings
from .store import SessionStore

database = Database(pool)
store = SessionStore(database, settings)
audit = Audit(database, settings)
