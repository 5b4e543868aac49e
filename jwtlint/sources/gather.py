"""Parsing by demand: from the files that mention tokens to all files that play a part, to a fixed point.

The first files are those that the screen found. Then join the files that import them, four hops up, since a router may
import a dependency that imports the module with the wrapper; then the files that all of these import, since they define
users, settings and helpers; then, inside the same applications, the files that speak of passwords, logouts and keys, for
these need not import anything of the token's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from jwtlint.facts.layout import Layout
from jwtlint.facts.program import Module

HOPS_UP = 4
HOPS_DOWN = 4
MAX_FILES = 2_500
ALWAYS = frozenset({"urls.py", "settings.py", "config.py", "manage.py"})

IMPORT = re.compile(
    rb"^[ \t]*(?:from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+)|import[ \t]+([\w., \t]+))", re.MULTILINE
)
NAME = re.compile(rb"(\*|[A-Za-z_]\w*)(?:[ \t]+as[ \t]+\w+)?")

ImportLine = tuple[str, int, tuple[str, ...]]  # module, leading dots, names


@dataclass(frozen=True, slots=True)
class Unparsed:
    """A file that could not be read or parsed: its path, the reason in a sentence, and the 1-based line (0: none)."""

    path: str
    reason: str
    line: int = 0


@dataclass(slots=True)
class Gathered:
    """The modules that were parsed, and the files that could not be."""

    modules: list[Module] = field(default_factory=list)
    errors: list[Unparsed] = field(default_factory=list)


def import_lines(data: bytes) -> tuple[ImportLine, ...]:
    """The imports of a file, read from its bytes without parsing."""
    found: list[ImportLine] = []
    for source, names, plain in IMPORT.findall(data):
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


def gather(
    layout: Layout,
    seeds: Collection[str],
    related: Collection[str],
    imports_of: Callable[[Collection[str]], Mapping[str, tuple[ImportLine, ...]]],
    parse: Callable[[Collection[str]], tuple[list[Module], list[Unparsed]]],
) -> Gathered:
    """Parse all files that play a part.

    ``seeds`` are the files that mention a token library, ``related`` those that speak of passwords, logouts or keys.
    ``imports_of`` gives the import lines of files, ``parse`` the facts of files (from the cache where it has them).
    """
    if not seeds:
        return Gathered()
    edges = {path: targets(path, lines, layout) for path, lines in imports_of(layout.paths).items()}
    importers: dict[str, set[str]] = {}
    for path, found in edges.items():
        for target in found:
            importers.setdefault(target, set()).add(path)
    wanted = set(seeds)
    level = set(seeds)
    for _ in range(HOPS_UP):
        level = {one for path in level for one in importers.get(path, ())} - wanted
        wanted |= level
        if len(wanted) > MAX_FILES:
            break
    wanted |= neighbours(wanted, related, layout)
    level = set(wanted)
    for _ in range(HOPS_DOWN):
        level = {one for path in level for one in edges.get(path, ())} - wanted
        wanted |= level
        if len(wanted) > MAX_FILES:
            break
    modules, errors = parse(sorted(wanted))
    return Gathered(modules, errors)


def neighbours(wanted: set[str], related: Collection[str], layout: Layout) -> set[str]:
    """The related files in the same applications: under the same project folder as a file that is wanted."""
    projects = project_folders(layout)
    active = {project_of(path, projects) for path in wanted}
    found = {path for path in related if project_of(path, projects) in active}
    for path in layout.paths:
        folder, _, name = path.rpartition("/")
        if name in ALWAYS and project_of(path, projects) in active:
            found.add(path)
        elif "settings" in folder.rpartition("/")[2] and project_of(path, projects) in active:
            found.add(path)
    return found


def project_folders(layout: Layout) -> tuple[str, ...]:
    """The folders that look like an application's root, the deepest first."""
    folders = {
        path.rpartition("/")[0]
        for path in layout.paths
        if path.rpartition("/")[2] in ("manage.py", "setup.py", "wsgi.py", "asgi.py", "run.py", "main.py", "app.py")
    }
    return tuple(sorted(folders, key=lambda folder: -folder.count("/") - bool(folder)))


def project_of(path: str, projects: tuple[str, ...]) -> str:
    """The project folder that a file lies in."""
    for folder in projects:
        if not folder or path.startswith(folder + "/"):
            return folder
    return ""
