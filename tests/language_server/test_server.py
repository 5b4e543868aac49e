from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from lsprotocol import types
from pygls.workspace import Workspace

from jwtlint.cli import main
from jwtlint.language_server.messages import Crash
from jwtlint.language_server.project import Project, around
from jwtlint.language_server.server import Server


class Deaf(Server):
    """A server without a client: what it says is kept."""

    def __init__(self) -> None:
        super().__init__("", False)
        self.shown: list[str] = []
        self.logged: list[str] = []
        self.protocol._workspace = Workspace(None)

    def window_show_message(self, params: types.ShowMessageParams) -> None:
        self.shown.append(params.message)

    def window_log_message(self, params: types.LogMessageParams) -> None:
        self.logged.append(params.message)


def test_a_crash_is_one_message_and_the_log_has_the_rest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work() -> None:
        server = Deaf()
        project = Project(str(tmp_path), "", server.analyse)

        async def crash(_: object) -> Crash:
            return Crash("KeyError: 'oops'", "Traceback: here")

        monkeypatch.setattr(server.analyst, "ask", crash)
        await server.analyse(project)
        await server.analyse(project)
        assert server.shown == [f"jwtlint: {tmp_path} could not be analysed (KeyError: 'oops'); please report it"]
        assert server.logged.count("Traceback: here") == 2

        async def broken(_: object) -> Crash:
            raise ValueError("in the server itself")

        monkeypatch.setattr(server.analyst, "ask", broken)
        await server.analyse(project)
        assert server.shown[1:] == [f"jwtlint: {tmp_path} could not be analysed (ValueError); please report it"]

    asyncio.run(work())


def test_changes_that_come_together_are_analysed_once(tmp_path: Path) -> None:
    async def work() -> None:
        calls = 0
        going_on = asyncio.Event()

        async def analyse(_: Project) -> None:
            nonlocal calls
            calls += 1
            await going_on.wait()

        project = Project(str(tmp_path), "", analyse)
        for _ in range(5):
            project.touch(60)
        await asyncio.sleep(0)
        assert calls == 0
        # who asks what was found does not wait for the pause
        answer = asyncio.ensure_future(project.settled())
        while calls == 0:
            await asyncio.sleep(0)
        # what comes while the analysis runs leads to one more
        project.touch(0)
        project.touch(0)
        going_on.set()
        await answer
        assert calls == 2

    asyncio.run(work())


def test_the_paths_of_a_project(tmp_path: Path) -> None:
    async def analyse(_: Project) -> None:
        raise AssertionError

    whole, alone = Project(str(tmp_path), "", analyse), Project(str(tmp_path), "a.py", analyse)
    assert whole.path_of(str(tmp_path / "in" / "a.py")) == "in/a.py"
    assert whole.path_of(f"{tmp_path}-other/a.py") is None
    assert alone.path_of(str(tmp_path / "a.py")) == "a.py"
    assert alone.path_of(str(tmp_path / "b.py")) is None
    assert around(str(tmp_path / "x" / "a.py")) == (str(tmp_path / "x"), "a.py")
    (tmp_path / "jwtlint.toml").touch()
    assert around(str(tmp_path / "x" / "a.py")) == (str(tmp_path), "")


def test_without_the_extra_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygls", None)
    result = CliRunner().invoke(main, ["lsp"])
    assert result.exit_code == 2
    assert result.stderr == "jwtlint: the language server needs pygls; install it with: pip install 'jwtlint-sessions[lsp]'\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--config", "none.toml"], "the configuration file none.toml does not exist"),
        (["--config", "x.toml", "--no-config"], "--config and --no-config exclude each other"),
    ],
)
def test_wrong_use(arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(main, ["lsp", *arguments])
    assert (result.exit_code, result.stderr) == (2, f"jwtlint: {sentence}\n")
