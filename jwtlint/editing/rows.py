"""The user's row in a function that has a token's claims: which variable holds it, and how a claim is read from it instead."""

from __future__ import annotations

import re
from collections.abc import Iterator

import libcst

from jwtlint.editing.claims import PERSONS, Reading, entering
from jwtlint.editing.code import expression, last_name, names_in, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.functions import assignments, function_of
from jwtlint.editing.recipe import Refused, Task
from jwtlint.editing.tokens import events
from jwtlint.editing.tree import Span, Tree, descendants
from jwtlint.facts.lifecycle import Place
from jwtlint.linker.vocabulary import words

NO_PERSONS = frozenset(
    "form data body request payload claims token settings config credentials schema args old response input options extra".split()
)
LOADS = frozenset("get load find fetch one first scalar scalars query filter where select by read lookup resolve retrieve user".split())
SUBJECTS = frozenset({"sub", "user_id", "uid", "username"})
STATELESS = ("JWTStatelessUserAuthentication", "JWTTokenUserAuthentication")
ROW_LOADING = frozenset({"djangorestframework-simplejwt", "djangorestframework-jwt", "dj-rest-auth", "djoser"})
BUILTINS = frozenset({"str", "bool", "list", "sorted", "set", "tuple", "int", "getattr", "hasattr", "len", "any", "all"})


def read_from_row(task: Task, draft: Draft, reading: Reading, claim: str, application: str | None) -> None:
    """Put a read of the user's row in the place of a read of a claim. Raises :class:`Refused`."""
    tree = reading.tree
    if isinstance(reading.node, libcst.Comparison):
        raise Refused(f'whether the claim "{claim}" is there is asked in {tree.source.path}:{reading.line}')
    function = function_of(tree, reading.node)
    if function is None:
        raise Refused("the claim is read outside of functions")
    row = row_in(task, draft, function, reading)
    source, variable = source_of(task, claim, application)
    draft.replace(reading.node, renamed(source, variable, row))


def source_of(task: Task, claim: str, application: str | None) -> tuple[libcst.BaseExpression, str]:
    """What fills a claim where it is minted, and the variable in it that is the user. Raises :class:`Refused`."""
    found: dict[str, tuple[libcst.BaseExpression, str]] = {}
    for place in sorted(entering(task, claim, application)):
        tree = task.files.tree(place.path)
        value = value_at(tree, place)
        names = {name for name in names_in(value) if name not in BUILTINS} - targets_in(value)
        if len(names) != 1 or isinstance(value, libcst.Name) or NO_PERSONS & set(words(next(iter(names)))):
            raise Refused(f'what fills the claim "{claim}" is no attribute of the user')
        (variable,) = names
        found[re.sub(rf"\b{re.escape(variable)}\b", "·", tree.code(value))] = (value, variable)
    if len(found) != 1:
        raise Refused(f'the claim "{claim}" is filled in more than one way' if found else f'what fills the claim "{claim}" is not known')
    return next(iter(found.values()))


def value_at(tree: Tree, place: Place) -> libcst.BaseExpression:
    """The value of the claim that enters at a place. Raises :class:`Refused`."""
    node = tree.expression_at(place) or tree.at(place, libcst.Assign) or tree.at(place, libcst.Arg)
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


def row_in(task: Task, draft: Draft, function: libcst.FunctionDef, reading: Reading) -> str:
    """The code that stands for the user's row where a claim is read: loaded by the token's subject, and known to be there.

    Raises :class:`Refused`.
    """
    tree = reading.tree
    spans = tree.spans(tree.index_of(function))
    at = spans[reading.node][:2]
    base = tree.code(reading.base)
    if isinstance(reading.base, libcst.Name):
        for name, after in loaded(tree, function, reading.base.value):
            if after[2:] <= at:
                if not is_checked(tree, function, name, after[2:], at):
                    raise Refused(f"{name} may be missing where the claim is read; refuse that case first")
                return name
    elif isinstance(reading.base, libcst.Attribute):
        beside = kept_beside(task, reading.base, base, tree) or by_rest_framework(task, reading.base, tree)
        if beside is not None:
            return beside
    elif isinstance(reading.base, libcst.Call) and last_name(reading.base.func) in ("get_jwt", "get_raw_jwt", "get_jwt_claims"):
        # Flask-JWT-Extended's ``current_user`` is what the application's own loader gives
        if any(True for loader in ("user_lookup_loader", "user_loader_callback_loader") for _ in task.files.mentioning(loader)):
            return draft.imports.name("flask_jwt_extended", "current_user")
    for parameter in function.params.params:
        annotation = parameter.annotation.annotation if parameter.annotation is not None else None
        told = tree.code(annotation) if annotation is not None else ""
        told += tree.code(parameter.default) if parameter.default is not None else ""
        is_person = PERSONS & set(words(parameter.name.value))
        if parameter.name.value != base and is_person and ("Depends(" in told or "current" in words(told)) and PERSONS & set(words(told)):
            return parameter.name.value
    raise Refused("the user's row is not loaded where the claim is read; load it by the token's subject first")


def by_rest_framework(task: Task, base: libcst.Attribute, tree: Tree) -> str | None:
    """``request.user`` for ``request.auth``: Django REST framework's JWT authentication loads the row, unless a stateless one is chosen."""
    if base.attr.value != "auth" or last_name(base.value) != "request":
        return None
    if any(True for word in STATELESS for _ in task.files.mentioning(word)):
        return None
    if not any(event.detail("library") in ROW_LOADING for event in events(task, "mint")):
        return None
    return f"{tree.code(base.value)}.user"


def loaded(tree: Tree, function: libcst.FunctionDef, base: str) -> Iterator[tuple[str, Span]]:
    """The variables of a function that are loaded by what the claims say, each assigned once, with the place of the assignment."""
    spans = tree.spans(tree.index_of(function))
    tainted = tainted_names(function, base)
    for node in descendants(function):
        if not isinstance(node, libcst.Assign) or len(node.targets) != 1:
            continue
        target = node.targets[0].target
        if not isinstance(target, libcst.Name) or target.value == base or len(list(assignments(function, target.value))) != 1:
            continue
        for call in descendants(node.value):
            if isinstance(call, libcst.Call) and call.args and is_load(call, target.value) and tainted & set(names_in(node.value)):
                yield target.value, spans[node]
                break


def is_load(call: libcst.Call, variable: str) -> bool:
    """Whether a call loads a row, rather than converting or reading a claim: by its name, or by that of the variable it fills."""
    name = set(words(last_name(call.func)))
    if name & {"decode", "int", "str", "UUID", "uuid", "uuid4", "split", "loads", "model", "validate", "parse"}:
        return False
    told = {word for arg in call.args for one in names_in(arg) for word in words(one)}
    by_subject = any(text_of(node) in SUBJECTS for node in descendants(call) if isinstance(node, libcst.SimpleString))
    return bool(LOADS & name) and (by_subject or bool(PERSONS & (name | set(words(variable)) | told)))


def kept_beside(task: Task, base: libcst.Attribute, code: str, tree: Tree) -> str | None:
    """Where claims are kept on an object (``g.claims``), the attribute of the same object on which their user's row is kept."""
    owner = tree.code(base.value)
    for path in task.files.mentioning(code):
        try:
            other = task.files.tree(path)
        except Refused:
            continue
        for index, statement in enumerate(other.module.body):
            if code not in other.text_of(index):
                continue
            other.spans(index)
            for function in descendants(statement):
                if isinstance(function, libcst.FunctionDef):
                    found = kept_in(other, function, owner, code)
                    if found is not None:
                        return found
    return None


def kept_in(tree: Tree, function: libcst.FunctionDef, owner: str, code: str) -> str | None:
    """The attribute for the row, in a function that keeps the claims as ``code``."""
    kept = {
        tree.code(node.targets[0].target): node
        for node in descendants(function)
        if isinstance(node, libcst.Assign) and len(node.targets) == 1 and isinstance(node.targets[0].target, libcst.Attribute)
    }
    claims = kept.get(code)
    if claims is None or not isinstance(claims.value, libcst.Name):
        return None
    spans = tree.spans(tree.index_of(function))
    rows = dict(loaded(tree, function, claims.value.value))
    for name, node in kept.items():
        if name.rpartition(".")[0] == owner and isinstance(node.value, libcst.Name) and node.value.value in rows:
            if is_checked(tree, function, node.value.value, rows[node.value.value][2:], spans[node][:2]):
                return name
    return None


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


def renamed(value: libcst.BaseExpression, old: str, new: str) -> libcst.BaseExpression:
    """A copy of an expression that speaks of another variable, or of an attribute in its place (``g.user``)."""
    row = expression(new)

    class Renamer(libcst.CSTTransformer):
        def leave_Name(self, original_node: libcst.Name, updated_node: libcst.Name) -> libcst.BaseExpression:
            return row.deep_clone() if original_node.value == old else updated_node

        def leave_Arg(self, original_node: libcst.Arg, updated_node: libcst.Arg) -> libcst.Arg:
            return updated_node.with_changes(keyword=original_node.keyword)

        def leave_Attribute(self, original_node: libcst.Attribute, updated_node: libcst.Attribute) -> libcst.Attribute:
            return updated_node.with_changes(attr=original_node.attr)

    copy = value.deep_clone().visit(Renamer())
    assert isinstance(copy, libcst.BaseExpression)
    return copy.with_changes(lpar=[], rpar=[]) if isinstance(copy, libcst.Attribute) else copy
