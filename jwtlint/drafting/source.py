"""The files around a wrapper, and what the linker tells of them when nobody calls it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jwtlint.drafting.flow import Flow
from jwtlint.errors import UserError
from jwtlint.facts import lifecycle as facts
from jwtlint.facts.layout import Layout
from jwtlint.facts.program import Attribute, Call, Function, Module, Name
from jwtlint.linker.library import LibraryModel
from jwtlint.linker.lifecycle import link
from jwtlint.linker.traversal import walk as walk_expression
from jwtlint.python.frontend import Unreadable, read_module
from jwtlint.sources.walk import walk

MAX_FILES = 400


class Source:
    """The files around a function: those that its file imports, and theirs."""

    def __init__(self, root: Path, models: Sequence[LibraryModel]) -> None:
        self.root = root
        self.models = tuple(models)
        self.libraries = {name.partition(".")[0] for model in models for name in model.imports}
        self.layout = Layout([file.path for file in walk(root).files if file.path.endswith(".py")], self.libraries)
        self.modules: dict[str, Module] = {}
        self.own: set[str] = set()  # the files of the function, and of those that it calls

    def read(self, path: str) -> None:
        """Parse a file and what it imports. Raises :class:`UserError` for the file itself."""
        waiting = [path]
        while waiting and len(self.modules) < MAX_FILES:
            one = waiting.pop(0)
            if one in self.modules:
                continue
            try:
                module = read_module(one, (self.root / one).read_bytes())
            except (OSError, Unreadable) as error:
                if one == path:
                    raise UserError(f"{self.root / one} cannot be read: {error}") from None
                continue
            self.modules[one] = module
            for item in module.imports:
                waiting += [target for target in self.targets(one, item.module, item.name, item.level) if target is not None]

    def targets(self, path: str, module: str, name: str | None, level: int) -> list[str | None]:
        """The files that an import may mean: of the module, or of a module in the package that it names."""
        inner = f"{module}.{name}" if module else str(name)
        return [self.layout.resolve(path, module, level), self.layout.resolve(path, inner, level) if name else None]

    def function(self, path: str, name: str) -> Function | None:
        """A function of a file."""
        return next((one for one in self.modules[path].functions if one.name == name), None)

    def called(self, path: str, call: Call) -> tuple[str, Function] | None:
        """The function of these files that a call of a bare name means."""
        if not isinstance(call.function, Name):
            return None
        here = self.function(path, call.function.name)
        if here is not None:
            return path, here
        for item in self.modules[path].imports:
            if item.alias == call.function.name and item.name is not None:
                target = self.layout.resolve(path, item.module, item.level)
                found = self.function(target, item.name) if target in self.modules and target is not None else None
                if found is not None and target is not None:
                    return target, found
        return None

    def leave_out_callers(self, path: str, function: Function) -> None:
        """Take out the functions that speak of this one, or of what it calls: what they make of it is not what others will."""
        chain = {(path, function.name)}
        waiting = [(path, function)]
        while waiting:
            here, one = waiting.pop()
            for call in Flow(one).calls():
                target = self.called(here, call)
                if target is not None and (target[0], target[1].name) not in chain:
                    chain.add((target[0], target[1].name))
                    waiting.append(target)
        self.own = {here for here, _ in chain}
        names = self.other_names({name.rpartition(".")[2] for _, name in chain})
        for here, module in list(self.modules.items()):
            numbers = {number for name in names for number in module.mentions.get(name, ())}
            others = [one for number, one in enumerate(module.functions) if number in numbers and (here, one.name) not in chain]
            others = [one for one in others if not holds(one, here, chain)]
            if others:
                data = without(self.root.joinpath(here).read_bytes(), others)
                try:
                    self.modules[here] = read_module(here, data)
                except Unreadable:
                    continue  # a function on the line of another

    def other_names(self, names: set[str]) -> set[str]:
        """Names of functions, and those of what modules make of them (``Payload = Annotated[Claims, Depends(check)]``)."""
        found = set(names)
        before = 0
        while len(found) > before:
            before = len(found)
            for module in self.modules.values():
                for step in (*module.steps, *(one for class_ in module.classes for one in class_.steps)):
                    if isinstance(step.target, Name) and step.value is not None:
                        if any(isinstance(node, Name | Attribute) and node.name in found for node in walk_expression(step.value)):
                            found.add(step.target.name)
        return found

    def facts(self) -> tuple[facts.LifecycleFact, ...]:
        """What the linker tells of these files by themselves."""
        return link(list(self.modules.values()), self.layout, self.models).facts


def holds(function: Function, path: str, chain: set[tuple[str, str]]) -> bool:
    """Whether one of some functions stands inside a function."""
    return any(here == path and name.startswith(f"{function.name}.") for here, name in chain)


def without(data: bytes, functions: Sequence[Function]) -> bytes:
    """A file's bytes with functions emptied; every line stays where it is."""
    lines = data.splitlines(keepends=True)
    for function in functions:
        first = min([function.at.line, *(decorator.at.line for decorator in function.decorators)])
        for number in range(first, min(function.at.end_line, len(lines)) + 1):
            lines[number - 1] = b"\n"
        lines[function.at.line - 1] = b" " * function.at.column + b"pass\n"
    return b"".join(lines)
