"""What an earlier run wrote, kept beside the generated package so that the next run knows its own files from edited ones."""

from __future__ import annotations

import os

import msgspec

from jwtlint.scaffold.choice import AlembicRevision, Tables
from jwtlint.scaffold.project.source import RECORD, Source
from jwtlint.scaffold.wishes import Wishes


class Record(msgspec.Struct, frozen=True):
    """The record in a generated package: what was asked for, what must stay as it was chosen, and what was generated.

    ``files`` maps paths relative to the package to the SHA-256 of what was generated; the path of ``alembic`` is relative to the package,
    too. ``output`` is not kept in the file: it is the folder that the record was found in, relative to the scanned one.
    """

    wishes: Wishes
    tables: Tables
    alembic: AlembicRevision | None
    files: dict[str, str]
    output: str = ""

    def paths(self) -> set[str]:
        """The paths of the generated files, relative to the scanned folder."""
        return {within(self.output, name) for name in self.files}


    def revision(self) -> AlembicRevision | None:
        """The generated revision, its path relative to the scanned folder."""
        if self.alembic is None:
            return None
        return msgspec.structs.replace(self.alembic, path=within(self.output, self.alembic.path))


def within(output: str, name: str) -> str:
    """A path that is relative to the generated package, relative to the scanned folder."""
    return os.path.normpath(os.path.join(output, name)).replace(os.sep, "/")


def find_record(source: Source) -> Record | None:
    """The record of the only generated package in the tree; None where there is none, or it is broken."""
    for folder in sorted(source.layout.packages, key=lambda one: (one.count("/"), one)):
        found = read_record(source, folder)
        if found is not None:
            return found
    return None


def read_record(source: Source, folder: str) -> Record | None:
    """The record in a folder."""
    content = source.text(f"{folder}/{RECORD}" if folder else RECORD)
    if content is None:
        return None
    try:
        return msgspec.structs.replace(msgspec.json.decode(content, type=Record), output=folder)
    except msgspec.DecodeError:
        return None
