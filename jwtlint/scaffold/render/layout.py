"""How a statement is broken into lines: as ruff's formatter does it (https://docs.astral.sh/ruff/formatter/), which follows Black."""

from __future__ import annotations

import tokenize

from jwtlint.scaffold.render.brackets import (
    KEYWORDS,
    OPENERS,
    Group,
    Node,
    Unusual,
    first,
    flat,
    gap,
    is_call,
    is_comma,
    is_comment,
    is_comprehension,
    is_forced,
    joined_strings,
    split,
)
from jwtlint.scaffold.render.tokens import Token, is_string

# looser first
OPERATORS: tuple[frozenset[str], ...] = (
    frozenset({"if", "else"}),
    frozenset({"or"}),
    frozenset({"and"}),
    frozenset({"in", "not", "is", "<", ">", "<=", ">=", "==", "!="}),
    frozenset({"|"}),
    frozenset({"^"}),
    frozenset({"&"}),
    frozenset({"<<", ">>"}),
    frozenset({"+", "-"}),
    frozenset({"*", "/", "//", "%", "@"}),
)
ASSIGNMENTS = frozenset({"=", "+=", "-=", "|=", "&=", "*=", "/="})
STEP = "    "


def fits(lines: list[str], width: int) -> bool:
    """Whether no line is too wide."""
    return all(len(line) <= width for line in lines)


def statement(items: list[Node], indent: str, width: int, told: str) -> list[str]:
    """A statement in lines; ``told`` is the comment behind it."""
    words = [node.text if isinstance(node, Token) else "" for node in items]
    if words[0] in ("import", "from", "global", "nonlocal"):
        raise Unusual
    if words[0] == "def" or words[:2] == ["async", "def"] or words[0] == "class":
        return definition(items, indent, width, told)
    if words[0] == "assert" and "," in words:
        comma = words.index(",")
        return optional("assert ", items[1:comma], flat_tail(items[comma:]) + told, indent, width)
    if "lambda" in words:
        if len(indent + flat(items) + told) > width or is_forced(items):
            raise Unusual
        return [indent + flat(items) + told]
    suffix = f":{told}" if words[-1] == ":" else told
    body = items[:-1] if words[-1] == ":" else items
    for position in range(len(words) - 1, -1, -1):
        if words[position] in ASSIGNMENTS:
            value = items[position + 1 :]
            if len(value) == 1 and isinstance(value[0], Group) and not value[0].inside:
                return in_brackets("", items, told, indent, width)
            return optional(flat(items[: position + 1]) + " ", value, told, indent, width)
    if words[0] in ("return", "if", "elif", "while", "yield", "del", "match", "raise") and len(body) > 1:
        if words[0] == "raise" and "from" in words:
            cause = words.index("from")
            return optional("raise ", items[1:cause], flat_tail(items[cause:]) + told, indent, width)
        return optional(f"{words[0]} ", body[1:], suffix, indent, width)
    if words[0] == "for" or words[:2] == ["async", "for"]:
        position = words.index("in")
        return optional(flat(items[: position + 1]) + " ", body[position + 1 :], suffix, indent, width)
    if words[0] == "with" and any(is_comma(node) for node in body):
        if len(indent + flat(items) + told) <= width:
            return [indent + flat(items) + told]
        return tuple_in_parentheses("with ", body[1:], suffix, indent, width)
    if words[0] in ("with", "case") or words[:2] == ["async", "with"]:
        return in_brackets("", items, told, indent, width)
    if words[0] == "assert":
        return optional("assert ", items[1:], told, indent, width)
    return optional("", items, told, indent, width)


def flat_tail(items: list[Node]) -> str:
    """What follows an expression, on its line."""
    text = flat(items)
    return text if text.startswith(",") else f" {text}"


def definition(items: list[Node], indent: str, width: int, told: str) -> list[str]:
    """The heading of a function or class."""
    arrow = next((number for number, node in enumerate(items) if isinstance(node, Token) and node.text == "->"), None)
    if arrow is not None:
        items = [*items[: arrow + 1], *unwrapped(items[arrow + 1 : -1]), items[-1]]
    line = indent + flat(items) + told
    if len(line) <= width and not is_forced(items):
        return [line]
    position = next((number for number, node in enumerate(items) if isinstance(node, Group)), None)
    if position is None:
        raise Unusual
    group = items[position]
    assert isinstance(group, Group)
    tail = items[position + 1 :]
    if not group.inside:
        if arrow is None:
            return [line]
        return [f"{indent}{flat(items[: arrow + 1])} (", f"{indent}{STEP}{flat(items[arrow + 1 : -1])}", f"{indent}):{told}"]
    if not any(is_comma(node) for node in group.inside):
        parameter = element(group.inside, indent + STEP, ",", width)
        return [f"{indent}{flat(items[:position])}(", *parameter, f"{indent}){after(group, tail)}{told}"]
    return exploded(flat(items[:position]), group, after(group, tail) + told, indent, width, items)


def after(group: Group, tail: list[Node]) -> str:
    """What stands behind a bracket, with the blank before it."""
    return flat([group, *tail])[len(flat([group])) :] if tail else ""


def unwrapped(items: list[Node]) -> list[Node]:
    """An expression without the parentheses around the whole of it."""
    while len(items) == 1 and isinstance(items[0], Group) and items[0].opener.text == "(":
        inside = items[0].inside
        words = {node.text for node in inside if isinstance(node, Token)}
        if not inside or words & {",", "for", ":=", "yield"}:
            break
        items = inside
    return items


def optional(prefix: str, items: list[Node], suffix: str, indent: str, width: int) -> list[str]:
    """An expression that may be put in parentheses to be broken."""
    items = joined_strings(unwrapped(items), width - len(indent) - len(prefix) - len(suffix))
    line = indent + prefix + flat(items) + suffix
    if len(line) <= width and not is_forced(items):
        return [line]
    if any(is_comma(node) for node in items):
        return tuple_in_parentheses(prefix, items, suffix, indent, width)
    level, places = loosest(items)
    chain = [] if level is not None else links(items)
    if level is None and len(chain) <= 1:
        if is_atom(items) and len(items) > 1 and all(isinstance(node, Token) and is_string(node) for node in items):
            return [f"{indent}{prefix}(", *broken(items, indent + STEP, "", width), f"{indent}){suffix}"]
        if is_atom(items) and prefix and suffix.startswith("  #") and len(indent + STEP + flat(items) + suffix) <= width:
            return [f"{indent}{prefix}(", f"{indent}{STEP}{flat(items)}{suffix}", f"{indent})"]
        if is_atom(items):
            inner = indent + STEP + flat(items)
            return [f"{indent}{prefix}(", inner, f"{indent}){suffix}"] if prefix and len(inner) <= width else [line]
        return in_brackets(prefix, items, suffix, indent, width)
    if not prefix and not suffix and level is None:
        return in_brackets(prefix, items, suffix, indent, width)
    count = len(places) if level is not None else len(chain)
    if count == 1:
        last = items[-1]
        ends = level is None or (isinstance(last, Group) and bool(last.inside))
        for attempt in (last_bracket, first_bracket) if ends else (first_bracket,):
            laid = attempt(prefix, items, suffix, indent, width)
            if laid is not None and fits(laid, width):
                return laid
    if level is None and is_forced(items):
        return in_brackets(prefix, items, suffix, indent, width)
    return [f"{indent}{prefix}(", *broken(items, indent + STEP, "", width), f"{indent}){suffix}"]


def tuple_in_parentheses(prefix: str, items: list[Node], suffix: str, indent: str, width: int) -> list[str]:
    """A tuple without parentheses gets them, one element a line."""
    lines = [f"{indent}{prefix}("]
    for part in split(items):
        lines += element(part, indent + STEP, ",", width)
    return [*lines, f"{indent}){suffix}"]


def is_atom(items: list[Node]) -> bool:
    """Whether nothing in an expression can be broken: names, attributes, strings, empty brackets."""
    return not any(isinstance(node, Group) and node.inside for node in items)


def loosest(items: list[Node]) -> tuple[int | None, list[int]]:
    """The level of the operators that bind least, and where they stand."""
    for level, operators in enumerate(OPERATORS):
        places: list[int] = []
        for position, node in enumerate(items):
            if not isinstance(node, Token) or node.text not in operators or is_string(node) or position == 0:
                continue
            if is_unary(items, position):
                continue
            before = items[position - 1]
            if node.text == "not" or (node.text == "in" and isinstance(before, Token) and before.text == "not"):
                if node.text == "not":
                    following = items[position + 1] if position + 1 < len(items) else None
                    if not (isinstance(following, Token) and following.text == "in") or (isinstance(before, Token) and before.text == "is"):
                        continue
                else:
                    continue
            places.append(position)
        if places:
            return level, places
    return None, []


def is_unary(items: list[Node], position: int) -> bool:
    """Whether an operator has no left operand."""
    before = items[position - 1]
    node = items[position]
    assert isinstance(node, Token)
    if isinstance(before, Group) or node.text not in ("+", "-", "*", "not"):
        return False
    return before.text in KEYWORDS - {"None"} or (before.kind == tokenize.OP and before.text not in (")", "]", "}"))


def links(items: list[Node]) -> list[int]:
    """Where the dots stand that follow a call, in a chain of calls."""
    found: list[int] = []
    for position, node in enumerate(items):
        if isinstance(node, Token) and node.text == "." and position and isinstance(items[position - 1], Group):
            found.append(position)
    return found


def in_brackets(prefix: str, items: list[Node], suffix: str, indent: str, width: int) -> list[str]:
    """An expression broken in its last bracket."""
    line = indent + prefix + flat(items) + suffix
    if len(line) <= width and not is_forced(items):
        return [line]
    laid = last_bracket(prefix, items, suffix, indent, width)
    if laid is None:
        return [line]
    return laid


def last_bracket(prefix: str, items: list[Node], suffix: str, indent: str, width: int) -> list[str] | None:
    """An expression broken in its last bracket that holds something."""
    found = [number for number, node in enumerate(items) if isinstance(node, Group) and node.inside]
    if not found:
        return None
    position = found[-1]
    forced = [number for number in found if is_forced([items[number]])]
    if forced:
        position = forced[-1]
    else:
        # the first one behind which the line is too wide before it could be broken again
        for number, following in zip(found, found[1:], strict=False):
            if len(indent + prefix + flat(items[:following])) + 1 > width:
                position = number
                break
    group = items[position]
    assert isinstance(group, Group)
    head = prefix + flat(items[:position]) + (gap(group, items[position - 1]) if position else "")
    rest = items[position + 1 :]
    end = f"{indent}{OPENERS[group.opener.text]}{after(group, rest)}{suffix}"
    if len(end) > width and not forced and any(isinstance(node, Group) and node.inside for node in rest):
        laid = exploded(head, group, "", indent, width, items)
        more = last_bracket(laid[-1].strip() + gap(rest[0], group), rest, suffix, indent, width)
        return [*laid[:-1], *more] if more is not None else None
    return exploded(head, group, after(group, items[position + 1 :]) + suffix, indent, width, items)


def first_bracket(prefix: str, items: list[Node], suffix: str, indent: str, width: int) -> list[str] | None:
    """An expression that begins with a bracket, broken there."""
    group = items[0]
    if not isinstance(group, Group) or not group.inside:
        return None
    return exploded(prefix, group, after(group, items[1:]) + suffix, indent, width, items)


def exploded(head: str, group: Group, tail: str, indent: str, width: int, context: list[Node]) -> list[str]:
    """A bracket with its content on lines of its own."""
    inner = indent + STEP
    closer = OPENERS[group.opener.text]
    inside = group.inside
    magic = bool(inside) and is_comma(inside[-1])
    gapless = head if not head or head[-1] in " ([{" or not group.opener.space or "\n" in group.opener.space else head
    start = f"{indent}{gapless}{group.opener.text}"
    end = f"{indent}{closer}{tail}"
    if any(is_comment(node) for node in inside):
        return [start, *commented(inside, inner, width), end]
    elements = [inside] if is_comprehension(inside) else split(inside)
    is_tuple = any(is_comma(node) for node in inside)
    body = joined_strings(inside, width - len(inner)) if not is_tuple else inside
    content = flat(body[:-1] if magic else body)
    is_display = is_tuple and not is_call(context, group) and not is_comprehension(inside)
    if not magic and not is_forced(body) and not is_display and len(inner + content) <= width:
        return [start, f"{inner}{content}", end]
    if len(elements) == 1 and not magic:
        return [start, *element(inside, inner, "", width), end]
    lines = [start]
    for part in elements:
        lines += element(part, inner, ",", width)
    return [*lines, end]


def commented(inside: list[Node], indent: str, width: int) -> list[str]:
    """The elements of a bracket with comments behind or above them, a line each."""
    lines: list[str] = []
    waiting: list[Node] = []
    for position, node in enumerate(inside):
        if is_comment(node) and first(node).space == "\n":
            if waiting:
                raise Unusual
            lines.append(indent + first(node).text)
        elif is_comma(node):
            following = inside[position + 1] if position + 1 < len(inside) else None
            behind = following if following is not None and is_comment(following) and first(following).space != "\n" else None
            lines += element(waiting, indent, f",  {first(behind).text}" if behind is not None else ",", width)
            waiting = []
        elif not is_comment(node):
            waiting.append(node)
    return [*lines, *element(waiting, indent, ",", width)] if waiting else lines


def element(items: list[Node], indent: str, suffix: str, width: int) -> list[str]:
    """One element of an exploded bracket."""
    items = joined_strings(items, width - len(indent) - len(suffix))
    line = indent + flat(items) + suffix
    if len(line) <= width and not is_forced(items):
        return [line]
    words = [node.text if isinstance(node, Token) else "" for node in items]
    if "lambda" in words:
        return [line]
    if is_comprehension(items):
        return broken(items, indent, suffix, width)
    if len(words) > 2 and words[1] == "=":
        return broken(items[2:], indent, suffix, width, flat(items[:2]))
    if ":" in words:
        colon = words.index(":")
        return broken(items[colon + 1 :], indent, suffix, width, flat(items[: colon + 1]) + " ")
    return broken(items, indent, suffix, width)


def broken(items: list[Node], indent: str, suffix: str, width: int, prefix: str = "") -> list[str]:
    """An expression inside a bracket: broken before its loosest operators, or in its last bracket."""
    items = joined_strings(items, width - len(indent) - len(suffix) - len(prefix))
    line = indent + prefix + flat(items) + suffix
    if len(line) <= width and not is_forced(items):
        return [line]
    strings = [number for number, node in enumerate(items) if isinstance(node, Token) and is_string(node)]
    if len(strings) == len(items) > 1:
        return pieces([[node] for node in items], indent, suffix, width, prefix)
    if is_comprehension(items):
        places = [
            number
            for number, node in enumerate(items)
            if isinstance(node, Token)
            and (
                (node.text == "for" and not (number and isinstance(items[number - 1], Token) and first(items[number - 1]).text == "async"))
                or (node.text == "async")
                or (node.text == "if" and not has_else(items, number))
            )
        ]
        return pieces(cut(items, places), indent, suffix, width, prefix)
    level, places = loosest(items)
    if level is not None:
        if len(places) == 1 and not is_forced(items) or is_forced(items):
            laid = last_bracket(prefix, items, suffix, indent, width) if len(places) == 1 and is_forced(items) else None
            if laid is not None and fits(laid, width):
                return laid
        return pieces(cut(items, places), indent, suffix, width, prefix)
    chain = links(items)
    if len(chain) > 1 and not is_forced(items):
        return pieces(cut(items, chain), indent, suffix, width, prefix)
    return in_brackets(prefix, items, suffix, indent, width)


def has_else(items: list[Node], position: int) -> bool:
    """Whether an ``if`` is a conditional expression's."""
    for node in items[position:]:
        if isinstance(node, Token) and node.text == "else":
            return True
        if isinstance(node, Token) and node.text == "for":
            return False
    return False


def cut(items: list[Node], places: list[int]) -> list[list[Node]]:
    """Items cut before each of some places."""
    borders = [0, *places, len(items)]
    return [items[start:end] for start, end in zip(borders, borders[1:], strict=False) if start < end]


def pieces(cuts: list[list[Node]], indent: str, suffix: str, width: int, prefix: str) -> list[str]:
    """The pieces of an expression, a line each; one that is too wide is broken further."""
    lines: list[str] = []
    for number, piece in enumerate(cuts):
        start = prefix if number == 0 else ""
        end = suffix if number == len(cuts) - 1 else ""
        text = indent + start + flat(piece) + end
        if len(text) <= width and not is_forced(piece):
            lines.append(text)
            continue
        lead = ""
        operand = piece
        while operand and isinstance(operand[0], Token) and any(operand[0].text in one for one in OPERATORS) and number:
            lead += operand[0].text + " "
            operand = operand[1:]
        if operand and isinstance(operand[0], Token) and operand[0].text in ("for", "async"):
            lines += in_brackets(start, piece, end, indent, width)
        else:
            lines += broken(operand, indent, end, width, start + lead)
    return lines
