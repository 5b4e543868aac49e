"""Small pieces of code: made in a file's own style, and read."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import libcst

from jwtlint.editing.recipe import Refused
from jwtlint.editing.tree import Tree


def expression(code: str) -> libcst.BaseExpression:
    """An expression out of its code."""
    return libcst.parse_expression(code)


def quoted(tree: Tree, text: str, like: libcst.CSTNode | None = None) -> str:
    """A string literal with the quotes of the one it stands for, else with those that the file prefers.

    ``text`` is plain: no quotes, no backslashes.
    """
    quote = like.quote[:1] if isinstance(like, libcst.SimpleString) else preferred_quote(tree)
    return f"{quote}{text}{quote}"


def preferred_quote(tree: Tree) -> str:
    """The quotes that most strings of a file have; docstrings, which have three by convention, do not count."""
    source = tree.source.text.replace('"""', "").replace("'''", "")
    return "'" if source.count("'") > source.count('"') else '"'


def keyword(name: str, value: str) -> libcst.Arg:
    """``name=value``"""
    tight = libcst.AssignEqual(libcst.SimpleWhitespace(""), libcst.SimpleWhitespace(""))
    return libcst.Arg(expression(value), keyword=libcst.Name(name), equal=tight)


def last_name(node: libcst.CSTNode) -> str:
    """The last part of a dotted name (``response.set_cookie``), through subscripts (``JWTCookieAuth[User]``); "" for anything else."""
    if isinstance(node, libcst.Subscript):
        return last_name(node.value)
    if isinstance(node, libcst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, libcst.Name) else ""


def dotted(node: libcst.CSTNode) -> str:
    """A dotted name as text; "" for anything else."""
    if isinstance(node, libcst.Name):
        return node.value
    if isinstance(node, libcst.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr.value}" if base else ""
    return ""


def constant(node: libcst.CSTNode) -> object:
    """The value of a literal; raises :class:`ValueError` for anything else."""
    if isinstance(node, libcst.Name) and node.value in ("True", "False", "None"):
        return {"True": True, "False": False, "None": None}[node.value]
    if isinstance(node, libcst.SimpleString | libcst.ConcatenatedString | libcst.Integer | libcst.Float):
        value: object = ast.literal_eval(libcst.Module([]).code_for_node(node.with_changes(lpar=[], rpar=[])))
        return value
    raise ValueError("no literal")


def is_literal(node: libcst.CSTNode) -> bool:
    """Whether a node is a literal."""
    try:
        constant(node)
    except ValueError:
        return False
    return True


def text_of(node: libcst.CSTNode | None) -> str | None:
    """The value of a string literal; None for anything else."""
    if isinstance(node, libcst.SimpleString | libcst.ConcatenatedString):
        try:
            value = constant(node)
        except ValueError:
            return None
        return value if isinstance(value, str) else None
    return None


def names_in(node: libcst.CSTNode) -> Iterator[str]:
    """The plain names that are read in an expression; not attributes, not keywords."""
    stack: list[libcst.CSTNode] = [node]
    while stack:
        one = stack.pop()
        if isinstance(one, libcst.Name):
            yield one.value
        elif isinstance(one, libcst.Attribute):
            stack.append(one.value)
        elif isinstance(one, libcst.Arg):
            stack.append(one.value)
        else:
            stack.extend(one.children)


def argument_named(call: libcst.Call, names: tuple[str, ...], position: int | None = None) -> libcst.Arg | None:
    """The argument that is given under one of some keywords, or at a position (0-based)."""
    for arg in call.args:
        if arg.keyword is not None and arg.keyword.value in names:
            return arg
    if position is None:
        return None
    for number, arg in enumerate(call.args):
        if arg.star or arg.keyword is not None:
            return None
        if number == position:
            return arg
    return None


def spread(call: libcst.Call) -> list[libcst.Arg]:
    """The arguments ``**x``."""
    return [arg for arg in call.args if arg.star == "**"]


def replaceable(node: libcst.BaseExpression, new: str) -> libcst.BaseExpression:
    """An expression that takes the place of another, in its brackets."""
    made = expression(new)
    if node.lpar:
        made = made.with_changes(lpar=node.lpar, rpar=node.rpar)
    return made


def numbered(node: libcst.BaseExpression, names: Mapping[str, int | float] | None = None) -> int | float:
    """The number that an arithmetic expression of literals, and of ``names``, gives, or a string that holds a number.

    Raises :class:`Refused`.
    """
    text = text_of(node)
    code = libcst.Module([]).code_for_node(node) if text is None else text
    try:
        value = arithmetic(ast.parse(code.strip(), mode="eval").body, names or {})
    except (SyntaxError, ValueError, ArithmeticError, RecursionError):
        raise Refused("the lifetime is no plain number here") from None
    return value


def arithmetic(node: ast.expr, names: Mapping[str, int | float]) -> int | float:
    """The value of sums, products and powers of numbers; raises :class:`ValueError` for anything else, or for what is huge."""
    if isinstance(node, ast.Name) and node.id in names:
        return names[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return node.value
    if isinstance(node, ast.BinOp):
        left, right = arithmetic(node.left, names), arithmetic(node.right, names)
        if isinstance(node.op, ast.Mult):
            return left * right
        if isinstance(node.op, ast.Add):
            return left + right
        if isinstance(node.op, ast.Sub):
            return left - right
        if isinstance(node.op, ast.Pow) and abs(left) <= 1000 and abs(right) <= 20:
            power: int | float = left**right
            return power
        if isinstance(node.op, ast.Div | ast.FloorDiv) and right:
            return left / right if isinstance(node.op, ast.Div) else left // right
    raise ValueError("no arithmetic")
