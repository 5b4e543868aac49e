"""Alembic's side of a project: its configuration, its versions folder, and the revisions in it, read and never run.

``alembic.ini`` as in https://alembic.sqlalchemy.org/en/latest/tutorial.html#editing-the-ini-file; Flask-Migrate keeps it in
``migrations/``.
"""

from __future__ import annotations

import configparser
import hashlib
import re
from collections.abc import Iterable
from datetime import datetime

import msgspec

from jwtlint.errors import UserError
from jwtlint.facts.program import Import, Name
from jwtlint.scaffold.choice import AlembicRevision
from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.literals import text, texts
from jwtlint.scaffold.project.places import is_below
from jwtlint.scaffold.project.source import Source

DEFAULT_TEMPLATE = "%(rev)s_%(slug)s"
MESSAGE = "add sessions"


class Revision(msgspec.Struct, frozen=True):
    """One revision that exists."""

    identifier: str
    down: tuple[str, ...]
    path: str
    line: int


class AlembicProject(msgspec.Struct, frozen=True):
    """One Alembic environment. Paths are relative to the scanned folder; ``folder`` is where its commands are run.

    ``flask``: it is Flask-Migrate's, so its command is ``flask db upgrade``.
    """

    folder: str
    versions: str
    template: str
    slug_length: int
    flask: bool
    revisions: tuple[Revision, ...]
    why: Evidence

    def heads(self, without: str = "") -> list[Revision]:
        """The revisions that nothing follows; ``without`` one of them (the generated one)."""
        kept = [one for one in self.revisions if one.identifier != without]
        followed = {down for one in kept for down in one.down}
        return [one for one in kept if one.identifier not in followed]


def find_environments(source: Source) -> list[AlembicProject]:
    """Every Alembic environment in the tree."""
    found: dict[str, AlembicProject] = {}
    folders = sorted({one for path in source.layout.paths for one in folders_of(path)}, key=lambda one: (one.count("/"), one))
    for folder in folders:
        path = f"{folder}/alembic.ini" if folder else "alembic.ini"
        content = source.text(path)
        if content is None:
            continue
        environment = from_ini(source, folder, path, content)
        if environment is not None:
            found.setdefault(environment.versions, environment)
    for path in source.layout.paths:
        # Flask-Migrate without its alembic.ini, and environments configured in pyproject.toml
        if path.endswith("/env.py") and any(item.module.partition(".")[0] == "alembic" for item in imports(source, path)):
            folder = path.rpartition("/")[0]
            versions = f"{folder}/versions"
            if versions not in found and not any(is_below(versions, one) for one in found):
                flask = is_flask(source, path)
                above = folder.rpartition("/")[0]
                why = Evidence(path, 0, f"versions in {versions}")
                found[versions] = AlembicProject(above, versions, DEFAULT_TEMPLATE, 40, flask, revisions(source, versions), why)
    return list(found.values())


def folders_of(path: str) -> Iterable[str]:
    """The folders above a file, the scanned one too."""
    folder = path.rpartition("/")[0]
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]
    yield ""


def imports(source: Source, path: str) -> Iterable[Import]:
    """A module's imports; none if it could not be read."""
    index = source.modules.get(path)
    return index.module.imports if index is not None else ()


def is_flask(source: Source, path: str) -> bool:
    """Whether an ``env.py`` is Flask-Migrate's."""
    index = source.modules.get(path)
    return index is not None and any(item.module.partition(".")[0] == "flask" for item in index.module.imports)


def from_ini(source: Source, folder: str, path: str, content: str) -> AlembicProject | None:
    """The environment that an ``alembic.ini`` describes."""
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(content)
    except configparser.Error:
        return None
    if not parser.has_section("alembic"):
        return None

    def value(key: str, default: str) -> str:
        return parser.get("alembic", key, fallback=default).replace("%%", "%").replace("%(here)s", "").strip()

    location = value("script_location", "")
    if not location:
        # Flask-Migrate writes none: the environment is where the file is
        location = "." if source.exists(f"{folder}/env.py" if folder else "env.py") else ""
        if not location:
            return None
    location = joined(folder, location.partition(":")[2] if ":" in location and not location.startswith("/") else location)
    flask = is_flask(source, f"{location}/env.py")
    versions = f"{location}/versions"
    listed = [one for one in re.split(r"[\s,;]+", value("version_locations", "").replace("%(here)s", "")) if one]
    if listed:
        versions = joined(folder, listed[0])
    runs_in = folder.rpartition("/")[0] if flask and location == folder else folder
    length = value("truncate_slug_length", "40")
    line = next((number for number, one in enumerate(content.splitlines(), 1) if one.strip().startswith("script_location")), 0)
    return AlembicProject(
        folder=runs_in,
        versions=versions,
        template=value("file_template", DEFAULT_TEMPLATE),
        slug_length=int(length) if length.isdigit() else 40,
        flask=flask,
        revisions=revisions(source, versions),
        why=Evidence(path, line, f"versions in {versions}"),
    )


def joined(folder: str, location: str) -> str:
    """A location relative to a folder, as a path from the scanned one."""
    parts = [part for part in f"{folder}/{location}".split("/") if part not in ("", ".")]
    kept: list[str] = []
    for part in parts:
        if part == ".." and kept:
            kept.pop()
        elif part != "..":
            kept.append(part)
    return "/".join(kept)


def revisions(source: Source, versions: str) -> tuple[Revision, ...]:
    """The revisions in a folder, by their files' ``revision`` and ``down_revision``."""
    found: list[Revision] = []
    for path, index in sorted(source.modules.items()):
        if not path.startswith(f"{versions}/"):
            continue
        identifier, line, down = "", 0, tuple[str, ...]()
        for step in index.module.steps:
            if step.kind != "assign" or not isinstance(step.target, Name):
                continue
            if step.target.name == "revision":
                identifier, line = text(step.value), step.at.line
            elif step.target.name == "down_revision":
                down = (text(step.value),) if text(step.value) else tuple(texts(step.value))
        if identifier:
            found.append(Revision(identifier, down, path, line))
    return tuple(found)


def new_revision(
    environment: AlembicProject, wanted_head: str | None, table: str, created: datetime, own: AlembicRevision | None
) -> AlembicRevision:
    """The revision to write: after the only head, or the one that is asked for. ``own`` is what an earlier run wrote.

    Raises :class:`UserError` where there are several heads and none is asked for, or no such head.
    """
    if own is not None and (written := next((one for one in environment.revisions if one.identifier == own.revision), None)) is not None:
        # others may have come after it
        return msgspec.structs.replace(own, path=written.path, down_revision=own.down_revision)
    heads = environment.heads()
    known = {one.identifier for one in environment.revisions}
    if wanted_head is not None:
        matching = [name for name in known if name.startswith(wanted_head)]
        if len(matching) != 1:
            names = ", ".join(one.identifier for one in heads) or "none"
            raise UserError(f"{environment.versions} has no single revision {wanted_head}; its heads are {names}")
        down: str | None = matching[0]
    elif len(heads) > 1:
        names = ", ".join(f"{one.identifier} ({one.path})" for one in heads)
        raise UserError(f"the migrations have {len(heads)} heads, {names}; give the one to go on from with --alembic-head")
    else:
        down = heads[0].identifier if heads else None
    identifier = hashlib.sha256(f"{down} {table}".encode()).hexdigest()[:12]
    name = file_name(environment, identifier, created)
    return AlembicRevision(f"{environment.versions}/{name}.py", identifier, down, f"{created:%Y-%m-%d %H:%M:%S.%f}")


def file_name(environment: AlembicProject, identifier: str, created: datetime) -> str:
    """The file's name after ``file_template`` (alembic.script.base.ScriptDirectory._rev_path)."""
    slug = "_".join(re.findall(r"\w+", MESSAGE)).lower()
    if len(slug) > environment.slug_length:
        slug = slug[: environment.slug_length].rsplit("_", 1)[0] + "_"
    values = {
        "rev": identifier,
        "slug": slug,
        "epoch": int(created.timestamp()),
        "year": created.year,
        "month": created.month,
        "day": created.day,
        "hour": created.hour,
        "minute": created.minute,
        "second": created.second,
    }
    try:
        name = environment.template % values
    except (KeyError, TypeError, ValueError):
        name = DEFAULT_TEMPLATE % values
    return name if re.fullmatch(r"[\w.-]+(/[\w.-]+)*", name) and ".." not in name else DEFAULT_TEMPLATE % values
