"""Walking over expressions."""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.facts.program import (
    Attribute,
    Call,
    Comparison,
    Comprehension,
    Conditional,
    Expression,
    Lambda,
    Mapping,
    Opaque,
    Operation,
    Sequence,
    Starred,
    Step,
    Subscript,
    Template,
)


def children(node: Expression) -> Iterator[Expression]:
    """The expressions directly inside one, in textual order."""
    if isinstance(node, Attribute | Starred):
        yield node.value
    elif isinstance(node, Call):
        yield node.function
        yield from node.positional
        for keyword in node.keywords:
            yield keyword.value
    elif isinstance(node, Subscript):
        yield node.value
        yield node.index
    elif isinstance(node, Mapping):
        for entry in node.entries:
            if entry.key is not None:
                yield entry.key
            yield entry.value
    elif isinstance(node, Sequence):
        yield from node.items
    elif isinstance(node, Operation | Comparison):
        yield from node.operands
    elif isinstance(node, Conditional):
        yield node.then
        yield node.test
        yield node.otherwise
    elif isinstance(node, Template):
        yield from node.parts
    elif isinstance(node, Comprehension):
        if node.key is not None:
            yield node.key
        yield node.element
        yield from node.targets
        yield from node.iterables
        yield from node.conditions
    elif isinstance(node, Lambda):
        yield node.body
    elif isinstance(node, Opaque):
        yield from node.children


def walk(node: Expression) -> Iterator[Expression]:
    """An expression and all inside it, outermost first."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(list(children(node))))


def expressions_in(step: Step) -> Iterator[Expression]:
    """Every expression of a step."""
    if step.target is not None:
        yield from walk(step.target)
    if step.value is not None:
        yield from walk(step.value)
