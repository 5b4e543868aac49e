"""The tables as models, for the admin and for queries. ``store.py`` alone reads and
writes sessions to work with them.

The migration makes the tables from plain SQL, with what models have no words for:
triggers, partitions, deletion by the database.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models


class SessionFields(models.Model):
    """The columns that sessions have while they live and afterwards."""

    id: models.TextField[str, str] = models.TextField(
        primary_key=True
    )  # the hash of the cookie's token; it opens nothing
    created_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    last_used_at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    user_agent: models.TextField[str, str] = models.TextField()  # the login's
    ip: models.GenericIPAddressField[str | None, str | None] = (
        models.GenericIPAddressField(null=True)
    )  # the login's
    revoked_at: models.DateTimeField[datetime | None, datetime | None] = (
        models.DateTimeField(null=True)
    )
    expires_at: models.DateTimeField[datetime, datetime] = (
        models.DateTimeField()
    )  # the longest it lives
    idle_seconds: models.IntegerField[int, int] = (
        models.IntegerField()
    )  # how long it lives without use
    auth_at: models.DateTimeField[datetime | None, datetime | None] = (
        models.DateTimeField(null=True)
    )  # when the user last proved who they are
    auth_method: models.TextField[str, str] = models.TextField()
    revoked_reason: models.TextField[str | None, str | None] = models.TextField(
        null=True
    )  # NULL: it was not ended
    revoked_by: models.TextField[str | None, str | None] = models.TextField(null=True)
    family_id: models.TextField[str, str] = models.TextField()  # the public handle
    last_ip: models.GenericIPAddressField[str | None, str | None] = (
        models.GenericIPAddressField(null=True)
    )
    last_user_agent: models.TextField[str, str] = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.family_id)


class LoginSession(SessionFields):
    """A session: one login on one device. The database deletes it with its user, and
    puts it into the history.
    """

    user: models.ForeignKey[AbstractBaseUser, AbstractBaseUser] = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="login_sessions",
        db_index=False,
    )

    class Meta:
        db_table = "sessions"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "created_at"], name="sessions_user"),
            models.Index(fields=["expires_at"], name="sessions_expiry"),
            models.Index(
                fields=["revoked_at"],
                name="sessions_revoked",
                condition=models.Q(revoked_at__isnull=False),
            ),
        ]


class SessionHistory(SessionFields):
    """A session that ended and was put away. It outlives its user."""

    user: models.ForeignKey[AbstractBaseUser, AbstractBaseUser] = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        db_table = "session_history"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "created_at"], name="session_history_user")
        ]


class SessionEvent(models.Model):
    """Something that happened to a session. Events are never changed.

    It is not managed, or ``flush``, which Django's TransactionTestCase calls, would try
    to delete events.
    """

    id: models.BigAutoField[int, int] = models.BigAutoField(primary_key=True)
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField()
    kind: models.TextField[str, str] = models.TextField()
    session_id: models.TextField[str, str] = models.TextField()
    family_id: models.TextField[str, str] = models.TextField()
    user: models.ForeignKey[AbstractBaseUser, AbstractBaseUser] = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    actor: models.TextField[str, str] = models.TextField()
    reason: models.TextField[str, str] = models.TextField()
    ip: models.GenericIPAddressField[str | None, str | None] = (
        models.GenericIPAddressField(null=True)
    )
    user_agent: models.TextField[str, str] = models.TextField()

    class Meta:
        db_table = "session_events"
        managed = False
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["session_id", "at"], name="session_events_session"),
            models.Index(fields=["user", "at"], name="session_events_user"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.family_id}"


class SessionUser(models.Model):
    """A user's row, which logins and revokes lock; older JWTs than it says are refused."""

    user: models.OneToOneField[AbstractBaseUser, AbstractBaseUser] = (
        models.OneToOneField(
            settings.AUTH_USER_MODEL,
            on_delete=models.DO_NOTHING,
            related_name="+",
            primary_key=True,
        )
    )
    tokens_valid_after: models.DateTimeField[datetime | None, datetime | None] = (
        models.DateTimeField(null=True)
    )

    class Meta:
        db_table = "session_users"

    def __str__(self) -> str:
        return str(self.pk)


class SessionExchange(models.Model):
    """A JWT that was exchanged for a session, by its hash."""

    jwt_hash: models.TextField[str, str] = models.TextField(primary_key=True)
    family_id: models.TextField[str, str] = models.TextField()
    user: models.ForeignKey[AbstractBaseUser, AbstractBaseUser] = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField()

    class Meta:
        db_table = "session_exchanges"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["at"], name="session_exchanges_at")
        ]

    def __str__(self) -> str:
        return str(self.family_id)


class SessionAudit(models.Model):
    """A mark that says of which times the tables can tell."""

    name: models.TextField[str, str] = models.TextField(primary_key=True)
    at: models.DateTimeField[datetime, datetime] = models.DateTimeField()

    class Meta:
        db_table = "session_audit"

    def __str__(self) -> str:
        return str(self.name)
