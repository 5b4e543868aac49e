"""One file of a front end as bytes and as syntax trees, and changes to it at the places of nodes.

Scripts, components and pages are changed as text: what no change touches stays byte for byte. Offsets are in bytes of the file without
its byte order mark.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from jwtlint.editing.edits import edits_between
from jwtlint.editing.recipe import Refused
from jwtlint.facts.web_layout import is_web
from jwtlint.rules.fixes import Edit

if TYPE_CHECKING:
    from tree_sitter import Node

MAX_BYTES = 1_000_000
STATEMENTS = frozenset(
    "program statement_block switch_case switch_default class_body export_statement".split()
)  # what holds statements one after another
BLANK = b" \t"
TEMPLATE = re.compile(rb"\{\{|\{%")


class Script(NamedTuple):
    """A file. ``data`` are its bytes without the mark, ``root`` the tree of its scripts, at their own offsets."""

    path: str
    data: bytes
    mark: bytes
    root: Node

    @property
    def text(self) -> str:
        """The file's text."""
        return self.data.decode("utf-8")

    def code(self, node: Node) -> str:
        """The text of a node."""
        return self.data[node.start_byte : self.end_of(node)].decode("utf-8")

    def end_of(self, node: Node) -> int:
        """Where a node ends in the file itself: in pages, an end of statement is put where a script ends, over what stands there."""
        while node.children:
            last = node.children[-1]
            if last.type == ";" and self.data[last.start_byte : last.end_byte] != b";" and len(node.children) > 1:
                last = node.children[-2]
            node = last
        return node.end_byte

    def line_end(self) -> str:
        """The line ends of the file, by its first one."""
        return "\r\n" if b"\r\n" in self.data[: self.data.find(b"\n") + 1] else "\n"

    def indent(self, offset: int) -> str:
        """The blanks at the start of the line that an offset lies in."""
        start = self.data.rfind(b"\n", 0, offset) + 1
        end = start
        while end < len(self.data) and self.data[end] in BLANK:
            end += 1
        return self.data[start:end].decode("utf-8")

    def quote(self) -> str:
        """The quotes that most strings of the file have."""
        return "'" if self.data.count(b"'") > self.data.count(b'"') else '"'


def read_script(path: str, data: bytes) -> Script:
    """Parse one file. Raises :class:`Refused` with the reason why its code is left alone."""
    if ("{{" in path or "{%" in path) and TEMPLATE.search(data):
        raise Refused("the file is part of a template, so a change could break what is made of it")
    if len(data) > MAX_BYTES:
        raise Refused("the file is too large to be rewritten")
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    body = data[len(mark) :]
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("the file is not encoded in UTF-8") from None
    return Script(path, body, mark, parsed(path, body))


def parsed(path: str, data: bytes) -> Node:
    """The tree of a file's scripts (UTF-8, without a mark)."""
    from jwtlint.web.frontend import visible_script
    from jwtlint.web.languages import parser

    filled, language = visible_script(path, data)
    return parser(language).parse(filled.data).root_node


def decoded_web(data: bytes) -> tuple[str, bytes]:
    """The text of a front end's file and its byte order mark. Raises :class:`Refused`."""
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    try:
        return data[len(mark) :].decode("utf-8"), mark
    except UnicodeDecodeError:
        raise Refused("the file is not encoded in UTF-8") from None


def broken_places(root: Node) -> int:
    """How many places of a tree the grammar could not make sense of."""
    if not root.has_error:
        return 0
    return sum(1 for node in nodes(root) if node.is_error or node.is_missing)


def check_script(path: str, before: bytes, after: bytes) -> None:
    """Refuse a change after which more of a file cannot be parsed. Raises :class:`Refused`."""
    if is_web(path) and broken_places(parsed(path, after)) > broken_places(parsed(path, before)):
        raise Refused("the result would not be a valid script")


def nodes(root: Node) -> Iterator[Node]:
    """A node and all nodes below it, in textual order."""
    waiting = [root]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


class Change(NamedTuple):
    """The bytes from ``start`` to ``end`` are to become ``text``. ``gone``: what stood there is not part of ``text``."""

    start: int
    end: int
    text: str
    gone: bool


class ScriptDraft:
    """Collects changes of one file; a change inside one that takes its surroundings away is left out."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.path = script.path
        self.changes: set[Change] = set()

    def replace(self, node: Node, text: str) -> None:
        """Put a text in the place of a node, of which nothing is left."""
        self.change(node.start_byte, self.script.end_of(node), text)

    def change(self, start: int, end: int, text: str, gone: bool = True) -> None:
        """Put a text in the place of some bytes."""
        self.changes.add(Change(start, end, text, gone and end > start))

    def remove_statement(self, node: Node) -> None:
        """Take a statement out, with its lines where nothing else stands on them, and a comment behind it."""
        start, end = self.lines_of(node.start_byte, self.script.end_of(node))
        self.change(start, end, "")

    def lines_of(self, start: int, end: int) -> tuple[int, int]:
        """A stretch, widened to whole lines where it has them for itself."""
        data = self.script.data
        if end < len(data) and data[end : end + 1] == b";":
            end += 1
        first = start
        while first > 0 and data[first - 1] in BLANK:
            first -= 1
        last = end
        while last < len(data) and data[last] in BLANK:
            last += 1
        if data[last : last + 2] == b"//":
            found = data.find(b"\n", last)
            last = len(data) if found < 0 else found - (1 if data[found - 1 : found] == b"\r" else 0)
        at_start = first == 0 or data[first - 1] == 0x0A
        rest = data[last : last + 2]
        if at_start and (last == len(data) or rest[:1] == b"\n" or rest == b"\r\n"):
            last = min(len(data), last + (2 if rest == b"\r\n" else 1))
            above = data[:first].rstrip(b" \t\r\n")
            follows = re.match(rb"[ \t]*\r?\n", data[last : last + 1000])
            if follows is not None and (not above or above.endswith((b"{", b"(", b"[")) or data.count(b"\n", len(above), first) > 1):
                last += follows.end()  # of two empty lines one is left
            return first, last
        # other code shares the line: one blank goes too
        return (start, last) if last > end and not at_start and rest != b"//" else (start, end)

    def is_gone(self, node: Node) -> bool:
        """Whether a node lies in what is taken out so far."""
        return any(one.gone and one.start <= node.start_byte and self.script.end_of(node) <= one.end for one in self.changes)

    def settled(self) -> list[Change]:
        """The changes that are left, in order. Raises :class:`Refused` where two meet."""
        found: list[Change] = []
        for one in sorted(self.changes, key=lambda change: (change.start, -change.end, not change.gone)):
            last = found[-1] if found else None
            if last is not None and one.start < last.end:
                if one.end <= last.end and last.gone:
                    continue
                raise Refused("two changes meet at one place")
            found.append(one)
        return found

    def text(self) -> str:
        """The changed file. Raises :class:`Refused` when it would be no script any more."""
        data = self.script.data
        parts: list[bytes] = []
        at = 0
        for one in self.settled():
            parts += (data[at : one.start], one.text.encode("utf-8"))
            at = one.end
        changed = b"".join((*parts, data[at:]))
        check_script(self.path, data, changed)
        return changed.decode("utf-8")

    def edits(self) -> tuple[Edit, ...]:
        """The edits that make the changes. Raises :class:`Refused`."""
        return edits_between(self.path, self.script.text, self.text())


def statement_of(node: Node) -> Node | None:
    """The statement that a node is in, or is."""
    here: Node | None = node
    while here is not None and here.parent is not None and here.parent.type not in STATEMENTS:
        here = here.parent
    return here


def function_of(node: Node) -> Node | None:
    """The innermost function around a node."""
    from jwtlint.web.expressions import FUNCTIONS

    here = node.parent
    while here is not None and here.type not in (*FUNCTIONS, "function_declaration", "generator_function_declaration", "method_definition"):
        here = here.parent
    return here
