"""Reading commits of a git repository that may be hostile.

Git is asked as in ``jwtlint.sources.git``, so that it runs nothing of the repository's. Blobs are read as they are; links and submodules
are passed over.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from jwtlint.errors import UserError
from jwtlint.sources.git import SAFE, environment, top_around

HASH = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
REFUSED = re.compile(r"^-|[\x00-\x20\x7f]|^$")
REGULAR = (b"100644", b"100755")
# what no front end reads, and what may be large
PASSED_OVER = frozenset(
    ".png .jpg .jpeg .gif .webp .ico .bmp .svg .pdf .zip .gz .tgz .bz2 .xz .zst .7z .jar .whl .woff .woff2 .ttf .otf .eot .mp3 .mp4 "
    ".mov .webm .wav .ogg .so .dll .dylib .exe .bin .o .a .pyc .sqlite .sqlite3 .db .parquet .npy .npz .pkl .onnx .pt .csv .tsv .lock "
    ".po .mo".split()
)


class Blob(msgspec.Struct, frozen=True):
    """A regular file of a commit. ``path`` is relative to the top of the repository; ``size`` is in bytes."""

    path: str
    name: str
    size: int


class Repository:
    """The repository whose working tree has its top at ``top``."""

    def __init__(self, top: Path) -> None:
        self.top = top
        git = shutil.which("git")
        if git is None:
            raise UserError("git is not installed, and comparing with an earlier commit needs it")
        self.git = git

    @classmethod
    def around(cls, path: Path) -> Repository:
        """The repository in which a file or folder lies. Raises :class:`UserError`."""
        top = top_around(path)
        if top is None:
            raise UserError(f"{path} does not lie in a git repository, so there is no earlier commit to compare with")
        return cls(top)

    def commit(self, revision: str) -> str:
        """The full name of the commit that a revision (``HEAD~1``, ``origin/main``) stands for. Raises :class:`UserError`."""
        if REFUSED.search(revision):
            raise UserError(f'"{revision}" is no revision; name a branch, a tag or a commit')
        result = self.run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
        name = result.stdout.decode("ascii", "replace").strip()
        if result.returncode or not HASH.fullmatch(name):
            raise UserError(f'there is no commit "{revision}" in {self.top}{self.complaint(result)}; a shallow clone may lack it')
        return name

    def has(self, revision: str) -> bool:
        """Whether there is such a commit; a new repository has no ``HEAD``."""
        return self.run("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").returncode == 0

    def fork_point(self, commit: str) -> str:
        """The commit at which the work since ``commit`` began: its merge base with ``HEAD``; itself where they share none."""
        result = self.run("merge-base", commit, "HEAD")
        name = result.stdout.decode("ascii", "replace").strip()
        return name if not result.returncode and HASH.fullmatch(name) else commit

    def tree(self, commit: str) -> str:
        """The name of a commit's tree: two commits with the same one hold the same files."""
        return self.run("rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}").stdout.decode("ascii", "replace").strip()

    def blobs(self, commit: str, max_size: int) -> Iterator[Blob]:
        """The regular files of a commit that are no larger than ``max_size`` and may be source. Raises :class:`UserError`."""
        result = self.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit)
        if result.returncode:
            raise UserError(f"git cannot list the files of {commit[:12]}{self.complaint(result)}")
        for record in result.stdout.split(b"\0"):
            head, _, name = record.partition(b"\t")
            mode, _, rest = head.partition(b" ")
            if mode not in REGULAR:
                continue
            _, identity, size = rest.split()
            path = os.fsdecode(name)
            if size.isdigit() and int(size) <= max_size and is_safe(path) and os.path.splitext(path)[1].lower() not in PASSED_OVER:
                yield Blob(path, identity.decode("ascii"), int(size))

    def contents(self, blobs: Sequence[Blob]) -> Iterator[tuple[Blob, bytes]]:
        """What files hold; one that is missing (in a partial clone) is passed over."""
        with tempfile.TemporaryFile() as asked:
            asked.write("".join(f"{blob.name}\n" for blob in blobs).encode("ascii"))
            asked.seek(0)
            command = [self.git, *SAFE, "cat-file", "--batch"]
            with subprocess.Popen(
                command, cwd=self.top, env=environment(), stdin=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            ) as process:
                assert process.stdout is not None
                for blob in blobs:
                    head = process.stdout.readline().split()
                    if len(head) != 3 or head[1] != b"blob":
                        continue
                    data = process.stdout.read(int(head[2]))
                    process.stdout.read(1)
                    yield blob, data

    def export(self, commit: str, folder: Path, max_size: int) -> None:
        """Write the files of a commit into an empty folder, and a mark that it is the top of a repository."""
        (folder / ".git").mkdir()
        made = {folder}
        for blob, data in self.contents(list(self.blobs(commit, max_size))):
            path = folder / blob.path
            if path.parent not in made:
                path.parent.mkdir(parents=True, exist_ok=True)
                made.add(path.parent)
            try:
                with open(path, "xb") as file:
                    file.write(data)
            except OSError:
                continue  # two names that are one here, a name that cannot be

    def run(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        """One git command."""
        return subprocess.run(
            [self.git, *SAFE, *arguments], cwd=self.top, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, check=False
        )

    def complaint(self, result: subprocess.CompletedProcess[bytes]) -> str:
        """What git says, in brackets; "" when it says nothing."""
        said = result.stderr.decode("utf-8", "replace").strip().splitlines()
        return f" ({said[0]})" if said else ""


def is_safe(path: str) -> bool:
    """Whether a path of a tree leads to a place inside it and not into ``.git``; a crafted tree may say anything."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") or part.lower() == ".git" for part in parts) and "\\" not in path and ":" not in parts[0]


def changed_lines(pairs: Sequence[tuple[bytes, bytes]]) -> list[list[range]]:
    """For each pair of an old and a new text, the 1-based lines of the new one that are not the old one's."""
    if not pairs:
        return []
    git = shutil.which("git")
    if git is None:
        raise UserError("git is not installed, and comparing with an earlier commit needs it")
    found: list[list[range]] = [[] for _ in pairs]
    with tempfile.TemporaryDirectory(prefix="jwtlint-") as folder:
        for side, index in (("old", 0), ("new", 1)):
            os.mkdir(os.path.join(folder, side))
            for number, pair in enumerate(pairs):
                with open(os.path.join(folder, side, str(number)), "wb") as file:
                    file.write(pair[index])
        options = ("--no-index", "--unified=0", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--text", "--no-prefix")
        result = subprocess.run(
            [git, *SAFE, "diff", *options, "old", "new"],
            cwd=folder,
            env={**environment(), "GIT_CEILING_DIRECTORIES": os.path.dirname(folder)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    number = -1
    left = 0  # lines of a hunk, which may look like anything
    for line in result.stdout.split(b"\n"):
        if left:
            left -= not line.startswith(b"\\")
        elif line.startswith(b"+++ new/"):
            number = int(line[8:])
        elif hunk := HUNK.match(line):
            removed, first, added = (int(group) if group else 1 for group in hunk.groups())
            left = removed + added
            if added:
                found[number].append(range(first, first + added))
    return found


HUNK = re.compile(rb"@@ -[0-9]+(?:,([0-9]+))? \+([0-9]+)(?:,([0-9]+))? @@")
