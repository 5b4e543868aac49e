"""A copy of the scanned files in which fixes are tried: nothing of the user's is touched before a fix has proved itself."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from jwtlint import analysis, scope
from jwtlint.config import Options


class Shadow:
    """The files below ``root``, copied to a folder that :meth:`close` removes.

    ``originals`` are the bytes that were copied, by path; ``contents`` those that changed since.
    """

    def __init__(self, root: Path, options: Options) -> None:
        self.root = root
        self.options = options
        self.folder = Path(tempfile.mkdtemp(prefix="jwtlint-"))
        self.paths: list[str] = []
        self.originals: dict[str, bytes] = {}
        self.contents: dict[str, bytes] = {}
        for file in scope.files(root, options).files:
            target = self.folder / file.path
            target.parent.mkdir(parents=True, exist_ok=True)
            try:
                # what became a link in the meantime is not followed
                shutil.copyfile(root / file.path, target, follow_symlinks=False)
            except OSError:
                continue
            if not target.is_symlink():
                self.paths.append(file.path)

    def __enter__(self) -> Shadow:
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the copy."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def read(self, path: str) -> bytes:
        """A file's present bytes."""
        return self.contents[path] if path in self.contents else (self.folder / path).read_bytes()

    def write(self, changed: dict[str, bytes]) -> dict[str, bytes]:
        """Change files; gives what they held before."""
        before: dict[str, bytes] = {}
        for path, data in changed.items():
            before[path] = self.read(path)
            self.originals.setdefault(path, before[path])
            self.contents[path] = data
            (self.folder / path).write_bytes(data)
        return before

    @property
    def changed(self) -> dict[str, tuple[bytes, bytes]]:
        """The files that differ from what was copied: before and after."""
        return {
            path: (self.originals[path], data) for path, data in sorted(self.contents.items()) if data != self.originals[path]
        }

    def scan(self) -> analysis.Scan:
        """What is found in the copy as it is now."""
        return analysis.scan(self.folder, self.options)
