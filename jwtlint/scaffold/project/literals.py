"""Constants in expressions."""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.facts.program import Call, Constant, Expression, Mapping, Sequence
from jwtlint.linker.traversal import walk


def text(node: Expression | None) -> str:
    """A string constant, or ""."""
    return node.value if isinstance(node, Constant) and isinstance(node.value, str) else ""


def truth(node: Expression | None) -> bool:
    """Whether an expression is the constant ``True``."""
    return isinstance(node, Constant) and node.value is True


def keyword(call: Call, name: str) -> Expression | None:
    """A call's keyword argument."""
    return next((one.value for one in call.keywords if one.name == name), None)


def entry(mapping: Expression | None, key: str) -> Expression | None:
    """What a dict display holds under a key."""
    if not isinstance(mapping, Mapping):
        return None
    return next((one.value for one in mapping.entries if text(one.key) == key), None)


def texts(node: Expression | None) -> list[str]:
    """The string constants of a list, tuple or set display, or of displays that are added together."""
    if node is None:
        return []
    return [text(item) for one in walk(node) if isinstance(one, Sequence) for item in one.items if text(item)]


def texts_in(node: Expression | None) -> Iterator[Constant]:
    """Every string constant anywhere in an expression."""
    if node is not None:
        for one in walk(node):
            if isinstance(one, Constant) and isinstance(one.value, str):
                yield one
