"""What earlier runs found out, in the user's cache folder.

Facts are kept by content, a manifest for each scanned root tells which files changed, and the last documents are kept by all
that they depend on. Nothing is ever written into the scanned repository, which may be hostile; a broken, foreign or unwritable
cache is the same as none.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import msgspec

from jwtlint import __version__
from jwtlint.sources.hashing import blake2b
from jwtlint.sources.home import cache_home
from jwtlint.sources.walk import SourceFile

T = TypeVar("T")

PACKAGE = Path(__file__).resolve().parent.parent
FORMAT = 3
DIGEST_SIZE = 20
MAX_BYTES = 256 * 1024 * 1024
# a file that changed this shortly before it was looked at may change again with the same time stamp
RACY_NS = 2_000_000_000
PRUNE_SECONDS = 3600


class FileState(msgspec.Struct, frozen=True, array_like=True):
    """What is known of one file: how it looked, what it speaks of (bits), and what was found out by demand.

    ``imports`` are its import statements; ``content`` is the digest of its bytes (empty until it plays a part).
    """

    size: int
    mtime_ns: int
    inode: int
    subjects: int
    imports: bytes
    content: bytes = b""

    def holds_for(self, file: SourceFile) -> bool:
        """Whether the file looks as it did."""
        return (self.size, self.mtime_ns, self.inode) == (file.size, file.mtime_ns, file.inode)


class Manifest(msgspec.Struct):
    """What is known of the files of one scanned root. ``needles`` is the digest of what was looked for in them."""

    needles: bytes = b""
    files: dict[str, FileState] = {}


def cache_folder() -> Path:
    """The folder of the cache."""
    return Path(cache_home())


def digest(*parts: bytes | str) -> bytes:
    """The BLAKE2b digest of some parts; their borders count."""
    state = blake2b(digest_size=DIGEST_SIZE)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(len(data).to_bytes(8, "big"))
        state.update(data)
    return state.digest()


def files_in(folders: Iterable[Path], suffixes: tuple[str, ...]) -> list[str]:
    """The files with one of the suffixes in the folders and below, and the folders themselves (which end in a slash), sorted."""
    found: list[str] = []
    for folder in folders:
        for top, inner, names in os.walk(folder):
            inner[:] = [name for name in inner if name != "__pycache__"]
            found.append(f"{top}/")
            found += (f"{top}/{name}" for name in names if name.endswith(suffixes))
    return sorted(found)


def folder_digest(folders: Iterable[Path], suffixes: tuple[str, ...]) -> bytes:
    """A digest that changes when a file with one of the suffixes in the folders (or below) does, by its size and time."""
    seen: list[str] = []
    for path in files_in(folders, suffixes):
        if not path.endswith("/"):
            try:
                stat = os.stat(path)
            except OSError:
                continue
            seen.append(f"{path}:{stat.st_size}:{stat.st_mtime_ns}")
    return digest(*seen)


@lru_cache(maxsize=1)
def program_digest() -> bytes:
    """A digest of jwtlint itself and of the Python that runs it."""
    return digest(str(FORMAT), __version__, sys.version, folder_digest([PACKAGE], (".py", ".toml")))


class Cache:
    """The cache as one run sees it. With ``folder`` None nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self.folder = folder

    @classmethod
    def for_root(cls, root: Path) -> Cache:
        """The user's cache; none when it would lie inside the scanned root."""
        try:
            folder = cache_folder().resolve()
        except (OSError, RuntimeError):
            return cls(None)
        return cls(None if folder.is_relative_to(root.resolve()) else folder)

    def key(self, *parts: bytes | str) -> bytes:
        """The digest of some parts; empty without a cache, where nobody asks."""
        return digest(*parts) if self.folder is not None else b""

    # -- facts -----------------------------------------------------------------------------------------------------

    def facts(self, content: bytes, path: str) -> bytes | None:
        """The encoded facts of a file whose content has the digest ``content``. They hold for one ``path``, which they record."""
        return self.read(self.facts_name(content, path)) if self.folder is not None else None

    def store_facts(self, content: bytes, path: str, data: bytes) -> None:
        """Keep a file's encoded facts."""
        self.write(self.facts_name(content, path), data)

    def facts_name(self, content: bytes, path: str) -> str:
        name = digest(program_digest(), content, path).hex()
        return f"facts/{name[:2]}/{name[2:]}"

    # -- manifests -------------------------------------------------------------------------------------------------

    def knows(self, root: Path) -> bool:
        """Whether there is anything known of the files of a root."""
        return self.folder is not None and (self.folder / self.manifest_name(root)).exists()

    def manifest(self, root: Path, needles: bytes) -> Manifest:
        """What is known of the files of a root, looked through for ``needles``; empty when nothing is."""
        found = self.load(self.manifest_name(root), Manifest) if self.folder is not None else None
        return found if found is not None and found.needles == needles else Manifest(needles)

    def store_manifest(self, root: Path, manifest: Manifest) -> None:
        """Keep what is known of a root's files, but for those that changed just now."""
        if self.folder is None:
            return
        limit = time.time_ns() - RACY_NS
        safe = {path: state for path, state in manifest.files.items() if state.mtime_ns < limit}
        self.store(self.manifest_name(root), Manifest(manifest.needles, safe))

    def manifest_name(self, root: Path) -> str:
        return f"manifests/{digest(program_digest(), str(root)).hex()}"

    # -- documents -------------------------------------------------------------------------------------------------

    def document(self, key: bytes, kind: type[T]) -> T | None:
        """The last run's result for a key."""
        return self.load(f"documents/{key.hex()}", kind)

    def store_document(self, key: bytes, files: Iterable[SourceFile], value: object) -> None:
        """Keep a run's result, unless one of its files changed just now."""
        limit = time.time_ns() - RACY_NS
        if all(file.mtime_ns < limit for file in files):
            self.store(f"documents/{key.hex()}", value)

    def mark(self, key: bytes) -> None:
        """Remember that a key has no document, and why need not be found out again."""
        self.store(f"documents/none-{key.hex()}", True)

    def is_marked(self, key: bytes) -> bool:
        """Whether a key is known to have no document."""
        return self.load(f"documents/none-{key.hex()}", bool) is not None

    # -- files -----------------------------------------------------------------------------------------------------

    def load(self, name: str, kind: type[T]) -> T | None:
        """Read one entry; None when there is none, or it is not whole."""
        data = self.read(name)
        if data is None:
            return None
        try:
            return msgspec.msgpack.decode(data, type=kind)
        except (msgspec.DecodeError, RecursionError):
            return None

    def store(self, name: str, value: object) -> None:
        """Write one entry, whole or not at all."""
        if self.folder is None:
            return
        try:
            data = msgspec.msgpack.encode(value)
        except (RecursionError, ValueError):
            return  # text that is no Unicode (a lone surrogate in a literal)
        self.write(name, data)

    def read(self, name: str) -> bytes | None:
        """The bytes of one entry; None when there is none, or it is not whole."""
        if self.folder is None:
            return None
        try:
            data = (self.folder / name).read_bytes()
        except OSError:
            return None
        content = data[DIGEST_SIZE:]
        return content if digest(content) == data[:DIGEST_SIZE] else None

    def write(self, name: str, data: bytes) -> None:
        """Write the bytes of one entry; an unwritable folder is no error."""
        if self.folder is None:
            return
        target = self.folder / name
        temporary = target.with_name(f".new-{os.getpid()}-{time.monotonic_ns()}")
        try:
            target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(digest(data))
                    file.write(data)
                os.replace(temporary, target)
            except BaseException:
                os.unlink(temporary)
                raise
        except OSError:
            return

    def prune_at_times(self) -> None:
        """Delete what is too much, unless that was done within the last hour."""
        if self.folder is None:
            return
        mark = self.folder / "pruned"
        try:
            if time.time() - mark.stat().st_mtime < PRUNE_SECONDS:
                return
        except OSError:
            pass
        self.prune()
        self.write("pruned", b"")

    def prune(self, limit: int = MAX_BYTES) -> int:
        """Delete the oldest entries until the cache holds at most ``limit`` bytes; give the number deleted."""
        if self.folder is None:
            return 0
        entries = sorted(entry_ages(self.folder))
        total = sum(size for _, size, _ in entries)
        deleted = 0
        for _, size, path in entries:
            if total <= limit:
                break
            try:
                os.unlink(path)
            except OSError:
                continue
            total -= size
            deleted += 1
        return deleted


def entry_ages(folder: Path) -> Iterable[tuple[int, int, str]]:
    """The time of last change, size and path of every file of a cache."""
    for part in ("facts", "manifests", "documents", "data", "answers"):
        for top, _, names in os.walk(folder / part):
            for name in names:
                path = os.path.join(top, name)
                try:
                    stat = os.lstat(path)
                except OSError:
                    continue
                yield stat.st_mtime_ns, stat.st_size, path


def clear() -> int:
    """Delete every entry of the user's cache; give the number deleted."""
    return Cache(cache_folder()).prune(limit=-1)
