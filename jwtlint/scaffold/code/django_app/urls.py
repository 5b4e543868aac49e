"""Where the views are: ``path("account/", include("app.sessions.urls"))``."""

from __future__ import annotations

from django.urls import path

from . import views

app_name = "login_sessions"
urlpatterns = [
    path("sessions", views.my_sessions, name="list"),
    path("sessions/revoke-others", views.end_others, name="end_others"),
    path("sessions/<str:handle>", views.end_one, name="end_one"),
    path("logout", views.log_out, name="log_out"),
    path("reauthenticate", views.reauthenticate, name="reauthenticate"),
]
