"""Where the application is made: sessions are added to it, after everything else that it is put together from."""

from __future__ import annotations

import libcst

from jwtlint.editing.code import last_name, preferred_quote, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.recipe import Refused
from jwtlint.editing.tree import descendants
from jwtlint.facts.lifecycle import Place
from jwtlint.migrate import routes
from jwtlint.migrate.calls import Bridge
from jwtlint.migrate.plan import Step
from jwtlint.migrate.study import Study
from jwtlint.scaffold.project.frameworks import FrameworkUse

MAKERS = {"fastapi": "FastAPI", "flask": "Flask"}
NAME = "install"


def install(study: Study, bridge: Bridge, use: FrameworkUse | None, prefix: str | None) -> None:
    """Add ``install(app)``, with the routes of the sessions behind ``prefix`` if it is not None."""
    title = f"call {bridge.module}.{NAME}(app{prefixed(prefix)}) where the application is made"
    if use is None:
        study.leave(title, "the place is not known")
        return
    place = Place(use.path, use.line, 0, use.line, 0)
    try:
        add(study, bridge, use, place, prefix)
    except Refused as refused:
        study.leave(title, refused.reason, place)


def prefixed(prefix: str | None) -> str:
    """The argument that mounts the routes."""
    return "" if prefix is None else f', prefix="{prefix}"'


def add(study: Study, bridge: Bridge, use: FrameworkUse, place: Place, prefix: str | None) -> None:
    """Add the call behind the last statement that puts the application together. Raises :class:`Refused`."""
    draft = study.draft(use.path)
    tree = draft.tree
    index = tree.statement_at(use.line)
    maker = made_at(draft, index, use) if index is not None else None
    if index is None or maker is None:
        raise Refused("the application object is not bound to a name")
    name = tree.code(maker.targets[0].target)
    if any(f"from {bridge.module} import" in tree.text_of(number) for number in range(len(tree.module.body))):
        return
    function = tree.around(maker, libcst.FunctionDef)
    arguments = f"{name}{prefixed(prefix)}".replace('"', preferred_quote(tree))
    code = f"from {bridge.module} import {NAME}\n"
    if function is None:
        anchor = last_assembling(draft, name)
        making = making_tables(draft, index)
        after = making is None or making > anchor
        anchor = anchor if making is None or making > anchor else making
        tree.spans(anchor)
        statement: libcst.CSTNode = tree.module.body[anchor]
        if use.path in bridge.inner or use.framework == "flask":
            # the package needs what is made above
            draft.insert(statement, code, after=after)
            called = NAME
        else:
            called = bridge.name(draft, NAME, statement)
        draft.insert(statement, f"{called}({arguments})\n", after=after)
    else:
        statement = making_in(draft, function, maker) or returning(function, name)
        draft.insert(statement, code)
        draft.insert(statement, f"{NAME}({arguments})\n")
    study.step(Step("install", place, f"add sessions to {name}: {NAME}({arguments})"))
    if prefix is not None:
        study.step(routes.step_of(prefix, place))


def made_at(draft: Draft, index: int, use: FrameworkUse) -> libcst.Assign | None:
    """The assignment of the application object on a line."""
    spans = draft.tree.spans(index)
    for node in descendants(draft.tree.module.body[index]):
        if isinstance(node, libcst.Assign) and spans[node][0] <= use.line <= spans[node][2] and len(node.targets) == 1:
            value = node.value
            if isinstance(value, libcst.Call) and last_name(value.func) == MAKERS[use.framework]:
                return node
    return None


def last_assembling(draft: Draft, name: str) -> int:
    """The index of the last top-level statement that does something to the application object, or takes part in a run as a script's
    preparation: not ``if __name__ == "__main__"``, not a function or class."""
    tree = draft.tree
    last = 0
    for index, statement in enumerate(tree.module.body):
        text = tree.text_of(index)
        if isinstance(statement, libcst.SimpleStatementLine | libcst.If | libcst.With | libcst.Try | libcst.For) and "__main__" not in text:
            mentions = any(isinstance(node, libcst.Name) and node.value == name for node in descendants(statement))
            if mentions and not catches_all(statement):
                last = index
    return last


def making_tables(draft: Draft, first: int) -> int | None:
    """The index of the first statement behind one that makes the tables (``db.create_all()``): those of the sessions are among them."""
    for index in range(first + 1, len(draft.tree.module.body)):
        statement = draft.tree.module.body[index]
        if "create_all(" in draft.tree.text_of(index) and not isinstance(statement, libcst.FunctionDef | libcst.ClassDef):
            return index
    return None


def making_in(draft: Draft, function: libcst.FunctionDef, maker: libcst.Assign) -> libcst.CSTNode | None:
    """The same in the body of a factory."""
    body = function.body.body if isinstance(function.body, libcst.IndentedBlock) else ()
    behind = False
    for statement in body:
        if behind and "create_all(" in draft.tree.code(statement):
            return statement
        behind = behind or any(node is maker for node in descendants(statement))
    return None


def catches_all(statement: libcst.CSTNode) -> bool:
    """Whether a statement mounts something that answers every address, so that routes behind it are never reached."""
    for node in descendants(statement):
        if isinstance(node, libcst.Call) and last_name(node.func) in ("mount", "frontend") and node.args:
            return text_of(node.args[0].value) in ("/", "")
    return False


def returning(function: libcst.FunctionDef, name: str) -> libcst.CSTNode:
    """The statement that gives the application object away at the end of its factory. Raises :class:`Refused`."""
    if isinstance(function.body, libcst.IndentedBlock):
        for statement in reversed(function.body.body):
            if isinstance(statement, libcst.SimpleStatementLine):
                for one in statement.body:
                    if isinstance(one, libcst.Return) and isinstance(one.value, libcst.Name) and one.value.value == name:
                        return statement
    raise Refused("the factory does not end with a return of the application object")
