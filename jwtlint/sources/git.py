"""Asking git about a repository that may be hostile.

Only plumbing commands that run nothing of the repository's: no hooks, no filters, no external diffs, no file system monitor, no fetching
of what is missing.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

SAFE = (
    "--no-optional-locks",
    "--no-replace-objects",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", "core.hooksPath=/dev/null"),
    *("-c", "protocol.allow=never"),
)
# where a hook runs, git tells it about the commit that is being made
FOREIGN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_EXTERNAL_DIFF", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT")
TIMEOUT = 60  # seconds


def environment() -> dict[str, str]:
    """The environment of a git command."""
    found = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return {**found, "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1", "GIT_PAGER": "cat", "LC_ALL": "C"}


def top_around(path: Path) -> Path | None:
    """The nearest folder at or above a path that holds ``.git``."""
    path = path.resolve()
    return next((folder for folder in (path, *path.parents) if (folder / ".git").exists()), None)


def tracked_but_ignored(folder: Path) -> list[str]:
    """The files in a folder that git tracks although an ignore file names them, relative to it; no file where git cannot tell."""
    return asked(folder, "ls-files", "-z", "--cached", "--ignored", "--exclude-standard")


def ignored(folder: Path, paths: Iterable[str]) -> list[str]:
    """Which of some paths, relative to a folder, git ignores; what it tracks it does not ignore. No path where git cannot tell."""
    # the command refuses literal pathspecs; behind "./" nothing is magic
    said = b"".join(b"./" + os.fsencode(path) + b"\0" for path in paths)
    found = asked(folder, "--no-literal-pathspecs", "check-ignore", "-z", "--stdin", said=said)
    return [path.removeprefix("./") for path in found]


def asked(folder: Path, *arguments: str, said: bytes = b"") -> list[str]:
    """The paths that a git command in a folder gives; none outside a repository, without git, or if git refuses."""
    git = shutil.which("git")
    if git is None or top_around(folder) is None:
        return []
    command = [git, *SAFE, *arguments]
    try:
        done = subprocess.run(command, cwd=folder, env=environment(), input=said, capture_output=True, timeout=TIMEOUT, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name] if done.returncode == 0 else []
