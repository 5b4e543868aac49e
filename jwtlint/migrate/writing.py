"""Writing what a migration came to: the generated files and the application's own, all of them or none."""

from __future__ import annotations

from jwtlint.errors import UserError
from jwtlint.migrate.run import Migration
from jwtlint.scaffold import write
from jwtlint.scaffold.project.source import RECORD
from jwtlint.sources import rewrite


def write_all(done: Migration) -> list[str]:
    """Write; gives the paths. A file that changed since it was looked at stops everything. Raises :class:`UserError`."""
    root = done.generated.root
    for path, (before, _) in done.changed.items():
        if rewrite.read(root / path) != before:
            raise UserError(f"{path} changed while jwtlint looked at it; nothing was written, run it again")
    wanted: dict[str, bytes] = {path: after for path, (_, after) in done.changed.items()}
    wanted.update((one.path, one.text.encode("utf-8")) for one in done.generated.files if one.is_written(False))
    if done.generated.record:
        record = f"{done.generated.output}/{RECORD}" if done.generated.output else RECORD
        if write.read(root, record) != done.generated.record:
            wanted[record] = done.generated.record.encode("utf-8")
    write.replace_all(root, wanted)
    return sorted(wanted)
