"""Expressions of JavaScript and TypeScript as the facts' expressions.

A node asks for the expressions of its children by yielding them, so nothing recurses; what is nested deeper than ``MAX_DEPTH`` becomes a
statement of its own, since neither the cache nor the linker should meet such nesting.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TypeAlias

from tree_sitter import Node

from jwtlint.facts.program import (
    Attribute,
    Blank,
    Call,
    Closure,
    Conditional,
    Constant,
    Entry,
    Expression,
    Mapping,
    Name,
    Opaque,
    Operation,
    Sequence,
    Span,
    Starred,
    Step,
    Subscript,
    Template,
)
from jwtlint.web.blanks import Filled

Conversion: TypeAlias = "Generator[Node, Expression, Expression]"

MAX_DEPTH = 60
NAMES = frozenset(
    (
        "identifier property_identifier shorthand_property_identifier shorthand_property_identifier_pattern private_property_identifier "
        "type_identifier this super undefined import statement_identifier"
    ).split()
)
# what only wraps an expression: its first named child is meant
WRAPPERS = frozenset(
    (
        "parenthesized_expression as_expression satisfies_expression non_null_expression await_expression expression_statement "
        "instantiation_expression jsx_expression template_substitution computed_property_name export_assignment"
    ).split()
)
FUNCTIONS = frozenset(("arrow_function", "function_expression", "function", "generator_function", "method_definition"))
LITERALS: dict[str, bool | None] = {"true": True, "false": False, "null": None}
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}


class Expressions:
    """Converts the expressions of one script.

    ``emit`` takes a step that an expression contains (an assignment), ``add_function`` and ``add_class`` take a definition inside it and
    give its index or name.
    """

    def __init__(
        self, filled: Filled, emit: Callable[[Step], None], add_function: Callable[[Node, str], int], add_class: Callable[[Node], str]
    ) -> None:
        self.filled = filled
        self.data = filled.data
        self.emit = emit
        self.add_function = add_function
        self.add_class = add_class
        self.postponed: list[Node] = []

    def convert(self, node: Node) -> Expression:
        """One expression. What is nested too deeply is emitted as a step of its own."""
        result = self.run(node)
        while self.postponed:
            deeper = self.postponed.pop()
            self.emit(Step("evaluate", span(deeper), (), None, self.run(deeper)))
        return result

    def run(self, node: Node) -> Expression:
        stack = [self.visit(node)]
        value: Expression | None = None
        while True:
            try:
                child = stack[-1].send(value)  # type: ignore[arg-type]
            except StopIteration as stop:
                stack.pop()
                value = stop.value
                if not stack:
                    assert value is not None
                    return value
                continue
            if len(stack) > MAX_DEPTH and child.child_count:
                self.postponed.append(child)
                value = Opaque(span(child), ())
                continue
            stack.append(self.visit(child))
            value = None

    def text(self, node: Node) -> str:
        """The source of a node."""
        return self.data[node.start_byte : node.end_byte].decode("utf-8", "replace")

    def visit(self, node: Node) -> Conversion:
        """The conversion of one node."""
        kind = node.type
        at = span(node)
        if kind in NAMES:
            hole = self.filled.at(node.start_byte)
            return Blank(at, hole.text) if hole is not None else Name(at, self.text(node).lstrip("#"))
        if kind in WRAPPERS:
            inner = first_named(node)
            return (yield inner) if inner is not None else Opaque(at, ())
        if kind == "member_expression":
            held = node.child_by_field_name("object")
            name = node.child_by_field_name("property")
            value = (yield held) if held is not None else Opaque(at, ())
            return Attribute(at, value, self.text(name).lstrip("#") if name is not None else "")
        if kind == "call_expression" or kind == "new_expression":
            return (yield from self.call(node, at))
        if kind == "string":
            return self.string(node, at)
        if kind == "template_string":
            return (yield from self.template(node, at))
        if kind == "subscript_expression":
            held = node.child_by_field_name("object")
            index = node.child_by_field_name("index")
            value = (yield held) if held is not None else Opaque(at, ())
            return Subscript(at, value, (yield index) if index is not None else Opaque(at, ()))
        if kind in FUNCTIONS:
            return Closure(at, self.add_function(node, ""))
        if kind == "object" or kind == "object_pattern":
            return (yield from self.mapping(node, at))
        if kind == "array" or kind == "array_pattern":
            items: list[Expression] = []
            for child in node.named_children:
                if child.type != "comment":
                    items.append((yield child))
            return Sequence(at, tuple(items))
        if kind in ("assignment_expression", "augmented_assignment_expression"):
            return (yield from self.assignment(node, at))
        if kind in ("binary_expression", "unary_expression", "update_expression", "sequence_expression"):
            return (yield from self.operation(node, at))
        if kind == "ternary_expression":
            parts: list[Expression] = []
            for field in ("condition", "consequence", "alternative"):
                part = node.child_by_field_name(field)
                parts.append((yield part) if part is not None else Opaque(at, ()))
            return Conditional(at, parts[0], parts[1], parts[2])
        if kind in ("spread_element", "rest_pattern"):
            inner = first_named(node)
            return Starred(at, (yield inner) if inner is not None else Opaque(at, ()))
        if kind in LITERALS:
            return Constant(at, LITERALS[kind])
        if kind == "number":
            return Constant(at, number(self.text(node)))
        if kind == "type_assertion":
            inner = node.named_children[-1] if node.named_children else None
            return (yield inner) if inner is not None else Opaque(at, ())
        if kind in ("assignment_pattern", "object_assignment_pattern"):
            left = node.child_by_field_name("left")
            return (yield left) if left is not None else Opaque(at, ())
        if kind in ("class", "class_declaration"):
            return Name(at, self.add_class(node))
        if kind == "regex" or kind.startswith("type_") or kind.endswith("_type"):
            return Opaque(at, ())
        # JSX, ``yield``, what could not be parsed: whatever stands inside
        inside: list[Expression] = []
        for child in node.named_children:
            if child.type not in ("comment", "jsx_text", "statement_block"):
                inside.append((yield child))
        return inside[0] if kind == "yield_expression" and len(inside) == 1 else Opaque(at, tuple(inside))

    def call(self, node: Node, at: Span) -> Conversion:
        """A call, an instance that is made, or a tagged template."""
        callee = node.child_by_field_name("function") or node.child_by_field_name("constructor")
        function: Expression = (yield callee) if callee is not None else Opaque(at, ())
        given = node.child_by_field_name("arguments")
        positional: list[Expression] = []
        if given is not None and given.type == "arguments":
            for child in given.named_children:
                if child.type != "comment":
                    positional.append((yield child))
        elif given is not None:
            positional.append((yield given))
        return Call(at, function, tuple(positional), ())

    def string(self, node: Node, at: Span) -> Expression:
        """A string; one that the server fills in is a template."""
        start, end = node.start_byte + 1, max(node.start_byte + 1, node.end_byte - 1)
        if self.filled.within(start, end):
            return self.pieces(start, end, at)
        parts: list[str] = []
        for child in node.named_children:
            text = self.text(child)
            if child.type == "escape_sequence":
                text = ESCAPES.get(text[1:], text[1:]) if len(text) == 2 else text
            parts.append(text)
        return Constant(at, "".join(parts))

    def pieces(self, start: int, end: int, at: Span) -> Template:
        """The literal parts of a text and the holes between them."""
        parts: list[Expression] = []
        for hole in self.filled.within(start, end):
            if hole.start > start:
                parts.append(Constant(at, self.data[start : hole.start].decode("utf-8", "replace")))
            parts.append(Blank(at, hole.text))
            start = hole.end
        if start < end:
            parts.append(Constant(at, self.data[start:end].decode("utf-8", "replace")))
        return Template(at, tuple(parts))

    def template(self, node: Node, at: Span) -> Conversion:
        """A template literal."""
        parts: list[Expression] = []
        for child in node.named_children:
            if child.type == "template_substitution":
                parts.append((yield child))
            elif child.type == "string_fragment":
                parts.extend(self.pieces(child.start_byte, child.end_byte, span(child)).parts)
            else:
                parts.append(Constant(span(child), self.text(child)))
        if all(isinstance(part, Constant) for part in parts):
            return Constant(at, "".join(str(part.value) for part in parts if isinstance(part, Constant)))
        return Template(at, tuple(parts))

    def mapping(self, node: Node, at: Span) -> Conversion:
        """An object, or the pattern of one."""
        entries: list[Entry] = []
        for child in node.named_children:
            kind = child.type
            where = span(child)
            if kind in ("pair", "pair_pattern"):
                key, value = child.child_by_field_name("key"), child.child_by_field_name("value")
                if key is not None and value is not None:
                    name: Expression = yield key
                    if isinstance(name, Name) and key.type != "computed_property_name":
                        name = Constant(name.at, name.name)
                    entries.append(Entry(where, name, (yield value)))
            elif kind in ("shorthand_property_identifier", "shorthand_property_identifier_pattern"):
                entries.append(Entry(where, Constant(where, self.text(child)), (yield child)))
            elif kind in ("object_assignment_pattern", "assignment_pattern"):
                left = child.child_by_field_name("left")
                if left is not None:
                    entries.append(Entry(where, Constant(where, self.text(left)), (yield left)))
            elif kind == "method_definition":
                name_node = child.child_by_field_name("name")
                label = self.text(name_node) if name_node is not None else ""
                entries.append(Entry(where, Constant(where, label), Closure(where, self.add_function(child, label))))
            elif kind in ("spread_element", "rest_pattern"):
                inner = first_named(child)
                if inner is not None:
                    entries.append(Entry(where, None, (yield inner)))
        return Mapping(at, tuple(entries))

    def assignment(self, node: Node, at: Span) -> Conversion:
        """An assignment: a step, whose value is the expression's."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        target: Expression = (yield left) if left is not None else Opaque(at, ())
        value: Expression = (yield right) if right is not None else Opaque(at, ())
        operator = node.child_by_field_name("operator")
        symbol = operator.type if operator is not None else "="
        plain = symbol in ("=", "||=", "&&=", "??=")
        self.emit(Step("assign" if plain else "augment", at, (), target, value, None, "" if plain else symbol))
        return value

    def operation(self, node: Node, at: Span) -> Conversion:
        """An operation; a chain of one operator has all its operands, however long it is."""
        operator = node.child_by_field_name("operator")
        symbol = operator.type if operator is not None else ","
        waiting: list[Node] = []
        while node.type == "binary_expression":
            left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
            if right is not None:
                waiting.append(right)
            if left is None:
                break
            own = left.child_by_field_name("operator") if left.type == "binary_expression" else None
            if own is None or own.type != symbol:
                waiting.append(left)
                break
            node = left
        else:
            waiting = [child for child in reversed(node.named_children) if child.type != "comment"]
        operands: list[Expression] = []
        while waiting:
            operands.append((yield waiting.pop()))
        return Operation(at, symbol, tuple(operands))


def span(node: Node) -> Span:
    """Where a node stands."""
    start, end = node.start_point, node.end_point
    return Span(start[0] + 1, start[1], end[0] + 1, end[1])


def first_named(node: Node) -> Node | None:
    """The first child that says something."""
    return next((child for child in node.named_children if child.type not in ("comment", "type_arguments")), None)


def number(text: str) -> int | float | None:
    """The value of a number; None for a notation that Python does not share."""
    try:
        value = int(text.replace("_", ""), 0)
    except ValueError:
        try:
            return float(text)
        except ValueError:
            return None
    return value if abs(value) < 1 << 63 else None
