"""The synchronous form of a module that is written asynchronously.

Lines that end in ``# async only`` go; of ``# sync only: CODE`` the code stays. In the asynchronous form only these comments go.
"""

from __future__ import annotations

import re
import tokenize

from jwtlint.scaffold.render.tokens import Token, drop, is_string, parts, text_of, tokens_of

NAMES = {
    "AsyncSession": "Session",
    "AsyncEngine": "Engine",
    "AsyncConnection": "Connection",
    "AsyncConnectionPool": "ConnectionPool",
    "AsyncCursor": "Cursor",
    "AsyncIterator": "Iterator",
    "AsyncIterable": "Iterable",
    "AsyncGenerator": "Generator",
    "AsyncExitStack": "ExitStack",
    "AsyncClient": "Client",
    "AbstractAsyncContextManager": "AbstractContextManager",
    "asynccontextmanager": "contextmanager",
    "async_sessionmaker": "sessionmaker",
    "create_async_engine": "create_engine",
    "aclose": "close",
    "aclosing": "closing",
    "anext": "next",
    "aiter": "iter",
    "__aenter__": "__enter__",
    "__aexit__": "__exit__",
    "__aiter__": "__iter__",
    "__anext__": "__next__",
}
# where the synchronous names live: (module, name) -> module
HOMES = {
    ("sqlalchemy.ext.asyncio", "Engine"): "sqlalchemy",
    ("sqlalchemy.ext.asyncio", "Connection"): "sqlalchemy",
    ("sqlalchemy.ext.asyncio", "create_engine"): "sqlalchemy",
    ("sqlalchemy.ext.asyncio", "Session"): "sqlalchemy.orm",
    ("sqlalchemy.ext.asyncio", "sessionmaker"): "sqlalchemy.orm",
}
MODULES = {"redis.asyncio": "redis", "sqlalchemy.ext.asyncio": "sqlalchemy.orm"}
ONLY = re.compile(r"^(?P<indent>\s*)(?P<code>.*?)\s*#\s*(?:(?P<asynchronous>async only)|sync only: (?P<other>.*?))\s*$")


def marked_lines(source: str, asynchronous: bool) -> str:
    """The source with the lines that hold for one form only as they are in that form."""
    if " only" not in source:
        return source
    kept: list[str] = []
    for line in source.splitlines(keepends=True):
        match = ONLY.match(line.rstrip("\n"))
        if match is None:
            kept.append(line)
        elif asynchronous and match["code"]:
            kept.append(f"{match['indent']}{match['code']}\n")
        elif not asynchronous and match["other"]:
            kept.append(f"{match['indent']}{match['other']}\n")
    return "".join(kept)


def synchronous(source: str) -> str:
    """A module without ``async`` and ``await``."""
    tokens = tokens_of(marked_lines(source, asynchronous=False))
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1] if index + 1 < len(tokens) else None
        if token.is_name and following is not None and (token.text == "await" or (token.text == "async" and following.is_name)):
            drop(tokens, index)
            continue
        if token.is_name:
            if token.text == "AsyncGenerator":
                widen(tokens, index)
            if is_call(tokens, index, "asyncio", "run"):
                unwrap(tokens, index)
                continue
            if is_call(tokens, index, "asyncio", "sleep"):
                token.text = "time"
            token.text = NAMES.get(token.text, token.text)
        elif is_string(token):
            token.text = in_string(token.text)
        index += 1
    return text_of(tokens)


def is_call(tokens: list[Token], index: int, *names: str) -> bool:
    """Whether a dotted name stands at a token."""
    wanted = [part for name in names for part in (".", name)][1:]
    return [token.text for token in tokens[index : index + len(wanted)]] == wanted


def unwrap(tokens: list[Token], index: int) -> None:
    """``asyncio.run(call)`` is ``call``: no event loop is needed."""
    depth = 0
    for position in range(index + 3, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[position].text, 0)
        if depth == 0:
            tokens[index + 4].space = tokens[index].space
            del tokens[position]
            del tokens[index : index + 4]
            return


def in_string(literal: str) -> str:
    """A string; in the fields of an f-string nothing is awaited."""
    prefix, _, _ = parts(literal)
    if "f" in prefix.lower():
        return re.sub(r"(?<=[{(\[ ])await ", "", literal)
    return literal


def widen(tokens: list[Token], index: int) -> None:
    """``AsyncGenerator[X, None]`` is ``Generator[X, None, None]``: put the type of the returned value behind the others."""
    if tokens[index + 1].text != "[":
        return
    depth = 0
    for position in range(index + 1, len(tokens)):
        depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(tokens[position].text, 0)
        if depth == 0:
            line = tokens[position].line
            tokens[position:position] = [Token(tokenize.OP, ",", "", line), Token(tokenize.NAME, "None", " ", line)]
            return


def module_of(module: str, name: str) -> str:
    """The module that the synchronous form of an imported name comes from."""
    if (module, name) in HOMES:
        return HOMES[module, name]
    for asynchronous, other in MODULES.items():
        if module == asynchronous or module.startswith(f"{asynchronous}."):
            return other + module[len(asynchronous) :]
    return module
