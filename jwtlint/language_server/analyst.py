"""The other process, seen from the server: asked one thing at a time, started anew when it came to its end."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process

import msgspec

from jwtlint.language_server.messages import LENGTH, Answer, Crash, Request, packed
from jwtlint.sources.cache import PACKAGE

LIMIT = 600.0  # seconds for one answer
MODULE = "jwtlint.language_server.worker"


class Analyst:
    """A process that analyses. ``limit`` is in seconds for one answer."""

    def __init__(self, limit: float = LIMIT) -> None:
        self.limit = limit
        self.late = f"the process that analyses took longer than {limit:g} seconds"
        self.process: Process | None = None
        self.lock = asyncio.Lock()
        self.decoder = msgspec.msgpack.Decoder(Answer)

    async def ask(self, request: Request) -> Answer:
        """The answer to a request; a process that dies or takes too long is a :class:`Crash`.

        Whoever asks may give up; the process is left to come to its end, since what it has found is of use later.
        """
        return await asyncio.shield(asyncio.ensure_future(self.answer(request)))

    async def answer(self, request: Request) -> Answer:
        """The answer to one request after the other."""
        async with self.lock:
            known = self.process
            if known is not None and known.returncode is None:
                answer = await self.attempt(known, request)
                if not isinstance(answer, Crash) or self.process is not None or answer.reason == self.late:
                    return answer
                # it may have been dead before it was asked
            self.process = await start()
            return await self.attempt(self.process, request)

    async def attempt(self, process: Process, request: Request) -> Answer:
        """The answer of a process, which is given up when it has none."""
        exchange = asyncio.ensure_future(self.exchange(process, packed(request)))
        # what it started may hold its pipes open when it is gone
        ended = asyncio.ensure_future(process.wait())
        try:
            done, _ = await asyncio.wait((exchange, ended), timeout=self.limit, return_when=asyncio.FIRST_COMPLETED)
            if exchange in done and exchange.exception() is None:
                return exchange.result()
            self.stop()
            return Crash("the process that analyses came to its end before its time" if done else self.late, "")
        finally:
            exchange.cancel()
            ended.cancel()

    async def exchange(self, process: Process, request: bytes) -> Answer:
        """Send a request and read the answer."""
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(request)
        await process.stdin.drain()
        (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
        answer: Answer = self.decoder.decode(await process.stdout.readexactly(length))
        return answer

    def stop(self) -> None:
        """End the process."""
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
        self.process = None

    async def close(self) -> None:
        """End the process, and wait until it is gone."""
        process = self.process
        self.stop()
        if process is not None:
            await process.wait()


async def start() -> Process:
    """Start a process. The current folder would be searched for modules, and must not be a workspace."""
    return await asyncio.create_subprocess_exec(sys.executable, "-m", MODULE, stdin=PIPE, stdout=PIPE, cwd=PACKAGE.parent)
