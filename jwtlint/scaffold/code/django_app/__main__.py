"""``python -m app.sessions`` is ``manage.py sessions``."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings")
execute_from_command_line(["python -m app.sessions", "sessions", *sys.argv[1:]])
