"""Where the application makes its tables by SQLAlchemy's ``create_all``."""

from __future__ import annotations

from collections.abc import Iterable

from jwtlint.facts.program import Attribute
from jwtlint.linker.traversal import expressions_in
from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.source import Source

NAME = "create_all"


def find_create_all(source: Source, inside: Iterable[str]) -> Evidence | None:
    """The first place in some modules, those nearest to the scanned folder first; None where there is none."""
    for path in sorted(inside, key=lambda path: (path.count("/"), path)):
        index = source.modules[path].module
        if NAME not in index.mentions:
            continue
        steps = [*index.steps, *(step for function in index.functions for step in function.steps)]
        # also where it is handed over: run_sync(Base.metadata.create_all)
        lines = [node.at.line for step in steps for node in expressions_in(step) if isinstance(node, Attribute) and node.name == NAME]
        if lines:
            return Evidence(path, min(lines), NAME)
    return None
