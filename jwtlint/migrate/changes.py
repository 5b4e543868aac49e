"""What a handler changes of a user: the statement that does it, and the code that names the user.

The user is read from that statement: ``user.set_password(…)``, ``user.password = …``, ``update_user(user, …)``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

import libcst

from jwtlint.editing.code import last_name, preferred_quote
from jwtlint.editing.draft import Draft
from jwtlint.editing.functions import assignments
from jwtlint.editing.recipe import Refused
from jwtlint.editing.tree import descendants
from jwtlint.facts.lifecycle import HandlerRole
from jwtlint.linker.vocabulary import PASSWORD_ATTRIBUTES, words
from jwtlint.migrate.calls import is_taken
from jwtlint.migrate.study import Study

PERSONS = frozenset("user users account member customer person owner admin employee profile me".split())
WRITES = frozenset("update change set reset save edit patch modify store write put apply assign".split())
NO_ROWS = frozenset("in data update form body input schema dto request payload repo service crud".split())
OTHERS = frozenset("current old confirm confirmation repeat hash hashed".split())  # of a password, that are no new one
SUPPRESSED = re.compile(r"hash|verify|check|valid|compare|encrypt", re.IGNORECASE)


class Change(NamedTuple):
    """A statement that changes something of a user, the code that names the user ("" for the request's own), and the code of a test
    that must hold for it to be a change of the password ("" for none)."""

    statement: libcst.CSTNode
    user: str
    test: str = ""


def find_change(study: Study, draft: Draft, function: libcst.FunctionDef, role: HandlerRole) -> Change | None:
    """The change in a handler, looked for from the surest sign to the weakest."""
    finders = (by_method, by_attribute, by_serializer, by_writer) if role == "password-change" else (by_attribute_of_user, by_writer)
    for finder in finders:
        found = finder(study, draft, function, role)
        if found is not None:
            return found
    return None


def by_method(study: Study, draft: Draft, function: libcst.FunctionDef, role: HandlerRole) -> Change | None:
    """``user.set_password(…)``, or ``accounts.set_password(user, …)``, whose owner is no user."""
    for call in calls(function):
        if isinstance(call.func, libcst.Attribute) and {"set", "password"} <= set(words(call.func.attr.value)):
            given = [arg.value.value for arg in call.args if isinstance(arg.value, libcst.Name)] if len(call.args) > 1 else []
            persons = [name for name in given if PERSONS & set(words(name)) and is_object(draft, function, name)]
            return changed_at(draft, function, call, persons[0] if persons else draft.tree.code(call.func.value))
    return None


def by_attribute(study: Study, draft: Draft, function: libcst.FunctionDef, role: HandlerRole) -> Change | None:
    """``user.hashed_password = …``"""
    for node in descendants(function):
        if isinstance(node, libcst.Assign):
            target = node.targets[0].target
            if isinstance(target, libcst.Attribute) and target.attr.value in PASSWORD_ATTRIBUTES:
                return changed_at(draft, function, node, draft.tree.code(target.value))
    return None


def by_attribute_of_user(study: Study, draft: Draft, function: libcst.FunctionDef, role: HandlerRole) -> Change | None:
    """``user.role = …``, ``user.is_active = False``"""
    for node in descendants(function):
        if isinstance(node, libcst.Assign):
            target = node.targets[0].target
            if isinstance(target, libcst.Attribute) and is_person(target.value):
                return changed_at(draft, function, node, draft.tree.code(target.value))
    return None


def by_writer(study: Study, draft: Draft, function: libcst.FunctionDef, role: HandlerRole) -> Change | None:
    """``update_user(db, user, data)``: a call whose name says that it writes, and which is given a person."""
    for call, user in writers(draft, function):
        return written_at(study, draft, function, call, user, role)
    return None


def writers(draft: Draft, function: libcst.FunctionDef) -> Iterator[tuple[libcst.Call, str]]:
    """The calls that write what came with the request into a user's row, and the user's name."""
    for call in calls(function):
        name = last_name(call.func)
        if not WRITES & set(words(name)) or SUPPRESSED.search(name):
            continue
        for arg in call.args:
            value = arg.value
            if isinstance(value, libcst.Name) and PERSONS & set(words(value.value)) and is_object(draft, function, value.value):
                yield call, value.value
                break
        if isinstance(call.func, libcst.Attribute) and isinstance(call.func.value, libcst.Name):
            owner = call.func.value.value
            if PERSONS & set(words(owner)) and is_object(draft, function, owner):
                yield call, owner


def by_serializer(study: Study, draft: Draft, function: libcst.FunctionDef, role: HandlerRole) -> Change | None:
    """``serializer.save()`` of Django REST framework, in a view of the user's own account."""
    parameters = {parameter.name.value for parameter in function.params.params}
    for call in calls(function):
        owner = call.func.value if isinstance(call.func, libcst.Attribute) and call.func.attr.value == "save" else None
        if not isinstance(owner, libcst.Name) or "serializer" not in words(owner.value):
            continue
        user = "request.user" if "request" in parameters else "self.request.user" if "self" in parameters else ""
        if user and f"{user}" in draft.tree.code(function):
            quote = preferred_quote(draft.tree)
            return changed_at(draft, function, call, user, f"{quote}password{quote} in {owner.value}.validated_data")
    return None


def is_object(draft: Draft, function: libcst.FunctionDef, name: str) -> bool:
    """Whether a name stands for a row rather than for data that came with the request: it is loaded in the function, or a dependency
    gives it."""
    if NO_ROWS & set(words(name)):
        return False
    if any(True for _ in assignments(function, name)):
        return True
    for parameter in (*function.params.params, *function.params.kwonly_params):
        if parameter.name.value == name:
            annotation = draft.tree.code(parameter.annotation.annotation) if parameter.annotation is not None else ""
            default = draft.tree.code(parameter.default) if parameter.default is not None else ""
            return "Depends(" in annotation + default or "Security(" in default or "urrent" in annotation or "current" in words(name)
    return is_taken(draft.tree.module, name)


def written_at(study: Study, draft: Draft, function: libcst.FunctionDef, call: libcst.Call, user: str, role: HandlerRole) -> Change | None:
    """The change that a general writer makes. Of a password only if what came with the request has one; None if it has none."""
    if role != "password-change":
        return changed_at(draft, function, call, user)
    given = password_given(study, draft, function)
    return None if given is None else changed_at(draft, function, call, user, given)


def password_given(study: Study, draft: Draft, function: libcst.FunctionDef) -> str | None:
    """The test of whether an update carries a password: ``data.password``, for a parameter whose class has such an optional field; ""
    where every call carries one; None where nothing speaks of one."""
    for parameter in (*function.params.params, *function.params.kwonly_params):
        if "password" in words(parameter.name.value):
            return ""
        for field, optional in fields_of(study, draft, function, parameter):
            if "password" in words(field) and not OTHERS & set(words(field)):
                return f"{parameter.name.value}.{field}" if optional else ""
    return None


def switches(study: Study, draft: Draft, function: libcst.FunctionDef, active: str, inactive: str) -> Iterator[Change]:
    """The changes that may switch an account off. ``active`` is the user's attribute that must hold for a login, ``inactive`` the one
    that must not; "" for none."""
    for node in descendants(function):
        if isinstance(node, libcst.Assign):
            target = node.targets[0].target
            if isinstance(target, libcst.Attribute) and target.attr.value in {active, inactive} - {""} and is_person(target.value):
                test = off(draft.tree.code(target), target.attr.value == inactive, node.value)
                change = None if test is None else changed_at(draft, function, node, draft.tree.code(target.value), test)
                if change is not None:
                    yield change
    for call, user in writers(draft, function):
        for parameter in (*function.params.params, *function.params.kwonly_params):
            for field, _ in fields_of(study, draft, function, parameter):
                if field and field in (active, inactive):
                    code = f"{parameter.name.value}.{field}"
                    change = changed_at(draft, function, call, user, code if field == inactive else f"{code} is False")
                    if change is not None:
                        yield change


def off(code: str, is_inactive: bool, value: libcst.BaseExpression) -> str | None:
    """The test of whether an assignment has switched an account off; "" where it surely has, None where it surely has not."""
    if isinstance(value, libcst.Name) and value.value in ("True", "False"):
        return "" if (value.value == "True") == is_inactive else None
    return code if is_inactive else f"not {code}"


def is_person(node: libcst.BaseExpression) -> bool:
    """Whether a name says that it is a user."""
    return isinstance(node, libcst.Name) and bool(PERSONS & set(words(node.value)))


def class_named(annotation: libcst.BaseExpression) -> str:
    """The class in an annotation (``Update``, ``schemas.Update``, ``Annotated[Update, …]``)."""
    if isinstance(annotation, libcst.Subscript):
        first = annotation.slice[0].slice
        return class_named(first.value) if isinstance(first, libcst.Index) else ""
    return last_name(annotation) if isinstance(annotation, libcst.Name | libcst.Attribute) else ""


def fields_of(study: Study, draft: Draft, function: libcst.FunctionDef, parameter: libcst.Param) -> Iterator[tuple[str, bool]]:
    """The fields of what a parameter brings with the request, and whether they may be missing."""
    if parameter.annotation is None or is_object(draft, function, parameter.name.value):
        return
    class_ = class_named(parameter.annotation.annotation)
    if class_:
        yield from fields(study, class_)


def fields(study: Study, name: str, depth: int = 3) -> Iterator[tuple[str, bool]]:
    """The annotated fields of a class of the application's, and whether they may be missing."""
    for path in study.files.mentioning(f"class {name}"):
        try:
            tree = study.files.tree(path)
        except Refused:
            continue
        for node in tree.module.body:
            if not isinstance(node, libcst.ClassDef) or node.name.value != name:
                continue
            for statement in descendants(node.body):
                if isinstance(statement, libcst.AnnAssign) and isinstance(statement.target, libcst.Name):
                    annotation = tree.code(statement.annotation.annotation)
                    yield statement.target.value, "None" in annotation or "Optional" in annotation
            if depth:
                for base in node.bases:
                    yield from fields(study, last_name(base.value), depth - 1)


def calls(function: libcst.FunctionDef) -> Iterator[libcst.Call]:
    """The calls in a function's body, in textual order."""
    for node in descendants(function.body):
        if isinstance(node, libcst.Call):
            yield node


def changed_at(draft: Draft, function: libcst.FunctionDef, node: libcst.CSTNode, user: str, test: str = "") -> Change | None:
    """A change in the statement around a node: one on a line of its own, and no ``return``."""
    line = draft.tree.around(node, libcst.SimpleStatementLine)
    if line is None or any(isinstance(one, libcst.Return | libcst.Raise) for one in line.body):
        return None
    return Change(line, user, test)
