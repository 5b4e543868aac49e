"""The tables as models, for the admin and for queries. The sessions themselves are read and written by ``store.py`` alone.

The migration makes the tables from plain SQL, with what models have no words for: triggers, partitions, deletion by the database.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models


class SessionFields(models.Model):
    """The columns that sessions have while they live and afterwards."""

    id = models.TextField(primary_key=True)  # the hash of the cookie's token; it opens nothing
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField()
    user_agent = models.TextField()  # the login's
    ip = models.GenericIPAddressField(null=True)  # the login's
    revoked_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()  # the longest it lives
    idle_seconds = models.IntegerField()  # how long it lives without use
    auth_at = models.DateTimeField(null=True)  # when the user last proved who they are
    auth_method = models.TextField()
    revoked_reason = models.TextField(null=True)  # NULL: it was not ended
    revoked_by = models.TextField(null=True)
    family_id = models.TextField()  # the public handle
    last_ip = models.GenericIPAddressField(null=True)
    last_user_agent = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.family_id


class LoginSession(SessionFields):
    """A session: one login on one device. The database deletes it with its user, and puts it into the history."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="login_sessions", db_index=False
    )

    class Meta:
        db_table = "sessions"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "created_at"], name="sessions_user"),
            models.Index(fields=["expires_at"], name="sessions_expiry"),
            models.Index(
                fields=["revoked_at"], name="sessions_revoked", condition=models.Q(revoked_at__isnull=False)
            ),
        ]


class SessionHistory(SessionFields):
    """A session that ended and was put away. It outlives its user."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )

    class Meta:
        db_table = "session_history"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "created_at"], name="session_history_user")
        ]


class SessionEvent(models.Model):
    """Something that happened to a session. Events are never changed."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    kind = models.TextField()
    session_id = models.TextField()
    family_id = models.TextField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    actor = models.TextField()
    reason = models.TextField()
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.TextField()

    class Meta:
        db_table = "session_events"
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["session_id", "at"], name="session_events_session"),
            models.Index(fields=["user", "at"], name="session_events_user"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.family_id}"


class SessionUser(models.Model):
    """A user's row, which logins and revokes lock; older JWTs than it says are refused."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+", primary_key=True
    )
    tokens_valid_after = models.DateTimeField(null=True)

    class Meta:
        db_table = "session_users"

    def __str__(self) -> str:
        return str(self.pk)


class SessionExchange(models.Model):
    """A JWT that was exchanged for a session, by its hash."""

    jwt_hash = models.TextField(primary_key=True)
    family_id = models.TextField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField()

    class Meta:
        db_table = "session_exchanges"
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["at"], name="session_exchanges_at")]

    def __str__(self) -> str:
        return self.family_id


class SessionAudit(models.Model):
    """A mark that says of which times the tables can tell."""

    name = models.TextField(primary_key=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "session_audit"

    def __str__(self) -> str:
        return self.name
