"""A logical line as a tree of its brackets."""

from __future__ import annotations

import tokenize
from dataclasses import dataclass, field
from typing import TypeAlias

from jwtlint.scaffold.render.tokens import Token, is_string, parts

OPENERS = {"(": ")", "[": "]", "{": "}"}
KEYWORDS = frozenset("in not and or if else return is assert yield await lambda for from raise with import as".split())


@dataclass(slots=True)
class Group:
    """A bracket with what stands in it."""

    opener: Token
    inside: list[Node] = field(default_factory=list)
    closer: Token | None = None


Node: TypeAlias = Token | Group


class Unusual(Exception):
    """A line that is left as it is."""


def nodes(tokens: list[Token]) -> list[Node]:
    """The tokens of a line as a tree of brackets. Raises :class:`Unusual`."""
    top: list[Node] = []
    stack: list[Group] = []
    broken_before = False
    for token in tokens:
        here = stack[-1].inside if stack else top
        if token.kind == tokenize.NL:
            broken_before = True
            continue
        if broken_before:
            token.space = "\n"
            broken_before = False
        if token.kind == tokenize.COMMENT and not (here and stack and (token.space == "\n" or is_comma(here[-1]))):
            raise Unusual
        if (is_string(token) and "\n" in token.text) or "\\" in token.space:
            raise Unusual
        if token.text in OPENERS and token.kind == tokenize.OP:
            group = Group(token)
            here.append(group)
            stack.append(group)
        elif stack and token.text == OPENERS[stack[-1].opener.text] and token.kind == tokenize.OP:
            stack.pop().closer = token
        else:
            here.append(token)
    return top


def first(node: Node) -> Token:
    """A node's first token."""
    return node.opener if isinstance(node, Group) else node


def gap(node: Node, previous: Node | None) -> str:
    """The blank before a node when it stands behind another on one line."""
    space = first(node).space
    if previous is None:
        return ""
    if "\n" not in space:
        return " " if space else ""
    if isinstance(previous, Token) and previous.text == ".":
        return ""
    if isinstance(node, Token) and node.text in (".", ","):
        return ""
    return " "


def flat(items: list[Node]) -> str:
    """Nodes on one line, without trailing commas that are no tuples'."""
    text = ""
    previous: Node | None = None
    for node in with_strings_joined(items):
        text += gap(node, previous)
        if isinstance(node, Group):
            inside = node.inside
            if inside and is_comma(inside[-1]) and not is_single_tuple(node):
                inside = inside[:-1]
            text += node.opener.text + flat(inside) + OPENERS[node.opener.text]
        else:
            text += node.text
        previous = node
    return text


def is_comment(node: Node) -> bool:
    """Whether a node is a comment."""
    return isinstance(node, Token) and node.kind == tokenize.COMMENT


def is_comma(node: Node) -> bool:
    """Whether a node is a comma."""
    return isinstance(node, Token) and node.text == ","


def is_single_tuple(group: Group) -> bool:
    """Whether a bracket is a tuple of one element, whose comma is needed."""
    return sum(is_comma(node) for node in group.inside) == 1 and is_comma(group.inside[-1]) and group.opener.text == "("


def is_forced(items: list[Node]) -> bool:
    """Whether a comma that trails says that a bracket stays on lines of its own ("magic trailing comma")."""
    for node in items:
        if isinstance(node, Group):
            if any(is_comment(one) for one in node.inside):
                return True
            if node.inside and is_comma(node.inside[-1]) and not (is_single_tuple(node) and not is_call(items, node)):
                return True
            if is_forced(node.inside):
                return True
    return False


def is_call(items: list[Node], group: Group) -> bool:
    """Whether a bracket holds arguments: a name, a bracket or a string stands right before it."""
    position = items.index(group)
    if position == 0:
        return False
    before = items[position - 1]
    if isinstance(before, Group):
        return True
    return before.is_name and before.text not in KEYWORDS and not group.opener.space


def split(items: list[Node], separator: str = ",") -> list[list[Node]]:
    """The parts between commas; none behind a trailing one."""
    found: list[list[Node]] = [[]]
    depth_of_lambda = 0
    for node in items:
        if isinstance(node, Token) and node.text == "lambda":
            depth_of_lambda += 1
        if isinstance(node, Token) and node.text == ":" and depth_of_lambda:
            depth_of_lambda -= 1
        if isinstance(node, Token) and node.text == separator and not depth_of_lambda:
            found.append([])
        else:
            found[-1].append(node)
    return found if found[-1] else found[:-1]


def is_comprehension(items: list[Node]) -> bool:
    """Whether a bracket holds a comprehension."""
    return any(isinstance(node, Token) and node.text == "for" for node in items)


def with_strings_joined(items: list[Node]) -> list[Node]:
    """Nodes in which strings that stand one after the other are one, where they can be."""
    found: list[Node] = []
    run: list[Node] = []
    for node in [*items, None]:
        if isinstance(node, Token) and is_string(node):
            run.append(node)
            continue
        found += joined_strings(run, 10_000)
        run = []
        if node is not None:
            found.append(node)
    return found


def joined_strings(items: list[Node], room: int) -> list[Node]:
    """Strings that stand one after the other as one, where that has room."""
    if len(items) < 2 or not all(isinstance(node, Token) and is_string(node) for node in items):
        return items
    whole = [parts(first(node).text) for node in items]
    body = "".join(body for _, _, body in whole)
    quotes = {quote for _, quote, _ in whole}
    if any(len(quote) > 1 for quote in quotes) or (len(quotes) > 1 and ("\\" in body or {"'", '"'} <= set(body))):
        return items
    quote = whole[0][1] if len(quotes) == 1 else "'" if '"' in body else '"'
    prefixes = {prefix.lower() for prefix, _, _ in whole}
    if not prefixes <= {"", "f"} or (len(prefixes) > 1 and any(not prefix and ("{" in body or "}" in body) for prefix, _, body in whole)):
        return items
    prefix = "f" if "f" in prefixes else ""
    text = f"{prefix}{quote}{body}{quote}"
    if len(text) > room:
        return items
    head = first(items[0])
    return [Token(head.kind, text, head.space, head.line)]
