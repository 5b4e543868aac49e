from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

import pytest
from forks import any_left

from jwtlint.sources.workers import Failure, Workers

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")


def run(work: Callable[[int], bytes], jobs: int, processes: int = 2, limit: float = 60.0) -> dict[int, bytes | Failure]:
    with Workers(work, jobs, processes, limit) as workers:
        found = list(workers.results())
    assert len(found) == len(dict(found))
    return dict(found)


@pytest.mark.parametrize("jobs", [0, 1, 7, 40_000])
def test_every_job_is_done_once(jobs: int, forked: list[int]) -> None:
    assert run(lambda job: b"%d" % job, jobs) == {job: b"%d" % job for job in range(jobs)}
    assert not any_left(forked)


def test_shared_work_is_done_here_as_well(forked: list[int]) -> None:
    def work(job: int) -> bytes:
        time.sleep(0.001)
        return b"%d" % os.getpid()

    with Workers(work, 200, 1, shared=True) as workers:
        found = dict(workers.results())
    assert set(found) == set(range(200))
    assert len(set(found.values())) == 2
    assert not any_left(forked)


def test_results_may_be_large_and_wait_until_they_are_asked_for() -> None:
    with Workers(lambda job: bytes([job]) * 5_000_000, 4, 2) as workers:
        time.sleep(0.05)
        assert {job: (data[0], len(data)) for job, data in workers.results()} == {job: (job, 5_000_000) for job in range(4)}


def test_work_is_done_in_other_processes() -> None:
    assert os.getpid() not in {int(pid) for pid in run(lambda _: b"%d" % os.getpid(), 4).values() if isinstance(pid, bytes)}


def test_a_job_that_fails_costs_that_job_only() -> None:
    def work(job: int) -> bytes:
        if job == 1:
            raise RecursionError
        return b"done"

    assert run(work, 3) == {0: b"done", 1: Failure("failed (RecursionError)"), 2: b"done"}


def test_a_job_that_ends_its_process_costs_that_job_only(forked: list[int]) -> None:
    def work(job: int) -> bytes:
        if job in (0, 2):
            os.kill(os.getpid(), signal.SIGKILL)
        if job == 3:
            os._exit(0)
        return b"done"

    for processes in (1, 2):
        assert run(work, 6, processes) == {
            0: Failure("ended the process (SIGKILL)"),
            1: b"done",
            2: Failure("ended the process (SIGKILL)"),
            3: Failure("ended the process"),
            4: b"done",
            5: b"done",
        }
        assert not any_left(forked)


def test_a_job_that_takes_too_long_is_ended() -> None:
    def work(job: int) -> bytes:
        if job == 0:
            time.sleep(3600)
        return b"done"

    assert run(work, 3, processes=1, limit=0.2) == {0: Failure("took longer than 0.2 seconds"), 1: b"done", 2: b"done"}


def test_what_still_runs_is_ended(forked: list[int]) -> None:
    workers = Workers(lambda _: time.sleep(3600) or b"", 2, 2)
    workers.stop()
    assert not any_left(forked)
    workers.stop()


def test_without_fork_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    assert set(run(lambda _: b"%d" % os.getpid(), 3).values()) == {b"%d" % os.getpid()}


def test_when_no_process_can_be_started_the_work_is_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refused)
    assert set(run(lambda _: b"%d" % os.getpid(), 3).values()) == {b"%d" % os.getpid()}


OTHERS = pytest.mark.parametrize("others", [0, 1, 7, 40_000])


@OTHERS
def test_the_first_job_tells_how_many_others_there_are(others: int, forked: list[int]) -> None:
    with Workers(lambda job: b"%d" % job, 1, 1, shared=True, others=lambda: others) as workers:
        assert workers.first() == b"0"
        workers.add(others, 2)
        assert dict(workers.results()) == {job: b"%d" % job for job in range(1, others + 1)}
    assert not any_left(forked)


def test_the_process_of_the_first_job_goes_on_before_it_is_told_to() -> None:
    with Workers(lambda _: b"%d" % os.getpid(), 1, 1, others=lambda: 5) as workers:
        first = workers.first()
        time.sleep(0.2)
        workers.add(5, 1)
        assert dict(workers.results()) == dict.fromkeys(range(1, 6), first)


@pytest.mark.parametrize("end", [lambda: os._exit(0), lambda: os.kill(os.getpid(), signal.SIGKILL), lambda: 1 / 0])
@OTHERS
def test_the_others_are_done_when_the_first_job_fails(end: Callable[[], object], others: int, forked: list[int]) -> None:
    def work(job: int) -> bytes:
        if job == 0:
            end()
        return b"done"

    with Workers(work, 1, 1, shared=True, others=lambda: others) as workers:
        assert isinstance(workers.first(), Failure)
        workers.add(others, 2)
        assert dict(workers.results()) == dict.fromkeys(range(1, others + 1), b"done")
    assert not any_left(forked)


def test_the_others_are_done_when_the_process_ends_behind_the_first_job() -> None:
    here = os.getpid()

    def others() -> int:
        os._exit(0)

    def work(job: int) -> bytes:
        if job and os.getpid() != here:
            os._exit(0)
        return b"done"

    with Workers(work, 1, 1, others=others) as workers:
        assert workers.first() == Failure("ended the process")
    with Workers(work, 1, 1, others=lambda: 3) as workers:
        assert workers.first() == b"done"
        workers.add(3, 1)
        assert {job: isinstance(result, Failure) for job, result in workers.results()} == {1: True, 2: True, 3: True}


def test_without_fork_the_first_job_and_the_others_are_done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "fork")
    with Workers(lambda _: b"%d" % os.getpid(), 1, 1, shared=True, others=lambda: 3) as workers:
        assert workers.first() == b"%d" % os.getpid()
        workers.add(3, 2)
        assert dict(workers.results()) == dict.fromkeys((1, 2, 3), b"%d" % os.getpid())
