"""Whether files can be changed with a way back: what git says of them.

The repository may be hostile, so git is asked as in ``jwtlint.sources.git``.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Collection, Iterator
from pathlib import Path

from jwtlint.sources.git import SAFE, TIMEOUT, top_around


def dirty(folder: Path, paths: Collection[Path]) -> list[str]:
    """What is not committed in the work tree around a folder: tracked files that changed, and those of ``paths`` that git does not know.

    Names are relative to the top of the work tree. Empty where the folder lies in none. A tree that git cannot tell about counts as
    dirty.
    """
    top = top_around(folder)
    if top is None:
        return []
    git = shutil.which("git")
    if git is None:
        return ["(git is not installed, so nobody can tell)"]
    command = [git, *SAFE, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--ignored=matching", "--ignore-submodules=all"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(
            command, cwd=top, capture_output=True, timeout=TIMEOUT, check=False, stdin=subprocess.DEVNULL, env=environment
        )
    except (OSError, subprocess.TimeoutExpired):
        return ["(git did not answer)"]
    if done.returncode:
        return [f"(git says: {(done.stderr.decode('utf-8', 'replace').splitlines() or ['nothing'])[0]})"]
    wanted = {path.resolve() for path in paths}
    return sorted(
        name
        for state, name in entries(done.stdout)
        if state not in ("??", "!!") or any(is_below(path, (top / name).resolve()) for path in wanted)
    )


def entries(output: bytes) -> Iterator[tuple[str, str]]:
    """The states and names in ``git status --porcelain=v1 -z``; of a renaming the new name."""
    fields = iter(output.split(b"\0"))
    for field in fields:
        if len(field) > 3:
            state = field[:2].decode("ascii", "replace")
            yield state, os.fsdecode(field[3:])
            if "R" in state or "C" in state:
                next(fields, None)


def is_below(path: Path, folder: Path) -> bool:
    """Whether a path is a folder or file, or lies in it."""
    return path == folder or folder in path.parents
