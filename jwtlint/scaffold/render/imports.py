"""The imports of a module: unused ones taken away, those of one module put together, in the order of isort's default profile, which
is ruff's (https://docs.astral.sh/ruff/settings/#lintisort)."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable, Collection

from jwtlint.scaffold.render.tokens import tokens_of


def arranged(
    source: str,
    line_length: int,
    first_party: Collection[str],
    home: Callable[[str, str], str] = lambda module, name: module,
    keep_unused: bool = False,
    after: str = "",
) -> str:
    """A module with its top block of imports written anew.

    ``home`` gives the module that a name comes from now; ``first_party`` are the application's top-level names; ``after`` is a statement
    to put behind the imports.
    """
    tree = ast.parse(source)
    block = top_block(tree)
    if not block:
        return source
    lines = source.splitlines(keepends=True)
    first, last = block[0].lineno, block[-1].end_lineno or block[-1].lineno
    comments = trailing_comments(lines, first, last)
    used = None if keep_unused else used_names(source, first, last) | set(re.findall(r"\w+", after))
    plain: dict[str, str] = {}
    named: dict[tuple[int, str], dict[tuple[str, str | None], str]] = {}
    for node in block:
        comment = comments.get(node.end_lineno or node.lineno, comments.get(node.lineno, ""))
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            if used is not None and bound not in used and "noqa" not in comment and alias.asname != alias.name and not is_future(node):
                continue
            if isinstance(node, ast.Import):
                name = home(alias.name, "")
                text = name if alias.asname in (None, name) else f"{name} as {alias.asname}"
                plain[text] = comment
            else:
                module = home(node.module or "", alias.name) if not node.level else node.module or ""
                named.setdefault((node.level, module), {})[alias.name, alias.asname] = comment
    written: list[tuple[tuple[int, int, tuple[int, ...], list[tuple[int, str]]], str]] = []
    for text, comment in plain.items():
        written.append(((section(0, text, first_party), 0, (), natural(text)), line_of(f"import {text}", comment)))
    for (level, module), names in named.items():
        for group in statements_of(names):
            rank, letters = member(min(group, key=member))
            key = (section(level, module, first_party), 1, place(level, module), [*natural(module), (-2, str(rank)), *letters])
            written.append((key, from_statement(level, module, group, line_length)))
    groups: dict[int, list[str]] = {}
    for key, text in sorted(written):
        groups.setdefault(key[0], []).append(text)
    block_text = "\n".join("".join(group) for _, group in sorted(groups.items()))
    rest = "".join(lines[last:])
    if after:
        rest = f"\n{after}\n{rest}"
    if not block_text:
        return "".join(lines[: first - 1]).rstrip("\n") + "\n" + rest
    return "".join(lines[: first - 1]) + block_text + rest


def top_block(tree: ast.Module) -> list[ast.Import | ast.ImportFrom]:
    """The import statements at the top of a module, up to the first other statement."""
    found: list[ast.Import | ast.ImportFrom] = []
    for position, node in enumerate(tree.body):
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        elif position or not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
            break
    return found


def is_future(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether a statement is ``from __future__ import …``."""
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def trailing_comments(lines: list[str], first: int, last: int) -> dict[int, str]:
    """The comments behind the statements of some lines, by line."""
    found: dict[int, str] = {}
    for token in tokens_of("".join(lines[first - 1 : last])):
        if token.text.startswith("#"):
            found[token.line + first - 1] = token.text
    return found


def used_names(source: str, first: int, last: int) -> set[str]:
    """The names outside the import block; also those in annotations that are strings and in ``__all__``."""
    used: set[str] = set()
    for token in tokens_of(source):
        if first <= token.line <= last:
            continue
        if token.is_name:
            used.add(token.text)
        elif token.text[:1] in "rbfuRBFU\"'" and ("'" in token.text or '"' in token.text):
            used.update(re.findall(r"[A-Za-z_]\w*", token.text)) if is_code(token.text) else None
    return used


def is_code(literal: str) -> bool:
    """Whether a string may hold names: an f-string, or a single dotted name or subscript."""
    return literal[:1] in "fF" or literal[:2].lower() in ("rf", "fr") or re.fullmatch(r"[\"'][\w.\[\], |]+[\"']", literal) is not None


def section(level: int, module: str, first_party: Collection[str]) -> int:
    """The number of the section an import stands in: future, standard library, third party, the application's, relative."""
    top = module.partition(".")[0].partition(" ")[0]
    if level:
        return 4
    if top == "__future__":
        return 0
    if top in sys.stdlib_module_names:
        return 1
    return 3 if top in first_party else 2


def place(level: int, module: str) -> tuple[int, ...]:
    """Where a relative import stands among its like: the furthest first, ``from . import`` before ``from .module import``."""
    return (-level, 1 if module else 0)


def natural(text: str) -> list[tuple[int, str]]:
    """A key in which ``a10`` comes after ``a9``, and case does not count."""
    return [(int(part), "") if part.isdigit() else (-1, part.lower()) for part in re.split(r"(\d+)", text) if part]


def member(item: tuple[str, str | None]) -> tuple[int, list[tuple[int, str]]]:
    """The order of names in one statement: constants, classes, the rest."""
    name = item[0]
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, natural(name)


def statements_of(names: dict[tuple[str, str | None], str]) -> list[dict[tuple[str, str | None], str]]:
    """The names of one module in the statements they stand in: one that is renamed has its own."""
    plain = {item: comment for item, comment in names.items() if item[1] in (None, item[0])}
    renamed = [{item: comment} for item, comment in names.items() if item not in plain]
    return [*([plain] if plain else []), *renamed]


def from_statement(level: int, module: str, names: dict[tuple[str, str | None], str], line_length: int) -> str:
    """``from module import names``, one name a line where one line is too short."""
    comment = next((comment for comment in names.values() if comment), "")
    written = [name if alias in (None, name) else f"{name} as {alias}" for name, alias in sorted(names, key=member)]
    head = f"from {'.' * level}{module} import "
    line = line_of(head + ", ".join(written), comment)
    if len(head + ", ".join(written)) <= line_length or "*" in written:
        return line
    return f"{head}({'  ' + comment if comment else ''}\n" + "".join(f"    {one},\n" for one in written) + ")\n"


def line_of(statement: str, comment: str) -> str:
    """A statement with its comment as a line."""
    return f"{statement}  {comment}\n" if comment else f"{statement}\n"
