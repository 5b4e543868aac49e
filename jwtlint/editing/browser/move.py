"""A session token that scripts keep in the browser's storage makes room for a cookie that the server sets.

All uses of its key change together, or none does. Where scripts ask whether somebody is logged in, a flag that holds no secret takes the
token's place in the storage.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jwtlint.editing.browser.front_end import arguments_of, callee_of, last_name, object_of, span_of, where
from jwtlint.editing.browser.headers import Credentials
from jwtlint.editing.browser.scopes import is_declaration, mentions_in, scope_of
from jwtlint.editing.browser.storage import Access, Storage
from jwtlint.editing.browser.tidy import Tidy
from jwtlint.editing.browser.uses import Uses
from jwtlint.editing.recipe import Refused
from jwtlint.editing.scripts import Script, ScriptDraft, function_of, nodes
from jwtlint.facts.web_layout import SCRIPT_SUFFIXES
from jwtlint.linker.browser.values import Answer, Member, dotted

if TYPE_CHECKING:
    from tree_sitter import Node

    from jwtlint.facts.program import Span

FLAGS = ("logged_in", "signed_in", "has_session")
QUOTES = frozenset("\"'`")
PREFIX = re.compile(r"(.*[.:/])[^.:/]*")
NONE = frozenset(("null", "undefined", '""', "''", "``"))
WITH_BODY = frozenset(("post", "put", "patch"))
WITHOUT_BODY = frozenset(("get", "delete", "head"))


class Move:
    """The move of one key of a front end's storage."""

    def __init__(self, storage: Storage, key: str) -> None:
        self.front = storage.front
        self.storage = storage
        self.key = key
        self.drafts: dict[str, ScriptDraft] = {}
        taken = {self.storage.key_of(one) for one in self.storage.everything()}
        self.flag = next((one for one in flags_for(key) if one not in taken), "")
        self.quotes: dict[tuple[str, int], set[str]] = {}  # by the place of a change, the quotes that may stand in it

    def draft(self, script: Script) -> ScriptDraft:
        """The changes of a file."""
        return self.drafts.setdefault(script.path, ScriptDraft(script))

    def make(self) -> list[ScriptDraft]:
        """Work out all changes. Raises :class:`Refused`."""
        accesses = self.storage.of_key(self.key)
        writes = [one for one in accesses if one.kind == "write"]
        if not self.flag:
            raise Refused("no key for a flag is left in the storage")
        if not writes:
            raise Refused("the token is written in a form that is not known")
        for one in accesses:
            if one.kind == "write" and one.value is None:
                raise Refused(f"a function of the project writes it in a form that is not known ({where(one.script, one.node)})")
        self.check_key(accesses)
        uses = Uses(self.front)
        reads = [one for one in accesses if one.kind == "read"]
        for read in reads:
            uses.follow(read.script, read.node)
        held = {script.code(one.child_by_field_name("name") or one) for script, one in uses.variables}
        credentials = Credentials(self.front, self.draft, held)
        for header in uses.headers:
            credentials.take_out(header)
        for write in writes:
            self.headers_of_written(write, credentials)
        for write in writes:
            self.login(write, credentials)
        credentials.settle()
        places = [(one.script.path, one.node.start_byte, one.node.end_byte) for one in reads]
        places += [(script.path, call.start_byte, call.end_byte) for script, call in uses.calls]
        needed = self.needed(accesses, uses, places)
        for one in accesses:
            if one.kind != "read" and not self.draft(one.script).is_gone(one.node):
                self.rewrite(one, needed)
        self.tidy(uses, places)
        for one in reads:
            if not self.draft(one.script).is_gone(one.node):
                self.rewrite(one, needed)
        self.tidy(uses, places)
        self.check_places()
        return [one for one in self.drafts.values() if one.changes]

    def check_key(self, accesses: Sequence[Access]) -> None:
        """Refuse a key that is used for something else: compared, or given to a server's code. Raises :class:`Refused`."""
        keys = {(one.script.path, one.key.start_byte, one.key.end_byte) for one in accesses}
        spoken = [one for one in accesses if one.key.type in ("identifier", "member_expression") and not one.by_name]
        names = {last_name(one.script, one.key) for one in spoken}
        for name in names - {""}:
            for script, node in list(self.front.mentions(name)):
                member = node.parent if node.type == "property_identifier" else node
                if member is None or (member != node and member.type != "member_expression") or is_declaration(node):
                    continue
                if (script.path, member.start_byte, member.end_byte) in keys or "specifier" in (node.parent.type if node.parent else ""):
                    continue
                if node.type.startswith("shorthand") or self.front.text(script.path, member) != self.key:
                    continue
                raise Refused(f"its key {name} is used at {where(script, node)}, in a form that is not known")
        for script in self.front.scripts():
            for node in nodes(script.root) if self.key.encode() in script.data else ():
                if node.type != "string" or script.code(node)[1:-1] != self.key or (script.path, node.start_byte, node.end_byte) in keys:
                    continue
                if self.is_asked(script, node):
                    raise Refused(f"its key is used at {where(script, node)}, in a form that is not known")

    def is_asked(self, script: Script, node: Node) -> bool:
        """Whether a text that is the key is used as one: compared with the key of an event, or to get a cookie elsewhere."""
        parent = node.parent
        if parent is None:
            return False
        if parent.type == "binary_expression":
            return any(last_name(script, one) == "key" for one in parent.named_children)
        return self.storage.medium == "cookie" and parent.type in ("arguments", "subscript_expression")

    def check_places(self) -> None:
        """Refuse a change in an attribute of a page whose quotes could end the attribute. Raises :class:`Refused`."""
        for draft in self.drafts.values():
            if draft.path.endswith(SCRIPT_SUFFIXES):
                continue
            for one in draft.settled():
                odd = QUOTES.intersection(one.text) - self.quotes.get((draft.path, one.start), set())
                if odd and is_attribute(draft.script, one.start):
                    line = draft.script.data.count(b"\n", 0, one.start) + 1
                    raise Refused(f"it is used in an attribute of the page, in a form that is not known ({draft.path} line {line})")

    # -- the flag ----------------------------------------------------------------------------------------------------

    def needed(self, accesses: Sequence[Access], uses: Uses, places: Sequence[tuple[str, int, int]]) -> bool:
        """Whether something still asks for the token when all headers are gone; a trial shows it."""
        kept = {path: set(draft.changes) for path, draft in self.drafts.items()}
        for one in accesses:
            if one.kind != "read" and self.can_go(one) and not self.draft(one.script).is_gone(one.node):
                self.draft(one.script).remove_statement(statement_around(one) or one.node)
        self.tidy(uses, places)
        left = any(not self.draft(one.script).is_gone(one.node) for one in accesses)
        for path, draft in self.drafts.items():
            draft.changes = kept.get(path, set())
        return left

    def tidy(self, uses: Uses, places: Sequence[tuple[str, int, int]]) -> None:
        """Take out what nothing uses any more."""
        Tidy(self.front, self.draft, places).run(list(self.drafts.values()), uses.functions)

    def can_go(self, access: Access) -> bool:
        """Whether an access is a statement of its own."""
        return statement_around(access) is not None

    def rewrite(self, access: Access, flag: bool) -> None:
        """One access: to the flag, or out."""
        draft = self.draft(access.script)
        script = access.script
        own = {one for one in QUOTES if one in script.code(access.key)}
        for place in (access.key.start_byte, access.node.start_byte, *((access.value.start_byte,) if access.value is not None else ())):
            self.quotes[script.path, place] = own
        statement = statement_around(access)
        value = access.value
        acting = value is not None and any(one.type in ("call_expression", "await_expression") for one in nodes(value))
        if acting and value is not None and last_name(script, callee_of(value) if value.type == "call_expression" else None) in (
            "stringify",
            "String",
        ):
            acting = any(one.type == "await_expression" for one in nodes(value))
        if acting and (statement is None or value is None):
            raise Refused(f"the token is asked for where it is stored ({where(script, access.node)})")
        if not flag:
            if statement is None:
                raise Refused(f"it is stored inside another expression ({where(script, access.node)})")
            if acting and value is not None:
                draft.replace(access.node, script.code(value))
            else:
                draft.remove_statement(statement)
            return
        if access.kind == "write" and value is not None:
            before = f"{script.code(value)};{script.line_end()}{script.indent(access.node.start_byte)}" if acting else ""
            self.set_flag(draft, access, value, before)
        else:
            self.rename(draft, access)

    def set_flag(self, draft: ScriptDraft, access: Access, value: Node, before: str) -> None:
        """``setItem("token", token)`` becomes ``setItem("logged_in", "1")``; of an empty token, ``removeItem("logged_in")``."""
        script = access.script
        quote = quote_of(script, access.key)
        if before:
            draft.change(access.node.start_byte, access.node.start_byte, before, gone=False)
        if script.code(value) in NONE and access.node.type == "call_expression":
            callee = callee_of(access.node)
            held = object_of(callee)
            remove = {"setItem": "removeItem", "set": "remove" if self.storage.medium == "cookie" else ""}.get(last_name(script, callee))
            if held is None or not remove:
                raise Refused(f"an empty token is stored by a function ({where(script, access.node)})")
            draft.replace(access.node, f"{script.code(held)}.{remove}({quote}{self.flag}{quote})")
            return
        if script.code(value) in NONE and access.node.type == "assignment_expression":
            left = access.node.child_by_field_name("left")
            held = object_of(left)
            if held is not None:
                draft.replace(access.node, f"{script.code(held)}.removeItem({quote}{self.flag}{quote})")
                return
        self.rename(draft, access)
        draft.replace(value, f"{quote}1{quote}")

    def rename(self, draft: ScriptDraft, access: Access) -> None:
        """The flag's key in the place of the token's."""
        if not access.by_name:
            quote = quote_of(access.script, access.key)
            draft.replace(access.key, f"{quote}{self.flag}{quote}")
        elif self.flag.isidentifier():
            draft.replace(access.key, self.flag)
        else:
            raise Refused("the key of the storage is no name")

    # -- where the token is got ----------------------------------------------------------------------------------------

    def headers_of_written(self, write: Access, credentials: Credentials) -> None:
        """Headers that get the token besides, where it is stored: ``axios.defaults.headers.common.Authorization = …``."""
        function = function_of(write.node) or write.script.root
        script = write.script
        value = script.code(write.value) if write.value is not None else ""
        for node in nodes(function):
            if node.type == "assignment_expression":
                left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
                if left is not None and right is not None and ".defaults.headers" in script.code(left) and value in script.code(right):
                    if last_name(script, left).lower() == "authorization":
                        credentials.assignment(script, node)

    def login(self, write: Access, credentials: Credentials) -> None:
        """The request that the token is the answer of: its answer sets a cookie, which browsers take only where they may send some."""
        places: set[tuple[str, Span]] = set()
        if write.value is not None:
            for value in self.front.values(write.script.path, write.value):
                here = value
                while isinstance(here, Member):
                    here = here.base
                if isinstance(here, Answer) and self.front.evaluator.knowledge.meaning(dotted(here.callee) or "?", "request"):
                    places.add((here.frame.path, here.call.at))
        function = function_of(write.node)
        while function is not None:
            calls = [node for node in nodes(function) if node.type == "call_expression" and is_fetch(write.script, node)]
            places.update((write.script.path, span_of(node)) for node in calls)
            function = function_of(function) if not calls else None
        for path, at in places:
            script = self.front.files.script(path)
            for node in self.front.index(script).uses:
                if node.type == "call_expression" and span_of(node) == at:
                    self.with_cookies(script, node, credentials)

    def with_cookies(self, script: Script, call: Node, credentials: Credentials) -> None:
        """One request, with the option that lets its answer set cookies."""
        callee = callee_of(call)
        name = last_name(script, callee)
        given = arguments_of(call)
        if credentials.everywhere and name != "fetch":
            return
        if name in ("fetch", "$fetch", "ofetch", "useFetch"):
            way = credentials.including(script)
            self.option(script, call, given, 1, way.option, way.value, credentials)
        elif (name in WITH_BODY or name in WITHOUT_BODY) and self.front.name(script.path, callee or call).startswith("axios"):
            position = 2 if name in WITH_BODY else 1
            if len(given) >= position:
                self.option(script, call, given, position, "withCredentials", "true", credentials)

    def option(
        self, script: Script, call: Node, given: Sequence[Node], position: int, name: str, value: str, credentials: Credentials
    ) -> None:
        """One option of a call, in the object at a position of its arguments."""
        if len(given) > position:
            if given[position].type == "object":
                credentials.object(script, given[position]).add(name, value)
        elif len(given) == position and not (given[0].type == "identifier" and self.is_request(script, given[0], name, value, credentials)):
            end = given[-1].end_byte
            self.draft(script).change(end, end, f", {{ {name}: {value} }}", gone=False)

    def is_request(self, script: Script, node: Node, name: str, value: str, credentials: Credentials) -> bool:
        """Whether an argument is a ``new Request(url, options)``, which then gets the option."""
        for one in mentions_in(script, scope_of(script, node), script.code(node)):
            made = one.parent.child_by_field_name("value") if is_declaration(one) and one.parent is not None else None
            if made is not None and made.type == "new_expression" and last_name(script, callee_of(made)) == "Request":
                self.option(script, made, arguments_of(made), 1, name, value, credentials)
                return True
        return False


def is_fetch(script: Script, call: Node) -> bool:
    """Whether a call is one of ``fetch``."""
    callee = callee_of(call)
    return callee is not None and last_name(script, callee) == "fetch"


def statement_around(access: Access) -> Node | None:
    """The statement that an access is, where it can go as a whole."""
    node = access.node
    parent = node.parent
    if parent is None or parent.type != "expression_statement" or parent.parent is None:
        return None
    return parent if parent.parent.type in ("program", "statement_block") else None


def quote_of(script: Script, key: Node) -> str:
    """The quotes of a key, else those that the file prefers."""
    code = script.code(key)
    return code[0] if code[:1] in ("'", '"') else script.quote()


def flags_for(key: str) -> list[str]:
    """Keys for the flag in the style of the token's: with the same prefix, and the same way of joining words."""
    found = PREFIX.fullmatch(key)
    prefix = found[1] if found is not None else ""
    name = key[len(prefix) :]
    if "-" in name:
        return [f"{prefix}{one.replace('_', '-')}" for one in FLAGS]
    if re.search(r"[a-z][A-Z]", name):
        return [f"{prefix}{first}{second.title()}" for first, second in (one.split("_") for one in FLAGS)]
    return [f"{prefix}{one}" for one in FLAGS]


def is_attribute(script: Script, offset: int) -> bool:
    """Whether a place in a page or a component lies outside of its script elements."""
    before = script.data[:offset].lower()
    return before.rfind(b"<script") <= before.rfind(b"</script")
