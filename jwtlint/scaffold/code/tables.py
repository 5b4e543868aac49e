"""The tables in the application's metadata: for ``create_all`` in tests, for Alembic's
autogenerate, and for joins with the users table.

Migrations make the same tables with what SQLAlchemy has no words for: partitions, and
triggers that keep events unchanged.
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

HISTORY_FUNCTION = """
CREATE OR REPLACE FUNCTION "session_goes_to_history"() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO "session_history" VALUES (
        OLD.id, OLD.user_id, OLD.created_at, OLD.last_used_at, OLD.user_agent, OLD.ip,
        CASE WHEN OLD.revoked_at IS NULL AND OLD.expires_at > now()
             THEN now() ELSE OLD.revoked_at END,
        OLD.expires_at, OLD.idle_seconds, OLD.auth_at, OLD.auth_method,
        COALESCE(OLD.revoked_reason, 'deleted'), COALESCE(OLD.revoked_by, 'system'),
        OLD.family_id, OLD.last_ip, OLD.last_user_agent
    ) ON CONFLICT (id) DO NOTHING;
    RETURN NULL;
END $$
"""
HISTORY_TRIGGER = """
CREATE TRIGGER "session_goes_to_history" AFTER DELETE ON "sessions"
    FOR EACH ROW EXECUTE FUNCTION "session_goes_to_history"()
"""
HISTORY_SQLITE = """
CREATE TRIGGER IF NOT EXISTS "session_goes_to_history" AFTER DELETE ON "sessions"
BEGIN
    INSERT OR IGNORE INTO "session_history" VALUES (
        OLD.id, OLD.user_id, OLD.created_at, OLD.last_used_at, OLD.user_agent, OLD.ip,
        CASE WHEN OLD.revoked_at IS NULL
                  AND OLD.expires_at > strftime('%Y-%m-%d %H:%M:%f', 'now')
             THEN strftime('%Y-%m-%d %H:%M:%f', 'now') || '000' ELSE OLD.revoked_at END,
        OLD.expires_at, OLD.idle_seconds, OLD.auth_at, OLD.auth_method,
        COALESCE(OLD.revoked_reason, 'deleted'), COALESCE(OLD.revoked_by, 'system'),
        OLD.family_id, OLD.last_ip, OLD.last_user_agent
    );
END
"""
# where connections do not ask for foreign keys, rows stay, and numbers are used again
GONE_SQLITE = """
CREATE TRIGGER IF NOT EXISTS "session_users_are_gone" AFTER DELETE ON "users"
BEGIN
    DELETE FROM "sessions" WHERE user_id = OLD."id";
    DELETE FROM "session_users" WHERE user_id = OLD."id";
END
"""
# room on each page, so that last_used_at is updated in place
ROOM_ON_PAGES = 'ALTER TABLE "sessions" SET (fillfactor = 90)'
RECORDED_SINCE = """
INSERT INTO "session_audit" (name, at) VALUES ('recorded_since', CURRENT_TIMESTAMP)
"""


@event.listens_for(sessions, "after_create")
def keep_history(target: Table, connection: Connection, **_: object) -> None:
    """Let deleted sessions go into the history; a trigger's body is not looked into
    before it runs, so that may be made later.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(HISTORY_SQLITE)
        connection.exec_driver_sql(GONE_SQLITE)
    else:
        connection.exec_driver_sql(ROOM_ON_PAGES)
        connection.exec_driver_sql(HISTORY_FUNCTION)
        connection.exec_driver_sql(HISTORY_TRIGGER)


@event.listens_for(session_audit, "after_create")
def begin_record(target: Table, connection: Connection, **_: object) -> None:
    """Note since when there is something to tell."""
    connection.exec_driver_sql(RECORDED_SINCE)
