"""``--stdin-filename``: the text of an editor's buffer, in place of what the file holds on the disk."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jwtlint.cli.narrowing import Narrowing
    from jwtlint.report.document import Report

DASH = Path("-")


class Buffer(NamedTuple):
    """A text and its place in the project: the folder of the whole, the path below it, and the bytes."""

    root: Path
    path: str
    data: bytes


def read(name: Path | None, paths: tuple[Path, ...], narrowing: Narrowing) -> Buffer | None:
    """What is on standard input, if ``name`` says what it is. Raises :class:`UserError`."""
    from jwtlint.errors import UserError

    if name is None:
        if DASH in paths:
            raise UserError("- stands for standard input; say with --stdin-filename what file it is")
        return None
    if paths not in ((), (DASH,)):
        raise UserError("--stdin-filename reads standard input; leave out the paths, or write - for them")
    for option, given in (("--changed", narrowing.changed), ("--since", narrowing.since), ("--add-ignores", narrowing.add_ignores)):
        if given:
            raise UserError(f"--stdin-filename and {option} exclude each other")
    if name.is_dir():
        raise UserError(f"{name} is a folder; --stdin-filename takes the name of a file")
    full = name.parent.resolve() / name.name
    root = project_around(full)
    return Buffer(root, full.relative_to(root).as_posix(), sys.stdin.buffer.read())


def project_around(file: Path) -> Path:
    """The folder of the whole project that a file is a part of: its repository's top, else the current folder, else the file's own."""
    from jwtlint.sources.git import top_around

    current = Path.cwd().resolve()
    return top_around(file.parent) or (current if file.is_relative_to(current) else file.parent)


def way_to(root: Path) -> str:
    """What leads from the current folder to the project's, wherever it lies: editors open what is printed."""
    way = Path(os.path.relpath(root)).as_posix()
    return "" if way == "." else f"{way}/"


def only_in(report: Report, path: str) -> Report:
    """What stands in one file. The verdict is about the whole program all the same."""
    import msgspec

    from jwtlint.report.document import with_findings

    errors = tuple(error for error in report.errors if error.path == path)
    narrowed = with_findings(report, [finding for finding in report.everything if finding.place.path == path])
    return msgspec.structs.replace(narrowed, errors=errors, stale=())
