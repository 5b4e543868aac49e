"""Imports that a change needs, and those that it makes useless.

An import is added in the file's own style: to a ``from`` import that is there, else on a line of its own among the standard
library's, sorted as isort sorts.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence

import libcst

from jwtlint.editing.tree import Statement, Tree


class Imports:
    """The imports at the top level of one file, and what is to become of them."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.wanted: list[tuple[str, str]] = []  # module, and the name from it or ""

    def module(self, name: str) -> str:
        """The name under which a module is known here (``os``), imported if it is not."""
        for statement in small_statements(self.tree.module.body):
            if isinstance(statement, libcst.Import):
                for alias in statement.names:
                    if alias.evaluated_name == name:
                        return alias.evaluated_alias or name
        self.wanted.append((name, ""))
        return name

    def name(self, module: str, name: str) -> str:
        """An expression for a name of a module (``timedelta``, or ``datetime.timedelta``), imported if it is not."""
        known = self.known(module, name)
        if known is not None:
            return known
        self.wanted.append((module, name))
        return name

    def known(self, module: str, name: str) -> str | None:
        """The expression for a name of a module that is imported already."""
        by_module = None
        for statement in small_statements(self.tree.module.body):
            if isinstance(statement, libcst.ImportFrom):
                for alias in statement.names if not isinstance(statement.names, libcst.ImportStar) else ():
                    if module_of(statement) == module and alias.evaluated_name == name:
                        return alias.evaluated_alias or name
            elif isinstance(statement, libcst.Import):
                for alias in statement.names:
                    if alias.evaluated_name == module:
                        by_module = f"{alias.evaluated_alias or module}.{name}"
        return by_module

    def settled(self, module: libcst.Module) -> libcst.Module:
        """The changed module with the imports it needs and without those that it needed before."""
        before = self.tree.module
        if not self.path_is_package():
            module = without_unused(before, module)
        for name in dict.fromkeys(self.wanted):
            module = with_import(module, *name)
        return module

    def path_is_package(self) -> bool:
        """Whether others import from this file what it imports."""
        return self.tree.source.path.endswith("__init__.py")


def small_statements(body: Sequence[libcst.CSTNode]) -> Iterator[libcst.BaseSmallStatement]:
    """The simple statements at the top level."""
    for line in body:
        if isinstance(line, libcst.SimpleStatementLine):
            yield from line.body


def module_of(statement: libcst.ImportFrom) -> str:
    """The module of a ``from`` import; relative ones begin with dots."""
    name = statement.module
    parts: list[str] = []
    while isinstance(name, libcst.Attribute):
        parts.insert(0, name.attr.value)
        name = name.value if isinstance(name.value, libcst.Attribute | libcst.Name) else None
    if name is not None:
        parts.insert(0, name.value)
    return "." * len(statement.relative) + ".".join(parts)


def words_outside_imports(module: libcst.Module) -> set[str]:
    """Every word of a module, comments and strings included, but for its top-level imports."""
    found: set[str] = set()
    for line in [*module.header, *module.body, *module.footer]:
        if isinstance(line, libcst.SimpleStatementLine) and all(isinstance(one, libcst.Import | libcst.ImportFrom) for one in line.body):
            continue
        found.update(re.findall(r"\w+", module.code_for_node(line)))
    return found


def without_unused(before: libcst.Module, after: libcst.Module) -> libcst.Module:
    """The module without the imports whose names were used before and are not any more."""
    gone = words_outside_imports(before) - words_outside_imports(after)
    if not gone:
        return after
    body: list[Statement] = []
    gap: Sequence[libcst.EmptyLine] = ()  # the empty lines above an import that is gone: they part groups of imports
    for line in after.body:
        kept = line_without(line, gone) if isinstance(line, libcst.SimpleStatementLine) else line
        if kept is None:
            assert isinstance(line, libcst.SimpleStatementLine)
            gap = gap or [one for one in line.leading_lines if one.comment is None]
            continue
        if gap and import_key(kept) is not None and isinstance(kept, libcst.SimpleStatementLine) and not kept.leading_lines:
            kept = kept.with_changes(leading_lines=gap)
        gap = ()
        body.append(kept)
    return after.with_changes(body=body)


def line_without(line: libcst.SimpleStatementLine, gone: set[str]) -> libcst.SimpleStatementLine | None:
    """A line without the imported names that are gone; None if nothing is left of it."""
    if len(line.body) != 1:
        return line
    statement = line.body[0]
    if not isinstance(statement, libcst.Import | libcst.ImportFrom) or isinstance(statement.names, libcst.ImportStar):
        return line
    if isinstance(statement, libcst.ImportFrom) and module_of(statement) == "__future__":
        return line
    kept = [alias for alias in statement.names if bound_name(alias) not in gone]
    if len(kept) == len(statement.names):
        return line
    if not kept:
        return None
    last = statement.names[-1]
    if kept[-1] is not last:
        kept[-1] = kept[-1].with_changes(comma=last.comma)
    return line.with_changes(body=[statement.with_changes(names=kept)])


def bound_name(alias: libcst.ImportAlias) -> str:
    """The name that an import binds."""
    return alias.evaluated_alias or alias.evaluated_name.partition(".")[0]


def with_import(module: libcst.Module, name: str, member: str) -> libcst.Module:
    """The module with one more import."""
    body = list(module.body)
    if member:
        for index, line in enumerate(body):
            if isinstance(line, libcst.SimpleStatementLine) and len(line.body) == 1:
                statement = line.body[0]
                if isinstance(statement, libcst.ImportFrom) and module_of(statement) == name:
                    if not isinstance(statement.names, libcst.ImportStar):
                        body[index] = line.with_changes(body=[with_member(statement, member)])
                        return module.with_changes(body=body)
    code = f"from {name} import {member}" if member else f"import {name}"
    new = libcst.parse_statement(code, config=module.config_for_parsing)
    assert isinstance(new, libcst.SimpleStatementLine)
    return inserted(module, new, (bool(member), name))


def with_member(statement: libcst.ImportFrom, member: str) -> libcst.ImportFrom:
    """A ``from`` import with one more name, in order if the names are in order."""
    assert not isinstance(statement.names, libcst.ImportStar)
    names = list(statement.names)
    ordered = [alias.evaluated_name for alias in names]
    at = len(names)
    if ordered == sorted(ordered, key=isort_key):
        at = next((index for index, one in enumerate(ordered) if isort_key(one) > isort_key(member)), len(names))
    new = libcst.ImportAlias(libcst.Name(member))
    usual = libcst.Comma(whitespace_after=libcst.SimpleWhitespace(" "))
    if len(names) > 1 and isinstance(names[0].comma, libcst.Comma):
        usual = names[0].comma
    if at == len(names):
        last = names[-1]
        if isinstance(last.comma, libcst.Comma):
            names[-1] = last.with_changes(comma=usual)
            new = new.with_changes(comma=last.comma)
        else:
            names[-1] = last.with_changes(comma=usual)
        names.append(new)
    else:
        names.insert(at, new.with_changes(comma=usual))
    return statement.with_changes(names=names)


def isort_key(name: str) -> tuple[int, str]:
    """isort's order of names: constants, classes, the rest."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2), name


def inserted(module: libcst.Module, new: libcst.SimpleStatementLine, key: tuple[bool, str]) -> libcst.Module:
    """The module with a new import line where its group sorts it."""
    body = list(module.body)
    header = list(module.header)
    imports = [index for index, line in enumerate(body) if import_key(line) is not None]
    first_block: list[int] = []
    for index in imports:
        if first_block and index != first_block[-1] + 1:
            break
        first_block.append(index)
    future = [index for index in first_block if import_key(body[index]) == (True, "__future__")]
    usable = [index for index in first_block if index not in future]
    standard = [index for index in usable if is_standard(body[index])]
    if standard and is_standard(new):
        later = next((index for index in standard if (import_key(body[index]) or key) > key), None)
        at = later if later is not None else standard[-1] + 1
        if at == standard[0]:
            first = body[at]
            assert isinstance(first, libcst.SimpleStatementLine)
            new = new.with_changes(leading_lines=first.leading_lines)
            body[at] = first.with_changes(leading_lines=[])
    elif usable and not is_standard(new):
        at, new = own_place(body, usable, new, key)
    elif usable:
        at = usable[0]
        first = body[at]
        assert isinstance(first, libcst.SimpleStatementLine)
        new = new.with_changes(leading_lines=first.leading_lines)
        body[at] = first.with_changes(leading_lines=[blank()])
    else:
        at = 0
        while at < len(body) and (is_docstring(body[at], at) or import_key(body[at]) == (True, "__future__")):
            at += 1
        if at:
            new = new.with_changes(leading_lines=[blank()])
        if at < len(body):
            body[at] = spaced(body[at])
    body.insert(at, new)
    return module.with_changes(header=header, body=body)


def own_place(
    body: list[Statement], usable: list[int], new: libcst.SimpleStatementLine, key: tuple[bool, str]
) -> tuple[int, libcst.SimpleStatementLine]:
    """Where an import of the application's own goes: among those of the same package, in order; else after all imports, in a group
    of its own."""
    top = key[1].partition(".")[0]
    own = [index for index in usable if (import_key(body[index]) or (False, ""))[1].partition(".")[0] == top]
    later = next((index for index in own if (import_key(body[index]) or key) > key), None)
    if later is not None:
        first = body[later]
        assert isinstance(first, libcst.SimpleStatementLine)
        if later == own[0]:
            body[later] = first.with_changes(leading_lines=[])
            return later, new.with_changes(leading_lines=first.leading_lines)
        return later, new
    if own:
        return own[-1] + 1, new
    last = body[usable[-1]]
    group = (import_key(last) or (False, ""))[1]
    return usable[-1] + 1, new if group.startswith(".") else new.with_changes(leading_lines=[blank()])


def import_key(line: libcst.CSTNode) -> tuple[bool, str] | None:
    """Whether a line is a ``from`` import, and of which module; None if it is no import."""
    if not isinstance(line, libcst.SimpleStatementLine) or len(line.body) != 1:
        return None
    statement = line.body[0]
    if isinstance(statement, libcst.Import):
        return False, statement.names[0].evaluated_name
    return (True, module_of(statement)) if isinstance(statement, libcst.ImportFrom) else None


def is_standard(line: libcst.CSTNode) -> bool:
    """Whether a line imports from the standard library."""
    key = import_key(line)
    return key is not None and key[1].partition(".")[0] in sys.stdlib_module_names and key[1] != "__future__"


def is_docstring(line: libcst.CSTNode, index: int) -> bool:
    """Whether a line is the module's docstring."""
    return (
        index == 0
        and isinstance(line, libcst.SimpleStatementLine)
        and isinstance(line.body[0], libcst.Expr)
        and isinstance(line.body[0].value, libcst.SimpleString | libcst.ConcatenatedString)
    )


def blank() -> libcst.EmptyLine:
    """An empty line without blanks."""
    return libcst.EmptyLine(indent=False)


def spaced(statement: Statement) -> Statement:
    """A statement that has at least one empty line above it."""
    leading = list(getattr(statement, "leading_lines", ()))
    if leading and leading[0].comment is None:
        return statement
    changed = statement.with_changes(leading_lines=[blank(), *leading])
    assert isinstance(changed, libcst.SimpleStatementLine | libcst.BaseCompoundStatement)
    return changed
