"""The application's database, where Flask-SQLAlchemy has it.

Mostly the sessions have connections of their own. Where there is only one connection,
as with SQLite in memory, or where all that happens stands in one transaction, as in
tests that undo it afterwards, they take part in what the application has begun: to
begin or to end anything there would begin or end the application's own work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, StaticPool, text
from sqlalchemy.orm import Session

from .database import Database, Transaction
from .rows import Row, Value

# PostgreSQL numbers a transaction when it first changes or locks a row
HAS_NUMBER = text("SELECT txid_current_if_assigned() IS NOT NULL")


class ApplicationDatabase(Database):
    """The application's database, and what its own session does there."""

    def __init__(
        self, engine: Callable[[], Engine], session: Callable[[], Session]
    ) -> None:
        """``session`` gives the application's session of this request."""
        super().__init__(engine)
        self.session = session

    def begun(self) -> Session | None:
        """The application's session, if it has a transaction that still may go on."""
        session = self.session()
        return session if session.in_transaction() and session.is_active else None

    def only(self) -> Connection | None:
        """The connection of the application's transaction, where there is no other."""
        session = self.begun()
        if session is None:
            return None
        bind = session.get_bind()
        is_only = not isinstance(bind, Engine) or isinstance(bind.pool, StaticPool)
        return session.connection() if is_only else None

    def is_changing(self) -> bool:
        """Whether the application has changed something that others do not see yet,
        for it is not committed.
        """
        session = self.begun()
        if session is None:
            return False
        if session.new or session.dirty or session.deleted:
            return True
        if not self.sqlite:
            return bool(session.connection().execute(HAS_NUMBER).scalar())
        driver = session.connection().connection.dbapi_connection
        return bool(getattr(driver, "in_transaction", False))

    def must_wait(self) -> bool:
        """Whether what the sessions write on a connection of their own would wait for
        the application, which may itself wait for that.
        """
        return self.only() is None and self.is_changing()

    @contextmanager
    def joined(self) -> Iterator[Transaction | None]:
        """The application's transaction, if it has changed something in it: what is
        done there takes effect with it. An error undoes what was done here, and nothing
        of the application's.
        """
        if self.is_changing():
            connection = self.session().connection()
            with connection.begin_nested():
                yield Transaction(connection, self.sqlite)
        else:
            yield None

    @property
    def single(self) -> Engine | Connection:
        """The engine for single statements, or the only connection."""
        only = self.only()
        return super().single if only is None else only

    def execute(self, sql: str, **values: Value) -> int:
        """How many rows a single statement changed."""
        if self.only() is None:
            return super().execute(sql, **values)
        with self.transaction() as work:
            return work.execute(sql, **values)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """A transaction of its own, or where there is no other connection, a part of
        the application's. SQLite commits the part at once, unless the application has
        changed something before.
        """
        only = self.only()
        if only is None:
            with super().transaction() as own:
                yield own
        else:
            with only.begin_nested():
                yield Transaction(only, self.sqlite)
