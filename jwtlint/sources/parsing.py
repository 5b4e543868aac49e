"""From files to their facts: out of the cache, or parsed in worker processes.

A hostile file may bring the parser down or keep it busy, which must cost that file only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TypeVar

import msgspec

from jwtlint.facts.program import Module
from jwtlint.facts.web import WebModule
from jwtlint.facts.web_layout import is_web
from jwtlint.sources import workers
from jwtlint.sources.cache import Cache, digest
from jwtlint.sources.contents import Contents
from jwtlint.sources.failures import FileError, unreadable_file

T = TypeVar("T")

FEW_BYTES = 200_000  # so much a second process is worth
FACTS, ERROR = b"\0", b"\1"  # what the rest of a worker's answer is


class Unreadable(Exception):
    """A file that cannot be parsed, and why."""

    def __init__(self, error: FileError) -> None:
        super().__init__(error.reason)
        self.error = error


def read_module(path: str, data: bytes) -> Module:
    """The facts of a Python file. Raises :class:`Unreadable`."""
    from jwtlint.python import frontend

    try:
        return frontend.read_module(path, data)
    except frontend.Unreadable as error:
        raise Unreadable(FileError(path, error.reason, error.line)) from None


def read_web_module(path: str, data: bytes) -> WebModule:
    """The facts of a front end's file."""
    from jwtlint.web import frontend

    return frontend.read_module(path, data)


def make_ready(paths: Sequence[str]) -> None:
    """Import what parses some files, before there are several processes that would."""
    if not all(map(is_web, paths)):
        import jwtlint.python.frontend  # noqa: F401
    scripts = [path for path in paths if is_web(path)]
    if scripts:
        from jwtlint.web import frontend

        for path in scripts:
            frontend.make_ready(path)


@cache
def decoder(kind: type[T]) -> msgspec.msgpack.Decoder[T]:
    """What reads the facts of a kind of file; it is made when there is one."""
    return msgspec.msgpack.Decoder(kind)


class Parsing:
    """The parsing of some files, which begins at once. ``sizes`` are in bytes; ``digests`` are those of the files' bytes."""

    def __init__(self, contents: Contents, sizes: Mapping[str, int], digests: Mapping[str, bytes], cache: Cache) -> None:
        self.contents = contents
        self.sizes = sizes
        self.digests = digests
        self.cache = cache
        self.cached: dict[str, bytes] = {}
        for path, content in digests.items():
            facts = cache.facts(content, path) if content else None
            if facts is not None:
                self.cached[path] = facts
        # the largest first, so that none is left for the end
        self.paths = sorted((path for path in sizes if path not in self.cached), key=lambda path: (-sizes[path], path))
        make_ready(self.paths)
        count = min(workers.available(), 1 + sum(sizes[path] for path in self.paths) // FEW_BYTES)
        self.workers = workers.Workers(self.job, len(self.paths), count)

    def job(self, number: int) -> bytes:
        """Parse one file."""
        path = self.paths[number]
        try:
            data = self.contents.read(path, self.sizes[path])
        except OSError as error:
            return ERROR + msgspec.msgpack.encode(unreadable_file(path, error))
        try:
            facts = msgspec.msgpack.encode(read_web_module(path, data) if is_web(path) else read_module(path, data))
        except Unreadable as error:
            return ERROR + msgspec.msgpack.encode(error.error)
        # it may have changed since it was screened
        if self.digests[path] and self.digests[path] == digest(data):
            self.cache.store_facts(self.digests[path], path, facts)
        return FACTS + facts

    def result(self) -> tuple[list[Module], list[WebModule], list[FileError]]:
        """The facts of all files that could be read, sorted by path, and what is wrong with the others."""
        modules: list[Module] = []
        web_modules: list[WebModule] = []
        errors: list[FileError] = []

        def take(path: str, facts: bytes | memoryview) -> None:
            if is_web(path):
                web_modules.append(decoder(WebModule).decode(facts))
            else:
                modules.append(decoder(Module).decode(facts))

        for path, facts in self.cached.items():
            take(path, facts)
        for number, data in self.workers.results():
            if isinstance(data, workers.Failure):
                errors.append(FileError(self.paths[number], f"parsing it {data.reason}", passing=True))
                continue
            answer = memoryview(data)[1:]
            if data.startswith(ERROR):
                errors.append(msgspec.msgpack.decode(answer, type=FileError))
            else:
                take(self.paths[number], answer)
        return sorted(modules, key=lambda module: module.path), sorted(web_modules, key=lambda module: module.path), errors

    def stop(self) -> None:
        """End what still runs."""
        self.workers.stop()
