"""A scanned tree with what is known of its files: read, screened and parsed at most once, and not at all when nothing changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from jwtlint.facts.layout import Layout
from jwtlint.facts.web_layout import WebLayout, is_web
from jwtlint.sources import web_gather
from jwtlint.sources.cache import Cache, FileState, Manifest, digest
from jwtlint.sources.contents import NOTHING, Contents
from jwtlint.sources.failures import FileError, unreadable_file
from jwtlint.sources.look import CODE, NOQA, REMARK
from jwtlint.sources.needles import RELATED, TOKENS
from jwtlint.sources.parsing import Parsing, make_ready
from jwtlint.sources.screen import Screening
from jwtlint.sources.walk import SourceFile
from jwtlint.sources.web_screen import STORES

SERVERS = re.compile(
    rb"^(?:from|import)[ \t]+(?:flask|quart|django|rest_framework|ninja|fastapi|starlette|sanic|aiohttp|tornado|litestar|bottle|falcon|"
    rb"pyramid|cherrypy|robyn|blacksheep|graphene|strawberry)\b",
    re.MULTILINE,
)


class Survey:
    """The files of one root. ``errors`` grows with what cannot be read.

    The ``screening`` of those of which the cache knows nothing begins at once; :meth:`wanted` waits for it. ``unsaved`` takes the place
    of what is on the disk.
    """

    def __init__(
        self,
        root: Path,
        files: Sequence[SourceFile],
        screening: Screening,
        cache: Cache,
        unsaved: Mapping[str, bytes] = NOTHING,
    ) -> None:
        self.root = root
        self.source = Contents(root, unsaved)
        self.cache = cache
        self.near: list[str] = []  # the files around those that speak of tokens
        self.errors: dict[str, FileError] = {}
        self.files = {file.path: file for file in files}
        self.screening = screening
        self.key = screening.key if cache.folder is not None else b""
        known = cache.manifest(root, self.key).files
        self.states = {path: state for path, state in known.items() if (file := self.files.get(path)) and state.holds_for(file)}
        self.changed = len(self.states) != len(known)
        self.parsing: Parsing | None = None
        screening.begin([file for path, file in self.files.items() if path not in self.states])

    def __enter__(self) -> Survey:
        return self

    def __exit__(self, *_: object) -> None:
        """End what still runs."""
        self.screening.stop()
        if self.parsing is not None:
            self.parsing.stop()

    def wanted(self, layout: Layout) -> list[str]:
        """The files that play a part in the tokens' story, sorted; none when no file speaks of tokens."""
        # what parses is imported as soon as it is known to be needed, while other processes screen
        expected = {True, False} if self.screening.workers is not None else set()
        for screened in self.screening.results():
            self.errors.update((error.path, error) for error in screened.errors)
            for path, look in screened.looks.items():
                file = self.files[path]
                self.states[path] = FileState(file.size, file.mtime_ns, file.inode, look.subjects, look.imports)
                if look.subjects and (web := is_web(path)) in expected and (look.subjects & (STORES if web else TOKENS)):
                    expected.remove(web)
                    make_ready([path])
            self.changed = True
        if self.changed and self.cache.folder is not None:
            for path in self.files.keys() - self.states.keys() - self.errors.keys():
                file = self.files[path]
                self.states[path] = FileState(file.size, file.mtime_ns, file.inode, 0, b"")
        seeds = self.about(TOKENS)
        if not seeds:
            return []
        from jwtlint.sources.gather import gather, nearest
        from jwtlint.sources.imports import ImportGraph

        graph = ImportGraph(layout, {path: state.imports for path, state in self.states.items() if not is_web(path)})
        self.near = self.readable(nearest(layout, seeds, graph))
        return self.readable(gather(layout, seeds, self.about(RELATED), graph))

    def wanted_web(self, layout: WebLayout) -> list[str]:
        """The files of front ends that play a part, sorted. Only after :meth:`wanted`."""
        states = {path: state for path, state in self.states.items() if is_web(path) and (state.subjects & ~REMARK or state.imports)}
        if not states:
            return []
        subjects = {path: state.subjects & ~REMARK for path, state in states.items()}
        found = web_gather.gather(layout, subjects, {path: state.imports for path, state in states.items()})
        return self.readable(found)

    def readable(self, paths: Iterable[str]) -> list[str]:
        """The paths that are files which could be read."""
        return [path for path in paths if path in self.files and path not in self.errors]

    def servers(self) -> list[str]:
        """The Python files that import a web framework, sorted."""
        return sorted(path for path, state in self.states.items() if state.imports and not is_web(path) and SERVERS.search(state.imports))

    def about(self, subject: int) -> list[str]:
        """The files that speak of a subject (``TOKENS`` or ``RELATED``)."""
        return [path for path, state in self.states.items() if state.subjects & subject]

    def remarks(self) -> list[str]:
        """The files that may hold comments that ask for silence."""
        both = NOQA | CODE
        return [path for path, state in self.states.items() if state.subjects & REMARK or state.subjects & both == both]

    def contents(self, paths: Collection[str]) -> bytes:
        """A digest of what files hold, whatever their times; empty without a cache."""
        if self.cache.folder is None:
            return b""
        parts: list[bytes | str] = []
        for path in paths:
            state = self.states[path]
            if not state.content:
                data = self.content(path)
                if data is None:
                    continue
                state = self.states[path] = msgspec.structs.replace(state, content=digest(data))
                self.changed = True
            parts += (path, state.content)
        return digest(*parts)

    def content(self, path: str) -> bytes | None:
        """A file's bytes; None, and an error is recorded, when it cannot be read any more."""
        try:
            return self.source.read(path, self.files[path].size)
        except OSError as error:
            self.errors[path] = unreadable_file(path, error)
            return None

    def parse(self, paths: Sequence[str]) -> Parsing:
        """Begin to parse files; what the cache has is not parsed again."""
        if self.parsing is not None:
            self.parsing.stop()
        sizes = {path: self.files[path].size for path in paths}
        contents = {path: self.states[path].content if path in self.states else b"" for path in paths}
        self.parsing = Parsing(self.source, sizes, contents, self.cache)
        return self.parsing

    def keep(self) -> None:
        """Write what is known to the cache, if it is new."""
        if self.changed:
            self.cache.store_manifest(self.root, Manifest(self.key, self.states))
