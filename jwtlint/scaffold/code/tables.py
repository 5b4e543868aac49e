"""The tables in the application's metadata: for ``create_all``, for Alembic's
autogenerate, and for joins with the users table.

What SQLAlchemy has no words for (triggers, functions) is made by ``create_all`` with
the statements of the migrations, so that sessions behave the same whichever made the
tables. In two things they differ, both for the sake of tests, which is what
``create_all`` is mostly used for. Events can neither be changed nor deleted; where the
migrations made the table, an attempt to delete one is an error, and where
``create_all`` did, it has no effect, for some tests empty every table of the metadata
(``table.delete()``). And on PostgreSQL events are not partitioned by month, for some
tests drop every table that they find; so ``maintain`` forgets no events there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    Uuid,
    event,
    text,
)
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.types import TypeDecorator, TypeEngine

from app.models import Base, User

from . import schema
from .types import UserId

metadata = Base.metadata

ADDRESS = Text().with_variant(INET(), "postgresql")
KEYS: dict[str, TypeEngine[Any]] = {
    "int": BigInteger(),
    "UUID": Uuid(),
    "str": String(),
}
# SQLModel says of it that it is what it holds
USER_KEY: Any = User.id


def key_type() -> TypeEngine[Any]:
    """The type of a column for the user's key. A type of the application's own for
    UUIDs may write them in a way of its own.
    """
    usual = KEYS[UserId.__name__]
    own = getattr(USER_KEY, "type", None)
    if isinstance(own, TypeDecorator) and isinstance(usual, Uuid):
        return own
    return usual


USER_ID = key_type()


def moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    """A column for a time."""
    return Column(name, DateTime(timezone=True), nullable=nullable)


def words(name: str) -> Column[str]:
    """A column for a text that is empty where there is none."""
    return Column(name, Text, nullable=False, server_default=text("''"))


sessions = Table(
    "sessions",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", USER_ID, ForeignKey(USER_KEY, ondelete="CASCADE"), nullable=False),
    moment("created_at"),
    moment("last_used_at"),
    words("user_agent"),
    Column("ip", ADDRESS),
    moment("revoked_at", nullable=True),
    moment("expires_at"),
    Column("idle_seconds", Integer, nullable=False),
    moment("auth_at", nullable=True),
    Column("auth_method", Text, nullable=False),
    Column("revoked_reason", Text),
    Column("revoked_by", Text),
    Column("family_id", Text, nullable=False),
    Column("last_ip", ADDRESS),
    words("last_user_agent"),
    Index("sessions_user", "user_id", "created_at"),
    Index("sessions_expiry", "expires_at"),
    Index(
        "sessions_revoked",
        "revoked_at",
        postgresql_where=text("revoked_at IS NOT NULL"),
    ),
)

session_history = Table(
    "session_history",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", USER_ID, nullable=False),
    moment("created_at"),
    moment("last_used_at"),
    Column("user_agent", Text, nullable=False),
    Column("ip", ADDRESS),
    moment("revoked_at", nullable=True),
    moment("expires_at"),
    Column("idle_seconds", Integer, nullable=False),
    moment("auth_at", nullable=True),
    Column("auth_method", Text, nullable=False),
    Column("revoked_reason", Text),
    Column("revoked_by", Text),
    Column("family_id", Text, nullable=False),
    Column("last_ip", ADDRESS),
    Column("last_user_agent", Text, nullable=False),
    Index("session_history_user", "user_id", "created_at"),
)

session_events = Table(
    "session_events",
    metadata,
    Column(
        "id",
        BigInteger().with_variant(Integer(), "sqlite"),
        primary_key=True,
        autoincrement=True,
    ),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("kind", Text, nullable=False),
    Column("session_id", Text, nullable=False),
    Column("family_id", Text, nullable=False),
    Column("user_id", USER_ID, nullable=False),
    Column("actor", Text, nullable=False),
    words("reason"),
    Column("ip", ADDRESS),
    words("user_agent"),
    Index("session_events_session", "session_id", "at"),
    Index("session_events_user", "user_id", "at"),
)

session_users = Table(
    "session_users",
    metadata,
    Column(
        "user_id", USER_ID, ForeignKey(USER_KEY, ondelete="CASCADE"), primary_key=True
    ),
    moment("tokens_valid_after", nullable=True),
)

session_exchanges = Table(
    "session_exchanges",
    metadata,
    Column("jwt_hash", Text, primary_key=True),
    Column("family_id", Text, nullable=False),
    Column("user_id", USER_ID, nullable=False),
    moment("at"),
    Column("claims", Text),
    Index("session_exchanges_at", "at"),
    Index("session_exchanges_family", "user_id", "family_id"),
)

session_audit = Table(
    "session_audit",
    metadata,
    Column("name", Text, primary_key=True),
    moment("at"),
)

# room on each page, so that last_used_at is updated in place
ROOM_ON_PAGES = 'ALTER TABLE "sessions" SET (fillfactor = 90)'
# an emptying of all tables passes over the events instead of failing
PASSED_OVER = (
    """
CREATE OR REPLACE RULE "session_events_stay" AS
    ON DELETE TO "session_events" DO INSTEAD NOTHING
""",
)
PASSED_OVER_SQLITE = (
    'DROP TRIGGER "session_events_are_not_deleted"',
    """
CREATE TRIGGER "session_events_are_not_deleted" BEFORE DELETE ON "session_events"
BEGIN
    SELECT RAISE(IGNORE);
END
""",
)
OWN = (
    sessions,
    session_history,
    session_events,
    session_users,
    session_exchanges,
    session_audit,
)


@event.listens_for(metadata, "after_create")
def make_the_rest(
    target: MetaData, connection: Connection, *, tables: list[Table], **_: object
) -> None:
    """Make what SQLAlchemy has no words for, by the migrations' own statements: each
    passes over what is there.
    """
    sqlite = connection.dialect.name == "sqlite"
    if not any(own in tables for own in OWN):
        return
    for statement in (
        *schema.statements(sqlite),
        *(PASSED_OVER_SQLITE if sqlite else (ROOM_ON_PAGES, *PASSED_OVER)),
    ):
        connection.execute(text(statement.replace(":", r"\:")))
