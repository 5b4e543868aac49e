"""The sessions in the admin, to be read only; to end them, use ``manage.py sessions
revoke-user``.
"""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from .models import LoginSession, SessionEvent, SessionHistory


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]  # it is generic in the stubs only
    """Nobody adds, changes or deletes here."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """No."""
        return False

    def has_change_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """No."""
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: Model | None = None
    ) -> bool:
        """No."""
        return False


@admin.register(LoginSession, SessionHistory)
class SessionAdmin(ReadOnly):
    """Sessions."""

    list_display = (
        "family_id",
        "user_id",
        "created_at",
        "last_used_at",
        "last_ip",
        "revoked_at",
        "revoked_reason",
    )
    search_fields = ("=user__pk", "=family_id")
    ordering = ("-created_at",)
    exclude = ("user",)


@admin.register(SessionEvent)
class EventAdmin(ReadOnly):
    """Events."""

    list_display = ("at", "kind", "user_id", "family_id", "actor", "reason", "ip")
    list_filter = ("kind",)
    search_fields = ("=family_id",)
    ordering = ("-at",)
    exclude = ("user",)
