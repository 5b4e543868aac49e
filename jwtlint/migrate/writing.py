"""Writing what a migration came to: the generated files and the application's own, all of them or none."""

from __future__ import annotations

from jwtlint.errors import UserError
from jwtlint.migrate.run import Migration
from jwtlint.scaffold import write
from jwtlint.sources import rewrite


def write_all(done: Migration) -> list[str]:
    """Write; gives the paths. A file that changed since it was looked at stops everything. Raises :class:`UserError`."""
    root = done.generated.root
    for path, (before, _) in done.changed.items():
        if rewrite.read(root / path) != before:
            raise UserError(f"{path} changed while jwtlint looked at it; nothing was written, run it again")
    wanted: dict[str, str | bytes] = {path: after for path, (_, after) in done.changed.items()}
    wanted.update(write.pending(done.generated, force=False))
    write.replace_all(root, wanted)
    return sorted(wanted)
