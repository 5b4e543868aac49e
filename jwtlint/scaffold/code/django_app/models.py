"""The tables as models, for the admin and for queries. ``store.py`` alone reads and
writes sessions to work with them.

The migration makes the tables from plain SQL, with what models have no words for:
triggers, partitions, deletion by the database.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, TypeAlias

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

# what columns give and take, for type checkers
Text: TypeAlias = "models.TextField[str, str]"
TextOrNone: TypeAlias = "models.TextField[str | None, str | None]"
Moment: TypeAlias = "models.DateTimeField[datetime, datetime]"
MomentOrNone: TypeAlias = "models.DateTimeField[datetime | None, datetime | None]"
Address: TypeAlias = "models.GenericIPAddressField[str | None, str | None]"
Number: TypeAlias = "models.IntegerField[int, int]"
Counter: TypeAlias = "models.BigAutoField[int, int]"
Owner: TypeAlias = "models.ForeignKey[AbstractBaseUser, AbstractBaseUser]"
OnlyOwner: TypeAlias = "models.OneToOneField[AbstractBaseUser, AbstractBaseUser]"


class SessionFields(models.Model):
    """The columns that sessions have while they live and afterwards; the migration
    explains them.
    """

    id: Text = models.TextField(primary_key=True)
    created_at: Moment = models.DateTimeField()
    last_used_at: Moment = models.DateTimeField()
    user_agent: Text = models.TextField()
    ip: Address = models.GenericIPAddressField(null=True)
    revoked_at: MomentOrNone = models.DateTimeField(null=True)
    expires_at: Moment = models.DateTimeField()
    idle_seconds: Number = models.IntegerField()
    auth_at: MomentOrNone = models.DateTimeField(null=True)
    auth_method: Text = models.TextField()
    revoked_reason: TextOrNone = models.TextField(null=True)
    revoked_by: TextOrNone = models.TextField(null=True)
    family_id: Text = models.TextField()
    last_ip: Address = models.GenericIPAddressField(null=True)
    last_user_agent: Text = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.family_id)


class LoginSession(SessionFields):
    """A session: one login on one device. The database deletes it with its user, and
    puts it into the history.
    """

    user: Owner = models.ForeignKey(
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

    user: Owner = models.ForeignKey(
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

    id: Counter = models.BigAutoField(primary_key=True)
    at: Moment = models.DateTimeField()
    kind: Text = models.TextField()
    session_id: Text = models.TextField()
    family_id: Text = models.TextField()
    user: Owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    actor: Text = models.TextField()
    reason: Text = models.TextField()
    ip: Address = models.GenericIPAddressField(null=True)
    user_agent: Text = models.TextField()

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
    """A user's row, which logins and revokes lock; older JWTs are refused."""

    user: OnlyOwner = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="+",
        primary_key=True,
    )
    tokens_valid_after: MomentOrNone = models.DateTimeField(null=True)

    class Meta:
        db_table = "session_users"

    def __str__(self) -> str:
        return str(self.pk)


class SessionExchange(models.Model):
    """What else stands for a session, by its hash: a JWT that was exchanged for it, or
    what was handed out in a JWT's place, with the ``claims`` of that.
    """

    jwt_hash: Text = models.TextField(primary_key=True)
    family_id: Text = models.TextField()
    user: Owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    at: Moment = models.DateTimeField()
    claims: TextOrNone = models.TextField(null=True)

    class Meta:
        db_table = "session_exchanges"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["at"], name="session_exchanges_at"),
            models.Index(
                fields=["user", "family_id"], name="session_exchanges_family"
            ),
        ]

    def __str__(self) -> str:
        return str(self.family_id)


class SessionAudit(models.Model):
    """A mark that says of which times the tables can tell."""

    name: Text = models.TextField(primary_key=True)
    at: Moment = models.DateTimeField()

    class Meta:
        db_table = "session_audit"

    def __str__(self) -> str:
        return str(self.name)
