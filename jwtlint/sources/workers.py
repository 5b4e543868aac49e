"""Work in forked processes: several at once, and none whose end would be the run's.

Scanned code can bring a parser down or keep it busy for ever. So each job's start is told before its result: when a process dies
or takes too long, the job it was at is known, and another process goes on with the rest.
"""

from __future__ import annotations

import os
import select
import signal
import struct
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

FED_AHEAD = 512  # jobs; less than PIPE_BUF
LIMIT = 60.0  # seconds for one job
MAX_PROCESSES = 8
PIPE_BYTES = 1 << 20
NUMBER = struct.Struct("<I")
HEADER = struct.Struct("<BII")  # kind of message, job, length of the data that follows
STARTED, DONE, FAILED = range(3)


class Failure(NamedTuple):
    """Why a job has no result, as the end of a sentence that begins with what was done."""

    reason: str


class Child(msgspec.Struct):
    """A process: where it writes, what it has written so far, the job it is at and since when (monotonic seconds)."""

    pid: int
    reader: int
    buffer: bytearray = msgspec.field(default_factory=bytearray)
    job: int | None = None
    since: float = 0.0
    late: bool = False


def available() -> int:
    """How many processes can run at once."""
    if hasattr(os, "sched_getaffinity"):
        return min(MAX_PROCESSES, len(os.sched_getaffinity(0)))
    return min(MAX_PROCESSES, os.cpu_count() or 1)


class Workers:
    """Processes that do jobs ``0 … jobs - 1`` by ``work``, in this order; ``limit`` is in seconds for one job.

    They start at once. Where there is no ``fork``, the jobs are done when :meth:`results` asks for them. With ``shared`` work this
    process does jobs, too, while it waits; that is for work that nothing can bring down. Where the first job tells how many others
    there are, ``others`` gives that number in the process that did it, which goes on with them; :meth:`add` tells it in this one.
    """

    def __init__(
        self,
        work: Callable[[int], bytes],
        jobs: int,
        processes: int,
        limit: float = LIMIT,
        shared: bool = False,
        others: Callable[[], int] | None = None,
    ) -> None:
        self.work = work
        self.jobs = jobs
        self.limit = limit
        self.shared = shared
        self.others = others
        self.unfinished = set(range(jobs))
        self.fed = self.ahead = 0  # how many numbers are in the queue; how many of them the other process writes itself
        self.children: dict[int, Child] = {}
        self.queue = self.feeder = -1
        if hasattr(os, "fork"):
            self.queue, self.feeder = os.pipe()
            os.set_blocking(self.feeder, False)
            self.feed()
            for _ in range(min(jobs, processes)):
                self.start()

    def first(self) -> bytes | Failure:
        """The result of the first job."""
        _, result = next(self.results())
        if self.children and not isinstance(result, Failure):
            self.ahead = FED_AHEAD
        return result

    def add(self, jobs: int, processes: int) -> None:
        """The number of the other jobs, for so many processes; after :meth:`first`."""
        self.unfinished.update(range(self.jobs, self.jobs + jobs))
        self.jobs += jobs
        self.fed = min(self.jobs, 1 + self.ahead)
        self.others = None
        if self.feeder >= 0:
            self.feed()
            for _ in range(len(self.children), min(jobs, processes)):
                self.start()

    def results(self) -> Iterator[tuple[int, bytes | Failure]]:
        """Each job with its result, in the order in which they come. It does not wait until the processes have ended."""
        for child in [*self.children.values()]:
            yield from self.messages(child)  # what came with the result of a first job
        while self.children and self.unfinished:
            busy = False
            if self.shared and self.feeder < 0 and (number := os.read(self.queue, NUMBER.size)):
                busy = True
                (job,) = NUMBER.unpack(number)
                self.unfinished.discard(job)
                yield job, attempt(self.work, job)
            yield from self.listen(0 if busy else min(self.limit, 1.0))
        # no process could be started
        for job in sorted(self.unfinished):
            self.unfinished.discard(job)
            yield job, attempt(self.work, job)

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """End what still runs. It may be called again."""
        for child in self.children.values():
            os.kill(child.pid, signal.SIGKILL)
            os.close(child.reader)
            os.waitpid(child.pid, 0)
        self.children.clear()
        for descriptor in {self.queue, self.feeder} - {-1}:
            os.close(descriptor)
        self.queue = self.feeder = -1

    def feed(self) -> None:
        """Write the numbers of jobs to the queue, as many as it holds; close it behind the last."""
        while self.feeder >= 0:
            if self.fed == self.jobs:
                if self.others is None:
                    os.close(self.feeder)
                    self.feeder = -1
                return
            last = min(self.jobs, self.fed + 512)
            try:
                # less than PIPE_BUF: whole or not at all
                os.write(self.feeder, packed(self.fed, last))
            except BlockingIOError:
                return
            self.fed = last

    def start(self) -> None:
        """Start one process."""
        reader, writer = os.pipe()
        widen(writer)
        try:
            pid = os.fork()
        except OSError:
            os.close(reader)
            os.close(writer)
            return
        if pid == 0:
            others = (self.others, self.feeder) if self.others is not None else None
            serve(self.work, self.queue, writer, {reader, self.feeder} - {-1}, others)
        os.close(writer)
        self.children[reader] = Child(pid, reader)

    def listen(self, seconds: float) -> Iterator[tuple[int, bytes | Failure]]:
        """Wait for what the processes write, for so many seconds, and pass on what is whole."""
        poll = select.poll()
        for reader in self.children:
            poll.register(reader, select.POLLIN)
        for reader, _ in poll.poll(seconds * 1000):
            child = self.children[reader]
            data = os.read(reader, PIPE_BYTES)
            if data:
                child.buffer += data
                yield from self.messages(child)
            else:
                yield from self.ended(child)
        self.feed()
        now = time.monotonic()
        for child in self.children.values():
            if child.job is not None and now - child.since > self.limit and not child.late:
                child.late = True
                os.kill(child.pid, signal.SIGKILL)

    def messages(self, child: Child) -> Iterator[tuple[int, bytes | Failure]]:
        """The whole messages of one process."""
        while len(child.buffer) >= HEADER.size:
            kind, job, length = HEADER.unpack_from(child.buffer)
            end = HEADER.size + length
            if len(child.buffer) < end:
                return
            data = bytes(child.buffer[HEADER.size : end])
            del child.buffer[:end]
            if kind == STARTED:
                child.job, child.since = job, time.monotonic()
            else:
                child.job = None
                self.unfinished.discard(job)
                yield job, data if kind == DONE else Failure(data.decode("utf-8", "replace"))

    def ended(self, child: Child) -> Iterator[tuple[int, bytes | Failure]]:
        """One process came to its end: by itself, or at a job that ended it."""
        del self.children[child.reader]
        os.close(child.reader)
        _, status = os.waitpid(child.pid, 0)
        if child.job is not None:
            self.unfinished.discard(child.job)
            if child.late:
                reason = f"took longer than {self.limit:g} seconds"
            elif os.WIFSIGNALED(status):
                reason = f"ended the process ({signal.Signals(os.WTERMSIG(status)).name})"
            else:
                reason = "ended the process"
            yield child.job, Failure(reason)
            if len(self.unfinished) > len(self.children):
                self.start()


def serve(
    work: Callable[[int], bytes], queue: int, writer: int, foreign: set[int], others: tuple[Callable[[], int], int] | None
) -> None:
    """Do jobs from the queue until it is closed; never returns.

    ``others`` gives the number of jobs that follow the first, and where to write them.
    """
    status = 1
    try:
        for descriptor in foreign if others is None else foreign - {others[1]}:
            os.close(descriptor)
        while number := os.read(queue, NUMBER.size):
            (job,) = NUMBER.unpack(number)
            send(writer, HEADER.pack(STARTED, job, 0))
            result = attempt(work, job)
            if others is not None:
                count, feeder = others
                others = None
                if not isinstance(result, Failure):
                    os.write(feeder, packed(1, 1 + min(count(), FED_AHEAD)))
                os.close(feeder)
            data = result.reason.encode("utf-8", "replace") if isinstance(result, Failure) else result
            send(writer, HEADER.pack(FAILED if isinstance(result, Failure) else DONE, job, len(data)) + data)
        status = 0
    except BaseException:
        status = 1
    finally:
        os._exit(status)


def packed(start: int, end: int) -> bytes:
    """The numbers from ``start`` to ``end``, exclusive, as they are written to a queue."""
    return b"".join(map(NUMBER.pack, range(start, end)))


def attempt(work: Callable[[int], bytes], job: int) -> bytes | Failure:
    """A job's result; what it raises is a failure of this job only."""
    try:
        return work(job)
    except Exception as error:
        return Failure(f"failed ({type(error).__name__})")


def send(writer: int, data: bytes) -> None:
    """Write all of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(writer, view) :]


def widen(writer: int) -> None:
    """Make a pipe large, where the system can, so that a process need not wait until it is listened to."""
    try:
        import fcntl

        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
    except (ImportError, AttributeError, OSError):
        return
