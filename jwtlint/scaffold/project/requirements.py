"""Which packages the application says it needs, by whatever file says so."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.source import Source

# PEP 508: a name, and what may follow it
NAME = re.compile(r"^\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?\s*(?=$|[<>=!~;@,\s#^*(])")
QUOTED = re.compile(r"""["']([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]"']*\])?\s*(?:[<>=!~;@^(].*?)?["']""")
FOLDERS = ("", "requirements")


class Requirements(msgspec.Struct, frozen=True):
    """The packages that are required, by their normal names (PEP 503), and where each is named."""

    names: dict[str, Evidence] = {}

    def pinned_below(self, package: str, major: int) -> Evidence | None:
        """Where a package is pinned to a version before a major one, as ``SQLAlchemy==1.1.9`` in a list of requirements."""
        found = self.names.get(normal(package))
        match = re.search(r"(?:==|~=|<=?)\s*(\d+)", found.says) if found is not None else None
        if match is None:
            return None
        return found if int(match[1]) < major or (int(match[1]) == major and "<" in match[0] and "=" not in match[0]) else None

    def has(self, *packages: str) -> bool:
        """Whether one of these is required."""
        return any(normal(package) in self.names for package in packages)


def normal(name: str) -> str:
    """A package's normal name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def find_requirements(source: Source, folders: Iterable[str]) -> Requirements:
    """What ``pyproject.toml``, ``requirements*.txt``, ``Pipfile``, ``setup.cfg`` and ``setup.py`` of some folders require."""
    found: dict[str, Evidence] = {}
    for folder in dict.fromkeys(folders):
        for inner in FOLDERS:
            here = "/".join(part for part in (folder, inner) if part)
            for name in source.names_in(here):
                path = f"{here}/{name}" if here else name
                if name.endswith((".txt", ".in")) and ("require" in name or inner):
                    lines(source, path, found)
                elif name in ("pyproject.toml", "Pipfile", "setup.cfg", "setup.py"):
                    tables(source, path, found)
    return Requirements(found)


def lines(source: Source, path: str, found: dict[str, Evidence]) -> None:
    """One requirement a line."""
    for number, line in enumerate((source.text(path) or "").splitlines(), 1):
        match = NAME.match(line)
        if match:
            found.setdefault(normal(match[1]), Evidence(path, number, line.strip()))


def tables(source: Source, path: str, found: dict[str, Evidence]) -> None:
    """Quoted requirements, and keys that are requirements under a table of dependencies (Poetry, Pipenv); or, in setup.cfg, bare lines."""
    section = ""
    listed = path.endswith(("setup.py",))
    for number, line in enumerate((source.text(path) or "").splitlines(), 1):
        if line.startswith("["):
            section = line.strip("[] \n")
            continue
        dependencies = "dependenc" in section or section in ("packages", "dev-packages", "options", "options.extras_require")
        if "=" in line and dependencies and not path.endswith(".cfg"):
            key = line.partition("=")[0].strip().strip("\"'")
            if re.fullmatch(r"[A-Za-z0-9._-]+", key) and not section.startswith(("project", "dependency-groups")):
                found.setdefault(normal(key), Evidence(path, number, key))
        if dependencies or section == "project" or listed or section in ("dependency-groups", "build-system"):
            for match in QUOTED.finditer(line):
                found.setdefault(normal(match[1]), Evidence(path, number, match[1]))
        if path.endswith(".cfg") and section.startswith("options"):
            bare = NAME.match(line)
            if bare and line.startswith((" ", "\t")):
                found.setdefault(normal(bare[1]), Evidence(path, number, bare[1]))
