"""Takes a signing key out of the source and reads it from the environment, with no default (OWASP ASVS 5.0, 13.3.1).

Unsafe: the program does not start until somebody sets the variable; and the key that was published has to be changed.
"""

from __future__ import annotations

import re

import libcst

from jwtlint.editing.code import constant, dotted, expression, last_name, quoted, replaceable, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.layout import without_argument
from jwtlint.editing.recipe import Proposal, Refused, Task
from jwtlint.editing.settings import holder_of, name_of
from jwtlint.editing.tree import Tree, descendants

READERS = frozenset(("getenv", "get", "config", "Config", "env", "str", "environ", "getEnv"))
KEY_WORD = re.compile(r"key|secret|token|jwt|password|salt|sign", re.IGNORECASE)


def mend(task: Task) -> Proposal:
    """Read the key from the environment. Raises :class:`Refused`."""
    tree = task.files.tree(task.finding.place.path)
    literal = tree.at(task.finding.place, libcst.SimpleString, libcst.ConcatenatedString)
    if literal is None:
        raise Refused("the key is put together out of several parts")
    text = text_of(literal)
    if text is None:
        raise Refused("the key is no text")
    draft = Draft(tree)
    parent = tree.parents[literal]
    if isinstance(parent, libcst.BooleanOperation) and isinstance(parent.operator, libcst.Or) and parent.right is literal:
        return without_fallback(draft, parent)
    if isinstance(parent, libcst.Arg):
        call = tree.parents[parent]
        if isinstance(call, libcst.Call) and last_name(call.func) in READERS and call.args[0] is not parent:
            return without_default(draft, call, parent)
        if isinstance(call, libcst.Call) and last_name(call.func) == "Field" and is_settings_class(tree, literal):
            return required_field(draft, call, parent)
    holder = holder_of(tree, literal)
    if holder is not None and isinstance(holder, libcst.AnnAssign) and holder.value is literal and is_settings_class(tree, holder):
        # pydantic reads the variable by itself, and fails without it
        draft.replace(holder, holder.with_changes(value=None, equal=libcst.MaybeSentinel.DEFAULT))
        return Proposal(f"take the default of {name_of(holder)} away, so that it must be set", "unsafe", (draft,))
    name = name_of(holder) if holder is not None and not isinstance(holder, libcst.Arg) else None
    places = [literal] if name is not None else same_literals(task, tree, literal)
    variable = variable_for(name)
    for place in places:
        draft.replace(place, replaceable(place, environment(draft, variable, place)))
    return Proposal(f"read the key from the environment variable {variable}", "unsafe", (draft,))


def environment(draft: Draft, variable: str, literal: libcst.BaseExpression) -> str:
    """The code that reads a variable, with the import it needs."""
    known = draft.imports.known("os", "environ")
    base = known if known is not None else f"{draft.imports.module('os')}.environ"
    return f"{base}[{quoted(draft.tree, variable, literal)}]"


def variable_for(name: str | None) -> str:
    """A name for the variable, after that of the setting."""
    if name is None:
        return "JWT_SECRET_KEY"
    plain = re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).strip("_").upper()
    return plain if KEY_WORD.search(plain) else f"{plain}_KEY"


def without_fallback(draft: Draft, operation: libcst.BooleanOperation) -> Proposal:
    """``os.environ.get("KEY") or "literal"``: only the first half, and it must be there."""
    left = operation.left
    if not isinstance(left, libcst.Call):
        raise Refused("what the key falls back from has a form that is not known")
    new = strict(draft, left)
    if operation.lpar:
        new = new.with_changes(lpar=operation.lpar, rpar=operation.rpar)
    draft.replace(operation, new)
    return Proposal("take the default of the key away, so that it must be set", "unsafe", (draft,))


def without_default(draft: Draft, call: libcst.Call, default: libcst.Arg) -> Proposal:
    """A reader with a default: without it, and such that it fails where nothing is set."""
    if is_environment(call):
        others = [arg for arg in call.args if arg is not default]
        if len(others) != 1:
            raise Refused("the call that reads the key has a form that is not known")
        draft.replace(call, strict(draft, call))
    else:
        # decouple, environs, starlette: they fail by themselves
        draft.replace(call, without_argument(call, default))
    return Proposal("take the default of the key away, so that it must be set", "unsafe", (draft,))


def required_field(draft: Draft, call: libcst.Call, default: libcst.Arg) -> Proposal:
    """pydantic's ``Field("literal", …)`` in a settings class: ``Field(..., …)``, which says that the variable must be set."""
    if default.keyword is not None:
        draft.replace(call, without_argument(call, default))
    else:
        draft.replace(default.value, libcst.Ellipsis())
    return Proposal("take the default of the key away, so that it must be set", "unsafe", (draft,))


def is_environment(call: libcst.Call) -> bool:
    """Whether a call reads the environment as the standard library does: ``os.getenv``, ``os.environ.get``."""
    name = dotted(call.func)
    return name.endswith(("getenv", "environ.get"))


def strict(draft: Draft, call: libcst.Call) -> libcst.BaseExpression:
    """``os.environ[name]`` in the place of ``os.getenv(name, …)``."""
    if not is_environment(call) or call.args[0].keyword is not None:
        raise Refused("the call that reads the key has a form that is not known")
    name = draft.tree.code(call.args[0].value)
    if isinstance(call.func, libcst.Attribute) and call.func.attr.value == "get":
        base = draft.tree.code(call.func.value)
    elif isinstance(call.func, libcst.Attribute):
        base = f"{draft.tree.code(call.func.value)}.environ"
    else:
        base = draft.imports.known("os", "environ") or f"{draft.imports.module('os')}.environ"
    return expression(f"{base}[{name}]")


def is_settings_class(tree: Tree, node: libcst.CSTNode) -> bool:
    """Whether a field belongs to a class of settings that are read from the environment (pydantic's ``BaseSettings``)."""
    class_ = tree.around(node, libcst.ClassDef)
    return class_ is not None and any(last_name(base.value).endswith("Settings") for base in class_.bases)


def same_literals(task: Task, tree: Tree, literal: libcst.BaseExpression) -> list[libcst.BaseExpression]:
    """Every place where a key stands that has no name: all of them are in this file, or there is no fix.

    Raises :class:`Refused`.
    """
    value = constant(literal)
    assert isinstance(value, str)
    for path in task.files.mentioning(value):
        if path != tree.source.path:
            raise Refused(f"the same key stands in {path} too; give it a name first, and use that in both")
    found: list[libcst.BaseExpression] = []
    for index, statement in enumerate(tree.module.body):
        if value in tree.text_of(index):
            tree.spans(index)
            for node in descendants(statement):
                if isinstance(node, libcst.SimpleString) and text_of(node) == value:
                    if not isinstance(tree.parents.get(node), libcst.Arg):
                        raise Refused("the same text stands elsewhere in the file; give the key a name first")
                    found.append(node)
    return found
