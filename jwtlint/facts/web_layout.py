"""Which files are a front end's, and where a module specifier leads among them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cached_property

SCRIPT_SUFFIXES = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx")
COMPONENT_SUFFIXES = (".vue", ".svelte")
PAGE_SUFFIXES = (".html", ".htm", ".jinja", ".jinja2", ".j2", ".mako", ".djhtml")
SUFFIXES = SCRIPT_SUFFIXES + COMPONENT_SUFFIXES + PAGE_SUFFIXES
# what a specifier without a suffix may mean (Node's and the bundlers' resolution)
TRIED = (".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".vue", ".svelte", ".svelte.ts", ".svelte.js", ".d.ts")
# names that bundlers' configurations give to a folder of sources
ALIAS = re.compile(r"^(?:@|~|~~|@@|\$lib|#|src|app|\$)/")
SCOPED = re.compile(r"^@[\w.-]+/")  # a package of an organisation, or an alias of the project's own


def is_web(path: str) -> bool:
    """Whether a file is one of a front end, by its name."""
    return path.endswith(SUFFIXES)


class WebLayout:
    """The files of front ends in a tree, and the answer to "which file does this specifier mean?".

    Nothing reads the bundler's configuration: ``@/stores/auth`` is looked for in the folders above the importing file and their ``src``,
    and then as the only file in the same part of the tree whose path ends so.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = frozenset(paths)
        self.answers: dict[tuple[str, str], str | None] = {}

    @cached_property
    def tails(self) -> dict[str, list[str]]:
        """The paths by their names without suffixes."""
        found: dict[str, list[str]] = {}
        for path in self.paths:
            found.setdefault(stem(path), []).append(path)
        return found

    def resolve(self, importer: str, specifier: str) -> str | None:
        """The path of the file that ``specifier`` means in the file ``importer``; None for packages and whatever else is not here."""
        folder = importer.rpartition("/")[0]
        key = (folder, specifier)
        if key not in self.answers:
            self.answers[key] = self.search(folder, specifier.partition("?")[0])
        return self.answers[key]

    def search(self, folder: str, specifier: str) -> str | None:
        if specifier.startswith("."):
            return self.file(joined(folder, specifier))
        tail = ALIAS.sub("", specifier) if ALIAS.match(specifier) else specifier.lstrip("/@")
        if not tail or "/" not in specifier:
            return None
        here = folder
        while True:
            for base in (here, f"{here}/src".lstrip("/"), f"{here}/app".lstrip("/"), f"{here}/src/lib".lstrip("/")):
                found = self.file(f"{base}/{tail}".lstrip("/"))
                if found is not None:
                    return found
            if not here:
                break
            here = here.rpartition("/")[0]
        if ALIAS.match(specifier) or SCOPED.match(specifier):
            return self.nearest(folder, SCOPED.sub("", tail) if tail == specifier else tail)
        return None

    def nearest(self, folder: str, tail: str) -> str | None:
        """The only file under the same top folder whose path ends in ``tail``."""
        name = tail.rpartition("/")[2]
        if "/" not in tail:
            return None
        candidates = [*self.tails.get(stem(name), ()), *self.tails.get(name, ())]
        found = {path for path in candidates if f"/{without_suffix(path)}".endswith((f"/{tail}", f"/{tail}/index"))}
        found = {path for path in found if path.partition("/")[0] == folder.partition("/")[0]}
        return found.pop() if len(found) == 1 else None

    def file(self, base: str) -> str | None:
        """The file that a path means which may lack its suffix."""
        if base in self.paths:
            return base
        for suffix in TRIED:
            if base + suffix in self.paths:
                return base + suffix
        cut, dot, suffix = base.rpartition(".")
        if dot and suffix in ("js", "jsx", "mjs", "cjs"):  # TypeScript names the file that it will become
            for other in (".ts", ".tsx", ".mts", ".cts"):
                if cut + other in self.paths:
                    return cut + other
        for suffix in TRIED:
            if f"{base}/index{suffix}".lstrip("/") in self.paths:
                return f"{base}/index{suffix}".lstrip("/")
        return None


def stem(path: str) -> str:
    """A file's name without suffixes; the folder's for an index."""
    name = path.rpartition("/")[2].partition(".")[0]
    return path.rpartition("/")[0].rpartition("/")[2] if name == "index" else name


def without_suffix(path: str) -> str:
    """A path without the suffix of its file's name."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.rpartition('.')[0] or name}"


def joined(folder: str, specifier: str) -> str:
    """A folder and a relative specifier put together; ``..`` above the root stays there."""
    parts = folder.split("/") if folder else []
    for part in specifier.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)
