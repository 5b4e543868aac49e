"""Claims in code: where one enters a token, and where one is read again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import libcst

from jwtlint.editing.code import last_name, names_in, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.functions import function_of
from jwtlint.editing.layout import without_argument, without_entry
from jwtlint.editing.recipe import Refused, Task
from jwtlint.editing.tokens import events
from jwtlint.editing.tree import Tree, descendants
from jwtlint.facts.lifecycle import Place
from jwtlint.linker.vocabulary import words

CLAIM_WORDS = frozenset({"claims", "claim", "payload", "token", "decoded", "jwt", "identity", "auth"})


class Reading(NamedTuple):
    """An expression that reads a claim (``claims["role"]``, ``claims.get("role")``, ``"role" in claims``), and the name it reads from."""

    tree: Tree
    node: libcst.BaseExpression
    base: str
    line: int


def remove_claim(draft: Draft, place: Place, name: str) -> libcst.BaseExpression:
    """Take a claim out where it enters a token; gives the expression it was filled with. Raises :class:`Refused`."""
    tree = draft.tree
    node = tree.at(place, libcst.BaseExpression)
    if node is None:
        node = tree.at(place, libcst.Arg)  # type: ignore[assignment]
    statement = tree.at(place, libcst.Assign)
    if statement is not None:
        return remove_item(draft, statement, name)
    if node is None:
        raise Refused("the claim enters in a form that is not known")
    for around in (node, *tree.ancestors(node)):
        if isinstance(around, libcst.DictElement):
            mapping = tree.parents[around]
            if text_of(around.key) != name or not isinstance(mapping, libcst.Dict):
                break
            draft.replace(mapping, without_entry(mapping, around))
            return around.value
        if isinstance(around, libcst.Arg):
            call = tree.parents[around]
            if around.keyword is None or around.keyword.value != name or not isinstance(call, libcst.Call):
                break
            if last_name(call.func) not in ("dict", "update"):
                break
            draft.replace(call, without_argument(call, around))
            return around.value
        if isinstance(around, libcst.Assign):
            return remove_item(draft, around, name)
        if isinstance(around, libcst.BaseStatement):
            break
    raise Refused("the claim enters in a form that is not known")


def remove_item(draft: Draft, statement: libcst.Assign, name: str) -> libcst.BaseExpression:
    """Take ``claims["name"] = value`` out; gives the value."""
    target = statement.targets[0].target if len(statement.targets) == 1 else None
    if not isinstance(target, libcst.Subscript) or key_of(target) != name:
        raise Refused("the claim enters in a form that is not known")
    draft.remove_statement(statement)
    return statement.value


def key_of(node: libcst.Subscript) -> str | None:
    """The string in ``x["name"]``."""
    if len(node.slice) == 1 and isinstance(node.slice[0].slice, libcst.Index):
        return text_of(node.slice[0].slice.value)
    return None


def readings_of(task: Task, name: str, application: str) -> list[Reading]:
    """Every expression that reads a claim in the files that speak of it.

    Raises :class:`Refused` where claims are handed on as a whole, so that nobody can tell who reads them.
    """
    found: list[Reading] = []
    for path in task.files.mentioning(name):
        try:
            tree = task.files.tree(path)
        except Refused:
            continue
        found.extend(readings_in(tree, name))
    verifying = {event.step.place.path for event in events(task, "verification", application)}
    for path in sorted(verifying):
        handed_on(task.files.tree(path))
    return found


def readings_in(tree: Tree, name: str) -> Iterator[Reading]:
    """The expressions in one file that read a claim."""
    for index, statement in enumerate(tree.module.body):
        if name not in tree.code(statement):
            continue
        spans = tree.spans(index)
        for node in descendants(statement):
            base: libcst.CSTNode | None = None
            if isinstance(node, libcst.Subscript) and key_of(node) == name and not is_target(tree, node):
                base = node.value
            elif isinstance(node, libcst.Call) and isinstance(node.func, libcst.Attribute) and node.func.attr.value in ("get", "pop"):
                if node.args and text_of(node.args[0].value) == name:
                    base = node.func.value
            elif isinstance(node, libcst.Comparison) and text_of(node.left) == name and len(node.comparisons) == 1:
                if isinstance(node.comparisons[0].operator, libcst.In | libcst.NotIn):
                    base = node.comparisons[0].comparator
            if base is not None and isinstance(node, libcst.BaseExpression) and holds_claims(base):
                yield Reading(tree, node, last_name(base), spans[node][0])


def is_target(tree: Tree, node: libcst.CSTNode) -> bool:
    """Whether a node is assigned to, or deleted."""
    return isinstance(tree.parents.get(node), libcst.AssignTarget | libcst.Del)


def holds_claims(base: libcst.CSTNode) -> bool:
    """Whether an expression looks as if it held a token's claims."""
    if isinstance(base, libcst.Call):
        return bool({"jwt", "claims", "decode", "token"} & set(words(last_name(base.func))))
    return bool(CLAIM_WORDS & set(words(last_name(base))))


def handed_on(tree: Tree) -> None:
    """Refuse where claims are spread into something (``TokenData(**payload)``)."""
    for index, statement in enumerate(tree.module.body):
        code = tree.code(statement)
        if "**" not in code:
            continue
        tree.spans(index)
        for node in descendants(statement):
            if isinstance(node, libcst.Arg) and node.star == "**" and holds_claims(node.value):
                call = tree.parents.get(node)
                if isinstance(call, libcst.Call) and last_name(call.func) != "dict":
                    line = tree.line_of(node)
                    raise Refused(f"all claims are handed on in {tree.source.path}:{line}, so who reads this one cannot be told")


def refuse_readers(readings: list[Reading], name: str) -> None:
    """Refuse to take a claim away that is read. Raises :class:`Refused`."""
    for one in readings:
        raise Refused(f'the claim "{name}" is read in {one.tree.source.path}:{one.line}; read it from the user\'s row there first')


def application_of(task: Task, place: Place) -> str:
    """The application that mints the token of a claim. Raises :class:`Refused`."""
    for kind in ("claim", "trust"):
        for event in events(task, kind):
            if event.step.place == place:
                return event.story.application
    raise Refused("the token's story is not known well enough here")


def claim_at(task: Task, place: Place, kind: str) -> list[str]:
    """The names of the claims that enter, or decide, at a place."""
    key = "name" if kind == "claim" else "claim"
    return [str(event.detail(key)) for event in events(task, kind) if event.step.place == place]


def claim_of(task: Task, kind: str) -> str:
    """The claim that a finding is about: several may enter at one place. Raises :class:`Refused`."""
    names = [name for name in claim_at(task, task.finding.place, kind) if f'"{name}"' in task.finding.message]
    if len(set(names)) != 1:
        raise Refused("which claim is meant cannot be told")
    return names[0]


