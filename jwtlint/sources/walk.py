"""Which files there are to scan: one walk that prunes folders before it looks into them.

Symbolic links are never followed, for they may lead out of the tree. What is no regular file is passed over.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from jwtlint.facts.web_layout import SUFFIXES as WEB_SUFFIXES
from jwtlint.facts.web_layout import is_web
from jwtlint.sources.contents import NOTHING, times_of
from jwtlint.sources.failures import FileError, unreadable_file
from jwtlint.sources.ignores import IgnoreRules

# never anybody's production code: tools' folders, vendored code, build results
PRUNED = frozenset(
    "__pycache__ node_modules bower_components site-packages vendor vendored third_party dist build venv env virtualenv "
    "__pypackages__ htmlcov".split()
)
# what may hold other people's packages, and does if there are several of those that nobody names his own so
HOLDERS = frozenset("lib libs library libraries ext extern external externals deps dependencies packages vendors _vendor".split())
OTHERS = frozenset(
    "certifi chardet charset_normalizer idna urllib3 requests six dateutil pytz simplejson yaml markupsafe jinja2 werkzeug click flask "
    "django bs4 html5lib lxml pkg_resources setuptools typing_extensions cherrypy tornado sqlalchemy attr cffi cryptography".split()
)
FEW = 3
MAX_RULE_BYTES = 100_000
MARKERS = frozenset((".gitignore", "pyvenv.cfg"))
SUFFIXES = (".py", *WEB_SUFFIXES)
TEST_FOLDERS = frozenset(("test", "tests", "__tests__", "__mocks__", "cypress", "e2e", "playwright"))
TEST_FILES = frozenset(("conftest.py", "tests.py"))
# ``login.test.tsx``, ``auth.spec.ts``; Storybook's pages show components with made-up data
WEB_TEST_PARTS = frozenset(("test", "tests", "spec", "cy", "stories", "e2e", "mock"))


class SourceFile(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A file to scan. ``path`` is relative to the root with forward slashes; with the other numbers it tells whether it changed."""

    path: str
    size: int
    mtime_ns: int
    inode: int


class WalkOptions(msgspec.Struct, frozen=True):
    """What to walk. ``paths`` are relative to the root (empty: all); a file among them is taken whatever the ignore rules say.

    ``exclude`` None stands for the default exclusions. ``max_file_size`` is in bytes.
    """

    paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] | None = None
    extend_exclude: tuple[str, ...] = ()
    include_tests: bool = False
    max_file_size: int = 2_000_000


class WalkResult(msgspec.Struct, frozen=True):
    """The files, sorted by path, and what could not be read.

    ``looked_at`` are the absolute paths of the folders and ignore files that this depends on, whether they exist or not.
    """

    files: tuple[SourceFile, ...]
    errors: tuple[FileError, ...]
    looked_at: tuple[str, ...] = ()


def walk(root: Path, options: WalkOptions | None = None, unsaved: Mapping[str, bytes] = NOTHING) -> WalkResult:
    """The files under ``root`` that are Python's or a front end's.

    ``unsaved`` are the bytes that an editor holds for some of them, or for files that are not on the disk yet.
    """
    return Walk(root, options or WalkOptions(), unsaved).run()


class Walk:
    """One walk. An ignore file is kept with the length of its folder's path, to cut paths relative to it."""

    def __init__(self, root: Path, options: WalkOptions, unsaved: Mapping[str, bytes] = NOTHING) -> None:
        self.root = os.path.abspath(root)
        self.options = options
        self.unsaved = unsaved
        self.files: dict[str, SourceFile] = {}
        self.errors: dict[str, FileError] = {}
        self.looked_at: list[str] = []
        self.prune_defaults = options.exclude is None
        self.excluded = IgnoreRules((*(options.exclude or ()), *options.extend_exclude))

    def run(self) -> WalkResult:
        """Walk all paths."""
        for path in self.options.paths or ("",):
            path = "" if path == "." else path
            full = os.path.join(self.root, path) if path else self.root
            if os.path.isfile(full):
                self.named_file(path, full)
            elif path not in self.unsaved:
                self.folder(path, full, self.inherited(full))
        for path, data in self.unsaved.items():
            if path in self.files or self.would_take(path):
                self.files.pop(path, None)
                self.add(path, len(data), *times_of(data))
        files = tuple(self.files[path] for path in sorted(self.files))
        return WalkResult(files, tuple(sorted(self.errors.values())), tuple(self.looked_at))

    def named_file(self, path: str, full: str) -> None:
        """A file that the user named."""
        try:
            self.add_found(path, os.stat(full))
        except OSError as error:
            self.error(path, error)

    def folder(self, top: str, full: str, inherited: list[tuple[int, IgnoreRules]]) -> None:
        """Every file below one folder. ``inherited`` are the ignore rules of the folders above, outermost first."""
        waiting = [(top, full, inherited)]
        while waiting:
            folder, full, rules = waiting.pop()
            self.looked_at.append(full)
            folders: list[os.DirEntry[str]] = []
            files: list[os.DirEntry[str]] = []
            names: list[str] = []
            prefix = f"{folder}/" if folder else ""
            try:
                with os.scandir(full) as scan:
                    for entry in scan:
                        # neither is true of a link
                        if entry.is_dir(follow_symlinks=False):
                            folders.append(entry)
                        elif (name := entry.name).endswith(SUFFIXES):
                            files.append(entry)
                        elif name in MARKERS:
                            names.append(name)
            except OSError as error:
                self.error(folder or ".", error)
                continue
            if folder != top and ("pyvenv.cfg" in names or self.is_others(folder, folders, files)):
                continue
            if ".gitignore" in names:
                rules = [*rules, (len(full) + 1, self.rules_in(os.path.join(full, ".gitignore")))]
            for entry in folders:
                path = prefix + entry.name
                if not self.is_pruned(entry.name) and not self.is_ignored(path, entry.path, True, rules):
                    waiting.append((path, entry.path, rules))
            for entry in files:
                path = prefix + entry.name
                try:
                    if entry.is_file(follow_symlinks=False) and not self.is_test(entry.name):
                        if not (rules or self.excluded) or not self.is_ignored(path, entry.path, False, rules):
                            self.add_found(path, entry.stat(follow_symlinks=False))
                except OSError as error:
                    self.error(path, error)

    def would_take(self, path: str) -> bool:
        """Whether a file that is not on the disk yet would be found by the walk."""
        tops = self.options.paths
        if os.path.lexists(os.path.join(self.root, path)) or not path.endswith(SUFFIXES):
            return False
        if tops and not any(top == "." or f"{path}/".startswith(f"{top}/") for top in tops):
            return False
        rules = self.inherited(self.root)
        *folders, name = path.split("/")
        full = self.root
        for number, folder in enumerate(folders, 1):
            rules = [*rules, (len(full) + 1, self.rules_in(os.path.join(full, ".gitignore")))]
            full = os.path.join(full, folder)
            if os.path.islink(full) or self.is_pruned(folder) or self.is_ignored("/".join(folders[:number]), full, True, rules):
                return False
        rules = [*rules, (len(full) + 1, self.rules_in(os.path.join(full, ".gitignore")))]
        return not self.is_test(name) and not self.is_ignored(path, os.path.join(full, name), False, rules)

    def is_pruned(self, name: str) -> bool:
        """Whether a folder is left out by its name."""
        if self.prune_defaults and (name in PRUNED or name[0] == "." or name.endswith(".egg-info")):
            return True
        return name == ".git" or (name in TEST_FOLDERS and not self.options.include_tests)

    def is_others(self, path: str, folders: Iterable[os.DirEntry[str]], files: Iterable[os.DirEntry[str]]) -> bool:
        """Whether a folder holds packages of other people, which came with the project."""
        if not self.prune_defaults or path.rpartition("/")[2] not in HOLDERS:
            return False
        modules = {entry.name for entry in folders} | {entry.name.removesuffix(".py") for entry in files}
        return len(modules & OTHERS) >= FEW

    def is_test(self, name: str) -> bool:
        """Whether a file is left out as a test by its name."""
        if self.options.include_tests:
            return False
        if name.endswith(".py"):
            return name.startswith("test_") or name.endswith("_test.py") or name in TEST_FILES
        return name.count(".") > 1 and not WEB_TEST_PARTS.isdisjoint(name.split(".")[1:-1])

    def is_ignored(self, path: str, full: str, folder: bool, rules: Sequence[tuple[int, IgnoreRules]]) -> bool:
        """Whether the configuration or an ignore file leaves a path out; the innermost ignore file that speaks decides."""
        if self.excluded and self.excluded.verdict(path, folder):
            return True
        for length, own in reversed(rules):
            verdict = own.verdict(full[length:], folder)
            if verdict is not None:
                return verdict
        return False

    def inherited(self, full: str) -> list[tuple[int, IgnoreRules]]:
        """The ignore rules above a folder, up to the repository's top; none outside a repository."""
        folders: list[str] = []
        folder = full
        while True:
            self.looked_at.append(os.path.join(folder, ".git"))
            if os.path.exists(self.looked_at[-1]):
                break
            above = os.path.dirname(folder)
            if above == folder:
                return []
            folders.append(above)
            folder = above
        found = [(len(folder) + 1, self.rules_in(os.path.join(folder, ".git", "info", "exclude")))]
        found.extend((len(above) + 1, self.rules_in(os.path.join(above, ".gitignore"))) for above in reversed(folders))
        return [(length, rules) for length, rules in found if rules]

    def rules_in(self, path: str) -> IgnoreRules:
        """The rules of an ignore file."""
        self.looked_at.append(path)
        return read_rules(path)

    def add_found(self, path: str, stat: os.stat_result) -> None:
        """Take a file that is on the disk."""
        self.add(path, stat.st_size, stat.st_mtime_ns, stat.st_ino)

    def add(self, path: str, size: int, mtime_ns: int, inode: int) -> None:
        """Take a file, unless it is too large or its name cannot be told."""
        if not path.isascii():
            try:
                path.encode("utf-8")
            except UnicodeEncodeError:
                self.errors[path] = FileError(ascii(path)[1:-1], "its name is not valid UTF-8")
                return
        if size > self.options.max_file_size:
            if is_web(path):
                return  # nobody wrote it by hand
            self.errors[path] = FileError(path, f"it is larger than max-file-size ({self.options.max_file_size:,} bytes)")
            return
        self.files[path] = SourceFile(path, size, mtime_ns, inode)

    def error(self, path: str, error: OSError) -> None:
        """Record what could not be read."""
        self.errors[path] = unreadable_file(path, error)


def read_rules(path: str) -> IgnoreRules:
    """The rules of an ignore file; none when it is missing, no regular file, or unreadable."""
    if os.path.islink(path) or not os.path.isfile(path):
        return IgnoreRules(())
    try:
        with open(path, "rb") as file:
            return IgnoreRules(file.read(MAX_RULE_BYTES).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace").splitlines())
    except OSError:
        return IgnoreRules(())
