"""Applications in a temporary folder: as they were, migrated, and served over HTTP by real processes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import servers
from applications import ROUTES, Application
from devices import Device

Database = Literal["sqlite", "postgresql"]

MARKER = re.compile(r"[ \t]*(?:#|//) (?:expect|may|purpose): .*$", re.MULTILINE)
CARRIED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "XDG_CACHE_HOME")
GIT_OPTIONS = ("user.name=A. Developer", "user.email=dev@example.org", "commit.gpgsign=false", "init.defaultBranch=main")
GIT = ("git", *(part for option in GIT_OPTIONS for part in ("-c", option)))


@dataclass(frozen=True)
class Copy:
    """One application in a folder of its own.

    ``postgresql`` is the address of its database there (``postgres@127.0.0.1:5432/name``), empty for SQLite in the folder.
    """

    application: Application
    folder: Path
    postgresql: str = ""

    def filled(self, text: str, **values: object) -> str:
        return text.format(folder=self.folder, address=self.postgresql, **values)

    def environment(self, *, with_database: bool = True) -> dict[str, str]:
        """What the application's processes get: what it asks for, and nothing of the tests' own."""
        wanted = dict(self.application.environment)
        if with_database:
            wanted |= self.application.databases["postgresql" if self.postgresql else "sqlite"]
        carried = {name: os.environ[name] for name in CARRIED if name in os.environ}
        return carried | {"PYTHONDONTWRITEBYTECODE": "1"} | {name: self.filled(value) for name, value in wanted.items()}

    def run(self, *command: str, with_database: bool = True) -> str:
        """Run a command in the folder; what it printed. It must end well."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment(with_database=with_database),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{self.application.name}: {' '.join(command)} ended with {done.returncode}\n{done.stdout[-6000:]}"
        return done.stdout

    def git(self, *arguments: str) -> str:
        return self.run(*GIT, *arguments)

    def commit(self) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "Work")

    def jwtlint(self, *arguments: str) -> str:
        return self.run(sys.executable, "-m", "jwtlint", *arguments)

    def migrate(self) -> str:
        """Run the command under test."""
        database = ("--database", "postgresql") if self.postgresql else ()
        return self.jwtlint("migrate", ".", "--write", "--routes", ROUTES, *database, *self.application.options)

    def own_tests(self) -> str:
        """Run the application's own tests; on its database if that is PostgreSQL, else as they choose."""
        return self.run(*self.application.tests, with_database=bool(self.postgresql))

    @property
    def sessions(self) -> Path:
        """The generated package."""
        (bridge,) = self.folder.rglob("sessions/bridge.py")
        return bridge.parent

    def set(self, name: str, value: str) -> None:
        """Change one of the settings that the generated package was made with."""
        path = self.sessions / "settings.py"
        text, count = re.subn(rf"(?m)(^settings = Settings\(.*\b{name}=)[^,)]+", rf"\g<1>{value}", path.read_text(encoding="utf-8"))
        assert count == 1, f"{name} is set {count} times in {path}"
        path.write_text(text, encoding="utf-8")

    @contextmanager
    def served(self, port: int = 0) -> Iterator[str]:
        """The application in a process of its own; its address. 0: a port that is free."""
        for command in self.application.upgrade:
            self.run(*command)
        port = port or servers.free_port()
        log = self.folder.parent / f"{self.folder.name}-{port}.log"
        with open(log, "wb") as output:
            process = subprocess.Popen(
                [self.filled(part, port=port) for part in self.application.serve],
                cwd=self.folder,
                env=self.environment(),
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )
        try:

            def answers() -> bool:
                assert process.poll() is None, log.read_text(errors="replace")[-6000:]
                return servers.is_open_port(port)

            servers.wait_for(answers, f"{self.application.name} does not answer: {log}")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


@dataclass(frozen=True)
class Old:
    """What clients hold from before the migration: one user, and one set of tokens for each test that uses it up."""

    name: str
    password: str
    token: str
    refresh: str


USERS = ("kept", "leaver", "changer", "latecomer", "refresher")
ADMIN_DEVICE = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"


class Stage:
    """The applications, each made once and kept until the tests end."""

    def __init__(self, folder: Path, postgresql: str) -> None:
        self.folder = folder
        self.server = postgresql
        self.stack = ExitStack()
        self.copies: dict[tuple[str, Database, str], Copy] = {}
        self.old: dict[tuple[str, Database], dict[str, Old]] = {}
        self.addresses: dict[tuple[str, Database], str] = {}

    def original(self, application: Application, database: Database = "sqlite") -> Copy:
        """The application as it was, in a git repository, with a few users who are logged in by JWTs."""
        key = (application.name, database, "original")
        if key not in self.copies:
            self.copies[key] = copy = self.new_copy(application, database)
            for command in application.prepare:
                copy.run(*command)
            with copy.served() as address:
                self.old[application.name, database] = {name: logged_in(application, address, name) for name in USERS}
        return self.copies[key]

    def new_copy(self, application: Application, database: Database) -> Copy:
        """A fresh copy of the fixture, without the marks of what is expected there, committed."""
        folder = Path(tempfile.mkdtemp(prefix=f"{application.name}-", dir=self.folder)) / application.name
        shutil.copytree(application.folder, folder, ignore=shutil.ignore_patterns("app.toml", "__pycache__", "node_modules", "dist"))
        for path in folder.rglob("*"):
            if path.suffix in (".py", ".ts", ".tsx"):
                path.write_text(MARKER.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
        (folder / ".gitignore").write_text("*.db\n*.db-*\nmail/\nnode_modules/\ndist/\n__pycache__/\ninstance/\n", encoding="utf-8")
        copy = Copy(application, folder, self.new_database(folder) if database == "postgresql" else "")
        copy.git("init", "--quiet")
        copy.commit()
        return copy

    def new_database(self, folder: Path) -> str:
        """An empty database; its address without the scheme."""
        name = re.sub(r"\W", "_", folder.parent.name.lower())
        return self.stack.enter_context(servers.database(self.server, name)).removeprefix("postgresql://")

    def migrated(self, application: Application, database: Database = "sqlite") -> Copy:
        """The application after ``jwtlint migrate --write``, with the data and the users that it had before."""
        key = (application.name, database, "migrated")
        if key not in self.copies:
            before = self.original(application, database)
            folder = before.folder.with_name("migrated") / application.name
            shutil.copytree(before.folder, folder)
            copy = Copy(application, folder, before.postgresql)
            copy.migrate()
            copy.commit()
            self.copies[key] = copy
        return self.copies[key]

    def own(self, application: Application, folder: Path) -> Copy:
        """A copy of the migrated application that one test may change: its code, and its data."""
        before = self.migrated(application)
        shutil.copytree(before.folder, folder / application.name, ignore=shutil.ignore_patterns(".git"))
        return Copy(application, folder / application.name)

    def running(self, application: Application, database: Database = "sqlite") -> str:
        """The address of the migrated application, which is served until the tests end."""
        key = (application.name, database)
        if key not in self.addresses:
            self.addresses[key] = self.stack.enter_context(self.migrated(application, database).served())
        return self.addresses[key]

    def close(self) -> None:
        self.stack.close()


def logged_in(application: Application, address: str, name: str) -> Old:
    """A new user with a JWT."""
    device = Device(application, address)
    device.sign_up(name)
    device.log_in(name)
    assert device.token.count(".") == 2
    return Old(name, f"{name}-password-1", device.token, device.refresh_token)
