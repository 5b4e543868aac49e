"""The files of a scanned folder, for recipes: each read and parsed when it is asked for, and not through symbolic links."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from jwtlint.editing.recipe import Refused
from jwtlint.editing.scripts import Script, decoded_web, read_script
from jwtlint.editing.source import Source, decoded, read_source
from jwtlint.editing.tree import Tree
from jwtlint.facts.web_layout import is_web


class Files:
    """Files below ``root``. ``paths`` are all that were scanned; ``known`` takes the place of what is on the disk."""

    def __init__(self, root: Path, paths: Iterable[str], known: Mapping[str, bytes] | None = None) -> None:
        self.root = root
        self.paths = tuple(paths)
        self.contents: dict[str, bytes | None] = dict(known or {})
        self.trees: dict[str, Tree | Refused] = {}
        self.scripts: dict[str, Script | Refused] = {}
        self.found: dict[re.Pattern[bytes], set[bytes]] = {}

    def data(self, path: str) -> bytes | None:
        """A file's bytes; None if it cannot be read."""
        if path not in self.contents:
            try:
                descriptor = os.open(self.root / path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
                with open(descriptor, "rb") as file:
                    self.contents[path] = file.read()
            except OSError:
                self.contents[path] = None
        return self.contents[path]

    def source(self, path: str) -> Source:
        """A parsed file. Raises :class:`Refused`."""
        return self.tree(path).source

    def tree(self, path: str) -> Tree:
        """A parsed file's nodes. Raises :class:`Refused`."""
        known = self.trees.get(path)
        if known is None:
            known = self.trees[path] = self.parsed(path)
        if isinstance(known, Refused):
            raise known
        return known

    def script(self, path: str) -> Script:
        """A parsed file of a front end. Raises :class:`Refused`."""
        known = self.scripts.get(path)
        if known is None:
            data = self.data(path)
            try:
                known = Refused("the file cannot be read any more") if data is None else read_script(path, data)
            except Refused as refused:
                known = refused
            self.scripts[path] = known
        if isinstance(known, Refused):
            raise known
        return known

    def parsed(self, path: str) -> Tree | Refused:
        data = self.data(path)
        if data is None:
            return Refused("the file cannot be read any more")
        if not path.endswith(".py"):
            return Refused("the fix is one for Python files")
        try:
            return Tree(read_source(path, data))
        except Refused as refused:
            return refused

    def matches(self, pattern: re.Pattern[bytes]) -> set[bytes]:
        """What the first group of a pattern finds in the Python files; asked once."""
        if pattern not in self.found:
            self.found[pattern] = {one for path in self.paths if path.endswith(".py") for one in pattern.findall(self.data(path) or b"")}
        return self.found[pattern]

    def mentioning(self, word: str) -> Iterator[str]:
        """The Python files whose bytes hold a word."""
        needle = word.encode("utf-8", "replace")
        for path in self.paths:
            if path.endswith(".py") and needle in (self.data(path) or b""):
                yield path


def shown_text(path: str, data: bytes) -> str:
    """A file's text without its mark, for a diff. Raises :class:`Refused` when it cannot be decoded."""
    return decoded_web(data)[0] if is_web(path) else decoded(data)[0]
