"""Where the generated package goes, and which names are taken already."""

from __future__ import annotations

from collections.abc import Iterable

from jwtlint.errors import UserError
from jwtlint.scaffold.choice import Tables
from jwtlint.scaffold.project.columns import word
from jwtlint.scaffold.project.evidence import Evidence
from jwtlint.scaffold.project.literals import text
from jwtlint.scaffold.project.places import Places, common, is_below
from jwtlint.scaffold.project.schemas import SqlTable
from jwtlint.scaffold.project.source import Source
from jwtlint.scaffold.project.users import layer_of, table_of

NAMES = ("sessions", "login_sessions", "user_sessions", "cookie_sessions")
PREFIXES = ("", "login_", "user_", "app_")


def output_folder(source: Source, root: str, anchors: Iterable[str], first: str) -> str:
    """The folder in which the generated package goes: the deepest package that holds all anchors (the application object, the user model,
    the engine), or else the package of the ``first`` of them; the import root itself where that is in no package."""
    inside = [path for path in anchors if is_below(path, root)]
    shared = common(inside) if inside else root
    if shared == root or not is_below(shared, root):
        shared = first.rpartition("/")[0]
        while shared.rpartition("/")[0] != root and shared != root and is_below(shared, root):
            shared = shared.rpartition("/")[0]
    while shared != root and not is_importable(source, shared):
        shared = shared.rpartition("/")[0]
    return shared


def is_importable(source: Source, folder: str) -> bool:
    """Whether a folder can stand in a dotted name."""
    return all(part.isidentifier() for part in folder.rpartition("/")[2:])


def free_name(source: Source, folder: str, own: str | None) -> tuple[str, Evidence | None]:
    """The name of the generated package in a folder: ``sessions``, or another where that is taken, and by what."""
    taken: Evidence | None = None
    for name in NAMES:
        path = f"{folder}/{name}" if folder else name
        if path == own:
            return name, None
        if source.exists(f"{path}.py"):
            taken = taken or Evidence(f"{path}.py", 0, f"{name} is a module of the application's")
        elif source.exists(path):
            taken = taken or Evidence(path, 0, f"{name} is a folder of the application's")
        else:
            return name, taken
    raise UserError(f"{folder or 'the folder'} has packages of all usual names ({', '.join(NAMES)}); give another place with --output")


def free_tables(taken: dict[str, Evidence]) -> tuple[Tables, list[Evidence]]:
    """The names of the tables, and which are taken by the application."""
    names: dict[str, str] = {}
    why: list[Evidence] = []
    for usual in Tables.__struct_fields__:
        free = next((prefix + usual for prefix in PREFIXES if prefix + usual not in taken), None)
        if free is None:
            raise UserError(f"the application has tables of all usual names for {usual}; rename one of them")
        if free != usual:
            why.append(taken[usual])
        names[usual] = free
    return Tables(**names), why


def taken_tables(source: Source, places: Places, root: str, sql: Iterable[SqlTable], own: set[str]) -> dict[str, Evidence]:
    """The tables of the application by name, without those of files of ours."""
    wanted = {prefix + usual for usual in Tables.__struct_fields__ for prefix in PREFIXES}
    found: dict[str, Evidence] = {}
    for value, class_ in source.classes():
        if value.path in own or not is_below(value.path, root):
            continue
        layer = layer_of(source, value, class_)
        table = table_of(source, places, value, layer) if layer is not None else ""
        if table in wanted:
            found.setdefault(table, Evidence(value.path, class_.at.line, f'{value.name} has the table "{table}"'))
    for path, index in source.modules.items():
        if path in own or not is_below(path, root) or not {"Table", "create_table"} & index.module.mentions.keys():
            continue
        for call, _, _ in source.calls(path):
            if word(call.function) in ("Table", "create_table") and call.positional and text(call.positional[0]) in wanted:
                name = text(call.positional[0])
                found.setdefault(name, Evidence(path, call.at.line, f'a table "{name}"'))
    for one in sql:
        if one.name in wanted and one.why.path not in own and is_below(one.why.path, root):
            found.setdefault(one.name, one.why)
    return found

