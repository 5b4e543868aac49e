"""Whatever becomes of the process that analyses, whoever asks gets an answer."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from jwtlint.language_server.analyst import Analyst
from jwtlint.language_server.messages import Analyse, Analysed, Answer, Crash, Forgotten, Mistake, Proposals, Propose
from jwtlint.language_server.worker import Worker


def asked(analyst: Analyst, *requests: Analyse | Propose) -> list[Answer]:
    """The answers to requests that are made at the same time."""

    async def work() -> list[Answer]:
        try:
            return list(await asyncio.gather(*(analyst.ask(request) for request in requests)))
        finally:
            await analyst.close()

    return asyncio.run(work())


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text("import jwt\n\nt = jwt.encode({}, 'secret', algorithm='HS256')\n")
    return tmp_path


def test_one_process_answers_one_after_the_other(program: Path) -> None:
    first, second, fixes, forgotten = asked(
        Analyst(),
        Analyse(1, str(program)),
        Analyse(2, str(program), unsaved={"app.py": b"x = 1\n"}),
        Propose(2, str(program), "app.py", (0,)),
        Propose(1, str(program), "app.py", (0,)),
    )
    assert isinstance(first, Analysed) and [mark.rule for mark in first.marks] == ["JWT404"]
    assert isinstance(second, Analysed) and second.marks == ()
    assert fixes == Proposals()
    assert forgotten == Forgotten()


def test_a_mistake_of_the_user_is_a_sentence(program: Path) -> None:
    (program / "jwtlint.toml").write_text("limit = 1\n")
    (answer,) = asked(Analyst(), Analyse(1, str(program)))
    assert answer == Mistake(f'{program / "jwtlint.toml"}: unknown key "limit"')


def test_a_mistake_of_our_own_has_a_traceback_for_the_log(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("oops\x1b[31m")

    monkeypatch.setattr("jwtlint.analysis.scan", broken)
    answer = Worker().answer(Analyse(1, str(program)))
    assert isinstance(answer, Crash)
    assert answer.reason == "KeyError: 'oops\\x1b[31m'"
    assert "Traceback" in answer.details


def test_a_process_that_dies_is_a_crash_and_another_one_is_started(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    request = Analyse(1, str(program))

    async def work() -> None:
        analyst = Analyst()
        with monkeypatch.context() as patch:
            # a module of Python's own that does nothing, and is gone at once
            patch.setattr("jwtlint.language_server.analyst.MODULE", "keyword")
            assert await analyst.ask(request) == Crash("the process that analyses came to its end before its time", "")
        assert isinstance(await analyst.ask(request), Analysed)
        await analyst.close()

    asyncio.run(work())


def test_a_process_that_died_while_nobody_asked_is_not_missed(program: Path) -> None:
    async def work() -> None:
        analyst = Analyst()
        assert isinstance(await analyst.ask(Analyse(1, str(program))), Analysed)
        assert analyst.process is not None
        os.kill(analyst.process.pid, signal.SIGKILL)
        # before anybody was told of it
        assert isinstance(await analyst.ask(Analyse(2, str(program))), Analysed)
        await analyst.close()

    asyncio.run(work())


def test_a_process_that_says_nothing_is_ended(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # it waits for the end of its input
    monkeypatch.setattr("jwtlint.language_server.analyst.MODULE", "json.tool")
    (answer,) = asked(Analyst(limit=0.1), Analyse(1, str(program)))
    assert answer == Crash("the process that analyses took longer than 0.1 seconds", "")


def test_whoever_gives_up_does_not_harm_the_others(program: Path) -> None:
    async def work() -> None:
        analyst = Analyst()
        impatient = asyncio.ensure_future(analyst.ask(Analyse(1, str(program))))
        await asyncio.sleep(0)
        impatient.cancel()
        answer = await analyst.ask(Propose(1, str(program), "app.py", (0,)))
        assert isinstance(answer, Proposals) and answer.fixes[0].is_available
        await analyst.close()

    asyncio.run(work())
