"""Where a front end's scripts write, read and remove what they keep in the browser's storage, by whatever thin wrapper of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias

from jwtlint.editing.browser.front_end import FrontEnd, arguments_of, callee_of, last_name, object_of
from jwtlint.editing.recipe import Refused
from jwtlint.editing.scripts import Script, nodes
from jwtlint.facts.lifecycle import Place

if TYPE_CHECKING:
    from tree_sitter import Node

Kind: TypeAlias = Literal["write", "read", "removal"]
STORAGE = re.compile(r"(?:(?:window|globalThis|self|top|parent)\??\.)?(local|session)Storage")
METHODS: dict[str, Kind] = {"setItem": "write", "getItem": "read", "removeItem": "removal"}
NOT_KEYS = frozenset((*METHODS, "clear", "length", "key"))
COOKIE_METHODS: dict[str, Kind] = {"set": "write", "get": "read", "remove": "removal"}
SCREEN = (b"Storage", b"storage", b"ookie")
MAX_WRAPPERS = 40
FUNCTION_TYPES = frozenset(
    "arrow_function function_expression function function_declaration generator_function_declaration method_definition".split()
)


class Access(NamedTuple):
    """One use of what is kept under a key. ``node`` is the whole expression, ``key`` what names the key in it.

    ``by_name``: the key is the name of a property (``localStorage.token``), no expression.
    """

    kind: Kind
    script: Script
    node: Node
    key: Node
    value: Node | None = None
    by_name: bool = False


class Wrapper(NamedTuple):
    """A function of the project that hands a key on to the storage: positions of its parameters for the key and the value."""

    name: str
    path: str
    function: int
    kind: Kind
    key: int
    value: int


class Storage:
    """What the scripts of a front end do with one medium (``local_storage``, ``session_storage``, ``cookie``)."""

    def __init__(self, front: FrontEnd, medium: str) -> None:
        self.front = front
        self.medium = medium
        self.wrappers: dict[tuple[str, int, Kind], Wrapper] = {}
        self.known: dict[tuple[str, bool], list[Access]] = {}
        self.find_wrappers()

    def find_wrappers(self) -> None:
        """Functions whose parameter is the key, and those that call them so."""
        for access in self.direct(any_medium=True):
            self.wrapped(access)
        for _ in range(3):
            before = len(self.wrappers)
            for access in list(self.by_wrappers()):
                self.wrapped(access)
            if len(self.wrappers) in (before, MAX_WRAPPERS):
                break

    def wrapped(self, access: Access) -> None:
        """Note the function around an access as a wrapper, if its parameter is the key."""
        if access.by_name or self.key_of(access) is not None or len(self.wrappers) >= MAX_WRAPPERS:
            return
        function = access.node.parent
        while function is not None:
            if function.type in FUNCTION_TYPES:
                names = parameters(access.script, function)
                position = position_in(access.script, access.key, names)
                name = name_of(access.script, function)
                if position is not None and name and name != "constructor":
                    value = self.value_position(access, function, names)
                    index = self.front.function_at(access.script.path, function)
                    wrapper = Wrapper(name, access.script.path, index, access.kind, position, -1 if value is None else value)
                    self.wrappers.setdefault((access.script.path, index, access.kind), wrapper)
                    return
            function = function.parent

    def value_position(self, access: Access, function: Node, names: list[set[str]]) -> int | None:
        """The position of the parameter whose value is written, be it by way of a variable."""
        if access.value is None:
            return None
        position = position_in(access.script, access.value, names)
        if position is not None or access.value.type != "identifier":
            return position
        for node in nodes(function):
            if node.type == "variable_declarator" and node.child_by_field_name("name") is not None:
                value = node.child_by_field_name("value")
                name = node.child_by_field_name("name")
                if value is not None and name is not None and access.script.code(name) == access.script.code(access.value):
                    return position_in(access.script, value, names)
        return None

    def key_of(self, access: Access) -> str | None:
        """The key, as far as it is known."""
        if access.by_name:
            return access.script.code(access.key)
        return self.front.text(access.script.path, access.key)

    # -- finding -----------------------------------------------------------------------------------------------------

    def everything(self) -> Iterator[Access]:
        """All uses of the medium whose key may be known."""
        yield from self.direct()
        yield from self.by_wrappers()

    def of_key(self, key: str) -> list[Access]:
        """All uses of one key. Raises :class:`Refused` where a function both reads and writes it."""
        self.front.know(key)
        found = [one for one in self.everything() if self.key_of(one) == key]
        seen: dict[tuple[str, int], Kind] = {}
        kept: list[Access] = []
        for one in found:
            place = (one.script.path, one.node.start_byte)
            other = seen.setdefault(place, one.kind)
            if {other, one.kind} == {"read", "write"}:
                raise Refused(f"a function of the project both reads and writes it ({one.script.path} line {one.node.start_point[0] + 1})")
            if other == one.kind and not any(place == (x.script.path, x.node.start_byte) for x in kept):
                kept.append(one)
        return kept

    def write_at(self, place: Place) -> Access | None:
        """The write that a finding is about."""
        best: Access | None = None
        for one in self.everything():
            if one.kind != "write" or one.script.path != place.path:
                continue
            start, end = one.node.start_point, one.node.end_point
            inside = (start[0] + 1, start[1]) <= (place.line, place.column) and (place.end_line, place.end_column) <= (end[0] + 1, end[1])
            around = (place.line, place.column) <= (start[0] + 1, start[1]) and (end[0] + 1, end[1]) <= (place.end_line, place.end_column)
            if (inside or around) and (best is None or length(one.node) < length(best.node)):
                best = one
        return best

    def direct(self, any_medium: bool = False) -> Iterator[Access]:
        """Uses of the storage itself."""
        for script in self.front.scripts():
            if not any(one in script.data for one in SCREEN):
                continue
            key = (script.path, any_medium)
            if key not in self.known:
                self.known[key] = [
                    one
                    for node in self.front.index(script).uses
                    for one in (self.call if node.type == "call_expression" else self.member)(script, node, any_medium)
                ]
            yield from self.known[key]

    def call(self, script: Script, node: Node, any_medium: bool) -> Iterator[Access]:
        """``localStorage.setItem(key, value)``"""
        callee = callee_of(node)
        if self.medium == "cookie" and callee is not None and callee.type == "member_expression":
            yield from self.cookie(script, node, callee)
            return
        kind = METHODS.get(last_name(script, callee)) if callee is not None and callee.type == "member_expression" else None
        given = arguments_of(node)
        if kind is None or len(given) < (2 if kind == "write" else 1):
            return
        held = object_of(callee)
        if held is not None and self.is_storage(script, held, any_medium, True):
            yield Access(kind, script, node, given[0], given[1] if kind == "write" else None)

    def cookie(self, script: Script, node: Node, callee: Node) -> Iterator[Access]:
        """``Cookies.set(name, value)``, of a library for cookies."""
        kind = COOKIE_METHODS.get(last_name(script, callee))
        given = arguments_of(node)
        if kind is None or len(given) < (2 if kind == "write" else 1):
            return
        name = self.front.name(script.path, callee)
        base = name.rpartition(".")[0]
        api = self.front.evaluator.knowledge.meaning(f"{base}.set", "store") if base else None
        # where an option hides it a server's code sets it, which is no use of a script's
        if api is not None and api.medium == "cookie" and not api.http_only:
            yield Access(kind, script, node, given[0], given[1] if kind == "write" else None)

    def member(self, script: Script, node: Node, any_medium: bool) -> Iterator[Access]:
        """``localStorage.token``, ``localStorage["token"] = token``, ``delete localStorage.token``"""
        if self.medium == "cookie":
            return
        held = object_of(node)
        by_name = node.type == "member_expression"
        key = node.child_by_field_name("property" if by_name else "index")
        if held is None or key is None or (by_name and script.code(key) in NOT_KEYS):
            return
        if not self.is_storage(script, held, any_medium):
            return
        parent = node.parent
        if parent is not None and parent.type == "assignment_expression" and parent.child_by_field_name("left") == node:
            yield Access("write", script, parent, key, parent.child_by_field_name("right"), by_name)
        elif parent is not None and parent.type == "unary_expression" and parent.children[0].type == "delete":
            yield Access("removal", script, parent, key, None, by_name)
        elif parent is not None and parent.type == "augmented_assignment_expression":
            raise Refused(f"the storage is changed in a form that is not known ({script.path} line {node.start_point[0] + 1})")
        else:
            yield Access("read", script, node, key, None, by_name)

    def is_storage(self, script: Script, node: Node, any_medium: bool, method: bool = False) -> bool:
        """Whether an expression is the storage. With ``any_medium`` what is only called so is one too. ``method``: it has the methods."""
        found = STORAGE.fullmatch(script.code(node))
        if found is not None:
            return any_medium or self.medium == f"{found[1]}_storage"
        if "storage" not in script.code(node).lower() and node.type != "identifier" and not method:
            return False
        name = self.front.name(script.path, node)
        api = self.front.evaluator.knowledge.meaning(name, "storage") if name else None
        if api is not None:
            return any_medium or api.medium == self.medium
        return any_medium and "storage" in last_name(script, node).lower()

    def by_wrappers(self) -> Iterator[Access]:
        """Calls of wrappers."""
        self.front.know(*(wrapper.name for wrapper in self.wrappers.values()))
        for wrapper in list(self.wrappers.values()):
            for script, node in list(self.front.mentions(wrapper.name)):
                access = self.by_wrapper(script, node, wrapper)
                if access is not None:
                    yield access

    def by_wrapper(self, script: Script, node: Node, wrapper: Wrapper) -> Access | None:
        """The call of a wrapper, at its name."""
        callee = node.parent if node.type == "property_identifier" else node
        call = callee.parent if callee is not None else None
        if call is None or callee is None or call.type != "call_expression" or callee_of(call) != callee:
            return None
        given = arguments_of(call)
        if wrapper.key >= len(given) or wrapper.value >= len(given):
            return None
        functions = self.front.called(script.path, callee)
        if functions:
            if all((one.path, one.index) != (wrapper.path, wrapper.function) for one in functions):
                return None
        elif callee.type == "member_expression" and "storage" not in last_name(script, object_of(callee)).lower():
            return None
        return Access(wrapper.kind, script, call, given[wrapper.key], given[wrapper.value] if wrapper.value >= 0 else None)


def length(node: Node) -> int:
    """How many bytes a node has."""
    return node.end_byte - node.start_byte


def parameters(script: Script, function: Node) -> list[set[str]]:
    """The names that each parameter of a function binds."""
    single = function.child_by_field_name("parameter")
    given = function.child_by_field_name("parameters")
    listed = [single] if single is not None else [one for one in given.named_children if one.type != "comment"] if given else []
    found: list[set[str]] = []
    for one in listed:
        pattern = one.child_by_field_name("pattern") or one.child_by_field_name("left") or one
        found.append(
            {script.code(inner) for inner in nodes(pattern) if inner.type in ("identifier", "shorthand_property_identifier_pattern")}
        )
    return found


def position_in(script: Script, node: Node, names: list[set[str]]) -> int | None:
    """The position of the parameter that an expression mentions."""
    mentioned = {script.code(inner) for inner in nodes(node) if inner.type in ("identifier", "shorthand_property_identifier")}
    return next((number for number, own in enumerate(names) if own & mentioned), None)


def name_of(script: Script, function: Node) -> str:
    """The name by which a function is called: its own, or that of the variable, property or field it is the value of."""
    own = function.child_by_field_name("name")
    if own is not None:
        return script.code(own).lstrip("#")
    parent = function.parent
    while parent is not None and parent.type in ("parenthesized_expression", "as_expression", "satisfies_expression"):
        parent = parent.parent
    if parent is None:
        return ""
    if parent.type == "call_expression" or parent.type == "arguments":
        call = parent if parent.type == "call_expression" else parent.parent
        # React's ``useCallback(f)`` gives the function that it is given
        if call is not None and last_name(script, callee_of(call)) in ("useCallback", "action", "computed") and call.parent is not None:
            parent = call.parent
    for type_, field in (
        ("variable_declarator", "name"),
        ("pair", "key"),
        ("public_field_definition", "name"),
        ("field_definition", "property"),
    ):
        if parent.type == type_:
            name = parent.child_by_field_name(field)
            return script.code(name).strip("\"'#") if name is not None and not name.named_children else ""
    return ""
