"""The user's row in a function that has a token's claims: which variable holds it, and how a claim is read from it instead."""

from __future__ import annotations

import libcst

from jwtlint.editing.claims import Reading
from jwtlint.editing.code import names_in
from jwtlint.editing.draft import Draft
from jwtlint.editing.functions import assignments, function_of
from jwtlint.editing.recipe import Refused, Task
from jwtlint.editing.tokens import events
from jwtlint.editing.tree import Tree, descendants
from jwtlint.facts.lifecycle import Place
from jwtlint.linker.vocabulary import words

PERSONS = frozenset({"user", "account", "member", "person", "customer", "admin", "employee", "staff", "player", "owner", "operator"})
BUILTINS = frozenset({"str", "bool", "list", "sorted", "set", "tuple", "int", "getattr", "hasattr", "len", "any", "all"})


def read_from_row(task: Task, draft: Draft, reading: Reading, claim: str, application: str) -> None:
    """Put a read of the user's row in the place of a read of a claim. Raises :class:`Refused`."""
    tree = reading.tree
    if isinstance(reading.node, libcst.Comparison):
        raise Refused(f'whether the claim "{claim}" is there is asked in {tree.source.path}:{reading.line}')
    function = function_of(tree, reading.node)
    if function is None:
        raise Refused("the claim is read outside of functions")
    row = row_in(tree, function, reading)
    source, variable = source_of(task, claim, application)
    draft.replace(reading.node, renamed(source, variable, row))


def source_of(task: Task, claim: str, application: str) -> tuple[libcst.BaseExpression, str]:
    """What fills a claim where it is minted, and the variable in it that is the user. Raises :class:`Refused`."""
    found: dict[str, tuple[libcst.BaseExpression, str]] = {}
    for event in events(task, "claim", application):
        if event.detail("name") == claim:
            tree = task.files.tree(event.step.place.path)
            value = value_at(tree, event.step.place)
            names = {name for name in names_in(value) if name not in BUILTINS} - targets_in(value)
            if len(names) != 1 or isinstance(value, libcst.Name):
                raise Refused(f'what fills the claim "{claim}" is no attribute of the user')
            (variable,) = names
            if not PERSONS & set(words(variable)):
                raise Refused(f'what fills the claim "{claim}" is no attribute of the user')
            found[tree.code(value).replace(variable, "·")] = (value, variable)
    if len(found) != 1:
        raise Refused(f'the claim "{claim}" is filled in more than one way' if found else f'what fills the claim "{claim}" is not known')
    return next(iter(found.values()))


def value_at(tree: Tree, place: Place) -> libcst.BaseExpression:
    """The value of the claim that enters at a place. Raises :class:`Refused`."""
    node = tree.at(place, libcst.BaseExpression)
    for around in (node, *tree.ancestors(node)) if node is not None else ():
        if isinstance(around, libcst.DictElement):
            return around.value
        if isinstance(around, libcst.Arg) and around.keyword is not None:
            return around.value
        if isinstance(around, libcst.Assign):
            return around.value
    raise Refused("what fills the claim stands in a form that is not known")


def targets_in(value: libcst.CSTNode) -> set[str]:
    """The names that comprehensions in an expression run over."""
    return {name for node in descendants(value) if isinstance(node, libcst.CompFor) for name in names_in(node.target)}


def row_in(tree: Tree, function: libcst.FunctionDef, reading: Reading) -> str:
    """The variable that holds the user's row where a claim is read: loaded by the token's subject, and known to be there.

    Raises :class:`Refused`.
    """
    spans = tree.spans(tree.index_of(function))
    at = spans[reading.node][:2]
    tainted = tainted_names(function, reading.base)
    for node in descendants(function):
        if not isinstance(node, libcst.Assign) or len(node.targets) != 1 or spans[node][:2] >= at:
            continue
        target = node.targets[0].target
        if not isinstance(target, libcst.Name) or not PERSONS & set(words(target.value)) or target.value == reading.base:
            continue
        loads = any(isinstance(one, libcst.Call) for one in descendants(node.value))
        if loads and tainted & set(names_in(node.value)) and len(list(assignments(function, target.value))) == 1:
            if not is_checked(tree, function, target.value, spans[node][2:], at):
                raise Refused(f"{target.value} may be missing where the claim is read; refuse that case first")
            return target.value
    for parameter in function.params.params:
        annotation = parameter.annotation.annotation if parameter.annotation is not None else None
        told = tree.code(annotation) if annotation is not None else ""
        told += tree.code(parameter.default) if parameter.default is not None else ""
        if parameter.name.value != reading.base and PERSONS & set(words(parameter.name.value)) and "Depends(" in told and "user" in told.lower():
            return parameter.name.value
    raise Refused("the user's row is not loaded where the claim is read; load it by the token's subject first")


def tainted_names(function: libcst.FunctionDef, base: str) -> set[str]:
    """The claims' variable, and those that are made of it."""
    found = {base}
    for _ in range(3):
        for node in descendants(function):
            if isinstance(node, libcst.Assign) and found & set(names_in(node.value)):
                for target in node.targets:
                    if isinstance(target.target, libcst.Name):
                        found.add(target.target.value)
    return found


def is_checked(tree: Tree, function: libcst.FunctionDef, name: str, after: tuple[int, int], before: tuple[int, int]) -> bool:
    """Whether, between two positions, a function asks if a variable is None or false."""
    spans = tree.spans(tree.index_of(function))
    for node in descendants(function):
        where = spans.get(node)
        if where is None or not after <= where[:2] < before:
            continue
        if isinstance(node, libcst.Comparison) and isinstance(node.left, libcst.Name) and node.left.value == name:
            operator = node.comparisons[0].operator
            if isinstance(operator, libcst.Is | libcst.IsNot | libcst.Equal | libcst.NotEqual):
                return True
        if isinstance(node, libcst.UnaryOperation) and isinstance(node.operator, libcst.Not):
            if isinstance(node.expression, libcst.Name) and node.expression.value == name:
                return True
        if isinstance(node, libcst.If) and isinstance(node.test, libcst.Name) and node.test.value == name:
            return True
    return False


def renamed(expression: libcst.BaseExpression, old: str, new: str) -> libcst.BaseExpression:
    """A copy of an expression that speaks of another variable."""

    class Renamer(libcst.CSTTransformer):
        def leave_Name(self, original_node: libcst.Name, updated_node: libcst.Name) -> libcst.Name:
            return updated_node.with_changes(value=new) if original_node.value == old else updated_node

        def leave_Attribute(self, original_node: libcst.Attribute, updated_node: libcst.Attribute) -> libcst.Attribute:
            return updated_node.with_changes(attr=original_node.attr)

    copy = expression.deep_clone().visit(Renamer())
    assert isinstance(copy, libcst.BaseExpression)
    return copy
