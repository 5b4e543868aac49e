"""Writing what is generated: all files or none, never over a file that somebody edited, and nothing where nothing changed.

What was generated is kept as hashes in a record beside the package (:mod:`jwtlint.scaffold.project.record`). A file that is as the
record says is ours to replace; any other is the user's.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from jwtlint.errors import UserError
from jwtlint.scaffold.choice import Choice
from jwtlint.scaffold.project.record import Record, within
from jwtlint.scaffold.project.source import RECORD
from jwtlint.scaffold.wishes import Wishes

State: TypeAlias = Literal["new", "same", "changed", "edited", "foreign", "gone"]


class Planned(msgspec.Struct, frozen=True):
    """One file: its path relative to the scanned folder, its text to be, what lies there now (None for nothing), and what that means.

    ``new``: nothing is there; ``same``: it is as it is to be; ``changed``: it is as an earlier run wrote it, and is to change; ``edited``:
    somebody changed it since; ``foreign``: it was never ours; ``gone``: an earlier run wrote it, it is untouched, and no longer wanted.
    """

    path: str
    text: str
    before: str | None
    state: State

    def is_written(self, force: bool) -> bool:
        """Whether it is written."""
        return self.state in ("new", "changed") or (force and self.state in ("edited", "foreign"))


class Plan(msgspec.Struct, frozen=True):
    """Everything that a run would do."""

    root: Path
    output: str
    files: tuple[Planned, ...]
    record: str

    def of(self, *states: State) -> list[Planned]:
        """The files in some states."""
        return [one for one in self.files if one.state in states]


def plan(root: Path, choice: Choice, wishes: Wishes, files: Mapping[str, str], earlier: Record | None) -> Plan:
    """Compare what is to be written with what is there. Raises :class:`UserError` where a path leads out of the folder."""
    known = {within(earlier.output, name): digest for name, digest in earlier.files.items()} if earlier is not None else {}
    planned: list[Planned] = []
    for path, text in sorted(files.items()):
        before = read(root, path)
        if before is None:
            state: State = "new"
        elif before == text:
            state = "same"
        elif path in known:
            state = "changed" if digest_of(before) == known[path] else "edited"
        else:
            state = "foreign"
        planned.append(Planned(path, text, before, state))
    for path, digest in sorted(known.items()):
        before = read(root, path) if path not in files else None
        if before is not None and digest_of(before) == digest:
            planned.append(Planned(path, before, before, "gone"))
    kept = {one.path: known[one.path] for one in planned if one.state == "edited"}
    digests = {path: kept.get(path) or digest_of(text) for path, text in files.items()}
    foreign = {one.path for one in planned if one.state == "foreign"}
    alembic = choice.alembic
    record = Record(
        # what is told by where things lie is left out
        wishes=msgspec.structs.replace(wishes, output=None, user_model=wishes.user_model and f"{choice.user.module}:{choice.user.name}"),
        tables=choice.tables,
        alembic=msgspec.structs.replace(alembic, path=relative(alembic.path, choice.output)) if alembic is not None else None,
        files={relative(path, choice.output): digest for path, digest in sorted(digests.items()) if path not in foreign},
    )
    return Plan(root, choice.output, tuple(planned), record_text(record))


def record_text(record: Record) -> str:
    """The record as the text of its file."""
    data = {"wishes": record.wishes, "tables": record.tables, "alembic": record.alembic, "files": record.files}
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"


def execute(planned: Plan, force: bool) -> list[str]:
    """Write what is to be written, and the record; all of it or nothing. Gives the paths. Raises :class:`UserError`."""
    wanted = pending(planned, force)
    replace_all(planned.root, wanted)
    return sorted(path for path in wanted if path != record_path(planned))


def pending(planned: Plan, force: bool) -> dict[str, str]:
    """What is to be written, by its path: the files, and the record if it changes."""
    wanted = {one.path: one.text for one in planned.files if one.is_written(force)}
    text = forced_record(planned) if force else planned.record
    if text and read(planned.root, record_path(planned)) != text:
        wanted[record_path(planned)] = text
    return wanted


def record_path(planned: Plan) -> str:
    """Where the record lies."""
    return f"{planned.output}/{RECORD}" if planned.output else RECORD


def forced_record(planned: Plan) -> str:
    """The record when edited files are written over."""
    record = msgspec.json.decode(planned.record, type=Record)
    files = dict(record.files)
    for one in planned.files:
        if one.state in ("edited", "foreign"):
            files[relative(one.path, planned.output)] = digest_of(one.text)
    return record_text(msgspec.structs.replace(record, files=dict(sorted(files.items()))))


def replace_all(root: Path, files: Mapping[str, str | bytes]) -> None:
    """Write all files beside their places first, then put each in its place; undo what was done if one of them cannot be."""
    temporary: dict[Path, Path] = {}
    made: list[Path] = []
    undo: list[tuple[Path, bytes | None]] = []
    place = root
    try:
        for path, text in sorted(files.items()):
            place = root / path
            refuse_links(root, place)
            make_folders(place.parent, made)
            descriptor, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.", suffix=".new")
            temporary[place] = Path(name)
            with open(descriptor, "wb") as file:
                file.write(text.encode("utf-8") if isinstance(text, str) else text)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~umask())
        for place, name_ in temporary.items():
            undo.append((place, place.read_bytes() if place.exists() else None))
            os.replace(name_, place)
    except (OSError, UserError) as error:
        for path_, before in reversed(undo):
            if before is None:
                path_.unlink(missing_ok=True)
            else:
                path_.write_bytes(before)
        for left in temporary.values():
            left.unlink(missing_ok=True)
        for folder in reversed(made):
            folder.rmdir()
        if isinstance(error, UserError):
            raise
        raise UserError(f"{place} cannot be written ({error.strerror or error}); nothing was changed") from None


def umask() -> int:
    """The process's mask of permissions."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def make_folders(folder: Path, made: list[Path]) -> None:
    """Make a folder and those above it that are not there, and remember which."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir()
        made.append(one)


def refuse_links(root: Path, place: Path) -> None:
    """Nothing is written through a symbolic link, which may lead anywhere."""
    inside = os.path.relpath(place, root)
    if inside.startswith(".."):
        raise UserError(f"{inside} lies outside {root}; give a folder inside with --output")
    current = root
    for part in Path(inside).parts:
        current = current / part
        if current.is_symlink():
            raise UserError(f"{current} is a symbolic link, through which nothing is written; give another folder with --output")


def read(root: Path, path: str) -> str | None:
    """A file's text; None where there is none. Raises :class:`UserError` where something else is there."""
    place = root / path
    refuse_links(root, place)
    try:
        return place.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise UserError(f"{place.parent} is no folder; give another one with --output") from None
    except OSError as error:
        raise UserError(f"{place} cannot be read ({error.strerror or error})") from None


def digest_of(text: str) -> str:
    """The SHA-256 of a text."""
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


def relative(path: str, output: str) -> str:
    """A path relative to the generated package."""
    return os.path.relpath(path, output or ".").replace(os.sep, "/")


def difference(planned: Plan, force: bool) -> str:
    """What would change, as a unified diff."""
    pieces: list[str] = []
    for one in planned.files:
        if one.is_written(force):
            before = (one.before or "").splitlines(keepends=True)
            old = f"a/{one.path}" if one.before is not None else "/dev/null"
            pieces += difflib.unified_diff(before, one.text.splitlines(keepends=True), old, f"b/{one.path}")
    return "".join(piece if piece.endswith("\n") else f"{piece}\n\\ No newline at end of file\n" for piece in pieces)
