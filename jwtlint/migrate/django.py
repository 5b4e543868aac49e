"""Django's settings: the generated app, and its middleware."""

from __future__ import annotations

from jwtlint.migrate.study import Study
from jwtlint.scaffold.choice import Choice
from jwtlint.scaffold.project.detect import Detected


def install(study: Study, choice: Choice, detected: Detected) -> None:
    """Add the app and the middleware to the settings."""
    study.leave("add the generated app to the settings", "not yet")
