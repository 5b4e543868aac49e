"""Which web framework the application is written for, and where its application object is made."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from jwtlint.facts.program import Attribute, Name
from jwtlint.linker.values import External
from jwtlint.scaffold.choice import Framework
from jwtlint.scaffold.project.django import DjangoProject
from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.places import is_below
from jwtlint.scaffold.project.source import Source

MAKERS: dict[str, Framework] = {"fastapi.FastAPI": "fastapi", "fastapi.applications.FastAPI": "fastapi", "flask.Flask": "flask"}
MOUNTS = frozenset({"include_router", "register_blueprint", "add_middleware", "mount", "init_app"})
OTHERS = {
    "starlette": "Starlette",
    "litestar": "Litestar",
    "sanic": "Sanic",
    "aiohttp": "aiohttp",
    "tornado": "Tornado",
    "quart": "Quart",
    "cherrypy": "CherryPy",
    "bottle": "Bottle",
    "falcon": "Falcon",
    "pyramid": "Pyramid",
}


class FrameworkUse(msgspec.Struct, frozen=True):
    """A place that shows the framework. ``name`` is the application object's, where a module binds it ("" else).

    ``routers`` tells how many of the calls that put an application together stand in the same module.
    """

    framework: Framework
    path: str
    line: int
    application: str
    name: str = ""
    says: str = ""
    routers: int = 0

    @property
    def why(self) -> Evidence:
        """As evidence."""
        return Evidence(self.path, self.line, self.says)


def find_uses(source: Source, projects: Iterable[DjangoProject]) -> list[FrameworkUse]:
    """Every place where an application object is made, and every Django project."""
    found: list[FrameworkUse] = []
    for path, index in source.modules.items():
        if not {"FastAPI", "Flask"} & index.module.mentions.keys():
            continue
        application = source.program.applications[path]
        for call, step, top in source.calls(path):
            origin = source.origin(path, call.function)
            framework = MAKERS.get(origin.name) if isinstance(origin, External) else None
            if framework is None:
                continue
            bound = step.target.name if top and step.kind == "assign" and isinstance(step.target, Name) and step.value is call else ""
            maker = "FastAPI" if framework == "fastapi" else "Flask"
            found.append(FrameworkUse(framework, path, call.at.line, application, bound, f"{maker}(...)", routers(source, path)))
    for project in projects:
        where = project.why[0]
        application = source.program.applications[where.path]
        found.append(FrameworkUse("django", where.path, where.line, application, "", "INSTALLED_APPS"))
    return found


def routers(source: Source, path: str) -> int:
    """How many calls in a module mount routers, blueprints and middleware."""
    return sum(isinstance(call.function, Attribute) and call.function.name in MOUNTS for call, _, _ in source.calls(path))


def other_framework(source: Source, root: str, aside: frozenset[str]) -> tuple[str, Evidence] | None:
    """A framework that there is no generated code for, by its most frequent import."""
    counts: dict[str, list[Evidence]] = {}
    for path, index in source.modules.items():
        if not is_below(path, root) or aside & set(path[len(root) :].split("/")):
            continue
        for item in index.module.imports:
            top = item.module.partition(".")[0]
            if top in OTHERS and not item.level:
                counts.setdefault(top, []).append(Evidence(path, item.at.line, f"import of {top}"))
    if not counts:
        return None
    name = max(counts, key=lambda top: (len(counts[top]), top))
    return OTHERS[name], counts[name][0]


def imports_of(source: Source, top: str, root: str, aside: frozenset[str]) -> Evidence | None:
    """The first import of a library by an application, leaving out folders of the names ``aside``."""
    for path, index in source.modules.items():
        if not is_below(path, root) or aside & set(path[len(root) :].split("/")):
            continue
        for item in index.module.imports:
            if item.module.partition(".")[0] == top and not item.level:
                return Evidence(path, item.at.line, f"import of {top}")
    return None
