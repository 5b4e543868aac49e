"""The nodes of a file by their place.

Positions are worked out only for the top-level statement that a place lies in: LibCST's position provider takes as long for a whole
module as parsing it twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias, TypeVar

import libcst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from jwtlint.editing.source import Source
from jwtlint.facts.lifecycle import Place
from jwtlint.rules.edited import split_lines

Statement: TypeAlias = libcst.SimpleStatementLine | libcst.BaseCompoundStatement
Span: TypeAlias = tuple[int, int, int, int]
NodeType = TypeVar("NodeType", bound=libcst.CSTNode)


class Tree:
    """One file's nodes."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.module = source.module
        self.lines = split_lines(source.text)
        self.starts = list(self.first_lines())
        self.looked_at: dict[int, dict[libcst.CSTNode, Span]] = {}
        self.parents: dict[libcst.CSTNode, libcst.CSTNode] = {}

    def first_lines(self) -> Iterator[int]:
        """The 1-based line at which the text of each top-level statement begins, the lines above that belong to it included."""
        line = 1 + sum(lines_in(self.module.code_for_node(one)) for one in self.module.header)
        for statement in self.module.body:
            yield line
            line += lines_in(self.module.code_for_node(statement))

    def statement_at(self, line: int) -> int | None:
        """The index of the top-level statement on a 1-based line."""
        found = None
        for index, start in enumerate(self.starts):
            if start > line:
                break
            found = index
        return found

    def spans(self, index: int) -> dict[libcst.CSTNode, Span]:
        """The places of all nodes of a top-level statement: 1-based lines, 0-based columns in characters."""
        known = self.looked_at.get(index)
        if known is None:
            statement = self.module.body[index]
            small = self.module.with_changes(header=[], body=[statement], footer=[])
            ranges = MetadataWrapper(small, unsafe_skip_copy=True).resolve(PositionProvider)
            moved = self.starts[index] - 1
            known = self.looked_at[index] = {node: span(range_, moved) for node, range_ in ranges.items() if isinstance(range_, CodeRange)}
            stack: list[libcst.CSTNode] = [statement]
            while stack:
                node = stack.pop()
                for child in node.children:
                    self.parents[child] = node
                    stack.append(child)
        return known

    def at(self, place: Place, *kinds: type[NodeType]) -> NodeType | None:
        """The outermost node of some kinds whose text is exactly the place."""
        index = self.statement_at(place.line)
        if index is None:
            return None
        wanted = self.characters(place)
        for node, where in self.spans(index).items():
            if where == wanted and isinstance(node, kinds):
                return node
        return None

    def expression_at(self, place: Place) -> libcst.BaseExpression | None:
        """The outermost expression whose text is exactly the place."""
        index = self.statement_at(place.line)
        if index is None:
            return None
        wanted = self.characters(place)
        for node, where in self.spans(index).items():
            if where == wanted and isinstance(node, libcst.BaseExpression):
                return node
        return None

    def characters(self, place: Place) -> Span:
        """A place with its columns in characters."""
        return place.line, self.column(place.line, place.column), place.end_line, self.column(place.end_line, place.end_column)

    def column(self, line: int, offset: int) -> int:
        """A UTF-8 offset in a line as a number of characters."""
        if not 0 < line <= len(self.lines):
            return offset
        return len(self.lines[line - 1].encode("utf-8", "surrogatepass")[:offset].decode("utf-8", "replace"))

    def ancestors(self, node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
        """The nodes around a node that was looked at, innermost first."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def around(self, node: libcst.CSTNode, *kinds: type[NodeType]) -> NodeType | None:
        """The innermost node of some kinds around a node."""
        return next((one for one in self.ancestors(node) if isinstance(one, kinds)), None)

    def index_of(self, node: libcst.CSTNode) -> int:
        """The index of the top-level statement that a node is, or lies in."""
        top = [node, *self.ancestors(node)][-1]
        return next(index for index, statement in enumerate(self.module.body) if statement is top)

    def line_of(self, node: libcst.CSTNode) -> int:
        """The 1-based line of a node that was looked at."""
        return self.spans(self.index_of(node))[node][0]

    def text_of(self, index: int) -> str:
        """The text of a top-level statement, with the lines above that belong to it; faster than :meth:`code`."""
        end = self.starts[index + 1] - 1 if index + 1 < len(self.starts) else len(self.lines)
        return "".join(self.lines[self.starts[index] - 1 : end])

    def code(self, node: libcst.CSTNode) -> str:
        """The text of a node."""
        return self.module.code_for_node(node)


def descendants(node: libcst.CSTNode) -> Iterator[libcst.CSTNode]:
    """A node and all nodes in it, in textual order."""
    stack = [node]
    while stack:
        one = stack.pop()
        yield one
        stack.extend(reversed(one.children))


def lines_in(text: str) -> int:
    """How many lines a text ends."""
    return len(split_lines(text)) - (0 if not text or text.endswith(("\n", "\r")) else 1)


def span(range_: CodeRange, moved: int) -> Span:
    """A range, so many lines further down."""
    return range_.start.line + moved, range_.start.column, range_.end.line + moved, range_.end.column
