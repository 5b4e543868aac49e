"""Walking over expressions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jwtlint.facts.program import (
    Attribute,
    Call,
    Comparison,
    Comprehension,
    Conditional,
    Constant,
    Expression,
    Lambda,
    Mapping,
    Name,
    Opaque,
    Operation,
    Sequence,
    Starred,
    Step,
    Subscript,
    Template,
)

LEAVES = (Name, Constant)
WRAPPED = (Attribute, Starred)
COMPUTED = (Operation, Comparison)


def children(node: Expression) -> Iterable[Expression]:
    """The expressions directly inside one, in textual order."""
    if isinstance(node, LEAVES):
        return ()
    if isinstance(node, WRAPPED):
        return (node.value,)
    if isinstance(node, Call):
        return (node.function, *node.positional, *(keyword.value for keyword in node.keywords))
    if isinstance(node, Mapping):
        return [one for entry in node.entries for one in (entry.key, entry.value) if one is not None]
    if isinstance(node, Subscript):
        return (node.value, node.index)
    if isinstance(node, Template):
        return node.parts
    if isinstance(node, COMPUTED):
        return node.operands
    if isinstance(node, Sequence):
        return node.items
    if isinstance(node, Opaque):
        return node.children
    if isinstance(node, Conditional):
        return (node.then, node.test, node.otherwise)
    if isinstance(node, Lambda):
        return (node.body,)
    if isinstance(node, Comprehension):
        key = () if node.key is None else (node.key,)
        return (*key, node.element, *node.targets, *node.iterables, *node.conditions)
    return ()


def walk(node: Expression) -> Iterator[Expression]:
    """An expression and all inside it, outermost first."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed([*children(node)]))


def expressions_in(step: Step) -> Iterator[Expression]:
    """Every expression of a step."""
    if step.target is not None:
        yield from walk(step.target)
    if step.value is not None:
        yield from walk(step.value)
