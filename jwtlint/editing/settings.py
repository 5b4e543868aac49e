"""Settings in code: where one stands, and how another is written beside it in the same form.

The forms: ``NAME = value``, ``name: type = value``, ``config["NAME"] = value``, ``config.NAME = value``, an entry of a dictionary, a
keyword of a call.
"""

from __future__ import annotations

from collections.abc import Iterator

import libcst

from jwtlint.editing.code import expression, keyword, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.layout import with_argument, with_entry
from jwtlint.editing.recipe import Refused
from jwtlint.editing.tree import Tree

Holder = libcst.Assign | libcst.AnnAssign | libcst.DictElement | libcst.Arg


def holder_of(tree: Tree, value: libcst.CSTNode) -> Holder | None:
    """The assignment, entry or keyword whose value a node is, or lies in."""
    for node in tree.ancestors(value):
        if isinstance(node, libcst.Assign | libcst.AnnAssign | libcst.DictElement):
            return node
        if isinstance(node, libcst.Arg) and node.keyword is not None:
            return node
        if isinstance(node, libcst.BaseStatement | libcst.BaseSmallStatement):
            return None
    return None


def name_of(holder: Holder) -> str | None:
    """The name of a setting; None where it cannot be told."""
    if isinstance(holder, libcst.DictElement):
        return text_of(holder.key)
    if isinstance(holder, libcst.Arg):
        return holder.keyword.value if holder.keyword is not None else None
    target = holder.target if isinstance(holder, libcst.AnnAssign) else holder.targets[0].target if len(holder.targets) == 1 else None
    return target_name(target)


def target_name(target: libcst.CSTNode | None) -> str | None:
    """The name that an assignment's target gives to a setting."""
    if isinstance(target, libcst.Name):
        return target.value
    if isinstance(target, libcst.Attribute):
        return target.attr.value
    if isinstance(target, libcst.Subscript) and len(target.slice) == 1 and isinstance(target.slice[0].slice, libcst.Index):
        return text_of(target.slice[0].slice.value)
    return None


def settings_named(tree: Tree, name: str) -> Iterator[Holder]:
    """Every assignment, entry or keyword of a name in a file."""
    for index in range(len(tree.module.body)):
        if name not in tree.text_of(index):
            continue
        for node in tree.spans(index):
            if isinstance(node, libcst.Assign | libcst.AnnAssign | libcst.DictElement):
                if name_of(node) == name:
                    yield node
            elif isinstance(node, libcst.Arg) and node.keyword is not None and node.keyword.value == name:
                yield node


def add_beside(draft: Draft, holder: Holder, name: str, value: str, annotation: str) -> None:
    """Write another setting after one, in the same form. Raises :class:`Refused`."""
    tree = draft.tree
    if isinstance(holder, libcst.DictElement):
        mapping = tree.parents.get(holder)
        if not isinstance(mapping, libcst.Dict):
            raise Refused("the setting stands in an unusual place")
        quote = tree.code(holder.key)[:1]
        quote = quote if quote in ("'", '"') else '"'
        draft.replace(mapping, with_entry(mapping, libcst.DictElement(expression(f"{quote}{name}{quote}"), expression(value))))
        return
    if isinstance(holder, libcst.Arg):
        call = tree.parents.get(holder)
        if not isinstance(call, libcst.Call):
            raise Refused("the setting stands in an unusual place")
        draft.replace(call, with_argument(call, keyword(name, value)))
        return
    line = tree.parents.get(holder)
    if not isinstance(line, libcst.SimpleStatementLine):
        raise Refused("the setting stands in an unusual place")
    target = holder.target if isinstance(holder, libcst.AnnAssign) else holder.targets[0].target
    left = tree.code(renamed(target, name))
    if isinstance(holder, libcst.AnnAssign):
        left = f"{left}: {annotation}"
    new = libcst.parse_statement(f"{left} = {value}", config=tree.module.config_for_parsing)
    draft.replace(line, libcst.FlattenSentinel([line, new]))


def renamed(target: libcst.BaseExpression, name: str) -> libcst.BaseExpression:
    """A target for another setting."""
    if isinstance(target, libcst.Name):
        return target.with_changes(value=name)
    if isinstance(target, libcst.Attribute):
        return target.with_changes(attr=libcst.Name(name))
    if isinstance(target, libcst.Subscript) and len(target.slice) == 1:
        element = target.slice[0]
        if isinstance(element.slice, libcst.Index) and isinstance(element.slice.value, libcst.SimpleString):
            string = element.slice.value
            new = string.with_changes(value=f"{string.prefix}{string.quote}{name}{string.quote}")
            return target.with_changes(slice=[element.with_changes(slice=element.slice.with_changes(value=new))])
    raise Refused("the setting stands in an unusual place")
