"""A scanned tree with what is known of its files: read, screened and parsed at most once, and not at all when nothing changed."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import msgspec

from jwtlint.facts.program import Module
from jwtlint.python.frontend import Unreadable, read_module
from jwtlint.sources.cache import Cache, FileState, Manifest, digest
from jwtlint.sources.failures import FileError, unreadable_file
from jwtlint.sources.gather import ImportLine, Unparsed, import_lines
from jwtlint.sources.screen import read, screen
from jwtlint.sources.walk import SourceFile

TOKENS = 1
RELATED = 2
# passwords, logouts and keys: what plays a part without an import of the token's modules
RELATED_WORDS = (
    "password Password PASSWORD passwd logout Logout LogOut LOGOUT log_out logoff signout sign_out SignOut signOut "
    "SECRET secret_key JWT is_active is_admin is_superuser role"
).split()


class Survey:
    """The files of one root. ``errors`` grows with what cannot be read."""

    def __init__(self, root: Path, files: Sequence[SourceFile], token_words: Collection[str], cache: Cache) -> None:
        self.root = root
        self.top = os.path.abspath(root)
        self.cache = cache
        self.errors: dict[str, FileError] = {}
        self.files = {file.path: file for file in files}
        needles = {word.encode(): RELATED for word in RELATED_WORDS}
        for word in token_words:
            needles[word.encode()] = needles.get(word.encode(), 0) | TOKENS
        key = digest(*(needle + bytes([subject]) for needle, subject in sorted(needles.items())))
        known = cache.manifest(root, key).files
        changed = [file for file in files if (state := known.get(file.path)) is None or not state.holds_for(file)]
        screened = screen(root, changed, needles)
        self.errors.update((error.path, error) for error in screened.errors)
        self.states = {path: known[path] for path in self.files if path in known and path not in self.errors}
        for path, subjects in screened.subjects.items():
            file = self.files[path]
            self.states[path] = FileState(file.size, file.mtime_ns, file.inode, subjects)
        self.key = key

    def about(self, subject: int) -> list[str]:
        """The files that speak of a subject (``TOKENS`` or ``RELATED``)."""
        return [path for path, state in self.states.items() if state.subjects & subject]

    def imports_of(self, paths: Collection[str]) -> Mapping[str, tuple[ImportLine, ...]]:
        """The import lines of files."""
        found: dict[str, tuple[ImportLine, ...]] = {}
        for path in paths:
            state = self.states.get(path)
            if state is None:
                continue
            if state.imports is None:
                data = self.content(path)
                state = msgspec.structs.replace(state, imports=import_lines(data) if data is not None else ())
                self.states[path] = state
            found[path] = state.imports or ()
        return found

    def parse(self, paths: Collection[str]) -> tuple[list[Module], list[Unparsed]]:
        """The facts of files, from the cache where it has them."""
        modules: list[Module] = []
        failed: list[Unparsed] = []
        for path in paths:
            state = self.states.get(path)
            if state is None:
                continue
            module = self.cache.facts(state.content, path, Module) if state.content else None
            if module is None:
                data = self.content(path)
                if data is None:
                    continue
                try:
                    module = read_module(path, data)
                except Unreadable as error:
                    failed.append(Unparsed(path, error.reason, error.line))
                    continue
                content = digest(data)
                self.cache.store_facts(content, path, module)
                self.states[path] = msgspec.structs.replace(state, content=content)
            modules.append(module)
        return modules, failed

    def content(self, path: str) -> bytes | None:
        """A file's bytes; None, and an error is recorded, when it cannot be read any more."""
        try:
            return read(os.path.join(self.top, path), self.files[path].size)
        except OSError as error:
            self.errors[path] = unreadable_file(path, error)
            return None

    def keep(self) -> None:
        """Write what is known to the cache."""
        self.cache.store_manifest(self.root, Manifest(self.key, self.states))
