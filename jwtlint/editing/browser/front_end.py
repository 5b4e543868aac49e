"""The files of one front end, parsed twice: as facts, which know what a name means, and as trees, which can be changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from jwtlint.editing.files import Files
from jwtlint.editing.recipe import Refused
from jwtlint.editing.scripts import Script, nodes
from jwtlint.facts.program import Expression
from jwtlint.facts.web import WebModule
from jwtlint.facts.web_layout import WebLayout, is_web
from jwtlint.linker.browser.calls import Callers
from jwtlint.linker.browser.evaluate import WebEvaluator
from jwtlint.linker.browser.frames import MODULE
from jwtlint.linker.browser.library import WebKnowledge, WebModel
from jwtlint.linker.browser.program import WebProgram
from jwtlint.linker.browser.story import front_end_of
from jwtlint.linker.browser.values import FunctionValue, Values, dotted, text_of
from jwtlint.linker.traversal import walk

if TYPE_CHECKING:
    from tree_sitter import Node

    from jwtlint.facts.program import Span

# files that may hold a token; those that are given it come by the names of what gives it
SCREEN = re.compile(rb"(?:local|session)Storage|Cookies\b|[\"']\w+-cookie[\"']")
MAX_FILES = 400
HOPS = 3
NAMED = frozenset(("identifier", "property_identifier", "shorthand_property_identifier", "private_property_identifier"))


class FrontEnd:
    """The front end that the file ``path`` belongs to. Raises :class:`Refused` where it is too large."""

    def __init__(self, files: Files, path: str, models: Sequence[WebModel]) -> None:
        self.files = files
        self.models = models
        self.folder = front_end_of(path)
        self.paths = sorted(one for one in files.paths if is_web(one) and front_end_of(one) == self.folder)
        self.layout = WebLayout(self.paths)
        self.modules: dict[str, WebModule] = {}
        self.indexes: dict[str, Index] = {}
        self.names: set[str] = set()
        self.load(one for one in self.paths if one == path or SCREEN.search(files.data(one) or b""))

    def load(self, paths: Iterable[str], hops: int = HOPS) -> None:
        """Take files in, with those that they import, in so many steps."""
        from jwtlint.web.frontend import read_module

        waiting = [(path, hops) for path in paths]
        new = False
        while waiting:
            path, hops = waiting.pop()
            if path in self.modules:
                continue
            if len(self.modules) >= MAX_FILES:
                raise Refused("the front end has too many files that may use the token")
            module = self.modules[path] = read_module(path, self.files.data(path) or b"")
            new = True
            given = [one.module for one in module.imports] + [one.module for one in module.exports if one.module]
            found = {self.layout.resolve(path, one) for one in given} if hops else set()
            waiting += [(one, hops - 1) for one in found if one is not None]
        if new:
            self.program = WebProgram(self.modules.values(), self.layout)
            self.evaluator = WebEvaluator(self.program, WebKnowledge(tuple(self.models)))
            self.callers = Callers(self.program, self.evaluator)
            self.expressions: dict[str, dict[Span, list[tuple[Expression, int]]]] = {}

    def know(self, *names: str) -> None:
        """Take in all files that mention one of some names."""
        needles = [name.encode() for name in names if name not in self.names]
        self.names.update(names)
        found = [path for path in self.paths if path not in self.modules and needles]
        self.load((path for path in found if any(one in (self.files.data(path) or b"") for one in needles)), 1)

    def scripts(self) -> Iterator[Script]:
        """The files' trees; those that cannot be changed are left out unless they speak of the storage."""
        for path in sorted(self.modules):
            try:
                yield self.files.script(path)
            except Refused as refused:
                if SCREEN.search(self.files.data(path) or b""):
                    raise Refused(f"{path} cannot be changed: {refused.reason}") from None

    # -- what a node means -------------------------------------------------------------------------------------------

    def values(self, path: str, node: Node) -> Values:
        """What an expression may be."""
        found = self.known(path).get(span_of(node), ())
        for expression, function in found:
            values = self.evaluator.evaluate(expression, self.evaluator.frame(path, function))
            if values:
                return values
        return ()

    def known(self, path: str) -> dict[Span, list[tuple[Expression, int]]]:
        """All expressions of a file, by their places."""
        if path not in self.expressions:
            found = self.expressions[path] = {}
            if path in self.program.modules:
                for function, step in self.program.modules[path].steps():
                    for whole in (step.target, step.value):
                        for one in walk(whole) if whole is not None else ():
                            found.setdefault(one.at, []).append((one, function))
        return self.expressions[path]

    def text(self, path: str, node: Node) -> str | None:
        """The only text that an expression may be."""
        script = self.files.script(path)
        if node.type == "string":
            return script.code(node)[1:-1]
        return text_of(self.values(path, node))

    def name(self, path: str, node: Node) -> str:
        """The name by which models know what an expression is; "" for none."""
        return next((name for name in map(dotted, self.values(path, node)) if name), "")

    def called(self, path: str, node: Node) -> list[FunctionValue]:
        """The project's functions that a callee may be."""
        return [one for one in self.values(path, node) if isinstance(one, FunctionValue)]

    def function_at(self, path: str, node: Node) -> int:
        """The index of a function among those of its file; -1 where it is none."""
        at = span_of(node)
        for number, function in enumerate(self.program.modules[path].functions if path in self.program.modules else ()):
            if function.at == at:
                return number
        return MODULE

    # -- names -------------------------------------------------------------------------------------------------------

    def mentions(self, name: str) -> Iterator[tuple[Script, Node]]:
        """Every place in the front end where a name stands."""
        self.know(name)
        for script in self.scripts():
            if name.encode() in script.data:
                yield from ((script, node) for node in self.index(script).names.get(name.encode(), ()))

    def index(self, script: Script) -> Index:
        """What stands where in a file; looked up once."""
        if script.path not in self.indexes:
            self.indexes[script.path] = Index(script)
        return self.indexes[script.path]


class Index:
    """A file's names, and its calls and members, in textual order."""

    def __init__(self, script: Script) -> None:
        self.names: dict[bytes, list[Node]] = {}
        self.uses: list[Node] = []
        for node in nodes(script.root):
            kind = node.type
            if kind in ("call_expression", "member_expression", "subscript_expression"):
                self.uses.append(node)
            elif kind.endswith(("identifier", "identifier_pattern")) and node.text is not None:
                self.names.setdefault(node.text, []).append(node)


def span_of(node: Node) -> Span:
    """Where a node stands."""
    from jwtlint.web.expressions import span

    return span(node)


def where(script: Script, node: Node) -> str:
    """A place in words: ``src/api.js line 3``."""
    return f"{script.path} line {node.start_point[0] + 1}"


def callee_of(call: Node) -> Node | None:
    """What a call calls, or ``new`` makes."""
    return call.child_by_field_name("function") or call.child_by_field_name("constructor")


def arguments_of(call: Node) -> list[Node]:
    """The arguments of a call, without comments."""
    given = call.child_by_field_name("arguments")
    return [one for one in given.named_children if one.type != "comment"] if given is not None else []


def last_name(script: Script, node: Node | None) -> str:
    """The last name of an expression: of ``a.b["c"]`` it is ``c``; "" for none."""
    if node is None:
        return ""
    if node.type == "member_expression":
        return last_name(script, node.child_by_field_name("property"))
    if node.type == "subscript_expression":
        index = node.child_by_field_name("index")
        return script.code(index)[1:-1] if index is not None and index.type == "string" else ""
    if node.type == "non_null_expression":
        return last_name(script, node.named_children[0] if node.named_children else None)
    return script.code(node).lstrip("#") if node.type in NAMED else ""


def object_of(node: Node | None) -> Node | None:
    """What a member is one of: of ``a.b["c"]`` it is ``a.b``."""
    return node.child_by_field_name("object") if node is not None else None
