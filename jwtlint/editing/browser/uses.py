"""What becomes of a token that scripts read from the browser's storage, followed until it is asked for or sent.

Two ends are known: a question whether it is there, which a flag answers as well, and a header, which makes room for the cookie. Every
other end is a reason to leave the token where it is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple, NoReturn, TypeAlias

from jwtlint.editing.browser.forms import PASSING, in_headers, is_client, is_dependency, is_header, is_openapi, names_header, shares
from jwtlint.editing.browser.front_end import FrontEnd, arguments_of, callee_of, last_name, object_of, where
from jwtlint.editing.browser.scopes import (
    is_declaration,
    is_definition,
    is_function,
    is_other_variable,
    mentions_in,
    scope_of,
)
from jwtlint.editing.browser.storage import name_of
from jwtlint.editing.recipe import Refused
from jwtlint.editing.scripts import Script, nodes

if TYPE_CHECKING:
    from tree_sitter import Node

Sent: TypeAlias = Literal["entry", "assignment", "call", "client", "openapi"]
TESTS = frozenset("if_statement while_statement do_statement for_statement".split())
COMPARED = frozenset(("==", "!=", "===", "!=="))
NOTHING = frozenset(("null", "undefined", '""', "''", "false", "true"))
# functions that ask whether something is there
ASKING = re.compile(r"Boolean|(?:is|has)(?:NullOr|NilOr|Not)?(?:Null|Nil|Empty|Undef|Undefined|Blank|Whitespace|Defined|Present)\w*")
SAME = frozenset(("trim", "toString", "valueOf", "replace", "replaceAll"))
SETTERS = frozenset(("set", "append", "setRequestHeader", "setAuthorization"))
CELLS = frozenset(("useState", "useRef", "ref", "shallowRef", "signal"))
DECODERS = re.compile(r"(?:jwt_?decode|decode\w*|parseJwt|atob|jwt|verify|\w*[eE]xpired?\w*|parse)", re.IGNORECASE)
STATE = re.compile(r"this|state|rootState|\w*[sS]tore")
MAX_STEPS = 400


class Header(NamedTuple):
    """Where the token is put into a header, or handed to what does so. ``node``: an object's entry, an assignment, or a call."""

    kind: Sent
    script: Script
    node: Node


class Uses:
    """Follows one token. ``headers`` are the ends that send it; ``variables`` and ``functions`` hold or give it on the way."""

    def __init__(self, front: FrontEnd) -> None:
        self.front = front
        self.headers: list[Header] = []
        self.variables: list[tuple[Script, Node]] = []
        self.functions: list[tuple[Script, Node]] = []
        self.calls: list[tuple[Script, Node]] = []  # of those functions
        self.seen: set[tuple[str, int, int]] = set()
        self.steps = 0

    def refuse(self, script: Script, node: Node, what: str) -> NoReturn:
        """Say why there is no fix."""
        raise Refused(f"{what} at {where(script, node)}, in a form that is not known")

    # -- expressions -------------------------------------------------------------------------------------------------

    def follow(self, script: Script, node: Node, composed: bool = False) -> None:
        """Follow the value of an expression. ``composed``: it is a text with the token in it. Raises :class:`Refused`."""
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise Refused("the token goes too many ways")
        parent = node.parent
        if parent is None:
            return
        kind = parent.type
        if kind == "parenthesized_expression" and parent.parent is not None and parent.parent.type in TESTS:
            return
        if kind in PASSING:
            self.follow(script, parent, composed)
        elif kind == "binary_expression":
            self.binary(script, node, parent, composed)
        elif kind == "unary_expression":
            if parent.children[0].type != "!":
                self.refuse(script, node, "the token is used")
        elif kind == "ternary_expression":
            if parent.child_by_field_name("condition") != node:
                self.follow(script, parent, composed)
        elif kind == "template_substitution" and parent.parent is not None:
            self.follow(script, parent.parent, True)
        elif kind == "member_expression":
            self.member(script, node, parent)
        elif kind == "variable_declarator":
            self.variable(script, parent)
        elif kind == "assignment_expression":
            self.assigned(script, node, parent)
        elif kind == "pair":
            self.entry(script, node, parent)
        elif kind == "arguments" and parent.parent is not None:
            self.argument(script, node, parent.parent)
        elif kind == "return_statement":
            self.returned(script, parent)
        elif kind == "arrow_function":
            self.function(script, parent)
        elif kind not in ("expression_statement", "sequence_expression"):
            what = "the token is shown" if kind == "jsx_expression" else "the token is used"
            self.refuse(script, node, what)

    def binary(self, script: Script, node: Node, parent: Node, composed: bool) -> None:
        """An operator."""
        operator = parent.child_by_field_name("operator")
        sign = operator.type if operator is not None else ""
        left = parent.child_by_field_name("left")
        other = parent.child_by_field_name("right") if left == node else left
        if sign in ("||", "??") or (sign == "&&" and left != node):
            self.follow(script, parent, composed)
        elif sign == "+":
            self.follow(script, parent, True)
        elif sign in COMPARED:
            if composed or other is None or script.code(other) not in NOTHING:
                self.refuse(script, node, "the token is compared")
        elif sign != "&&":
            self.refuse(script, node, "the token is used")

    def member(self, script: Script, node: Node, parent: Node) -> None:
        """A property or a method of the token."""
        name = last_name(script, parent)
        around = parent.parent
        if name in SAME and around is not None and around.type == "call_expression":
            self.follow(script, around, True)
        elif name != "length":
            self.refuse(script, node, f"{name or 'a part'} of the token is used")

    def assigned(self, script: Script, node: Node, parent: Node) -> None:
        """``x = token``"""
        left = parent.child_by_field_name("left")
        if left is None or left == node:
            return
        if left.type == "identifier":
            self.references(script, left, scope_of(script, left))
        elif is_openapi(script, left):
            self.headers.append(Header("openapi", script, parent))
        elif is_header(script, left):
            self.headers.append(Header("assignment", script, parent))
        else:
            self.refuse(script, node, f"the token is kept in {script.code(left)}")

    def entry(self, script: Script, node: Node, pair: Node) -> None:
        """``{ name: token }``"""
        if in_headers(script, pair):
            self.headers.append(Header("entry", script, pair))
        elif is_client(script, pair):
            self.headers.append(Header("client", script, pair))
        else:
            key = pair.child_by_field_name("key")
            if key is None or key.type != "property_identifier" or not self.shared(script, pair, script.code(key)):
                self.refuse(script, node, f"the token is handed on as {script.code(key) if key is not None else 'a property'}")

    def argument(self, script: Script, node: Node, call: Node) -> None:
        """``f(token)``"""
        callee = callee_of(call)
        name = last_name(script, callee)
        given = arguments_of(call)
        position = next((number for number, one in enumerate(given) if one == node), -1)
        held = object_of(callee) if callee is not None and callee.type == "member_expression" else None
        if name in SETTERS and position == 1 and names_header(script, given[0], held):
            self.headers.append(Header("call", script, call))
        elif ASKING.fullmatch(name) or (held is not None and script.code(held) == "console"):
            return
        elif name in CELLS and position == 0:
            self.cell(script, call)
        elif name == "resolve" and held is not None and script.code(held) == "Promise":
            self.follow(script, call)
        elif callee is not None and self.setter(script, callee):
            return
        else:
            functions = self.front.called(script.path, callee) if callee is not None else []
            if not functions:
                what = "what the token says is read" if DECODERS.fullmatch(name) else f"the token is given to {name or 'a function'}"
                self.refuse(script, node, what)
            for one in functions:
                self.parameter(script, node, one.path, one.index, position)

    def setter(self, script: Script, callee: Node) -> bool:
        """Whether a callee is the setter of ``const [token, setToken] = useState()``; what it sets is followed."""
        if callee.type != "identifier":
            return False
        for node in self.front.index(script).names.get(script.code(callee).encode(), ()):
            pattern = node.parent
            if pattern is None or pattern.type != "array_pattern" or node not in pattern.named_children[1:2]:
                continue
            call = pattern.parent.child_by_field_name("value") if pattern.parent is not None else None
            if call is not None and last_name(script, callee_of(call)) == "useState":
                first = pattern.named_children[0]
                self.references(script, first, scope_of(script, first))
                return True
        return False

    def parameter(self, script: Script, node: Node, path: str, index: int, position: int) -> None:
        """The parameter of a function of the project."""
        target = self.front.files.script(path)
        function = next((one for one in nodes(target.root) if is_function(one) and self.front.function_at(path, one) == index), None)
        single = function.child_by_field_name("parameter") if function is not None else None
        listed = function.child_by_field_name("parameters") if function is not None else None
        given = [single] if single is not None else [one for one in listed.named_children if one.type != "comment"] if listed else []
        pattern = given[position] if 0 <= position < len(given) else None
        name = (pattern.child_by_field_name("pattern") or pattern) if pattern is not None else None
        if function is None or name is None or name.type != "identifier":
            self.refuse(script, node, "the token is given to a function")
        self.references(target, name, function)

    # -- what holds it -----------------------------------------------------------------------------------------------

    def variable(self, script: Script, declarator: Node) -> None:
        """``const x = token``"""
        name = declarator.child_by_field_name("name")
        if name is None or name.type != "identifier":
            self.refuse(script, declarator, "parts of the token are taken")
        self.variables.append((script, declarator))
        self.references(script, name, scope_of(script, name))

    def cell(self, script: Script, call: Node) -> None:
        """State that begins with the token: ``useState(token)``, ``ref(token)``."""
        declarator = call.parent
        name = declarator.child_by_field_name("name") if declarator is not None and declarator.type == "variable_declarator" else None
        if name is None:
            self.refuse(script, call, "the token becomes state")
        if name.type == "array_pattern" and name.named_children and name.named_children[0].type == "identifier":
            first = name.named_children[0]
            self.references(script, first, scope_of(script, first))
        elif name.type == "identifier":
            self.references(script, name, scope_of(script, name), member="current" if "useRef" in script.code(call) else "value")
        else:
            self.refuse(script, call, "the token becomes state")

    def references(self, script: Script, name: Node, scope: Node, member: str = "") -> None:
        """Everything that is done with a variable. With ``member`` the variable is a cell, whose property holds the token."""
        key = (script.path, scope.start_byte, hash(script.code(name)))
        if key in self.seen:
            return
        self.seen.add(key)
        word = script.code(name)
        self.exported(script, name, word)
        for node in mentions_in(script, scope, word):
            parent = node.parent
            if node == name or parent is None or is_declaration(node):
                continue
            if node.type == "shorthand_property_identifier":
                if in_headers(script, node):
                    self.headers.append(Header("entry", script, node))
                    continue
                if self.shared(script, node, word):
                    continue
                self.refuse(script, node, f"{word} is handed on in an object")
            if parent.type in ("export_specifier", "export_statement"):
                self.refuse(script, node, f"{word} is exported")
            if parent.type == "assignment_expression" and parent.child_by_field_name("left") == node:
                continue
            if parent.type == "array" and is_dependency(script, parent):
                continue
            if not member:
                self.follow(script, node)
            elif parent.type == "member_expression" and last_name(script, parent) == member:
                around = parent.parent
                if around is None or around.type != "assignment_expression" or around.child_by_field_name("left") != parent:
                    self.follow(script, parent)
            elif last_name(script, parent) != "set":
                self.refuse(script, node, f"{word} is handed on")

    def exported(self, script: Script, name: Node, word: str) -> None:
        """Refuse a variable that other files see."""
        statement = name
        while statement.parent is not None and statement.parent.type not in ("program", "statement_block"):
            statement = statement.parent
            if is_function(statement):
                return
        if statement.type == "export_statement":
            self.refuse(script, name, f"{word} is exported")
        if statement.parent is not None and statement.parent.type == "program":
            for path in self.front.program.modules:
                if path != script.path and self.front.program.sharing(path, word) == script.path:
                    other = self.front.files.script(path)
                    used = next((node for node in self.front.index(other).names.get(word.encode(), ()) if node.type == "identifier"), None)
                    if used is not None:
                        self.refuse(other, used, f"{word} of another script is used")

    # -- state that components share ---------------------------------------------------------------------------------

    def shared(self, script: Script, entry: Node, name: str) -> bool:
        """Whether an entry belongs to what a context, a hook or a store gives to components; if so, its readers are followed."""
        kind = shares(script, entry.parent) if entry.parent is not None else ""
        if not kind:
            return False
        key = (name, 0, -2)
        if key in self.seen:
            return True
        self.seen.add(key)
        for other, node in list(self.front.mentions(name)):
            parent = node.parent
            if parent is None:
                continue
            if parent.type == "member_expression" and parent.child_by_field_name("property") == node:
                if self.is_state(other, object_of(parent), kind):
                    around = parent.parent
                    if around is None or around.type != "assignment_expression" or around.child_by_field_name("left") != parent:
                        self.follow(other, parent)
            elif parent.type == "object_pattern" or (parent.type == "pair_pattern" and parent.child_by_field_name("key") == node):
                self.taken(other, node, parent, kind)
            elif parent.type == "string" and parent.parent is not None and parent.parent.type == "array":
                self.refuse(other, node, f"{name} is mapped")
        return True

    def taken(self, script: Script, node: Node, parent: Node, kind: str) -> None:
        """``const { token } = useAuth()``, ``const { token: held } = …``"""
        pattern = parent if parent.type == "object_pattern" else parent.parent
        declarator = pattern.parent if pattern is not None else None
        if declarator is None or declarator.type != "variable_declarator":
            return
        value = declarator.child_by_field_name("value")
        refs = value is not None and value.type == "call_expression" and last_name(script, callee_of(value)) in ("storeToRefs", "toRefs")
        if refs and value is not None and arguments_of(value):
            value = arguments_of(value)[0]
        name = node if parent.type == "object_pattern" else parent.child_by_field_name("value")
        if not self.is_state(script, value, kind):
            return
        if name is None or name.type not in ("identifier", "shorthand_property_identifier_pattern"):
            self.refuse(script, node, "the token is taken from state")
        self.references(script, name, scope_of(script, name), member="value" if refs else "")

    def is_state(self, script: Script, node: Node | None, kind: str) -> bool:
        """Whether an expression is what a project's context, hook or store gives."""
        if node is None:
            return False
        if node.type == "call_expression":
            callee = callee_of(node)
            name = last_name(script, callee)
            if name == "useContext" or (name.startswith("use") and name.endswith("Store")):
                return True
            return name.startswith("use") and callee is not None and bool(self.front.called(script.path, callee))
        if kind == "store" and STATE.fullmatch(last_name(script, node) or script.code(node)):
            return True
        if node.type != "identifier":
            return False
        for one in mentions_in(script, scope_of(script, node), script.code(node)):
            if is_declaration(one) and one.parent is not None and one.parent.type == "variable_declarator":
                value = one.parent.child_by_field_name("value")
                return value is not None and value.type == "call_expression" and self.is_state(script, value, kind)
        return False

    # -- what gives it -----------------------------------------------------------------------------------------------

    def returned(self, script: Script, statement: Node) -> None:
        """``return token``"""
        function = statement.parent
        while function is not None and not is_function(function):
            function = function.parent
        if function is not None:
            self.function(script, function)

    def function(self, script: Script, function: Node) -> None:
        """A function that gives the token: all its calls do."""
        key = (script.path, function.start_byte, -1)
        if key in self.seen:
            return
        self.seen.add(key)
        if self.handed(script, function):
            return
        name = name_of(script, function)
        if not name:
            self.refuse(script, function, "the token is given by a function")
        if any(child.type in ("get", "set") for child in function.children):
            self.refuse(script, function, f"the token is given by the getter {name}")
        self.functions.append((script, function))
        index = self.front.function_at(script.path, function)
        found = [(other, node) for other, node in self.front.mentions(name)]
        several = sum(1 for _, node in found if is_definition(node)) > 1
        for other, node in found:
            self.mention(other, node, name, (script.path, index), several)

    def handed(self, script: Script, node: Node) -> bool:
        """Whether a function is given to what calls it for the token: a client, or state that begins with what it gives."""
        parent = node.parent
        if parent is None:
            return False
        if parent.type == "pair" and is_client(script, parent):
            self.headers.append(Header("client", script, parent))
            return True
        if parent.type == "assignment_expression":
            left = parent.child_by_field_name("left")
            if left is not None and left != node and is_openapi(script, left):
                self.headers.append(Header("openapi", script, parent))
                return True
        call = parent.parent
        if parent.type == "arguments" and call is not None and last_name(script, callee_of(call)) in ("useState", "computed", "useMemo"):
            self.cell(script, call)
            return True
        if parent.type == "parenthesized_expression" and call is not None and callee_of(call) == parent:
            self.follow(script, call)
            return True
        return False

    def mention(self, script: Script, node: Node, name: str, target: tuple[str, int], several: bool) -> None:
        """One place where the name of a function stands that gives the token."""
        parent = node.parent
        if parent is None or is_definition(node) or "signature" in parent.type:
            return
        if parent.type in ("import_specifier", "export_specifier", "pair_pattern"):
            if parent.child_by_field_name("alias") is not None or parent.type == "pair_pattern":
                self.refuse(script, node, f"{name} gets another name")
            return
        if node.type.startswith("shorthand_property_identifier") or parent.type in ("pair", "export_statement", "import_clause"):
            if parent.type != "pair" or parent.child_by_field_name("key") == node:
                return
        if node.type == "identifier" and is_other_variable(script, node):
            return
        whole = parent if node.type == "property_identifier" and parent.type == "member_expression" else node
        around = whole.parent
        if around is not None and around.type == "call_expression" and callee_of(around) == whole:
            functions = self.front.called(script.path, whole)
            if functions and all((one.path, one.index) != target for one in functions):
                return
            if not functions and several:
                self.refuse(script, node, f"it is not clear which {name} is called")
            self.calls.append((script, around))
            self.follow(script, around)
        elif around is not None and around.type == "array" and is_dependency(script, around):
            return
        elif not self.handed(script, whole):
            self.refuse(script, node, f"{name} is handed on")
