"""Who imports whom, read from import statements without parsing, and only for the files that are asked about."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from itertools import accumulate

import ahocorasick_rs

from jwtlint.facts.layout import Layout

IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)|import[ \t]+([\w., \t]+))", re.MULTILINE)
NAME = re.compile(rb"(\*|[A-Za-z_]\w*)(?:[ \t]+as[ \t]+\w+)?")
RELATIVE = re.compile(rb"from[ \t]+\.+[ \t]+import")
WORD = frozenset(b"_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
END = b"\0"  # stands between the statements of two files

ImportLine = tuple[str, int, tuple[str, ...]]  # module, leading dots, names


def import_lines(statements: bytes) -> tuple[ImportLine, ...]:
    """Import statements, or a whole file, as data."""
    found: list[ImportLine] = []
    for source, names, plain in IMPORT.findall(statements):
        if source:
            text = source.decode("ascii", "replace")
            stripped = text.lstrip(".")
            listed = tuple(name.decode("ascii", "replace") for name in NAME.findall(names))
            found.append((stripped, len(text) - len(stripped), listed))
        elif plain:
            for part in plain.split(b","):
                module = part.strip().partition(b" ")[0].decode("ascii", "replace")
                if module:
                    found.append((module, 0, ()))
    return tuple(found)


def targets(path: str, imports: Iterable[ImportLine], layout: Layout) -> set[str]:
    """The files of the tree that a file imports, submodules included."""
    found: set[str] = set()
    for module, level, names in imports:
        direct = layout.resolve(path, module, level)
        if direct is not None:
            found.add(direct)
        if direct is None or direct.endswith("__init__.py"):
            for name in names:
                submodule = layout.resolve(path, f"{module}.{name}" if module else name, level)
                if submodule is not None:
                    found.add(submodule)
    found.discard(path)
    return found


class ImportGraph:
    """The imports of a tree. ``statements`` maps each file to its import statements.

    Whoever imports a file must name it: a file's imports are resolved only when its statements hold the name of a file that is
    asked about.
    """

    def __init__(self, layout: Layout, statements: Mapping[str, bytes]) -> None:
        self.layout = layout
        self.statements = statements
        self.paths = list(statements)
        self.text = END.join((b"", *statements.values(), b""))
        self.ends = list(accumulate(len(text) + 1 for text in statements.values()))
        self.known: dict[str, set[str]] = {}

    def targets(self, path: str) -> set[str]:
        """The files that a file imports."""
        found = self.known.get(path)
        if found is None:
            found = self.known[path] = targets(path, import_lines(self.statements.get(path, b"")), self.layout)
        return found

    def importers(self, level: Collection[str], without: Collection[str] = ()) -> set[str]:
        """The files that import one of ``level``, but for those in ``without``."""
        candidates = self.candidates(level).difference(without)
        return {path for path in candidates if not self.targets(path).isdisjoint(level)}

    def candidates(self, level: Collection[str]) -> set[str]:
        """The files whose import statements hold the name of one of ``level``."""
        names: set[bytes] = set()
        positions: list[int] = []
        for path in level:
            folder, _, name = path.rpartition("/")
            name = name.removesuffix(".py")
            if name == "__init__":
                # ``from . import x`` names no package
                name = folder.rpartition("/")[2]
                positions = positions or [match.start() for match in RELATIVE.finditer(self.text)]
            if "{{" in name:
                return set(self.paths)  # a template, for whose name another may stand
            if name.isidentifier() and name.isascii():
                names.add(name.encode())
        text, last = self.text, len(self.text) - 1
        if names:
            matches = ahocorasick_rs.BytesAhoCorasick(sorted(names)).find_matches_as_indexes(text, overlapping=True)
            positions += (start for _, start, end in matches if text[start - 1] not in WORD and text[min(end, last)] not in WORD)
        return {self.paths[bisect_right(self.ends, position - 1)] for position in positions}
