"""All modules together: definitions by name, where a name leads, who mentions a name, and which application a file is of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from jwtlint.facts.layout import Layout
from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import (
    Attribute,
    Call,
    Class,
    Constant,
    Expression,
    Function,
    Import,
    Module,
    Name,
    Sequence,
    Span,
    Starred,
    Step,
)
from jwtlint.linker.traversal import expressions_in
from jwtlint.linker.values import ClassValue, External, FunctionValue, ModuleValue

Definition = FunctionValue | ClassValue | ModuleValue | External


# calls that name a module in a string; the first four nothing else
MODULE_CALLS = frozenset({"from_object", "config_from_object", "import_module", "load_from"})
NAMING_CALLS = MODULE_CALLS | {"from_pyfile", "getenv", "get", "setdefault", "include", "import_string"}
REPLACED = "'"  # after the name of a function that a later one of the same name replaces
DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


class ModuleIndex:
    """One module's definitions by name."""

    def __init__(self, module: Module) -> None:
        self.module = module = distinguished(module)
        self.path = module.path
        self.functions = {function.name: function for function in module.functions}
        self.classes = {class_.name: class_ for class_ in module.classes}
        self.methods: dict[str, dict[str, Function]] = {}
        for function in module.functions:
            if function.owner:
                self.methods.setdefault(function.owner, {})[function.name.rpartition(".")[2]] = function
        self.imports: dict[tuple[str, str], list[Import]] = {}
        self.stars: list[Import] = []
        for item in module.imports:
            if item.name == "*":
                self.stars.append(item)
            else:
                bound = item.alias or item.module.partition(".")[0]
                self.imports.setdefault((item.scope, bound), []).append(item)
        self.assignments = assignments(module.steps)
        self.local_assignments: dict[str, dict[str, list[int]]] = {}
        self.calls: dict[int, list[tuple[Call, Step]]] = {}
        self.reads: dict[int, list[Attribute]] = {}

    def assigned(self, function: Function) -> dict[str, list[int]]:
        """The steps of a function that bind each local name."""
        found = self.local_assignments.get(function.name)
        if found is None:
            found = self.local_assignments[function.name] = assignments(function.steps)
        return found

    def steps_of(self, index: int) -> Iterator[Step]:
        """The steps of the function ``index``; of the module and its class bodies for ``len(functions)``."""
        if index < len(self.module.functions):
            yield from self.module.functions[index].steps
        else:
            yield from self.module.steps
            for class_ in self.module.classes:
                yield from class_.steps

    def property_reads(self, index: int, names: frozenset[str]) -> list[Attribute]:
        """The attributes in a function's steps that bear the name of a property."""
        found = self.reads.get(index)
        if found is None:
            found = self.reads[index] = [
                node for step in self.steps_of(index) for node in expressions_in(step) if isinstance(node, Attribute) and node.name in names
            ]
        return found

    def calls_in(self, index: int) -> list[tuple[Call, Step]]:
        """Every call in a function's steps (or at module and class level), with its step."""
        found = self.calls.get(index)
        if found is None:
            found = self.calls[index] = [
                (node, step) for step in self.steps_of(index) for node in expressions_in(step) if isinstance(node, Call)
            ]
        return found


def distinguished(module: Module) -> Module:
    """The module with a mark after the names of decorated functions that a later one of the same name replaces.

    A framework that registered such a function goes on calling it.
    """
    last = {function.name: number for number, function in enumerate(module.functions)}
    if len(last) == len(module.functions):
        return module
    functions = [
        msgspec.structs.replace(function, name=f"{function.name}{REPLACED}")
        if number < last[function.name] and is_registered(function)
        else function
        for number, function in enumerate(module.functions)
    ]
    return msgspec.structs.replace(module, functions=tuple(functions))


def is_registered(function: Function) -> bool:
    """Whether a decorator with arguments stands above a function, as those of frameworks' routes do."""
    return any(isinstance(decorator, Call) and isinstance(decorator.function, Attribute) for decorator in function.decorators)


def property_names(modules: Iterable[ModuleIndex]) -> frozenset[str]:
    """The names of all properties in the program."""
    found: set[str] = set()
    for index in modules:
        for function in index.module.functions:
            if function.owner and any(isinstance(one, Name | Attribute) and "property" in one.name for one in function.decorators):
                found.add(function.name.rpartition(".")[2])
    return frozenset(found)


def assignments(steps: Iterable[Step]) -> dict[str, list[int]]:
    """The indexes of the steps that bind each plain name."""
    found: dict[str, list[int]] = {}
    for index, step in enumerate(steps):
        if step.target is not None and step.kind in ("assign", "loop", "enter", "augment"):
            for name in bound_names(step.target):
                found.setdefault(name, []).append(index)
    return found


def bound_names(target: Expression) -> Iterator[str]:
    """The plain names that a target binds."""
    if isinstance(target, Name):
        yield target.name
    elif isinstance(target, Sequence):
        for item in target.items:
            yield from bound_names(item)
    elif isinstance(target, Starred):
        yield from bound_names(target.value)

# the name by which models speak of the generated module, and the modules that lie beside it
BRIDGE = "sessions.bridge"
BESIDE_BRIDGE = ("passage", "legacy", "store", "statements")


class Program:
    """The modules that were parsed, in the layout of the whole tree."""

    def __init__(self, modules: Iterable[Module], layout: Layout) -> None:
        self.layout = layout
        self.modules = {module.path: ModuleIndex(module) for module in modules}
        self.properties = property_names(self.modules.values())
        self.mentions: dict[str, list[tuple[str, int]]] = {}
        for path, index in self.modules.items():
            for name, places in index.module.mentions.items():
                self.mentions.setdefault(name, []).extend((path, place) for place in places)
        self.methods_by_name: dict[str, list[FunctionValue]] = {}
        for path, index in self.modules.items():
            for function in index.module.functions:
                if function.owner:
                    self.methods_by_name.setdefault(function.name.rpartition(".")[2], []).append(FunctionValue(path, function.name))
        self.lineages: dict[ClassValue, tuple[ClassValue | External, ...]] = {}
        self.known_imports: dict[str, set[str]] | None = None
        self.renamed: dict[str, set[str]] | None = None
        self.shared: dict[str, set[str]] = {}  # a shared package, and the applications that use it
        self.bridges = frozenset(path for path in layout.paths if path.endswith("bridge.py") and has_sessions_beside(path, layout))
        self.applications = self.partition()

    # -- definitions -----------------------------------------------------------------------------------------------

    def function(self, value: FunctionValue) -> Function:
        """The facts of a function."""
        return self.modules[value.path].functions[value.name]

    def class_(self, value: ClassValue) -> Class:
        """The facts of a class."""
        return self.modules[value.path].classes[value.name]

    def place(self, path: str, span: Span) -> Place:
        """A span as a place."""
        return Place(path, span.line, span.column, span.end_line, span.end_column)

    def imported(self, importer: str, item: Import, seen: frozenset[tuple[str, str]] = frozenset()) -> Definition | None:
        """What an import statement binds. None where it names something that the module binds by assignment."""
        path = self.layout.resolve(importer, item.module, item.level)
        if item.name is None:
            if item.alias or "." not in item.module:
                return ModuleValue(path) if path is not None else External(item.module)
            top = item.module.partition(".")[0]
            top_path = self.layout.resolve(importer, top, item.level)
            return ModuleValue(top_path) if top_path is not None else External(top)
        if path is None:
            # a folder without __init__.py is a package as well (PEP 420)
            submodule = self.layout.resolve(importer, f"{item.module}.{item.name}" if item.module else item.name, item.level)
            if submodule is not None:
                return ModuleValue(submodule)
            prefix = item.module if not item.level else "." * item.level + item.module
            return External(f"{prefix}.{item.name}" if prefix else item.name)
        return self.exported(path, item.name, seen)

    def exported(self, path: str, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Definition | None:
        """What ``from path import name`` gives: a definition, a submodule, or None for a plain assignment."""
        if (path, name) in seen:
            return None
        seen = seen | {(path, name)}
        if self.is_bridge(path):
            return External(f"{BRIDGE}.{name}")
        index = self.modules.get(path)
        if index is not None:
            found = self.top_level(index, name, seen)
            if found is not None:
                return found
            if name in index.assignments:
                return None
        if path.endswith("__init__.py"):
            submodule = self.layout.file(path[: -len("/__init__.py")] if "/" in path else "", name)
            if submodule is not None and submodule != path:
                return ModuleValue(submodule)
        if index is None:
            return External(f"{path[:-3]}.{name}")
        return None

    def is_bridge(self, path: str) -> bool:
        """Whether a module is the ``bridge.py`` of generated session code: it is told by its neighbours."""
        return path in self.bridges

    def is_generated(self, path: str) -> bool:
        """Whether a module lies in the package of generated session code that has a bridge, or below it."""
        return any(path.startswith(bridge.removesuffix("bridge.py")) for bridge in self.bridges if "/" in bridge)

    def top_level(self, index: ModuleIndex, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Definition | None:
        """A module-level function, class or import by its name; star imports are followed."""
        if name in index.functions:
            return FunctionValue(index.path, name)
        if name in index.classes:
            return ClassValue(index.path, name)
        for item in reversed(index.imports.get(("", name), ())):
            if name in index.assignments and item.name is not None and self.layout.resolve(index.path, item.module, item.level) is None:
                continue
            return self.imported(index.path, item, seen)
        for star in index.stars:
            target = self.layout.resolve(index.path, star.module, star.level)
            if target is not None and (target, name) not in seen and self.defines(target, name, seen):
                return self.exported(target, name, seen)
        return None

    def assignment_home(self, path: str, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> tuple[str, str] | None:
        """The module that assigns ``name`` as seen from ``path``, through imports, and the name there."""
        if (path, name) in seen or path not in self.modules:
            return None
        seen = seen | {(path, name)}
        index = self.modules[path]
        if name in index.assignments:
            return path, name
        for item in reversed(index.imports.get(("", name), ())):
            if item.name is not None:
                target = self.layout.resolve(path, item.module, item.level)
                if target is not None:
                    return self.assignment_home(target, item.name, seen)
        for star in index.stars:
            target = self.layout.resolve(path, star.module, star.level)
            if target is not None:
                found = self.assignment_home(target, name, seen)
                if found is not None:
                    return found
        return None

    def defines(self, path: str, name: str, seen: frozenset[tuple[str, str]]) -> bool:
        """Whether a module binds a name at its top level, itself or through imports."""
        index = self.modules.get(path)
        if index is None:
            return False
        if name in index.functions or name in index.classes or name in index.assignments or ("", name) in index.imports:
            return True
        seen = seen | {(path, name)}
        for star in index.stars:
            target = self.layout.resolve(path, star.module, star.level)
            if target is not None and (target, name) not in seen and self.defines(target, name, seen):
                return True
        return False

    # -- applications ----------------------------------------------------------------------------------------------

    def partition(self) -> dict[str, str]:
        """The application of each module: modules that import each other, and the modules under one Django project."""
        leader = {path: path for path in self.modules}
        self.borrowed: list[tuple[str, str]] = []  # imports of packages that lie beside the application

        def find(path: str) -> str:
            while leader[path] != path:
                leader[path] = leader[leader[path]]
                path = leader[path]
            return path

        def join(one: str, other: str) -> None:
            one, other = find(one), find(other)
            if one != other:
                leader[max(one, other)] = min(one, other)

        for path in self.modules:
            package = f"{path.rpartition('/')[0]}/__init__.py"
            if package in leader:
                join(path, package)
        for path, index in self.modules.items():
            for item in index.module.imports:
                targets = [self.layout.resolve(path, item.module, item.level)]
                if self.layout.is_foreign(path, item.module, item.level):
                    if targets[0] is not None:
                        self.borrowed.append((path, targets[0]))
                        if item.name is not None and targets[0].endswith("/__init__.py"):
                            part = self.layout.file(targets[0][: -len("/__init__.py")], item.name)
                            self.borrowed.extend([(path, part)] if part is not None else [])
                    continue
                if item.name is not None and item.name != "*":
                    submodule = f"{item.module}.{item.name}" if item.module else item.name
                    targets.append(self.layout.resolve(path, submodule, item.level))
                for target in targets:
                    if target is not None and target in leader:
                        join(path, target)
        for path, index in self.modules.items():
            if "INSTALLED_APPS" in index.assignments or "ROOT_URLCONF" in index.assignments:
                folder = self.django_root(path)
                for other in self.modules:
                    if other.startswith(folder):
                        join(path, other)
        for path, target in self.named():
            join(path, target)
        for manager in self.layout.paths:
            if manager.rpartition("/")[2] == "manage.py":
                folder = manager[: -len("manage.py")]
                inside = [path for path in self.modules if path.startswith(folder)]
                for path in inside[1:]:
                    join(inside[0], path)
        borrowers: dict[str, set[str]] = {}
        for path, target in self.borrowed:
            if target in leader and find(path) != find(target):
                borrowers.setdefault(find(target), set()).add(find(path))
        for owner, users in borrowers.items():
            if len(users) == 1:
                join(owner, min(users))  # a package that one application alone uses is a part of it
        names: dict[str, str] = {}
        members: dict[str, list[str]] = {}
        for path in self.modules:
            members.setdefault(find(path), []).append(path)
        for group in members.values():
            name = common_folder(group)
            if name in names.values():
                name = min(group)
            for path in group:
                names[path] = name
        for path, target in self.borrowed:
            if target in names and names[path] != names[target]:
                self.shared.setdefault(names[target], set()).add(names[path])
        return names

    def django_root(self, path: str) -> str:
        """The folder of a Django project, with a slash, by the path of its settings (``project/settings/base.py``)."""
        parts = path.split("/")[:-1]
        if "/".join(parts) not in self.layout.packages and parts[-1:] != ["settings"]:
            return "/".join(parts) + "/" if parts else ""  # the settings lie beside the packages
        if parts[-1:] == ["settings"]:
            parts = parts[:-1]
        parts = parts[:-1]
        return "/".join(parts) + "/" if parts else ""

    def named(self) -> Iterator[tuple[str, str]]:
        """The modules that settings name in strings (``ROOT_URLCONF = "shop.urls"``, ``from_object("shop.settings")``), by file."""
        for path, index in self.modules.items():
            steps = [step for step in index.module.steps if step.value is not None and is_setting(step.target)]
            texts = {text for step in steps for node in expressions_in(step) if (text := module_name(node))}
            for name in NAMING_CALLS & index.module.mentions.keys():
                for number in index.module.mentions[name]:
                    for call, _ in index.calls_in(number):
                        if isinstance(call.function, Name | Attribute) and call.function.name == name:
                            arguments = [*call.positional, *(keyword.value for keyword in call.keywords)]
                            texts.update(text for argument in arguments if (text := module_name(argument, name in MODULE_CALLS)))
            for text in sorted(texts):
                target = self.named_module(path, text)
                if target is not None and target != path:
                    yield path, target

    def named_module(self, path: str, name: str) -> str | None:
        """The file that a dotted name means: a module, or one that holds what the last part names."""
        for module in (name, name.rpartition(".")[0]):
            target = self.layout.resolve(path, module, 0) if module else None
            if target in self.modules and not self.layout.is_foreign(path, module, 0):
                return target
        return None

    def imports_of(self, application: str) -> set[str]:
        """The dotted names that an application imports from outside itself, and their parents."""
        if self.known_imports is None:
            self.known_imports = {}
            for path, index in self.modules.items():
                known = self.known_imports.setdefault(self.applications[path], set())
                for item in index.module.imports:
                    if not item.level:
                        parts = item.module.split(".")
                        known.update(".".join(parts[: end + 1]) for end in range(len(parts)))
        return self.known_imports.get(application, set())

    def other_names(self, names: set[str]) -> set[str]:
        """The names that functions of these names get elsewhere: by ``import … as``, by an assignment of the bare name."""
        if self.renamed is None:
            self.renamed = {}
            for index in self.modules.values():
                for item in index.module.imports:
                    if item.name is not None and item.alias != item.name:
                        self.renamed.setdefault(item.name, set()).add(item.alias)
                for step in index.module.steps:
                    if step.kind == "assign" and isinstance(step.target, Name) and isinstance(step.value, Name | Attribute):
                        self.renamed.setdefault(step.value.name, set()).add(step.target.name)
        found: set[str] = set()
        level = set(names)
        while level:
            level = {one for name in level for one in self.renamed.get(name, ())} - found - names
            found |= level
        return found

    def may_call(self, caller: str, target: str) -> bool:
        """Whether code in one file may call code in another: in one application, or in a package that it shares."""
        one, other = self.applications[caller], self.applications[target]
        return one == other or one in self.shared.get(other, ())


def has_sessions_beside(path: str, layout: Layout) -> bool:
    """Whether the modules of generated session code lie beside a ``bridge.py``."""
    return all(f"{path.removesuffix('bridge.py')}{name}.py" in layout.paths for name in BESIDE_BRIDGE)


def is_setting(target: Expression | None) -> bool:
    """Whether a module-level statement sets something in capitals."""
    return isinstance(target, Name) and target.name.isupper()


def module_name(node: Expression, alone: bool = False) -> str:
    """The dotted name in a constant, also one that is written as a file's, or ""; with ``alone``, also a name without a dot."""
    if not isinstance(node, Constant) or not isinstance(node.value, str) or len(node.value) > 200:
        return ""
    text = node.value.removesuffix(".py").replace("/", ".")
    return text if (alone or "." in text or text != node.value) and DOTTED.fullmatch(text) else ""


def common_folder(paths: list[str]) -> str:
    """The deepest folder that holds all paths; the path itself for one; ``.`` for the top."""
    if len(paths) == 1:
        return paths[0]
    parts = [path.split("/")[:-1] for path in paths]
    shared = []
    for column in zip(*parts, strict=False):
        if len(set(column)) > 1:
            break
        shared.append(column[0])
    return "/".join(shared) or "."
