"""The project as it lies there: its Python modules as facts, where names lead, and its other files as text.

Nothing of it is imported or run, and no link is followed. Beyond what is scanned, Alembic's environments that git tracks belong to it,
though an ignore file names them: some name ``migrations/`` and commit it all the same. Git is asked only here, for a scan must not wait.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator
from pathlib import Path

from jwtlint.errors import UserError
from jwtlint.facts.layout import Layout
from jwtlint.facts.program import Attribute, Call, Class, Expression, Name, Step, Subscript
from jwtlint.facts.web_layout import is_web
from jwtlint.linker.program import ModuleIndex, Program
from jwtlint.linker.values import ClassValue, External, FunctionValue, ModuleValue
from jwtlint.sources.cache import Cache
from jwtlint.sources.contents import Contents, read
from jwtlint.sources.git import tracked_but_ignored
from jwtlint.sources.parsing import Parsing
from jwtlint.sources.walk import PRUNED, WalkOptions, walk

# top-level names that are libraries, also where a folder of the project bears such a name
LIBRARIES = frozenset(
    "alembic aiosqlite asyncpg databases django fastapi fastapi_users flask flask_login flask_migrate flask_sqlalchemy jwt psycopg "
    "psycopg2 psycopg_pool pydantic redis rest_framework sqlalchemy sqlmodel starlette tortoise peewee".split()
)
MAX_TEXT = 1_000_000
MAX_FILES = 6_000
RECORD = ".scaffold.json"  # beside what an earlier run generated
MAX_STEPS = 20  # how far a name is followed

# what a file begins with tells its encoding, as pip takes it; Windows PowerShell writes ``pip freeze > requirements.txt`` as UTF-16
MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

Origin = External | ClassValue | FunctionValue | ModuleValue | None


def decoded(data: bytes) -> str:
    """A file's text; what cannot be decoded is replaced."""
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    return data.decode(encoding, "replace")


class Source:
    """A folder with an application in it. Raises :class:`UserError` where there is none."""

    def __init__(self, root: Path) -> None:
        if not root.is_dir():
            raise UserError(f"{root} is no folder; give the folder that holds the application")
        self.root = root.resolve()
        files = [file for file in walk(self.root, WalkOptions()).files if not is_web(file.path)]
        if not files:
            raise UserError(f"there is no Python file in {root}; give the folder that holds the application")
        if len(files) > MAX_FILES:
            raise UserError(f"there are {len(files):,} Python files in {root}; give the folder of the one application that is meant")
        sizes = {file.path: file.size for file in files} | self.environments()
        paths = sorted(sizes)
        generated = {folder for folder in {path.rpartition("/")[0] for path in paths} if (self.root / folder / RECORD).is_file()}
        # what an earlier run generated tells nothing of the application
        own = {path for path in paths if any(path.startswith(f"{folder}/") for folder in generated)}
        sizes = {path: size for path, size in sizes.items() if path not in own}
        parsing = Parsing(Contents(self.root), sizes, dict.fromkeys(sizes, b""), Cache(None))
        modules, _, self.errors = parsing.result()
        parsing.stop()
        self.layout = Layout(paths, LIBRARIES)
        self.program = Program(modules, self.layout)
        self.texts: dict[str, str | None] = {}
        self.lineages: dict[ClassValue, list[ClassValue | External]] = {}

    def environments(self) -> dict[str, int]:
        """The Python files of Alembic's environments that git tracks though it is told to ignore them, and their sizes in bytes."""
        tracked = [path for path in tracked_but_ignored(self.root) if path.endswith(".py")]
        folders = {path.removesuffix("env.py") for path in tracked if path.endswith("/env.py") and not is_aside(path)}
        found: dict[str, int] = {}
        for path in tracked:
            full = self.root / path
            inside = any(path == f"{folder}env.py" or path.startswith(f"{folder}versions/") for folder in folders)
            if inside and full.is_file() and full.resolve() == full and full.stat().st_size <= MAX_TEXT:
                found[path] = full.stat().st_size
        return found

    @property
    def modules(self) -> dict[str, ModuleIndex]:
        """Every module that could be read, by path."""
        return self.program.modules

    # -- other files -----------------------------------------------------------------------------------------------

    def text(self, path: str) -> str | None:
        """A file's text; None where there is no such regular file, or it is no text of a sensible size."""
        if path not in self.texts:
            full = self.root / path
            found: str | None = None
            if full.is_file() and not full.is_symlink():
                try:
                    if full.stat().st_size <= MAX_TEXT:
                        found = decoded(read(str(full), full.stat().st_size))
                except OSError:
                    found = None
            self.texts[path] = found
        return self.texts[path]

    def names_in(self, folder: str) -> list[str]:
        """The names of the files in a folder, sorted."""
        try:
            with os.scandir(self.root / folder) as scan:
                return sorted(entry.name for entry in scan if entry.is_file(follow_symlinks=False))
        except OSError:
            return []

    def exists(self, path: str) -> bool:
        """Whether a file or folder is there."""
        return os.path.lexists(self.root / path)

    # -- names -----------------------------------------------------------------------------------------------------

    def origin(self, path: str, node: Expression | None, steps: int = MAX_STEPS) -> Origin:
        """What an expression at module level names. What a call of a library's ``f`` gives is ``External("f()")``."""
        if steps <= 0 or node is None:
            return None
        if isinstance(node, Name):
            return self.named(path, node.name, steps)
        if isinstance(node, Attribute):
            base = self.origin(path, node.value, steps - 1)
            if isinstance(base, External):
                return External(f"{base.name}.{node.name}")
            if isinstance(base, ModuleValue):
                return self.named(base.path, node.name, steps - 1)
            if isinstance(base, ClassValue):
                value = self.class_assignment(base, node.name)
                return self.origin(base.path, value.value, steps - 1) if value is not None else None
            return None
        if isinstance(node, Subscript):
            return self.origin(path, node.value, steps - 1)
        if isinstance(node, Call):
            made = self.origin(path, node.function, steps - 1)
            if isinstance(made, ClassValue):
                made = next((base for base in self.ancestors(made) if isinstance(base, External)), None)
            return External(f"{made.name}()") if isinstance(made, External) else None
        return None

    def named(self, path: str, name: str, steps: int = MAX_STEPS) -> Origin:
        """What a name at a module's top level leads to."""
        if steps <= 0:
            return None
        found = self.program.exported(path, name)
        if isinstance(found, External | ClassValue | FunctionValue | ModuleValue):
            return found
        step = self.assignment(path, name)
        if step is None:
            return None
        home, value = step
        return self.origin(home, value.value, steps - 1)

    def assignment(self, path: str, name: str) -> tuple[str, Step] | None:
        """The last module-level assignment of a name as seen from a module, and the module it stands in."""
        home = self.program.assignment_home(path, name)
        if home is None:
            return None
        index = self.modules[home[0]]
        steps = [index.module.steps[number] for number in index.assignments.get(home[1], ())]
        plain = [step for step in steps if isinstance(step.target, Name) and step.value is not None]
        return (home[0], plain[-1]) if plain else None

    def class_assignment(self, value: ClassValue, name: str) -> Step | None:
        """The last assignment of a name in a class's own body."""
        found = None
        for step in self.program.class_(value).steps:
            if step.kind == "assign" and isinstance(step.target, Name) and step.target.name == name:
                found = step
        return found

    def ancestors(self, value: ClassValue) -> list[ClassValue | External]:
        """A class's bases and theirs, nearest first, each once."""
        known = self.lineages.get(value)
        if known is not None:
            return known
        found: list[ClassValue | External] = []
        waiting = [value]
        seen = {value}
        while waiting:
            one = waiting.pop(0)
            for base in self.program.class_(one).bases:
                origin = self.origin(one.path, base)
                if isinstance(origin, External) and origin not in found:
                    found.append(origin)
                elif isinstance(origin, ClassValue) and origin not in seen:
                    seen.add(origin)
                    found.append(origin)
                    waiting.append(origin)
        self.lineages[value] = found
        return found

    def classes(self) -> Iterator[tuple[ClassValue, Class]]:
        """Every class at a module's top level."""
        for path, index in self.modules.items():
            for class_ in index.module.classes:
                if not class_.scope:
                    yield ClassValue(path, class_.name), class_

    def calls(self, path: str) -> Iterator[tuple[Call, Step, bool]]:
        """Every call in a module, with its step, and whether it stands at the top level."""
        index = self.modules[path]
        functions = len(index.module.functions)
        for number in range(functions + 1):
            for call, step in index.calls_in(number):
                yield call, step, number == functions


def is_aside(path: str) -> bool:
    """Whether a file lies in a folder that is never the application's own, as a virtual environment that was committed."""
    return any(part in PRUNED or part.startswith(".") for part in path.split("/")[:-1])
