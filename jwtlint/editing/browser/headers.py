"""Headers that carry a token are taken out, and the request goes out with the browser's cookies instead.

``fetch`` takes ``credentials: "include"`` (Fetch Standard), axios, Angular and XMLHttpRequest ``withCredentials`` (their documentation),
the clients that are generated from an OpenAPI document a setting of the same name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from jwtlint.editing.browser.front_end import FrontEnd, arguments_of, callee_of, last_name, object_of, where
from jwtlint.editing.browser.objects import ObjectChange
from jwtlint.editing.browser.scopes import is_declaration, is_definition, is_function, mentions_in, scope_of
from jwtlint.editing.browser.storage import name_of
from jwtlint.editing.browser.uses import Header
from jwtlint.editing.recipe import Refused
from jwtlint.editing.scripts import Script, ScriptDraft, function_of, nodes

if TYPE_CHECKING:
    from tree_sitter import Node

FETCHES = frozenset(("fetch", "$fetch", "ofetch", "useFetch", "fetchJson", "Request", "fetchBaseQuery", "EventSource"))
METHODS = frozenset(("get", "post", "put", "patch", "delete", "head", "options", "request", "postForm", "axios", "create", "extend"))
EMPTY = frozenset(("{}", "null", "undefined", "false", "({})"))
PASSING = frozenset("parenthesized_expression as_expression satisfies_expression await_expression".split())
DEFAULTS = re.compile(r"(.+)\.defaults\.headers\b.*", re.DOTALL)
HEADERS = frozenset(("headers", "setHeaders"))


class Ways(NamedTuple):
    """How a request says that cookies go along: the option and its value."""

    option: str
    value: str


class Credentials:
    """Takes headers out. ``held`` are the names of variables that hold the token."""

    def __init__(self, front: FrontEnd, draft: Callable[[Script], ScriptDraft], held: Collection[str]) -> None:
        self.front = front
        self.draft = draft
        self.held = held
        self.objects: dict[tuple[str, int], ObjectChange] = {}
        self.seen: set[tuple[str, int]] = set()
        self.everywhere: set[str] = set()  # axios instances that always send cookies, by name
        self.idle: list[tuple[Script, Node, Node, str]] = []  # interceptors that may have nothing left to do

    def refuse(self, script: Script, node: Node, what: str) -> NoReturn:
        """Say why there is no fix."""
        raise Refused(f"{what} at {where(script, node)}, in a form that is not known")

    def object(self, script: Script, node: Node) -> ObjectChange:
        """The changes of one object."""
        return self.objects.setdefault((script.path, node.start_byte), ObjectChange(script, node))

    def settle(self) -> None:
        """Write down what objects become."""
        for one in self.objects.values():
            one.make(self.draft(one.script))
        for script, call, function, replacement in self.idle:
            self.drop_interceptor(script, call, function, replacement)

    # -- the ends ----------------------------------------------------------------------------------------------------

    def take_out(self, header: Header) -> None:
        """Take one header out. Raises :class:`Refused`."""
        key = (header.script.path, header.node.start_byte)
        if key in self.seen:
            return
        self.seen.add(key)
        if header.kind == "entry":
            self.entry(header.script, header.node)
        elif header.kind == "assignment":
            self.assignment(header.script, header.node)
        elif header.kind == "call":
            self.setter(header.script, header.node)
        elif header.kind == "openapi":
            left = header.node.child_by_field_name("left")
            base = header.script.code(left).rpartition(".")[0] if left is not None else "OpenAPI"
            self.instead(header.script, header.node, f"{base}.WITH_CREDENTIALS = true")
        else:
            self.client(header.script, header.node)

    def client(self, script: Script, pair: Node) -> None:
        """``client.setConfig({ auth: () => token })``"""
        given = pair.parent
        if given is None:
            return
        change = self.object(script, given)
        change.remove(pair)
        call = given.parent.parent if given.parent is not None else None
        held = object_of(callee_of(call)) if call is not None else None
        way = self.of_client(script, script.code(held) if held is not None else "")
        change.add(way.option, way.value)

    def of_client(self, script: Script, name: str) -> Ways:
        """The option of a generated client, which is built upon axios or upon ``fetch``."""
        module = self.front.program.modules[script.path].imports.get(name)
        target = self.front.layout.resolve(script.path, module.module) if module is not None else None
        folder = target.rpartition("/")[0] if target is not None else None
        if folder is not None:
            for path in self.front.paths:
                if path.startswith(f"{folder}/") and re.search(rb"from ['\"](?:axios|@hey-api/client-axios)['\"]", self.data(path)):
                    return Ways("withCredentials", "true")
        return self.including(script)

    def data(self, path: str) -> bytes:
        """A file's bytes."""
        return self.front.files.data(path) or b""

    def including(self, script: Script) -> Ways:
        """The option of ``fetch``."""
        quote = script.quote()
        return Ways("credentials", f"{quote}include{quote}")

    def entry(self, script: Script, entry: Node) -> None:
        """A header in an object."""
        holder = entry.parent
        if holder is None:
            return
        change = self.object(script, holder)
        change.remove(entry)
        around = holder.parent
        while around is not None and around.type in PASSING:
            around = around.parent
        chosen = self.chosen(script, holder, around)
        if change.is_empty and chosen is not None:
            outer = chosen.parent
            if outer is not None and outer.type in PASSING:
                outer = outer.parent
            if outer is not None and outer.type == "spread_element":
                # ``...(token ? { Authorization } : {})``
                self.entry(script, outer)
                return
            self.headers(script, chosen, True)
            return
        self.headers(script, holder, change.is_empty)

    def chosen(self, script: Script, holder: Node, around: Node | None) -> Node | None:
        """The expression that gives an object or else nothing: ``token ? { … } : {}``, ``token && { … }``."""
        if around is None:
            return None
        if around.type == "ternary_expression":
            branches = [around.child_by_field_name("consequence"), around.child_by_field_name("alternative")]
            other = [one for one in branches if one is not None and not (one.start_byte <= holder.start_byte < one.end_byte)]
            return around if len(other) == 1 and script.code(other[0]) in EMPTY else None
        if around.type == "binary_expression" and around.child_by_field_name("left") != holder:
            return around
        return around if around.type == "spread_element" else None

    def assignment(self, script: Script, node: Node) -> None:
        """``config.headers.Authorization = token``"""
        left = node.child_by_field_name("left")
        held = object_of(left)
        if left is None or held is None:
            self.refuse(script, node, "the token is put into a header")
        found = DEFAULTS.fullmatch(script.code(left))
        if found is not None:
            self.everywhere.add(found[1])
            self.instead(script, node, f"{found[1]}.defaults.withCredentials = true", {found[1].partition(".")[0]})
        elif held.type == "identifier":
            self.of_variable(script, node, held)
        else:
            owner = object_of(held)
            if owner is None:
                self.refuse(script, node, "the token is put into a header")
            self.of_request(script, node, owner)

    def setter(self, script: Script, call: Node) -> None:
        """``headers.set("Authorization", token)``, ``xhr.setRequestHeader(…)``"""
        callee = callee_of(call)
        held = object_of(callee)
        if held is None:
            self.refuse(script, call, "the token is put into a header")
        name = last_name(script, callee)
        sender = function_of(call)
        holder = sender.parent if sender is not None and sender.parent is not None else None
        holder = holder.parent if holder is not None and holder.type == "pair" else holder
        if name == "setRequestHeader" and sender is not None and holder is not None and name_of(script, sender) == "beforeSend":
            # jQuery's object is no XMLHttpRequest (api.jquery.com, jQuery.ajax: xhrFields)
            self.object(script, holder).add("xhrFields", "{ withCredentials: true }")
            self.instead(script, call, "")
        elif name == "setRequestHeader":
            self.instead(script, call, f"{script.code(held)}.withCredentials = true")
        elif last_name(script, held) in HEADERS and object_of(held) is not None:
            owner = object_of(held)
            pair = call.parent
            if pair is not None and pair.type == "pair":
                self.headers(script, call, True)
            elif owner is not None:
                self.of_request(script, call, owner)
        elif held.type == "new_expression":
            self.headers(script, call, True)
        elif held.type == "identifier" and b"superagent" in script.data and name == "set":
            self.instead(script, call, f"{script.code(held)}.withCredentials()", {script.code(held)})
        elif held.type == "identifier":
            self.of_variable(script, call, held)
        else:
            self.refuse(script, call, "the token is put into a header")

    # -- statements --------------------------------------------------------------------------------------------------

    def instead(self, script: Script, node: Node, code: str, names: Collection[str] = ()) -> None:
        """Put a statement in the place of the one that an expression is; "" takes it out. ``names`` a guard may speak of as well."""
        statement = node.parent
        if statement is None or statement.type != "expression_statement":
            if statement is not None and statement.type == "arrow_function" and code:
                self.draft(script).replace(node, f"({code})" if "=" in code else code)
                return
            self.refuse(script, node, "the token is put into a header")
        whole = self.guarded(script, statement, names)
        if not code:
            self.removed(script, whole)
            return
        end = ";" if script.code(statement).endswith(";") else ""
        self.draft(script).replace(whole, f"{code}{end}")

    def removed(self, script: Script, statement: Node) -> None:
        """Take a statement out."""
        parent = statement.parent
        if parent is not None and parent.type in ("if_statement", "else_clause", "arrow_function"):
            self.draft(script).replace(statement, "{}")
        else:
            self.draft(script).remove_statement(statement)

    def guarded(self, script: Script, statement: Node, names: Collection[str]) -> Node:
        """A statement with the ``if`` around it that asks for nothing but the token."""
        here = statement
        block = here.parent
        if block is not None and block.type == "statement_block" and len(block.named_children) == 1:
            here = block
        test = here.parent
        if test is None or test.type != "if_statement" or test.child_by_field_name("alternative") is not None:
            return statement
        condition = test.child_by_field_name("condition")
        if condition is None or test.child_by_field_name("consequence") != here:
            return statement
        spoken = {script.code(one) for one in nodes(condition) if one.type == "identifier"}
        allowed = {*self.held, *names, "localStorage", "sessionStorage", "window", "globalThis"}
        acting = any(one.type in ("await_expression", "assignment_expression", "update_expression") for one in nodes(condition))
        return test if spoken <= allowed and not acting else statement

    # -- where headers go --------------------------------------------------------------------------------------------

    def headers(self, script: Script, node: Node, empty: bool) -> None:
        """What is done with an object of headers, from which the token is taken; ``empty``: nothing is left in it."""
        parent = node.parent
        if parent is None:
            return
        kind = parent.type
        if kind in PASSING or kind in ("ternary_expression", "binary_expression"):
            self.headers(script, parent, empty and kind in PASSING)
        elif kind == "pair":
            key = parent.child_by_field_name("key")
            if key is None or script.code(key).strip("\"'") not in HEADERS or parent.parent is None:
                self.refuse(script, node, "headers are handed on")
            if empty:
                self.object(script, parent.parent).remove(parent)
            self.options(script, parent.parent)
        elif kind == "spread_element" and parent.parent is not None:
            change = self.object(script, parent.parent)
            if empty:
                change.remove(parent)
            self.headers(script, parent.parent, change.is_empty)
        elif kind == "variable_declarator":
            self.variable(script, parent, empty)
        elif kind == "arguments" and parent.parent is not None and parent.parent.type == "new_expression":
            self.headers(script, parent.parent, empty)
        elif kind in ("return_statement", "arrow_function"):
            self.function(script, node, parent, empty, self.headers)
        elif kind == "assignment_expression":
            self.replaced_headers(script, node, parent, empty)
        else:
            self.refuse(script, node, "headers are handed on")

    def replaced_headers(self, script: Script, node: Node, assignment: Node, empty: bool) -> None:
        """``config.headers = { ...config.headers, Authorization: token }``"""
        left = assignment.child_by_field_name("left")
        owner = object_of(left)
        if left is None or owner is None or last_name(script, left) not in HEADERS:
            self.refuse(script, node, "headers are handed on")
        change = self.object(script, node) if node.type == "object" else None
        rest = [one for one in change.entries if one not in change.removed] if change is not None else []
        same = {f"...{script.code(left)}", f"...({script.code(left)} || {{}})", f"...({script.code(left)} ?? {{}})"}
        if empty or (change is not None and all(script.code(one) in same for one in rest)):
            self.of_request(script, assignment, owner)
        else:
            self.refuse(script, node, "headers are handed on")

    def variable(self, script: Script, declarator: Node, empty: bool) -> None:
        """A variable that holds headers."""
        name = declarator.child_by_field_name("name")
        statement = declarator.parent
        if name is None or name.type != "identifier" or statement is None:
            self.refuse(script, declarator, "headers are handed on")
        alone = self.used(script, name, empty)
        if empty and alone and len(statement.named_children) == 1:
            self.removed(script, statement)

    def used(self, script: Script, name: Node, empty: bool) -> bool:
        """What is done with a variable of headers; whether every use of it is gone."""
        word = script.code(name)
        places = [one for one in mentions_in(script, scope_of(script, name), word) if one != name and not is_declaration(one)]
        taken = True
        empty = empty and not any(one.parent is not None and object_of(one.parent) == one for one in places)
        for node in places:
            parent = node.parent
            if parent is None:
                continue
            if node.type == "shorthand_property_identifier":
                if empty:
                    self.object(script, parent).remove(node)
                if word not in HEADERS:
                    self.refuse(script, node, "headers are handed on")
                self.options(script, parent)
            elif object_of(parent) == node:
                taken = False  # other headers are set
            else:
                self.headers(script, node, empty)
            taken = taken and empty
        return taken

    def function(self, script: Script, node: Node, parent: Node, empty: bool, then: Callable[[Script, Node, bool], None]) -> None:
        """A function that gives headers, or options: all its calls do."""
        function = parent if parent.type == "arrow_function" else function_of(node)
        name = name_of(script, function) if function is not None else ""
        if function is None or not name:
            self.refuse(script, node, "headers are handed on")
        returns = [one for one in nodes(function) if one.type == "return_statement" and function_of(one) == function]
        empty = empty and len(returns) < 2
        index = self.front.function_at(script.path, function)
        gone = empty
        for other, place in list(self.front.mentions(name)):
            whole = place.parent if place.type == "property_identifier" else place
            call = whole.parent if whole is not None else None
            if whole is None or call is None or is_definition(place) or is_declaration(place):
                continue
            if call.type in ("export_specifier", "export_statement") or place.type.startswith("shorthand_property_identifier"):
                gone = False
                continue
            if call.type != "call_expression" or callee_of(call) != whole:
                self.refuse(other, place, f"{name} is handed on")
            functions = self.front.called(other.path, whole)
            if functions and all((one.path, one.index) != (script.path, index) for one in functions):
                continue
            then(other, call, empty)
        statement = function.parent.parent if function.parent is not None and function.parent.type == "variable_declarator" else function
        exported = statement is not None and statement.parent is not None and statement.parent.type == "export_statement"
        if gone and statement is not None and statement.type in ("lexical_declaration", "function_declaration"):
            self.removed(script, statement.parent if exported and statement.parent is not None else statement)

    def options(self, script: Script, node: Node, empty: bool = False) -> None:
        """What is done with an object of options."""
        parent = node.parent
        if parent is None:
            return
        if parent.type in PASSING or parent.type in ("ternary_expression", "binary_expression"):
            self.options(script, parent)
        elif parent.type == "arguments" and parent.parent is not None:
            self.by_call(script, node, parent.parent)
        elif parent.type == "variable_declarator":
            name = parent.child_by_field_name("name")
            if name is None or name.type != "identifier":
                self.refuse(script, node, "options of requests are handed on")
            way: Ways | None = None
            for one in mentions_in(script, scope_of(script, name), script.code(name)):
                given = one.parent
                if one == name or given is None or is_declaration(one) or object_of(given) == one:
                    continue
                if given.type == "spread_element" and given.parent is not None:
                    self.options(script, given.parent)
                    continue
                if given.type != "arguments" or given.parent is None:
                    self.refuse(script, one, "options of requests are handed on")
                way = self.way(script, given.parent)
            if way is not None and node.type == "object":
                self.object(script, node).add(way.option, way.value)
        elif parent.type in ("return_statement", "arrow_function"):
            ways: list[Ways] = []

            def note(other: Script, call: Node, _: bool) -> None:
                given = call.parent
                if given is None or given.type != "arguments" or given.parent is None:
                    self.refuse(other, call, "options of requests are handed on")
                ways.append(self.way(other, given.parent))

            self.function(script, node, parent, False, note)
            if ways and node.type == "object":
                self.object(script, node).add(ways[0].option, ways[0].value)
        else:
            self.refuse(script, node, "options of requests are handed on")

    def by_call(self, script: Script, node: Node, call: Node) -> None:
        """The options of one call."""
        way = self.way(script, call)
        if node.type == "object":
            self.object(script, node).add(way.option, way.value)

    def way(self, script: Script, call: Node) -> Ways:
        """How a call says that cookies go along. Raises :class:`Refused` where it is not known what it calls."""
        callee = callee_of(call)
        name = last_name(script, callee)
        if callee is None:
            self.refuse(script, call, "a request is made")
        held = object_of(callee)
        if name in FETCHES and (held is None or name in ("fetchJson", "fetch")):
            if not (held is None and self.front.called(script.path, callee)):
                return self.including(script)
        if name == "ajax" and held is not None:
            return Ways("xhrFields", "{ withCredentials: true }")
        if name == "clone":
            return Ways("withCredentials", "true")
        known = self.front.name(script.path, callee)
        if known.startswith(("axios", "@angular/common/http")) or known.endswith("http.get"):
            return Ways("withCredentials", "true")
        spoken = script.code(callee).lower()
        if name not in METHODS or not ("axios" in spoken or (b"HttpClient" in script.data and "http" in spoken)):
            self.refuse(script, call, f"{script.code(callee)[:40]} sends the token")
        return Ways("withCredentials", "true")

    # -- variables and requests that are changed ------------------------------------------------------------------------

    def of_variable(self, script: Script, node: Node, held: Node) -> None:
        """``headers.Authorization = token``, ``headers.set("Authorization", token)``"""
        word = script.code(held)
        scope = scope_of(script, held)
        declared = next((one for one in mentions_in(script, scope, word) if is_declaration(one)), None)
        if declared is None:
            self.refuse(script, node, "the token is put into a header")
        self.instead(script, node, "", {word})
        if declared.parent is not None and declared.parent.type == "variable_declarator":
            if any(
                one.parent is not None and one.parent.type == "arguments" and one.parent.parent is not None
                and last_name(script, callee_of(one.parent.parent)) in FETCHES
                for one in mentions_in(script, scope, word)
            ):
                self.refuse(script, node, "the token is put into a request")
            places = [one for one in mentions_in(script, scope, word) if one != declared]
            for one in places:
                parent = one.parent
                if parent is None or object_of(parent) == one:
                    continue
                if one.type == "shorthand_property_identifier":
                    self.options(script, parent)
                else:
                    self.headers(script, one, False)
            return
        # RTK Query: ``fetchBaseQuery({ prepareHeaders: (headers) => … })``
        function = scope if is_function(scope) else function_of(scope)
        pair = function.parent if function is not None and function.type != "method_definition" else None
        name = name_of(script, function) if function is not None else ""
        holder = pair.parent if pair is not None else (function.parent if function is not None else None)
        if name == "prepareHeaders" and holder is not None and holder.type == "object":
            way = self.including(script)
            self.object(script, holder).add(way.option, way.value)
            return
        self.refuse(script, node, "the token is put into a header")

    def of_request(self, script: Script, node: Node, owner: Node) -> None:
        """``config.headers.Authorization = token``: an interceptor's request, or the options of one."""
        if owner.type == "non_null_expression":
            owner = owner.named_children[0]
        if owner.type != "identifier":
            self.refuse(script, node, "the token is put into a header")
        word = script.code(owner)
        scope = scope_of(script, owner)
        function = scope if is_function(scope) else function_of(scope)
        places = list(mentions_in(script, scope, word))
        given = function.parent if function is not None else None
        call = given.parent if given is not None and given.type == "arguments" else None
        callee = script.code(callee_of(call) or call) if call is not None else ""
        if call is not None and function is not None and callee.endswith("interceptors.request.use"):
            self.interceptor(script, node, word, call, function, callee.removesuffix(".interceptors.request.use"))
        elif function is not None and (place := self.named_interceptor(script, function)) is not None:
            other, held = place
            made = self.maker(other, other.code(held))
            if made is None:
                self.instead(script, node, f"{word}.withCredentials = true", {word})
            else:
                self.always(*made)
                self.everywhere.add(other.code(held))
                self.instead(script, node, "", {word})
        elif any(self.is_fetched(script, one) for one in places):
            way = self.including(script)
            self.instead(script, node, f"{word}.{way.option} = {way.value}", {word})
        elif function is not None and name_of(script, function) == "onRequest" and word == "options":
            way = self.including(script)
            self.instead(script, node, f"{word}.{way.option} = {way.value}", {word})
        else:
            self.refuse(script, node, "the token is put into a header")

    def is_fetched(self, script: Script, node: Node) -> bool:
        """Whether a variable is given to ``fetch``."""
        call = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
        return call is not None and last_name(script, callee_of(call)) in FETCHES

    def named_interceptor(self, script: Script, function: Node) -> tuple[Script, Node] | None:
        """The axios instance that a function is given to by its name, for its requests."""
        name = name_of(script, function)
        for other, node in list(self.front.mentions(name)) if name else ():
            call = node.parent.parent if node.parent is not None and node.parent.type == "arguments" else None
            callee = callee_of(call) if call is not None else None
            if callee is not None and other.code(callee).endswith("interceptors.request.use"):
                held = object_of(object_of(object_of(callee)))
                return (other, held) if held is not None else None
        return None

    def always(self, script: Script, creation: Node) -> None:
        """Have an axios instance send cookies always."""
        given = arguments_of(creation)
        if given and given[0].type == "object":
            self.object(script, given[0]).add("withCredentials", "true")
        else:
            self.draft(script).replace(creation, f"{script.code(callee_of(creation) or creation)}({{ withCredentials: true }})")

    def interceptor(self, script: Script, node: Node, word: str, call: Node, function: Node, instance: str) -> None:
        """An axios interceptor that sets the header: the instance is told to send cookies, and the interceptor may have nothing to do."""
        made = self.maker(script, instance)
        if made is not None:
            self.always(*made)
            self.instead(script, node, "", {word})
            self.idle.append((script, call, function, ""))
        elif self.front.name(script.path, object_of(object_of(object_of(callee_of(call)))) or call) in ("axios", "axios.default"):
            self.instead(script, node, f"{word}.withCredentials = true", {word})
            self.idle.append((script, call, function, f"{instance}.defaults.withCredentials = true"))
        else:
            self.instead(script, node, f"{word}.withCredentials = true", {word})
            return
        self.everywhere.add(instance)

    def maker(self, script: Script, instance: str) -> tuple[Script, Node] | None:
        """The call ``axios.create(…)`` that makes an instance of a file."""
        for node in mentions_in(script, script.root, instance) if instance.isidentifier() else ():
            declarator = node.parent
            if declarator is None or declarator.type != "variable_declarator" or declarator.child_by_field_name("name") != node:
                continue
            value = declarator.child_by_field_name("value")
            while value is not None and value.type in PASSING:
                value = value.named_children[0]
            if value is not None and value.type == "call_expression" and last_name(script, callee_of(value)) == "create":
                given = arguments_of(value)
                if not given or given[0].type == "object":
                    return script, value
        return None

    def drop_interceptor(self, script: Script, call: Node, function: Node, replacement: str) -> None:
        """Take an interceptor out that only gives back what it is given."""
        body = function.child_by_field_name("body")
        statement = call.parent
        given = arguments_of(call)
        if body is None or body.type != "statement_block" or statement is None or statement.type != "expression_statement":
            return
        if len(given) > 1 and not re.search(r"reject|throw", script.code(given[1])):
            return
        draft = self.draft(script)
        left = [one for one in body.named_children if one.type != "comment" and not self.is_cleared(script, draft, one)]
        single = function.child_by_field_name("parameter")
        listed = function.child_by_field_name("parameters")
        pattern = single if single is not None else listed.named_children[0] if listed is not None and listed.named_children else None
        name = script.code(pattern.child_by_field_name("pattern") or pattern) if pattern is not None else ""
        if [script.code(one).rstrip(";") for one in left] not in ([f"return {name}"], []):
            return
        if replacement:
            end = ";" if script.code(statement).endswith(";") else ""
            draft.replace(statement, f"{replacement}{end}")
        else:
            draft.remove_statement(statement)

    def is_cleared(self, script: Script, draft: ScriptDraft, statement: Node) -> bool:
        """Whether a statement of an interceptor is gone, or only reads the token."""
        if draft.is_gone(statement):
            return True
        if statement.type == "lexical_declaration":
            return all(script.code(one.child_by_field_name("name") or one) in self.held for one in statement.named_children)
        return False
