"""The sessions as a Django application."""

from __future__ import annotations

from django.apps import AppConfig


class LoginSessionsConfig(AppConfig):
    """Its label is not ``sessions``, which is that of ``django.contrib.sessions``."""

    name = "app.sessions"
    label = "login_sessions"
    verbose_name = "Login sessions"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to logins, logouts and changes of users, and stand behind what
        djangorestframework-simplejwt signs.
        """
        from . import checks, receivers, simplejwt

        checks.register()
        receivers.connect()
        simplejwt.connect()
