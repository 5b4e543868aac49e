"""Completion in real shells, set up with the lines that the README shows."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from terminals import Terminal

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
LINES = {shell: line for line, shell in re.findall(r"^    (.*_JWTLINT_COMPLETE=(\w+)_source.*?)(?:  +#.*)?$", README, re.MULTILINE)}
ERASE = "\x15"  # Ctrl-U takes back what was typed
# what is typed before the tabulator key, and what then stands there
ONE = [
    ("jwtlint basel", "jwtlint baseline "),
    ("jwtlint check --show-set", "jwtlint check --show-settings "),
    ("jwtlint check --color al", "jwtlint check --color always "),
    ("jwtlint check --select JWT107,token-in-l", "jwtlint check --select JWT107,token-in-local-storage "),
    ("jwtlint check --format jun", "jwtlint check --format junit "),
    ("jwtlint explain token-in-l", "jwtlint explain token-in-local-storage "),
    ("jwtlint explain JWT40", "jwtlint explain JWT40"),
    ("jwtlint config max-l", "jwtlint config max-lifetime "),
]
# what is typed, and what is then offered
SEVERAL = [
    ("jwtlint ", ["check", "fix", "scaffold", "config"]),
    ("jwtlint explain JWT10", ["JWT101", "JWT108"]),
    ("jwtlint check --ignore token-in-", ["token-in-local-storage", "token-in-url"]),
]


def environment(folder: Path) -> dict[str, str]:
    """A shell's surroundings in which ``jwtlint`` is this one."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(folder), "TERM": "xterm", "PS1": "READY> ", "LC_ALL": "C.UTF-8"}


def test_the_readme_shows_a_line_for_each_shell() -> None:
    assert sorted(LINES) == ["bash", "fish", "zsh"]


@pytest.mark.parametrize(
    ("shell", "before"), [(["bash", "--noprofile", "--norc", "-i"], ""), (["zsh", "-f", "-i"], "autoload -Uz compinit && compinit -D -u; ")]
)
def test_the_tabulator_key(shell: list[str], before: str, tmp_path: Path) -> None:
    if shutil.which(shell[0]) is None:
        pytest.skip(f"{shell[0]} is not on this machine")
    with Terminal(shell, environment(tmp_path), tmp_path) as terminal:
        terminal.read_until("READY> ")
        terminal.type(f"{before}{LINES[shell[0]]}; echo set up $((70 + 1))\n")
        terminal.read_until("set up 71")
        terminal.read_until("READY> ")
        for typed, completed in ONE:
            terminal.type(typed + "\t")
            terminal.read_until(completed)
            terminal.type(ERASE)
        for typed, offered in SEVERAL:
            terminal.type(typed + "\t\t")
            for word in offered:
                terminal.read_until(word)
            terminal.type(ERASE)


def test_fish(tmp_path: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not on this machine")

    def offered(typed: str) -> list[str]:
        """The words that fish offers, without their descriptions."""
        script = f"{LINES['fish']}; complete --do-complete '{typed}'"
        done = subprocess.run(
            ["fish", "--no-config", "-c", script], cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=True
        )
        assert done.stderr == ""
        return [line.partition("\t")[0] for line in done.stdout.splitlines()]

    for typed, completed in ONE:
        # click's script for fish takes a comma for the end of a word
        if completed.endswith(" ") and "," not in completed:
            assert offered(typed) == [completed.split()[-1]]
    for typed, words in SEVERAL:
        assert set(words) <= set(offered(typed))
