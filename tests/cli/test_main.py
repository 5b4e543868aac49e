from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from jwtlint import __version__
from jwtlint.cli import SUBCOMMANDS, main
from jwtlint.rules import catalogue
from jwtlint.sources.cache import Cache, cache_folder

HEAVY = {"rich", "libcst", "msgspec", "ahocorasick_rs", "jwtlint.analysis", "jwtlint.linker"}


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def modules_after(code: str) -> set[str]:
    script = f"import sys\ntry:\n    {code}\nexcept SystemExit:\n    pass\nprint(*sys.modules, file=sys.stderr)"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(result.stderr.split())


def test_help_names_every_subcommand() -> None:
    text = run("--help")
    assert all(f"  {name} " in text for name in SUBCOMMANDS)


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_every_subcommand_has_help(name: str) -> None:
    assert "Usage: " in run(name, "--help")


@pytest.mark.parametrize("arguments", ["['--help']", "['--version']", "['check', '--help']"])
def test_help_and_version_load_nothing_heavy(arguments: str) -> None:
    assert modules_after(f"from jwtlint.cli import main; main({arguments})") & HEAVY == set()


def test_a_run_from_the_cache_loads_no_parser_library(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("import jwt\n")
    os.utime(tmp_path / "app.py", (1, 1))
    check = f"from jwtlint.cli import main; main(['check', {str(tmp_path)!r}, '--format', 'json'])"
    modules_after(check)
    loaded = modules_after(check)
    assert loaded & {"libcst", "rich", "jwtlint.linker.lifecycle"} == set()


def test_version() -> None:
    assert run("--version") == f"jwtlint, version {__version__}\n"


def test_python_dash_m() -> None:
    result = subprocess.run([sys.executable, "-m", "jwtlint", "--version"], capture_output=True, text=True, check=True)
    assert result.stdout.strip().endswith(__version__)


def test_explain_by_code_and_by_name() -> None:
    text = run("explain", "JWT102")
    assert text == run("explain", "no-revocation-path") == run("explain", "jwt102")
    assert text.startswith("JWT102 no-revocation-path (error, revocation)\n")
    assert "To mend it" in text and "CWE-613" in text and "OWASP ASVS 5.0: 7.4.1" in text


def test_explain_suggests() -> None:
    result = CliRunner().invoke(main, ["explain", "token-in-ulr"])
    assert result.exit_code == 2
    assert result.stderr.startswith('jwtlint: there is no rule "token-in-ulr"; did you mean "token-in-url"?')


def test_rules_as_text_and_json() -> None:
    lines = run("rules").splitlines()
    listing = json.loads(run("rules", "--format", "json"))
    assert len(lines) == len(listing) == len(catalogue.load())
    assert lines[2].split() == ["JWT101", "session-by-jwt", "error", "revocation"]
    assert listing[2]["asvs"] == ["7.4.1", "7.4.5"]


def test_cache_path_and_clear() -> None:
    assert run("cache", "path") == f"{cache_folder()}\n"
    Cache(cache_folder()).store("documents/a", 1)
    assert run("cache", "clear") == f"1 cache file deleted from {cache_folder()}\n"


def test_an_unknown_subcommand_is_wrong_use() -> None:
    assert CliRunner().invoke(main, ["chek"]).exit_code == 2


@pytest.mark.skipif(os.name != "posix", reason="a shell that closes streams")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_the_caller_closed_are_no_mistake(tmp_path: Path, closed: str) -> None:
    (tmp_path / "login.ts").write_text('localStorage.setItem("access_token", (await login()).access_token);\n')
    check = shlex.join([sys.executable, "-m", "jwtlint", "check", "--no-cache", str(tmp_path)])
    result = subprocess.run(["/bin/sh", "-c", f"{check} {closed}"], capture_output=True, text=True, check=False)
    assert result.returncode == 1
    assert result.stderr == ""
    assert ("JWT301" in result.stdout) == (">&-" not in closed.split())


@pytest.mark.skipif(os.name != "posix", reason="signals between processes")
@pytest.mark.parametrize("whom", [os.kill, os.killpg])
def test_ctrl_c_ends_the_run_and_all_that_it_started(tmp_path: Path, whom: Callable[[int, int], None]) -> None:
    command = [sys.executable, "-c", INTERRUPTED, str(tmp_path)]
    run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    assert run.stdout is not None
    assert run.stdout.readline() == "begun\n"
    whom(run.pid, signal.SIGINT)
    _, told = run.communicate(timeout=60)
    assert (run.returncode, told.strip()) == (1, "Aborted!")
    with pytest.raises(ProcessLookupError):
        while True:
            # those that are being ended are still there for a moment
            os.killpg(run.pid, 0)
            time.sleep(0.01)


# tells when the other process is waited for, whose walk takes as long as it is let
INTERRUPTED = """
import sys, time
from jwtlint import scope
from jwtlint.__main__ import main
from jwtlint.sources.screen import Screening

def found(screening, found=Screening.found):
    print("begun", flush=True)
    return found(screening)

def files(*_):
    time.sleep(600)

Screening.found, scope.files = found, files
sys.argv[1:] = ["check", "--no-cache", sys.argv[1]]
main()
"""
