"""Calls of the generated functions in the application's files: how a file gets at them, and how an expression is wrapped.

A file that the generated package imports itself, at whatever remove (the models, the engine), cannot import the package while it
is imported; there the import stands in the function that needs it.
"""

from __future__ import annotations

from collections.abc import Iterable

import libcst

from jwtlint.editing.code import expression
from jwtlint.editing.draft import Draft
from jwtlint.editing.functions import function_of
from jwtlint.editing.recipe import Refused
from jwtlint.migrate.study import Study
from jwtlint.scaffold.choice import Choice
from jwtlint.scaffold.project.source import Source


class Bridge:
    """How the application reaches ``bridge.py``. ``inner`` are the files that the generated package imports."""

    def __init__(self, study: Study, choice: Choice, source: Source) -> None:
        self.study = study
        self.package = choice.package
        self.module = f"{choice.package}.bridge"
        self.inner = imported_by(source, choice)
        self.local: set[tuple[libcst.CSTNode, str]] = set()

    def name(self, draft: Draft, name: str, node: libcst.CSTNode) -> str:
        """The name of a generated function where ``node`` stands, imported. Raises :class:`Refused`."""
        known = draft.imports.known(self.module, name)
        if known is not None:
            return known
        if is_taken(draft.tree.module, name):
            raise Refused(f"the file has something called {name} already")
        if draft.path not in self.inner:
            return draft.imports.name(self.module, name)
        function = function_of(draft.tree, node)
        if function is None:
            raise Refused("the generated package needs this file, which therefore cannot need it outside of functions")
        if (function, name) not in self.local:
            self.local.add((function, name))
            self.import_inside(draft, function, name)
        return name

    def import_inside(self, draft: Draft, function: libcst.FunctionDef, name: str) -> None:
        """An import at the beginning of a function, after its docstring."""
        first = first_statement(function)
        if first is None:
            raise Refused("the function has no body on lines of its own")
        draft.insert(first, f"from {self.module} import {name}\n")


def first_statement(function: libcst.FunctionDef) -> libcst.CSTNode | None:
    """The first statement of a function that is no docstring; None where the body stands on the line of ``def``."""
    if not isinstance(function.body, libcst.IndentedBlock):
        return None
    body = function.body.body
    if len(body) > 1 and function.get_docstring(clean=False) is not None:
        return body[1]
    return body[0]


def is_taken(module: libcst.Module, name: str) -> bool:
    """Whether a module defines or imports a name at its top level."""
    for line in module.body:
        if isinstance(line, libcst.FunctionDef | libcst.ClassDef) and line.name.value == name:
            return True
        if isinstance(line, libcst.SimpleStatementLine):
            for one in line.body:
                if isinstance(one, libcst.ImportFrom) and not isinstance(one.names, libcst.ImportStar):
                    if any((alias.evaluated_alias or alias.evaluated_name) == name for alias in one.names):
                        return True
                if isinstance(one, libcst.Assign):
                    if any(isinstance(target.target, libcst.Name) and target.target.value == name for target in one.targets):
                        return True
    return False


def wrapped(name: str, node: libcst.BaseExpression, *before: str, lazy: bool = False, keywords: Iterable[str] = ()) -> libcst.Call:
    """``name(before, node, keywords)``; with ``lazy`` the node stands in a lambda, so that it is worked out only when it is needed."""
    value = libcst.Lambda(libcst.Parameters(), node) if lazy else node
    args = [libcst.Arg(expression(code)) for code in before] + [libcst.Arg(value)]
    for keyword in keywords:
        key, _, code = keyword.partition("=")
        args.append(
            libcst.Arg(
                expression(code),
                keyword=libcst.Name(key),
                equal=libcst.AssignEqual(libcst.SimpleWhitespace(""), libcst.SimpleWhitespace("")),
            )
        )
    comma = libcst.Comma(whitespace_after=libcst.SimpleWhitespace(" "))
    args = [arg.with_changes(comma=comma) if index < len(args) - 1 else arg for index, arg in enumerate(args)]
    return libcst.Call(expression(name), args)


def imported_by(source: Source, choice: Choice) -> set[str]:
    """The application's files that are imported when the generated package is."""
    handles = (choice.engine, choice.session_factory, choice.get_session, choice.db, choice.metadata, choice.pool)
    modules = {one.module for one in handles if one is not None}
    if choice.user.module:
        modules.add(choice.user.module)
    here = f"{choice.output}/__init__.py" if choice.output else "__init__.py"
    found: set[str] = set()
    waiting = [path for module in modules for path in paths_of(source, here, module, 0)]
    if choice.package.count("."):
        # the packages around it are imported first
        waiting += paths_of(source, here, choice.package.rpartition(".")[0], 0)
    while waiting:
        path = waiting.pop()
        if path in found or path not in source.modules:
            continue
        found.add(path)
        for item in source.modules[path].module.imports:
            if not item.scope:
                waiting += paths_of(source, path, item.module, item.level)
                if item.name is not None:
                    waiting += paths_of(source, path, f"{item.module}.{item.name}" if item.module else item.name, item.level)
    return found


def paths_of(source: Source, importer: str, module: str, level: int) -> list[str]:
    """The files that are run when a module is imported: its own, and those of the packages around it."""
    own = source.layout.resolve(importer, module, level)
    if own is None:
        return []
    found = [own]
    folder = own.rpartition("/")[0]
    parts = module.count(".") + (0 if own.endswith("__init__.py") else 1)
    for _ in range(parts):
        package = f"{folder}/__init__.py" if folder else "__init__.py"
        if package in source.modules:
            found.append(package)
        folder = folder.rpartition("/")[0]
    return found
