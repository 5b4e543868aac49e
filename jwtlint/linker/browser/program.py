"""All files of the front ends together: what each defines, exports and calls, and which scripts share a page's names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import (
    Attribute,
    Blank,
    Call,
    Closure,
    Constant,
    Expression,
    Mapping,
    Name,
    Operation,
    Sequence,
    Span,
    Starred,
    Step,
    Subscript,
    Template,
)
from jwtlint.facts.web import WebFunction, WebImport, WebModule
from jwtlint.facts.web_layout import WebLayout
from jwtlint.linker.browser.frames import MODULE
from jwtlint.linker.browser.names import is_token
from jwtlint.linker.traversal import LEAVES, children

COMPOSED = (Template, Operation)


class Binding(NamedTuple):
    """What gives a name its value: a step (of the function ``function``), and the keys of the pattern that lead to it."""

    step: Step
    function: int
    keys: tuple[str, ...]


class CallSite(NamedTuple):
    """A call, and where it stands."""

    call: Call
    step: Step
    function: int
    path: str


class WebIndex:
    """One file's definitions."""

    def __init__(self, module: WebModule) -> None:
        self.module = module
        self.path = module.path
        self.functions = module.functions
        self.imports: dict[str, WebImport] = {item.alias: item for item in module.imports if item.alias}
        self.exports = {item.name: item for item in module.exports if item.name != "*"}
        self.stars = [item.module for item in module.exports if item.name == "*"]
        self.classes = {class_.name: number for number, class_ in enumerate(module.classes)}
        self.methods: dict[int, dict[str, int]] = {}
        self.parameters: dict[int, dict[str, tuple[int, tuple[str, ...]]]] = {}
        self.bindings: dict[int, dict[str, list[Binding]]] = {}
        self.calls: list[CallSite] = []
        self.setters: dict[int, tuple[str, int]] = {}  # ``[x, setX] = make()``: by the call, the second name and the function
        self.called: dict[str, list[CallSite]] = {}  # the calls of plain names
        self.parents: dict[int, tuple[Call, int]] = {}  # the call of which a node is an argument, and which
        self.closures: dict[int, tuple[Closure, int]] = {}  # a function's expression, and the function it stands in
        self.properties: dict[int, tuple[Mapping, str]] = {}  # the object in which a node is a property's value
        self.texts: list[tuple[Template | Operation, int]] = []  # what is put together, and the function it stands in
        self.taken: list[tuple[Expression, str, int]] = []  # of what a token is taken, under which name, and in which function
        self.headers: list[tuple[Expression, int]] = []  # the values of ``Authorization`` headers, and the functions they stand in
        for number, function in enumerate(self.functions):
            if function.owner >= 0:
                self.methods.setdefault(function.owner, {}).setdefault(function.name, number)
            names: dict[str, tuple[int, tuple[str, ...]]] = {}
            for position, parameter in enumerate(function.parameters):
                for name, keys in pattern(parameter.target):
                    names.setdefault(name, (position, keys))
            self.parameters[number] = names
        self.collect()

    def steps(self) -> Iterator[tuple[int, Step]]:
        """Every step with the index of its function."""
        for step in self.module.steps:
            yield MODULE, step
        for class_ in self.module.classes:
            for step in class_.fields:
                yield class_.scope, step
        for number, function in enumerate(self.functions):
            for step in function.steps:
                yield number, step

    def collect(self) -> None:
        """Find what binds names, and every call."""
        declared: dict[int, set[str]] = {}
        changed: list[tuple[int, Step]] = []
        for function, step in self.steps():
            if step.operator and isinstance(step.target, Sequence) and isinstance(step.value, Call) and len(step.target.items) == 2:
                if isinstance(step.target.items[1], Name):
                    self.setters[id(step.value)] = (step.target.items[1].name, function)
            if step.operator and isinstance(step.target, Mapping) and step.value is not None:
                for _, keys in pattern(step.target):
                    if len(keys) == 1 and is_token(keys[0]):
                        self.taken.append((step.value, keys[0], function))
            if step.kind in ("assign", "loop") and step.target is not None and step.operator != "field":
                if step.operator:
                    for name, keys in pattern(step.target):
                        declared.setdefault(function, set()).add(name)
                        self.bindings.setdefault(function, {}).setdefault(name, []).append(Binding(step, function, keys))
                else:
                    changed.append((function, step))
            self.visit(step, function)
        for function, step in changed:
            if step.target is None:
                continue
            for name, keys in pattern(step.target):
                scope = function
                while scope != MODULE and name not in declared.get(scope, ()) and name not in self.parameters[scope]:
                    scope = self.functions[scope].scope
                self.bindings.setdefault(scope, {}).setdefault(name, []).append(Binding(step, function, keys))

    def visit(self, step: Step, function: int) -> None:
        """Note the calls, the closures and what else is asked for later, of one step."""
        if step.kind == "assign" and step.value is not None and isinstance(step.target, Attribute | Subscript):
            if spoken_name(step.target).lower() == "authorization":
                self.headers.append((step.value, function))
        waiting = [node for node in (step.target, step.value) if node is not None]
        while waiting:
            node = waiting.pop()
            if isinstance(node, LEAVES):
                continue
            if isinstance(node, Call):
                self.calls.append(CallSite(node, step, function, self.path))
                if isinstance(node.function, Name):
                    self.called.setdefault(node.function.name, []).append(self.calls[-1])
                for position, argument in enumerate(node.positional):
                    self.parents[id(argument)] = (node, position)
                if len(node.positional) > 1 and is_authorization(node.positional[0]):
                    self.headers.append((node.positional[1], function))
            elif isinstance(node, Closure):
                self.closures[node.function] = (node, function)
            elif isinstance(node, Mapping):
                for entry in node.entries:
                    if isinstance(entry.key, Constant):
                        self.properties[id(entry.value)] = (node, str(entry.key.value))
                        if is_authorization(entry.key):
                            self.headers.append((entry.value, function))
            elif isinstance(node, Attribute) and node is not step.target and is_token(node.name):
                self.taken.append((node.value, node.name, function))
            elif isinstance(node, COMPOSED):
                self.texts.append((node, function))
            waiting.extend(children(node))

    def within(self, function: int, outer: int) -> bool:
        """Whether a function is another one, or stands in it."""
        while function not in (MODULE, outer):
            function = self.functions[function].scope
        return function == outer

    def this_of(self, function: int) -> int:
        """The class that ``this`` is an object of in a function, -1 for none."""
        while function != MODULE:
            if self.functions[function].owner >= 0:
                return self.functions[function].owner
            function = self.functions[function].scope
        return -1


class WebProgram:
    """All files. ``layout`` knows every file of the tree, ``groups`` names the front end that a file belongs to."""

    def __init__(self, modules: Iterable[WebModule], layout: WebLayout) -> None:
        self.layout = layout
        self.modules = {module.path: WebIndex(module) for module in modules}
        self.shared: dict[str, list[str]] = {}  # a name that a page's script gives to all scripts, and the files that do
        for path, index in self.modules.items():
            if index.module.kind != "module":
                for name in [*index.bindings.get(MODULE, ()), *index.classes]:
                    self.shared.setdefault(name, []).append(path)

    def place(self, path: str, at: Span) -> Place:
        """A stretch of a file as a place."""
        return Place(path, at.line, at.column, at.end_line, at.end_column)

    def function(self, path: str, index: int) -> WebFunction:
        """One function's facts."""
        return self.modules[path].functions[index]

    def sharing(self, path: str, name: str) -> str | None:
        """The file whose script gives a name to the scripts of the same page: the nearest."""
        index = self.modules[path]
        if index.module.kind == "module":
            return None
        others = [other for other in self.shared.get(name, ()) if other != path]
        return max(others, key=lambda other: (common_depth(path, other), other)) if others else None

    def calls(self) -> Iterator[CallSite]:
        """Every call."""
        for index in self.modules.values():
            yield from index.calls

    def qualified(self, path: str, function: int) -> str:
        """A function's name within its file."""
        parts: list[str] = []
        index = self.modules[path]
        while function != MODULE:
            facts = index.functions[function]
            if facts.name:
                parts.append(facts.name)
            if facts.owner >= 0:
                parts.append(index.module.classes[facts.owner].name)
            function = facts.scope
        return ".".join(reversed(parts))


def pattern(target: Expression, keys: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names that a target binds, each with the keys that lead to its value (``[0]`` for an element, ``...`` for a rest)."""
    if isinstance(target, Name):
        yield target.name, keys
    elif isinstance(target, Mapping):
        for entry in target.entries:
            if entry.key is None:
                yield from pattern(entry.value, (*keys, "..."))
            elif isinstance(entry.key, Constant):
                yield from pattern(entry.value, (*keys, str(entry.key.value)))
    elif isinstance(target, Sequence):
        for number, item in enumerate(target.items):
            yield from pattern(item, (*keys, f"[{number}]"))
    elif isinstance(target, Starred):
        yield from pattern(target.value, (*keys, "..."))


def is_authorization(node: Expression) -> bool:
    """Whether an expression is the name of the header that carries a token (RFC 6750 §2.1)."""
    return isinstance(node, Constant) and isinstance(node.value, str) and node.value.lower() == "authorization"


def spoken_name(node: Expression | None) -> str:
    """The last name in an expression: of ``a.b.token`` it is ``token``; "" where there is none."""
    if isinstance(node, Name | Attribute):
        return node.name
    if isinstance(node, Subscript) and isinstance(node.index, Constant):
        return str(node.index.value)
    if isinstance(node, Blank):
        return node.text
    return ""


def common_depth(one: str, other: str) -> int:
    """How many folders two paths share."""
    count = 0
    for mine, theirs in zip(one.split("/")[:-1], other.split("/")[:-1]):
        if mine != theirs:
            break
        count += 1
    return count
