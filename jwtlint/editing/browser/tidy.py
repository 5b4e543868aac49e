"""Names that nothing uses any more once a token is gone: variables, imports, functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from jwtlint.editing.browser.front_end import FrontEnd, last_name
from jwtlint.editing.browser.scopes import block_of, is_declaration, is_definition, mentions_in
from jwtlint.editing.browser.storage import name_of
from jwtlint.editing.scripts import Script, ScriptDraft, nodes

if TYPE_CHECKING:
    from tree_sitter import Node

ACTING = frozenset("call_expression new_expression await_expression yield_expression assignment_expression update_expression".split())
READING = frozenset(("json", "getItem", "get"))
ROUNDS = 5


class Tidy:
    """Takes out what is not used any more, file by file."""

    def __init__(self, front: FrontEnd, draft: Callable[[Script], ScriptDraft], reads: Iterable[tuple[str, int, int]]) -> None:
        self.front = front
        self.draft = draft
        self.reads = set(reads)

    def run(self, drafts: Iterable[ScriptDraft], functions: Iterable[tuple[Script, Node]]) -> None:
        """Look until nothing more falls away. ``functions`` gave the token."""
        files = list(drafts)
        given = list(functions)
        for _ in range(ROUNDS):
            before = sum(len(one.changes) for one in files)
            for script, function in given:
                self.function(script, function)
            for draft in files:
                self.file(draft)
            if before == sum(len(one.changes) for one in files):
                return

    def file(self, draft: ScriptDraft) -> None:
        """One file."""
        script = draft.script
        gone = [(one.start, one.end, one.text) for one in draft.changes if one.gone]
        names: dict[str, Node] = {}
        for node in nodes(script.root):
            if not node.children and node.type in ("identifier", "shorthand_property_identifier"):
                if any(start <= node.start_byte and node.end_byte <= end for start, end, _ in gone):
                    names.setdefault(f"{script.code(node)}", node)
        for word in names:
            for declared in [one for one in nodes(script.root) if one.text == word.encode() and is_declaration(one)]:
                block = block_of(declared)
                if block is None or draft.is_gone(declared):
                    continue
                if any(node != declared and not draft.is_gone(node) for node in mentions_in(script, block, word)):
                    continue
                if any(word in text for _, _, text in gone if text) or (block.type == "program" and self.is_elsewhere(script, word)):
                    continue
                if any(draft.is_gone(node) for node in mentions_in(script, block, word)):
                    self.declaration(draft, declared)

    def is_elsewhere(self, script: Script, word: str) -> bool:
        """Whether a name may be used where no script of the file sees it: in a component's markup, or in a type."""
        if not script.path.endswith((".vue", ".svelte", ".html", ".htm")):
            return any(node.type == "type_identifier" for node in nodes(script.root) if node.text == word.encode())
        outside = re.sub(r"<script\b.*?</script", "", script.text, flags=re.DOTALL | re.IGNORECASE)
        return re.search(rf"\b{re.escape(word)}\b", outside) is not None

    def declaration(self, draft: ScriptDraft, name: Node) -> None:
        """Take a declaration out, if nothing else hangs on it."""
        parent = name.parent
        if parent is None:
            return
        if parent.type == "import_specifier":
            self.specifier(draft, parent)
        elif parent.type == "import_clause" and len(parent.named_children) == 1 and parent.parent is not None:
            draft.remove_statement(parent.parent)
        elif parent.type == "variable_declarator":
            self.variable(draft, parent)
        elif parent.type == "object_pattern" and parent.parent is not None and parent.parent.type == "variable_declarator":
            if any(one.type == "rest_pattern" for one in parent.named_children):
                return
            if len(parent.named_children) == 1:
                self.variable(draft, parent.parent)
            else:
                remove_from_list(draft, parent, name)

    def specifier(self, draft: ScriptDraft, specifier: Node) -> None:
        """One name of an import; the last one takes the import along."""
        listed = specifier.parent
        clause = listed.parent if listed is not None else None
        if listed is None or clause is None or clause.parent is None:
            return
        left = [one for one in listed.named_children if one != specifier and not draft.is_gone(one)]
        if left:
            remove_from_list(draft, listed, specifier)
        elif len(clause.named_children) == 1:
            draft.remove_statement(clause.parent)

    def variable(self, draft: ScriptDraft, declarator: Node) -> None:
        """A variable; what its value does besides goes on being done."""
        statement = declarator.parent
        if statement is None or statement.type not in ("lexical_declaration", "variable_declaration"):
            return
        if len(statement.named_children) != 1 or (statement.parent is not None and statement.parent.type == "export_statement"):
            return
        value = declarator.child_by_field_name("value")
        if value is None or self.is_reading(draft.script, value):
            draft.remove_statement(statement)
        elif value.type in ("await_expression", "call_expression", "new_expression"):
            draft.change(statement.start_byte, value.start_byte, "")

    def is_reading(self, script: Script, value: Node) -> bool:
        """Whether a value can go: nothing is done by it but reading."""
        harmless = [(start, end) for path, start, end in self.reads if path == script.path]
        for node in nodes(value):
            if node.type in ("arrow_function", "function_expression"):
                return True
            if node.type in ACTING and not any(start <= node.start_byte and node.end_byte <= end for start, end in harmless):
                called = node.named_children[0] if node.type == "await_expression" and node.named_children else node
                callee = called.child_by_field_name("function") if called.type == "call_expression" else None
                if callee is None or callee.type != "member_expression" or last_name(script, callee) not in READING:
                    return False
        return True

    def function(self, script: Script, function: Node) -> None:
        """A function that gave the token, and that nobody calls any more."""
        name = name_of(script, function)
        declared = function.parent
        statement = declared.parent if declared is not None and declared.type == "variable_declarator" else function
        if statement is None or statement.type not in ("lexical_declaration", "function_declaration", "method_definition"):
            return
        specifiers: list[tuple[Script, Node]] = []
        for other, node in self.front.mentions(name):
            parent = node.parent
            if parent is None or self.draft(other).is_gone(node):
                continue
            if is_definition(node):
                if other.path == script.path and function.start_byte <= node.end_byte and node.start_byte <= function.end_byte:
                    continue
                if other.path == script.path and declared is not None and declared.start_byte == node.start_byte:
                    continue
            if parent.type == "import_specifier":
                specifiers.append((other, parent))
                continue
            return
        exported = statement.parent is not None and statement.parent.type == "export_statement"
        whole = statement.parent if exported and statement.parent is not None else statement
        for other, specifier in specifiers:
            self.specifier(self.draft(other), specifier)
        draft = self.draft(script)
        before = whole.prev_named_sibling
        if before is not None and before.type == "comment" and before.end_point[0] + 1 == whole.start_point[0]:
            if not script.data[script.data.rfind(b"\n", 0, before.start_byte) + 1 : before.start_byte].strip():
                draft.remove_statement(before)
        draft.remove_statement(whole)


def remove_from_list(draft: ScriptDraft, holder: Node, entry: Node) -> None:
    """Take one of several names between braces out, with its comma."""
    entries = [one for one in holder.named_children if one.type != "comment" and not draft.is_gone(one)]
    place = entries.index(entry)
    if place + 1 < len(entries):
        draft.change(entry.start_byte, entries[place + 1].start_byte, "")
    elif place:
        draft.change(entries[place - 1].end_byte, entry.end_byte, "")
