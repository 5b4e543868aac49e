"""Tells drf-spectacular of the cookie. Import it where the schema is made, or from ``apps.py``."""

from __future__ import annotations

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema

from .service import store


class SessionTableScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """``securitySchemes: {sessionCookie: {type: apiKey, in: cookie, name: __Host-sid}}``."""

    target_class = "app.sessions.drf.SessionTableAuthentication"
    name = "sessionCookie"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """The scheme, as OpenAPI 3 has it."""
        return {"type": "apiKey", "in": "cookie", "name": store.settings.cookie}
