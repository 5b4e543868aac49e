"""Lines of the right length: each logical line is laid out anew, so that a change of names, of form or of the line length leaves formatted
code formatted. A line that is unlike what ``code/`` holds (a string over several lines, a comment inside an expression) stays as it is."""

from __future__ import annotations

import tokenize

from jwtlint.scaffold.render.brackets import Unusual, nodes
from jwtlint.scaffold.render.layout import statement
from jwtlint.scaffold.render.prose import comment, docstring
from jwtlint.scaffold.render.tokens import Token, is_string, tokens_of

# comments that do not count as part of a line's width
PRAGMAS = tuple(f"  # {word}" for word in ("type:", "noqa", "pyright:", "pylint:", "flake8:", "ruff:", "isort:", "nosec"))


def reflowed(source: str, width: int) -> str:
    """A module laid out for a width. Comments and docstrings are wrapped only where they are too wide."""
    tokens = tokens_of(source)
    lines: list[str] = []
    begin = 0
    for index, token in enumerate(tokens):
        if token.kind == tokenize.NEWLINE or token.kind == tokenize.ENDMARKER:
            lines.append(logical(tokens[begin : index + 1], width))
            begin = index + 1
    return "".join(lines)


def logical(tokens: list[Token], width: int) -> str:
    """One logical line, with the comments and blank lines before it."""
    begin = 0
    head = ""
    while begin < len(tokens) and (tokens[begin].kind in (tokenize.NL, tokenize.COMMENT)):
        head += tokens[begin].space + tokens[begin].text
        begin += 1
    head = "".join(comment(line, width) for line in head.splitlines(keepends=True))
    own = tokens[begin:]
    original = "".join(token.space + token.text for token in own)
    if not own or own[-1].kind == tokenize.ENDMARKER or len(own) < 2:
        return head + original
    before, _, indent = own[0].space.rpartition("\n")
    blank = f"{before}\n" if before or own[0].space.startswith("\n") else ""
    if is_string(own[0]) and len(own) <= 3:
        return head + blank + docstring(original[len(blank) :], indent, width)
    end = own[-1].text or "\n"
    trailing = own[-2] if own[-2].kind == tokenize.COMMENT else None
    body = own[: -2 if trailing is not None else -1]
    told = f"  {trailing.text}" if trailing is not None else ""
    if trailing is None and (inner := lone_comment(body)) is not None:
        told, body = inner
    is_pragma = told.startswith(PRAGMAS)
    try:
        laid = statement(nodes(body), indent, width, "" if is_pragma else told)
    except Unusual:
        return head + original
    if is_pragma:
        laid[-1] += told
    return head + blank + "\n".join(laid) + end


def lone_comment(body: list[Token]) -> tuple[str, list[Token]] | None:
    """``name = (value  # comment)`` as the comment and ``name = value``; None for any other line."""
    kinds = [token.kind for token in body]
    if kinds.count(tokenize.COMMENT) != 1 or kinds[-3:] != [tokenize.COMMENT, tokenize.NL, tokenize.OP] or len(body) < 6:
        return None
    opener = len(body) - 6
    if [body[opener].text, body[-1].text] != ["(", ")"] or kinds[opener + 1] != tokenize.NL:
        return None
    value = body[opener + 2]
    value.space = body[opener].space
    return f"  {body[-3].text}", [*body[:opener], value]
