"""Lets pytest run the tests without a plugin; with pytest-django, that plugin makes the
test database.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import django
import pytest
from django.test.runner import DiscoverRunner

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "app.settings")
django.setup()


@pytest.fixture(scope="session", autouse=True)
def test_database(request: pytest.FixtureRequest) -> Iterator[None]:
    """The project's test database, made once."""
    if request.config.pluginmanager.hasplugin("django"):
        yield
        return
    runner = DiscoverRunner(verbosity=0, interactive=False)
    runner.setup_test_environment()
    databases = runner.setup_databases()
    yield
    runner.teardown_databases(databases)
    runner.teardown_test_environment()


@pytest.fixture(autouse=True)
def access(request: pytest.FixtureRequest) -> Iterator[None]:
    """Tests that are no test cases of Django's make tables of their own, which
    pytest-django would not let them.
    """
    if request.config.pluginmanager.hasplugin("django"):
        with request.getfixturevalue("django_db_blocker").unblock():
            yield
    else:
        yield
