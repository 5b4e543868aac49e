"""One file while a recipe changes it."""

from __future__ import annotations

from typing import NamedTuple

import libcst

from jwtlint.editing.edits import edits_between
from jwtlint.editing.imports import Imports
from jwtlint.editing.recipe import Refused
from jwtlint.editing.source import syntax_problem
from jwtlint.editing.tree import Statement, Tree, descendants
from jwtlint.editing.wrap import LIMITS, limit_of, wrapped
from jwtlint.rules.fixes import Edit

Replacement = libcst.CSTNode | libcst.RemovalSentinel | libcst.FlattenSentinel[libcst.CSTNode]


class Insertion(NamedTuple):
    """Statements that go before and after one."""

    before: list[Statement]
    after: list[Statement]


class Draft:
    """Collects replacements of nodes; :meth:`text` makes them all at once, so every node given must be one of the original tree.

    A line that is changed gets no longer than ``longest`` columns, and no longer than the file's own lines let expect.
    """

    def __init__(self, tree: Tree, longest: int = LIMITS[-1]) -> None:
        self.tree = tree
        self.limit = min(limit_of(tree.lines), longest)
        self.path = tree.source.path
        self.replacements: dict[libcst.CSTNode, Replacement] = {}
        self.insertions: dict[libcst.CSTNode, Insertion] = {}
        self.imports = Imports(tree)

    def replace(self, node: libcst.CSTNode, by: Replacement) -> None:
        """Put another node in the place of one. Raises :class:`Refused` when it is replaced already."""
        if node in self.replacements:
            raise Refused("two changes meet at one place")
        self.replacements[node] = by

    def insert(self, statement: libcst.CSTNode, code: str, *, after: bool = False) -> None:
        """Put a statement before or after one of the file's, in the same block; what several calls put there keeps their order."""
        new = libcst.parse_statement(code, config=self.tree.module.config_for_parsing)
        known = self.insertions.setdefault(statement, Insertion([], []))
        (known.after if after else known.before).append(new)

    def remove_statement(self, statement: libcst.BaseSmallStatement) -> None:
        """Take a simple statement out; ``pass`` takes its place where nothing else is left."""
        line = self.tree.parents.get(statement)
        if not isinstance(line, libcst.SimpleStatementLine) or len(line.body) > 1:
            raise Refused("the statement shares its line with others")
        gone: libcst.CSTNode = line
        block = self.tree.parents.get(gone)
        while isinstance(block, libcst.IndentedBlock) and len(block.body) == 1:
            around = self.tree.parents.get(block)
            if not isinstance(around, libcst.If) or not can_go(around) or isinstance(self.tree.parents.get(around), libcst.If):
                self.replace(statement, libcst.Pass())
                return
            gone, block = around, self.tree.parents.get(around)
        self.replace(gone, libcst.RemoveFromParent())

    def text(self) -> str:
        """The changed file. Raises :class:`Refused` when it would be no Python any more."""
        module = self.tree.module
        body: list[libcst.CSTNode] = []
        changer = Changer(self.replacements, self.insertions, self.tree, self.limit)
        tops = {self.tree.index_of(node) for node in (*self.replacements, *self.insertions)}
        for index, statement in enumerate(module.body):
            changed = statement.visit(changer) if index in tops else statement
            if isinstance(changed, libcst.FlattenSentinel):
                body.extend(changed)
            elif isinstance(changed, libcst.CSTNode):
                body.append(changed)
        after = module.with_changes(body=body)
        text = self.imports.settled(after).code
        data = self.tree.source.encoded(text)
        if syntax_problem(data) is not None:
            raise Refused("the result would not be valid Python")
        return text

    def edits(self) -> tuple[Edit, ...]:
        """The edits that make the changes. Raises :class:`Refused`."""
        return edits_between(self.path, self.tree.source.text, self.text())


def can_go(node: libcst.If) -> bool:
    """Whether an ``if`` whose only statement is gone can go as well: it has no other arm, and asking changes nothing."""
    acting = libcst.Call | libcst.Await | libcst.NamedExpr | libcst.Yield
    return node.orelse is None and not any(isinstance(one, acting) for one in descendants(node.test))


class Changer(libcst.CSTTransformer):
    """Makes all replacements in one statement."""

    def __init__(
        self, replacements: dict[libcst.CSTNode, Replacement], insertions: dict[libcst.CSTNode, Insertion], tree: Tree, limit: int
    ) -> None:
        super().__init__()
        self.replacements = replacements
        self.insertions = insertions
        self.tree = tree
        self.limit = limit

    def on_leave(  # type: ignore[override]  # LibCST's own type knows no FlattenSentinel of mixed nodes
        self, original_node: libcst.CSTNode, updated_node: libcst.CSTNode
    ) -> Replacement:
        new = self.replacements.get(original_node, updated_node)
        line = libcst.SimpleStatementLine
        if isinstance(original_node, line) and isinstance(new, line) and not new.deep_equals(original_node):
            column = self.tree.spans(self.tree.index_of(original_node))[original_node][1]
            new = wrapped(new, self.tree.module, column, self.limit)
        if original_node in self.insertions and isinstance(new, libcst.CSTNode):
            return libcst.FlattenSentinel(self.with_insertions(original_node, new))
        return new

    def with_insertions(self, original_node: libcst.CSTNode, new: libcst.CSTNode) -> list[libcst.CSTNode]:
        """A statement between those that go before and after it; an empty line above it stays above all of them."""
        before, after = self.insertions[original_node]
        leading = getattr(new, "leading_lines", ())
        if before and leading and all(one.comment is None for one in leading):
            first = before[0].with_changes(leading_lines=leading)
            return [first, *before[1:], new.with_changes(leading_lines=()), *after]
        return [*before, new, *after]

