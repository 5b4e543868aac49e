"""The store, bound to this application's database file."""

from __future__ import annotations

import os

from .audit import Audit
from .database import Database
from .settings import settings
from .store import SessionStore

database = Database(os.environ.get("DATABASE_PATH", "app.db"))
store = SessionStore(database, settings)
audit = Audit(database, settings)
