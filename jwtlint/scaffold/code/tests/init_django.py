"""Tests of the sessions. ``manage.py test`` runs those of Django's part; pytest runs
all.
"""

from __future__ import annotations

import unittest
from pathlib import Path

NAMES = ("test_django", "test_drf", "test_bridge")


def load_tests(
    loader: unittest.TestLoader, tests: unittest.TestSuite, pattern: str | None
) -> unittest.TestSuite:
    """What ``manage.py test`` runs: the other tests need pytest."""
    here = [name for name in NAMES if Path(__file__).with_name(f"{name}.py").exists()]
    return loader.loadTestsFromNames([f"{__name__}.{name}" for name in here])
