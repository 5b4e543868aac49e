"""``jwtlint check --show-settings``: what holds, and where it comes from; and what is asked before anything is scanned."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest
import tomli
from click.testing import CliRunner, Result

from jwtlint import analysis
from jwtlint.cli import main
from jwtlint.config import Configuration


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text("import jwt\n")
    monkeypatch.chdir(tmp_path)

    def scanned(*_: object) -> None:
        raise AssertionError("something was scanned")

    monkeypatch.setattr(analysis, "scan", scanned)
    return tmp_path


def show(*arguments: object) -> Result:
    result = CliRunner().invoke(main, ["check", "--show-settings", *map(str, arguments)])
    assert result.exit_code == 0, result.output
    return result


def origins(*arguments: object) -> dict[str, tuple[str, str]]:
    """Each setting's value, as it is shown, and its origin."""
    lines = re.findall(r"^#?([a-z-]+) =(.*?)\s+# (.*)$", show(*arguments).stdout, re.MULTILINE)
    return {key: (value.strip(), origin) for key, value, origin in lines}


def test_every_setting_is_shown_with_its_default(project: Path) -> None:
    told = origins()
    assert list(told) == list(Configuration.__struct_encode_fields__)
    assert told["max-lifetime"] == ("60", "default")
    assert told["min-level"] == ('"note"', "default")
    assert {origin.partition(":")[0] for _, origin in told.values()} == {"default"}
    assert "node_modules" in told["exclude"][1]


def test_what_is_shown_is_a_configuration_that_holds_the_same(project: Path) -> None:
    (project / "jwtlint.toml").write_text(
        'max-lifetime = 5\nextend-exclude = ["old/"]\n[per-file-ignores]\n"a b/*" = ["JWT1"]\n"\\u001b" = []\n'
    )
    shown = show("--select", "JWT2,JWT3", "--pedantic").stdout
    assert "\x1b" not in shown
    expected = Configuration(
        max_lifetime=5,
        extend_exclude=("old/",),
        per_file_ignores={"a b/*": ("JWT1",), "\x1b": ()},
        select=("JWT2", "JWT3"),
        pedantic=True,
    )
    assert msgspec.convert(tomli.loads(shown), Configuration) == expected


@pytest.mark.parametrize(("name", "head", "place"), [
    ("jwtlint.toml", "", "jwtlint.toml"),
    ("pyproject.toml", "[tool.jwtlint]\n", "pyproject.toml [tool.jwtlint]"),
])
def test_where_a_setting_comes_from(project: Path, name: str, head: str, place: str) -> None:
    # a default that a file repeats comes from the file
    (project / name).write_text(f"{head}max-lifetime = 60\nignore = ['JWT3']\nmin-level = 'warning'\n")
    told = origins("--ignore", "JWT4", "--fail-level", "error", "--strict")
    assert told["max-lifetime"] == ("60", str(project / place))
    assert told["min-level"] == ('"warning"', str(project / place))
    assert told["ignore"] == ('["JWT4"]', "command line: --ignore")
    assert told["fail-level"] == ('"error"', "command line: --fail-level")
    assert told["strict"] == ("true", "command line: --strict")
    assert told["select"] == ("[]", "default")
    assert f"# configuration file: {project / place}\n" in show().stdout
    assert "# configuration file: none\n" in show("--no-config").stdout
    assert origins("--no-config")["min-level"] == ('"note"', "default")


def test_folders_that_are_not_obeyed_are_said_to_be(project: Path) -> None:
    (project / "jwtlint.toml").write_text("models = ['m']\n")
    assert origins()["models"] == ("[]", f"{project / 'jwtlint.toml'}, which is obeyed only with --config")
    named = show("--config", "jwtlint.toml").stdout
    assert f'models = ["{project / "m"}"]' in named
    assert f"# configuration file: {project / 'jwtlint.toml'} (--config)" in named


def test_the_baseline_that_holds(project: Path) -> None:
    (project / "jwtlint.toml").write_text("baseline = 'known.json'\n")
    assert origins()["baseline"] == (f'"{project / "known.json"}"', str(project / "jwtlint.toml"))
    assert origins("--baseline", "other.json")["baseline"] == ('"other.json"', "command line: --baseline")
    assert origins("--no-ignores")["baseline"] == ("", f"{project / 'jwtlint.toml'}, left out by --no-ignores")


def test_what_no_setting_tells(project: Path) -> None:
    told = show("app.py", "--no-cache", "--no-ignores").stdout
    assert f"# folder: {project}\n# paths in it: app.py\n" in told
    assert "# cache: not used (--no-cache)\n# comments that ask for silence: not obeyed (--no-ignores)\n" in told
    assert "/jwtlint\n# comments that ask for silence: obeyed\n" in show().stdout


def test_nothing_is_scanned_for_the_files_either(project: Path) -> None:
    result = CliRunner().invoke(main, ["check", "--show-files"])
    assert (result.exit_code, result.stdout) == (0, "app.py\n")


def test_a_mistake_in_the_file_is_told(project: Path) -> None:
    (project / "jwtlint.toml").write_text("max-lifetme = 5\n")
    result = CliRunner().invoke(main, ["check", "--show-settings"])
    assert result.exit_code == 2
    assert 'unknown key "max-lifetme"; did you mean "max-lifetime"?' in result.stderr
