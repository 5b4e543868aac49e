"""Python source as tokens that can be changed and put together again, to the byte where nothing changes."""

from __future__ import annotations

import io
import tokenize
from dataclasses import dataclass

LAYOUT = frozenset({tokenize.NEWLINE, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.ENDMARKER})
FSTRING_START = getattr(tokenize, "FSTRING_START", -1)
FSTRING_END = getattr(tokenize, "FSTRING_END", -1)


@dataclass(slots=True)
class Token:
    """A token with the white space before it. Strings are one token each, f-strings too, whatever the interpreter's version."""

    kind: int
    text: str
    space: str
    line: int

    @property
    def is_name(self) -> bool:
        """Whether it is a name or a keyword."""
        return self.kind == tokenize.NAME


def tokens_of(source: str) -> list[Token]:
    """The tokens of a module. What stands between them is kept as their ``space``."""
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))

    def offset(place: tuple[int, int]) -> int:
        line, column = place
        return starts[line - 1] + column if line <= len(lines) else len(source)

    found: list[Token] = []
    end = 0
    depth = 0
    begun = (0, 0)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        kind, start, stop, number = token.type, offset(token.start), offset(token.end), token.start[0]
        if kind == FSTRING_START:
            depth += 1
            if depth == 1:
                begun = (start, number)
            continue
        if kind == FSTRING_END:
            depth -= 1
            if depth:
                continue
            kind, (start, number) = tokenize.STRING, begun
        elif depth:
            continue
        if kind in LAYOUT and kind not in (tokenize.NEWLINE, tokenize.NL):
            continue
        found.append(Token(kind, source[start:stop], source[end:start], number))
        end = stop
    found.append(Token(tokenize.ENDMARKER, "", source[end:], len(lines) + 1))
    return found


def text_of(tokens: list[Token]) -> str:
    """The tokens as source."""
    return "".join(token.space + token.text for token in tokens)


def drop(tokens: list[Token], index: int) -> None:
    """Take a token away; what stood before it stands before the next."""
    tokens[index + 1].space = tokens[index].space
    del tokens[index]


def is_string(token: Token) -> bool:
    """Whether a token is a string of any kind."""
    return token.kind == tokenize.STRING


def parts(literal: str) -> tuple[str, str, str]:
    """A string literal's prefix, quotes and body."""
    prefix_length = next(position for position, character in enumerate(literal) if character in "'\"")
    prefix, rest = literal[:prefix_length], literal[prefix_length:]
    quote = rest[:3] if rest[:3] in ('"""', "'''") else rest[0]
    return prefix, quote, rest[len(quote) : -len(quote)]
