"""Where a dotted module name leads in a tree of files, without importing anything."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

SCRIPTS = ("main.py", "app.py", "server.py", "run.py", "manage.py", "wsgi.py", "asgi.py", "__main__.py")


class Layout:
    """The Python files of a tree, and the answer to "which file does this import mean?".

    An absolute import is looked for from the importing file's folder upward, in each folder and its ``src``; a folder that is
    a package is no root. So several applications in one repository stay apart, and no root has to be configured.
    ``libraries`` are the top-level names that are known to be libraries: a file that bears such a name does not hide it.
    """

    def __init__(self, paths: Iterable[str], libraries: Iterable[str] = ()) -> None:
        self.paths = frozenset(paths)
        self.libraries = frozenset(libraries)
        self.packages = frozenset(path[: -len("__init__.py")].rstrip("/") for path in self.paths if path.endswith("__init__.py"))
        # for file systems that do not tell upper from lower case
        self.in_lower_case = {folder.lower(): folder for folder in sorted(self.packages) if folder != folder.lower()}
        # folders of a template are named by expressions: ``{{cookiecutter.app}}/models.py``
        self.templated = {filled(path): path for path in self.paths if "{{" in path}
        self.by_tail: dict[str, list[str]] = {}
        for path in self.paths:
            tail = path[: -len("/__init__.py")] if path.endswith("/__init__.py") else path[:-3]
            self.by_tail.setdefault(tail.rpartition("/")[2], []).append(path)
        self.answers: dict[tuple[str, str, int], str | None] = {}
        self.foreign: set[tuple[str, str, int]] = set()

    def resolve(self, importer: str, module: str, level: int) -> str | None:
        """The path of the file that ``module`` means in the file ``importer``; ``level`` counts leading dots."""
        folder = importer.rpartition("/")[0]
        key = (folder, module, level)
        if key not in self.answers:
            found = self.search(folder, module, level)
            if found is None and not level and module and self.in_lower_case:
                found = self.search_in_lower_case(folder, module)
            if found is None and not level and module and module.partition(".")[0] not in self.libraries:
                found = self.unique_tail(folder, module.replace(".", "/"))
                if found is not None:
                    self.foreign.add(key)
            self.answers[key] = found
        answer = self.answers[key]
        return None if answer == importer and level == 0 and "." not in module else answer

    def search(self, folder: str, module: str, level: int) -> str | None:
        tail = module.replace(".", "/")
        if level:
            for _ in range(level - 1):
                folder = folder.rpartition("/")[0]
            return self.file(folder, tail)
        if not module or module.partition(".")[0] in self.libraries:
            return None
        here = folder
        while True:
            if here not in self.packages:
                found = self.file(here, tail) or self.file(f"{here}/src" if here else "src", tail)
                if found is not None:
                    return found
            if not here:
                break
            here = here.rpartition("/")[0]
        # Python 2 style implicit relative imports, and scripts run from inside a package
        return self.file(folder, tail) or self.from_inside(folder, tail)

    def search_in_lower_case(self, folder: str, module: str) -> str | None:
        """What a module means whose package's folder is spelt in other cases, as where neither Windows nor macOS minds."""
        first, _, rest = module.partition(".")
        if first in self.libraries or first in sys.stdlib_module_names:
            return None
        while True:
            named = self.in_lower_case.get((f"{folder}/{first}" if folder else first).lower())
            if named is not None:
                return self.file(named, rest.replace(".", "/"))
            if not folder:
                return None
            folder = folder.rpartition("/")[0]

    def from_inside(self, folder: str, tail: str) -> str | None:
        """What ``tail`` means to a program that is started inside a package: a folder above that holds a script, or the whole path."""
        if tail.partition("/")[0] in sys.stdlib_module_names:
            return None
        while folder:
            folder = folder.rpartition("/")[0]
            if folder in self.packages and ("/" in tail or any(f"{folder}/{name}" in self.paths for name in SCRIPTS)):
                found = self.file(folder, tail)
                if found is not None:
                    return found
        return None

    def is_foreign(self, importer: str, module: str, level: int) -> bool:
        """Whether an import leads out of the importing file's own roots: into a package that lies beside the application."""
        self.resolve(importer, module, level)
        return (importer.rpartition("/")[0], module, level) in self.foreign

    def parent_of(self, path: str, tail: str) -> str:
        """The folder in which ``tail`` lies."""
        return path[: path.rindex(f"/{tail}")] if f"/{tail}" in path else ""

    def file(self, folder: str, tail: str) -> str | None:
        """The module or package ``tail`` in ``folder``."""
        base = f"{folder}/{tail}" if folder and tail else folder or tail
        for candidate in (f"{base}/__init__.py", f"{base}.py"):
            if candidate in self.paths:
                return candidate
            if self.templated and "__" in candidate:
                named = self.templated.get(filled(candidate))
                if named is not None:
                    return named
        return None

    def unique_tail(self, folder: str, tail: str) -> str | None:
        """The only file whose path ends in ``tail``, for roots that lie beside the importing file."""
        if tail.partition("/")[0] in sys.stdlib_module_names:
            return None
        # a single name must be a package that is no other package's part
        ends = (f"/{tail}.py", f"/{tail}/__init__.py") if "/" in tail else (f"/{tail}/__init__.py",)
        found = [path for path in self.by_tail.get(tail.rpartition("/")[2], ()) if path.endswith(ends)]
        found = [path for path in found if self.parent_of(path, tail) not in self.packages]
        if len(found) > 1:
            top = folder.partition("/")[0]
            found = [path for path in found if path.partition("/")[0] == top]
        return found[0] if len(found) == 1 else None


def filled(path: str) -> str:
    """A path with template expressions, or the names that stand for them in code, in one common spelling."""
    return "/".join(
        re.sub(r"[^A-Za-z0-9]+", "_", part.removesuffix(".py")).strip("_") if "{{" in part or part.startswith("__") else part
        for part in path.split("/")
    )
