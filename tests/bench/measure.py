"""How long jwtlint takes, beside ``ruff check --select S`` on the same files at the same time.

    python tests/bench/measure.py [FOLDER ...]

Without folders a tree of 5,000 files is made. Folders are copied first; nothing in them is changed. Every round runs each command
once, so that whatever else the machine does falls on all of them; medians and their ratios are printed.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parent))

import web_tree
from tree import make

ROUNDS = 9
SETTLED = 2.5  # seconds after which the cache relies on a file's time
JWTLINT = [sys.executable, "-m", "jwtlint", "check"]
RUFF = [str(Path(sys.executable).with_name("ruff")), "check", "--select", "S", "--no-cache", "--isolated"]


# a small process starts the measured one, for a process begins its life with the memory of the one that started it
START = """
import os, sys, time
began = time.perf_counter()
pid = os.fork()
if not pid:
    os.execv(sys.argv[2], sys.argv[2:])
_, status, usage = os.wait4(pid, 0)
with open(sys.argv[1], "w") as file:
    print(time.perf_counter() - began, usage.ru_maxrss, os.waitstatus_to_exitcode(status), file=file)
"""


class Run(NamedTuple):
    """One run: wall time in seconds, the largest process in MiB, exit status and output."""

    seconds: float
    memory: float
    status: int
    output: str


class Figures(NamedTuple):
    """The runs of one tree by what was done, and the number of its files."""

    tree: str
    files: int
    parsed: int
    runs: dict[str, list[Run]]

    def seconds(self, what: str) -> float:
        """The median time of one kind of run."""
        return statistics.median(run.seconds for run in self.runs[what])

    def lines(self) -> list[str]:
        """What is printed."""
        ruff, bare = self.seconds("ruff"), self.seconds("python -c pass")
        lines = [f"{self.tree}: {self.files:,} files, of which {self.parsed:,} are parsed; ruff {ruff * 1000:,.0f} ms"]
        for what in self.runs:
            if what == "ruff":
                continue
            seconds = self.seconds(what)
            memory = max(run.memory for run in self.runs[what])
            lines.append(
                f"  {what:<34} {seconds * 1000:>6,.0f} ms  {seconds / ruff:>6.2f} × ruff  "
                f"{(seconds - bare) * 1000:>+6,.0f} ms beside python  {memory:>4,.0f} MiB"
            )
        return lines


def run(command: Sequence[str], cache: Path) -> Run:
    """Run a command with a cache of its own."""
    environment = {**os.environ, "XDG_CACHE_HOME": str(cache), "PYTHONPYCACHEPREFIX": str(cache / "bytecode")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    cache.mkdir(parents=True, exist_ok=True)
    figures = cache / "figures"
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", START, str(figures), *command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=environment,
        check=True,
    )
    seconds, memory, status = figures.read_text().split()
    kilo = 1024 if sys.platform != "darwin" else 1024 * 1024
    return Run(float(seconds), int(memory) / kilo, int(status), done.stdout.decode("utf-8", "replace"))


def measure(name: str, root: Path, cache: Path, changed: Sequence[str] = (), rounds: int = ROUNDS) -> Figures:
    """Measure one tree, which may be written to. ``changed`` are files to change, one at a time."""
    document = json.loads(run([*JWTLINT, "--no-cache", "--format", "json", str(root)], cache).output)
    if not changed:
        told = [step["path"] for token in document["tokens"] for step in token["story"]]
        changed = told[:1] or run([*JWTLINT, "--show-files", str(root)], cache).output.splitlines()[:1]
    time.sleep(SETTLED)
    kinds: dict[str, Callable[[int], Run]] = {
        "ruff": lambda _: run([*RUFF, str(root)], cache),
        "python -c pass": lambda _: run([sys.executable, "-c", "pass"], cache),
        "cold (--no-cache)": lambda _: run([*JWTLINT, "--no-cache", str(root)], cache),
        "warm": lambda _: run([*JWTLINT, str(root)], cache),
    }
    for path in changed:
        kinds[f"changed: {path[-24:]}"] = lambda number, path=path: run_changed(root, path, number, cache)  # type: ignore[misc]
    run([*JWTLINT, str(root)], cache)
    runs: dict[str, list[Run]] = {kind: [] for kind in kinds}
    for kind, work in kinds.items():
        # not mixed with those that change a file
        if kind.startswith("changed"):
            runs[kind] = [work(number) for number in range(rounds)]
            run([*JWTLINT, str(root)], cache)
    for number in range(rounds):
        for kind, work in kinds.items():
            if not kind.startswith("changed"):
                runs[kind].append(work(number))
    stats = document["stats"]
    return Figures(name, stats["files_seen"], stats["files_parsed"], runs)


def run_changed(root: Path, path: str, number: int, cache: Path) -> Run:
    """Change one file, run, and change it back."""
    file = root / path
    before, stat = file.read_bytes(), file.stat()
    try:
        file.write_bytes(before + f"\nCHANGED_{number} = {time.time_ns()}\n".encode())
        return run([*JWTLINT, str(root)], cache)
    finally:
        file.write_bytes(before)
        os.utime(file, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def measure_made(work: Path, files: int = 5_000, rounds: int = ROUNDS) -> Figures:
    """Measure the tree that is made."""
    root = work / "made"
    make(root, files)
    service = next(path for path in sorted(root.glob("services/*/main.py")))
    other = next(path for path in sorted(root.glob("platform/*/*.py")))
    changed = [path.relative_to(root).as_posix() for path in (service, other)]
    return measure("a tree made for this", root, work / "cache", changed, rounds)


def measure_web(work: Path, files: int = 3_000, rounds: int = ROUNDS) -> Figures:
    """Measure a front end that is made, beside ruff on Python of as many bytes."""
    root, python = work / "front", work / "python"
    web_tree.make(root, files)
    size = sum(path.stat().st_size for path in root.rglob("*") if path.is_file())
    make(python, files)
    paths = sorted(path for path in python.rglob("*.py"))
    for number, path in enumerate(paths):
        # cut down, or copied, until the bytes are the same
        size -= path.stat().st_size
        if size < 0:
            path.unlink()
        elif number == len(paths) - 1:
            for copy in range(size // max(1, path.stat().st_size)):
                shutil.copy(path, path.with_name(f"{path.stem}_{copy}.py"))
    document = json.loads(run([*JWTLINT, "--no-cache", "--format", "json", str(root)], work / "cache").output)
    kinds: dict[str, Callable[[], Run]] = {
        "ruff": lambda: run([*RUFF, str(python)], work / "cache"),
        "python -c pass": lambda: run([sys.executable, "-c", "pass"], work / "cache"),
        "cold (--no-cache)": lambda: run([*JWTLINT, "--no-cache", str(root)], work / "cache"),
        "warm": lambda: run([*JWTLINT, str(root)], work / "cache"),
    }
    run([*JWTLINT, str(root)], work / "cache")
    runs: dict[str, list[Run]] = {kind: [] for kind in kinds}
    for _ in range(rounds):
        for kind, work_ in kinds.items():
            runs[kind].append(work_())
    stats = document["stats"]
    return Figures("a front end made for this (ruff on Python of the same bytes)", stats["files_seen"], stats["files_parsed"], runs)


def measure_copy(folder: Path, work: Path, rounds: int = ROUNDS) -> Figures:
    """Measure a copy of a folder."""
    root = work / folder.resolve().name
    shutil.copytree(folder, root, symlinks=True, ignore=shutil.ignore_patterns("*.png", "*.jpg", "*.svg"))
    return measure(str(folder), root, work / "cache", rounds=rounds)


def main(folders: Sequence[str]) -> None:
    """Measure the given folders, or the tree that is made."""
    with tempfile.TemporaryDirectory() as work:
        if not folders:
            print("\n".join(measure_made(Path(work)).lines()))
            print("\n".join(measure_web(Path(work)).lines()))
        for folder in folders:
            print("\n".join(measure_copy(Path(folder), Path(work)).lines()))


if __name__ == "__main__":
    main(sys.argv[1:])
