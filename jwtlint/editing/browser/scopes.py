"""Names of scripts: where they are declared, in which block they are known, and where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from jwtlint.editing.browser.front_end import arguments_of
from jwtlint.editing.browser.storage import FUNCTION_TYPES
from jwtlint.editing.scripts import Script

if TYPE_CHECKING:
    from tree_sitter import Node


def is_function(node: Node) -> bool:
    """Whether a node is a function."""
    return node.type in FUNCTION_TYPES and node.is_named


def scope_of(script: Script, name: Node) -> Node:
    """The block that a variable is known in, found by its declaration; the whole file where it is not declared around it."""
    word = script.code(name)
    here = name.parent
    while here is not None:
        if here.type in ("statement_block", "program", "switch_body") or is_function(here):
            if any(is_declaration(node) and block_of(node) == here for node in mentions_in(script, here, word, shadowed=False)):
                return here
        here = here.parent
    return script.root


def block_of(declared: Node) -> Node | None:
    """The block in which a declared name is known."""
    here = declared.parent
    if here is not None and here.type == "function_declaration" and here.child_by_field_name("name") == declared:
        here = here.parent
    while here is not None and here.type not in ("statement_block", "program", "switch_body") and not is_function(here):
        here = here.parent
    return here


def is_declaration(node: Node) -> bool:
    """Whether a name is declared where it stands: a variable, a parameter, a function or an import."""
    here, parent = node, node.parent
    while parent is not None and (
        parent.type in ("array_pattern", "object_pattern", "rest_pattern", "required_parameter", "optional_parameter", "formal_parameters")
        or (parent.type in ("assignment_pattern", "object_assignment_pattern") and parent.child_by_field_name("left") == here)
        or (parent.type == "pair_pattern" and parent.child_by_field_name("value") == here)
    ):
        if parent.type == "formal_parameters":
            return True
        here, parent = parent, parent.parent
    if parent is None:
        return False
    if parent.type == "variable_declarator" or parent.type in ("function_declaration", "class_declaration"):
        return parent.child_by_field_name("name") == here
    if parent.type == "arrow_function":
        return parent.child_by_field_name("parameter") == here
    return parent.type in ("import_specifier", "import_clause", "namespace_import")


def is_definition(node: Node) -> bool:
    """Whether a name is that of a function which is defined here."""
    parent = node.parent
    if parent is None:
        return False
    if parent.type in ("function_declaration", "generator_function_declaration", "method_definition"):
        return parent.child_by_field_name("name") == node
    if parent.type in ("variable_declarator", "public_field_definition", "field_definition"):
        return node in (parent.child_by_field_name("name"), parent.child_by_field_name("property"))
    if parent.type == "pair" and parent.child_by_field_name("key") == node:
        value = parent.child_by_field_name("value")
        return value is not None and is_function(value)
    return False


def is_other_variable(script: Script, node: Node) -> bool:
    """Whether a name is that of a variable or parameter which has got a value of its own, and is no function."""
    for one in mentions_in(script, scope_of(script, node), script.code(node)):
        if is_declaration(one) and one.parent is not None:
            if one.parent.type == "variable_declarator":
                value = one.parent.child_by_field_name("value")
                given = [one for one in arguments_of(value) if is_function(one)] if value is not None else []
                return value is not None and not is_function(value) and not given
            return one.parent.type in ("formal_parameters", "required_parameter", "optional_parameter", "arrow_function")
    return False


def mentions_in(script: Script, scope: Node, word: str, shadowed: bool = True) -> Iterator[Node]:
    """Where a name stands in a scope. What inner functions and blocks declare anew is another variable, unless not ``shadowed``."""
    waiting = [scope]
    wanted = word.encode()
    while waiting:
        node = waiting.pop()
        if shadowed and node != scope and (node.type == "statement_block" or is_function(node)) and declares(script, node, word):
            continue
        if not node.children:
            if node.text == wanted and node.type in (
                "identifier",
                "shorthand_property_identifier",
                "shorthand_property_identifier_pattern",
            ):
                yield node
        else:
            waiting.extend(reversed(node.children))


def declares(script: Script, block: Node, word: str) -> bool:
    """Whether a function or a block declares a name of its own."""
    return any(is_declaration(node) and block_of(node) == block for node in mentions_in(script, block, word, shadowed=False))
