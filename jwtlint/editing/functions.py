"""What happens inside one function: where a name is assigned and read."""

from __future__ import annotations

from collections.abc import Iterator

import libcst

from jwtlint.editing.tree import Tree, descendants


def function_of(tree: Tree, node: libcst.CSTNode) -> libcst.FunctionDef | None:
    """The function around a node."""
    return tree.around(node, libcst.FunctionDef)


def scope_of(tree: Tree, node: libcst.CSTNode) -> libcst.CSTNode:
    """The function around a node, else its top-level statement."""
    return function_of(tree, node) or tree.module.body[tree.index_of(node)]


def assignments(scope: libcst.CSTNode, name: str) -> Iterator[libcst.Assign | libcst.AnnAssign]:
    """The plain assignments to a name in a scope, in textual order."""
    for node in descendants(scope):
        if isinstance(node, libcst.Assign) and len(node.targets) == 1:
            target: libcst.CSTNode = node.targets[0].target
        elif isinstance(node, libcst.AnnAssign) and node.value is not None:
            target = node.target
        else:
            continue
        if isinstance(target, libcst.Name) and target.value == name:
            yield node


def readings(scope: libcst.CSTNode, name: str) -> list[libcst.Name]:
    """Every place where a name stands as a plain name in a scope: read, written or deleted; not attributes, not keywords."""
    found: list[libcst.Name] = []
    stack: list[libcst.CSTNode] = [scope]
    while stack:
        node = stack.pop()
        if isinstance(node, libcst.Name):
            if node.value == name:
                found.append(node)
        elif isinstance(node, libcst.Attribute):
            stack.append(node.value)
        elif isinstance(node, libcst.Arg):
            stack.append(node.value)
        else:
            stack.extend(reversed(node.children))
    return found


def only_assignment(scope: libcst.CSTNode, name: str) -> libcst.Assign | libcst.AnnAssign | None:
    """The assignment to a name that is assigned once in a scope, and nowhere else in it."""
    found = list(assignments(scope, name))
    return found[0] if len(found) == 1 else None
