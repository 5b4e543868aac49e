"""A real browser without a window, for what people look at and what runs in browsers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1400,1000",
)


def program(*names: str) -> str:
    """The path of the first of some programs that is installed."""
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.fail(f"these tests need {names[0]}; install Debian's packages chromium and chromium-driver, or set JWTLINT_NO_BROWSER=1")
    return found


@contextmanager
def opened(folder: Path, capabilities: Mapping[str, object] | None = None) -> Iterator[webdriver.Chrome]:
    """A browser whose profile lies in a folder."""
    if os.environ.get("JWTLINT_NO_BROWSER"):
        pytest.skip("JWTLINT_NO_BROWSER is set")
    options = Options()
    options.binary_location = program("chromium", "chromium-browser", "google-chrome")
    for argument in (*ARGUMENTS, f"--user-data-dir={folder}"):
        options.add_argument(argument)
    for name, value in (capabilities or {}).items():
        options.set_capability(name, value)
    driver = webdriver.Chrome(options=options, service=Service(program("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()
