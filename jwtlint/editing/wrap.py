"""Lines that a change made too long, broken as formatters break them: one argument or entry a line, with a comma at the end."""

from __future__ import annotations

import libcst

from jwtlint.rules.edited import split_lines

LIMITS = (88, 100, 120, 140)  # that projects commonly set; the first is the default of Black and ruff


def limit_of(lines: list[str]) -> int:
    """How long a line may become in a file: the least of the common limits that its own lines keep."""
    longest = max((len(line.rstrip()) for line in lines if not line.lstrip().startswith("#")), default=0)
    return next((limit for limit in LIMITS if longest <= limit), LIMITS[-1])


def wrapped(line: libcst.SimpleStatementLine, module: libcst.Module, column: int, limit: int) -> libcst.SimpleStatementLine:
    """A statement that starts at a column, its call broken if its items take one line that is longer than ``limit``."""
    if len(line.body) != 1:
        return line
    value = getattr(line.body[0], "value", None)
    call = value.expression if isinstance(value, libcst.Await) else value
    if not isinstance(call, libcst.Call | libcst.Dict) or not is_on_one_line(call):
        return line
    plain = line.with_changes(leading_lines=[], trailing_whitespace=libcst.TrailingWhitespace())
    lines = split_lines(module.code_for_node(plain).rstrip("\r\n"))
    if column + max(len(one.rstrip()) for one in lines) <= limit:
        return line
    step = module.default_indent
    broken = one_a_line(call, module, step, "", column, limit)
    new = value.with_changes(expression=broken) if isinstance(value, libcst.Await) else broken
    return line.with_changes(body=[line.body[0].with_changes(value=new)])


def is_on_one_line(node: libcst.Call | libcst.Dict) -> bool:
    """Whether all items of a call or a dictionary stand on one line, be it that of the bracket or one of their own."""
    items: list[libcst.CSTNode] = [*node.args] if isinstance(node, libcst.Call) else [*node.elements]
    if len(split_lines("".join(libcst.Module([]).code_for_node(item) for item in items).rstrip())) > 1:
        return False
    opening = node.whitespace_before_args if isinstance(node, libcst.Call) else node.lbrace.whitespace_after
    comments = opening.first_line.comment if isinstance(opening, libcst.ParenthesizedWhitespace) else None
    return comments is None


def one_a_line(
    node: libcst.Call | libcst.Dict, module: libcst.Module, step: str, indent: str, column: int, limit: int
) -> libcst.Call | libcst.Dict:
    """A call or a dictionary with one item a line; items that are still too long are broken in turn."""
    deeper = indent + step
    opening, closing = newline(deeper), newline(indent)
    if isinstance(node, libcst.Dict):
        entries = [
            fitting_entry(element, module, step, deeper, column, limit).with_changes(comma=libcst.Comma(whitespace_after=opening))
            for element in node.elements
        ]
        if not entries:
            return node
        entries[-1] = entries[-1].with_changes(comma=libcst.Comma())
        return node.with_changes(
            elements=entries,
            lbrace=node.lbrace.with_changes(whitespace_after=opening),
            rbrace=node.rbrace.with_changes(whitespace_before=closing),
        )
    if not node.args or any(isinstance(arg.value, libcst.GeneratorExp) for arg in node.args):
        return node
    args = [
        arg.with_changes(
            value=fitting(arg.value, module, step, deeper, column, limit),
            comma=libcst.Comma(whitespace_after=opening),
            whitespace_after_arg=libcst.SimpleWhitespace(""),
        )
        for arg in node.args
    ]
    args[-1] = args[-1].with_changes(comma=libcst.Comma(whitespace_after=closing))
    return node.with_changes(args=args, whitespace_before_args=opening)


def fitting_entry(
    element: libcst.BaseDictElement, module: libcst.Module, step: str, indent: str, column: int, limit: int
) -> libcst.BaseDictElement:
    """An entry whose value is broken if it is too long."""
    if isinstance(element, libcst.DictElement):
        return element.with_changes(value=fitting(element.value, module, step, indent, column, limit))
    return element


def fitting(
    value: libcst.BaseExpression, module: libcst.Module, step: str, indent: str, column: int, limit: int
) -> libcst.BaseExpression:
    """An expression on a line of its own, broken if it is too long for that."""
    if column + len(indent) + len(module.code_for_node(value)) + 1 > limit and isinstance(value, libcst.Call | libcst.Dict):
        return one_a_line(value, module, step, indent, column, limit)
    return value


def newline(indent: str) -> libcst.ParenthesizedWhitespace:
    """A line end inside brackets, and the blanks of the next line."""
    return libcst.ParenthesizedWhitespace(indent=True, last_line=libcst.SimpleWhitespace(indent))
