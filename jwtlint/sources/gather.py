"""Parsing by demand: from the files that mention tokens to all files that play a part, to a fixed point.

The first files are those that the screen found. Then join the files that import them, four hops up, since a router may
import a dependency that imports the module with the wrapper; then the files that all of these import, since they define
users, settings and helpers; then, inside the same applications, the files that speak of passwords, logouts and keys, for
these need not import anything of the token's.
"""

from __future__ import annotations

from collections.abc import Collection

from jwtlint.facts.layout import Layout
from jwtlint.sources.imports import ImportGraph

HOPS_UP = 4
HOPS_DOWN = 4
MAX_FILES = 2_500
ALWAYS = frozenset({"urls.py", "settings.py", "config.py", "manage.py"})
SETTINGS = frozenset({"settings.py", "config.py"})
SERVED = frozenset({"wsgi.py", "asgi.py"})
STARTING_POINTS = frozenset({"manage.py", "setup.py", "wsgi.py", "asgi.py", "run.py", "main.py", "app.py"})


def gather(layout: Layout, seeds: Collection[str], related: Collection[str], graph: ImportGraph) -> list[str]:
    """All files that play a part, sorted.

    ``seeds`` are the files that mention a token library, ``related`` those that speak of passwords, logouts or keys.
    """
    if not seeds:
        return []
    wanted = set(seeds)
    level = set(seeds)
    for _ in range(HOPS_UP):
        level = graph.importers(level, wanted)
        wanted |= level
        if not level or len(wanted) > MAX_FILES:
            break
    wanted |= neighbours(wanted, related, layout)
    level = set(wanted)
    for _ in range(HOPS_DOWN):
        level = {one for path in level for one in graph.targets(path)} - wanted
        wanted |= level
        if not level or len(wanted) > MAX_FILES:
            break
    return sorted(wanted)


def nearest(layout: Layout, seeds: Collection[str], graph: ImportGraph) -> list[str]:
    """The files around the first ones, sorted: those that import them, what all of these import, and the settings.

    Where these tell that no token is a session, nothing further away can change that.
    """
    near = set(seeds)
    near |= graph.importers(near, near)
    near |= {one for path in near for one in graph.targets(path)}
    projects = Projects(layout)
    active = {projects.of(path) for path in near}
    for path in layout.paths:
        folder, _, name = path.rpartition("/")
        if (name in SETTINGS or "settings" in folder.rpartition("/")[2]) and projects.of(path) in active:
            near.add(path)
    return sorted(near)


def neighbours(wanted: set[str], related: Collection[str], layout: Layout) -> set[str]:
    """The related files in the same applications: under the same project folder as a file that is wanted."""
    projects = Projects(layout)
    active = {projects.of(path) for path in wanted}
    found = {path for path in related if projects.of(path) in active}
    for path in layout.paths:
        folder, _, name = path.rpartition("/")
        if (name in ALWAYS or "settings" in folder.rpartition("/")[2]) and projects.of(path) in active:
            found.add(path)
    return found


class Projects:
    """The folders that look like an application's root."""

    def __init__(self, layout: Layout) -> None:
        split = (path.rpartition("/") for path in layout.paths)
        starts = [(folder, name) for folder, _, name in split if name in STARTING_POINTS]
        managed = {folder for folder, name in starts if name == "manage.py"}
        # the package of a Django project's settings lies beside its applications, not around them
        self.roots = {folder for folder, name in starts if name not in SERVED or folder.rpartition("/")[0] not in managed}
        self.answers: dict[str, str] = {"": ""}

    def of(self, path: str) -> str:
        """The deepest project folder that a file lies in; "" for none."""
        folder = path.rpartition("/")[0]
        passed: list[str] = []
        while folder not in self.answers and folder not in self.roots:
            passed.append(folder)
            folder = folder.rpartition("/")[0]
        answer = self.answers.get(folder, folder)
        self.answers.update(dict.fromkeys(passed, answer))
        return answer
