"""Forms in which scripts send a token, or share it with components."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from jwtlint.editing.browser.front_end import callee_of, last_name, object_of
from jwtlint.editing.browser.scopes import is_function, mentions_in, scope_of
from jwtlint.editing.browser.storage import name_of
from jwtlint.editing.scripts import Script

if TYPE_CHECKING:
    from tree_sitter import Node

PASSING = frozenset("parenthesized_expression await_expression as_expression satisfies_expression non_null_expression".split())
HEADER_OBJECTS = frozenset(("headers", "setHeaders", "common", "Headers", "HttpHeaders", "AxiosHeaders"))
CLIENTS = frozenset(("setConfig", "createClient", "createConfig"))


def shares(script: Script, holder: Node) -> str:
    """How an object is given to components: as the value of a ``context``, by a ``hook``, as the state of a ``store``; "" for none."""
    parent = holder.parent
    while parent is not None and parent.type in PASSING:
        parent = parent.parent
    if parent is None:
        return ""
    if parent.type == "jsx_expression" and parent.parent is not None and parent.parent.type == "jsx_attribute":
        return "context" if script.code(parent.parent).startswith("value") else ""
    if parent.type == "pair":
        key = parent.child_by_field_name("key")
        return "store" if key is not None and script.code(key) == "state" else ""
    if parent.type == "variable_declarator":
        name = parent.child_by_field_name("name")
        if name is None or name.type != "identifier":
            return ""
        if script.code(name) in ("state", "initialState"):
            return "store"
        used = [one.parent for one in mentions_in(script, scope_of(script, name), script.code(name)) if one != name]
        given = [one for one in used if one is not None and one.type == "jsx_expression" and one.parent is not None]
        return "context" if any(script.code(one.parent or one).startswith("value") for one in given) else ""
    if parent.type not in ("return_statement", "arrow_function"):
        return ""
    function: Node | None = parent
    while function is not None and not is_function(function):
        function = function.parent
    if function is None:
        return ""
    name_ = name_of(script, function)
    call = function.parent.parent if function.parent is not None and function.parent.type == "arguments" else None
    giver = last_name(script, callee_of(call)) if call is not None else ""
    if giver == "defineStore" or name_ == "state":
        return "store"
    if giver == "useMemo" and call is not None:
        return shares(script, call) if call.parent is not None and call.parent.type != "return_statement" else "context"
    return "hook" if re.match(r"use[A-Z]", name_) else ""


def is_dependency(script: Script, array: Node) -> bool:
    """Whether a list is that of a hook's dependencies."""
    call = array.parent.parent if array.parent is not None and array.parent.type == "arguments" else None
    return call is not None and last_name(script, callee_of(call)).startswith("use")


def is_openapi(script: Script, left: Node) -> bool:
    """Whether an assignment goes to the token of a generated client (openapi-typescript-codegen)."""
    return left.type == "member_expression" and script.code(left).endswith("OpenAPI.TOKEN")


def is_client(script: Script, pair: Node) -> bool:
    """Whether an entry is the token of a generated client (hey-api's ``client.setConfig({ auth })``)."""
    key = pair.child_by_field_name("key")
    given = pair.parent.parent if pair.parent is not None else None
    call = given.parent if given is not None and given.type == "arguments" else None
    return (
        key is not None
        and script.code(key) == "auth"
        and call is not None
        and last_name(script, callee_of(call)) in CLIENTS
    )


def names_header(script: Script, node: Node, held: Node | None) -> bool:
    """Whether the first argument of a setter names a header."""
    name = script.code(node).strip("\"'`").lower()
    return name == "authorization" or (held is not None and last_name(script, held) in ("headers", "common"))


def is_header(script: Script, left: Node) -> bool:
    """Whether an assignment goes to a header: ``config.headers.Authorization``, ``headers["Authorization"]``."""
    if left.type not in ("member_expression", "subscript_expression"):
        return False
    if last_name(script, left).lower() == "authorization":
        return True
    held = object_of(left)
    return held is not None and last_name(script, held) in ("headers", "common")


def in_headers(script: Script, entry: Node) -> bool:
    """Whether an entry of an object is a header: by its name, or by what the object is."""
    key = entry.child_by_field_name("key")
    name = script.code(key).strip("\"'[]") if key is not None else script.code(entry)
    if name.lower() == "authorization":
        return True
    held = entry.parent.parent if entry.parent is not None else None
    if held is not None and held.type == "pair":
        key = held.child_by_field_name("key")
        return key is not None and script.code(key).strip("\"'") in HEADER_OBJECTS
    if held is not None and held.type == "arguments" and held.parent is not None:
        return last_name(script, callee_of(held.parent)) in HEADER_OBJECTS
    return False
