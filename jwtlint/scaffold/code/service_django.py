"""The store, bound to this project's database."""

from __future__ import annotations

from .audit import Audit
from .configuration import configured, verify_jwt
from .database import Database
from .legacy import Legacy
from .store import SessionStore

settings = configured()
database = Database()
store = SessionStore(database, settings)
audit = Audit(database, settings)
legacy = Legacy(store, verify_jwt)
