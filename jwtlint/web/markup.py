"""Where the scripts of a page or a component stand: script elements, handlers in attributes, values of Alpine and Svelte."""

from __future__ import annotations

import re
from typing import NamedTuple

from tree_sitter import Node

from jwtlint.web.languages import NAMED, parser

# the types of script elements that are scripts (HTML, "The script element")
SCRIPT_TYPES = frozenset(("", "module", "text/javascript", "application/javascript", "text/ecmascript", "text/babel", "text/typescript"))
# attributes whose value is a script: DOM events, Vue, Alpine, Angular, htmx
HANDLER = re.compile(rb"on[a-z]+$|@|v-on:|x-on:|x-init$|x-effect$|\([\w.-]+\)$|hx-on", re.IGNORECASE)
VALUE = re.compile(rb"x-data$", re.IGNORECASE)
NOT_A_LINE_END = bytes(byte if byte in b"\r\n" else 32 for byte in range(256))
MAX_SVELTE = 4_000  # bytes of one expression in markup
MAX_LINE = 10_000  # bytes of a line in a script that somebody wrote by hand
MAX_DEPTH = 400  # elements inside elements; the time that the grammar takes is quadratic in it
TAG = re.compile(rb"<(/?)([A-Za-z][\w:-]*)")
SCRIPT = re.compile(rb"<script\b([^<>]*)>", re.IGNORECASE)
COMMENT_OR_SCRIPT = re.compile(rb"<!--|<script\b")
ATTRIBUTE = re.compile(rb"([\w:-]+)(?:\s*=\s*[\"']?([^\"'\s>]*))?")
# elements that hold nothing (HTML, "Void elements")
VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr".split())
OPENING, CLOSING, QUOTES = frozenset(b"{(["), frozenset(b"})]"), frozenset(b"\"'`")


class Region(NamedTuple):
    """A stretch of a page that is script: byte offsets, and whether it is an expression rather than statements."""

    start: int
    end: int
    value: bool = False


class Scripts(NamedTuple):
    """The scripts of a page, at their own places in a text that is otherwise blank. ``module``: one of them is a module."""

    data: bytes
    language: str
    module: bool


def scripts_of(data: bytes, svelte: bool = False) -> Scripts:
    """The scripts of a page (UTF-8, holes of template languages filled)."""
    data = without_comments(data)
    if depth(data) > MAX_DEPTH:
        return scripts_alone(data)
    regions: list[Region] = []
    language = "javascript"
    module = False
    stack = [parser("html").parse(data).root_node]
    bodies: list[Region] = []
    while stack:
        node = stack.pop()
        kind = node.type
        if kind == "script_element":
            attributes = attributes_of(node.children[0], data) if node.children else {}
            body = next((child for child in node.children if child.type == "raw_text"), None)
            if body is not None:
                bodies.append(Region(body.start_byte, body.end_byte))
                if attributes.get(b"type", b"").decode("latin-1").strip().lower() in SCRIPT_TYPES:
                    regions.append(bodies[-1])
                    language = NAMED.get(attributes.get(b"lang", b"").decode("latin-1").lower(), language)
                    module = module or attributes.get(b"type") == b"module"
        elif kind == "style_element":
            bodies.append(Region(node.start_byte, node.end_byte))
        elif kind == "attribute":
            regions.extend(handler(node, data))
        elif kind not in ("text", "comment"):
            stack.extend(node.children)
    if svelte:
        regions.extend(svelte_values(data, sorted(bodies)))
    return Scripts(cut_out(data, regions), language, module)


def without_comments(data: bytes) -> bytes:
    """A page with blanks for comments, over which the grammar may lose its way; what stands in scripts stays."""
    if b"<!--" not in data:
        return data
    out = bytearray(data)
    lowered = data.lower()
    position = 0
    while (found := COMMENT_OR_SCRIPT.search(lowered, position)) is not None:
        comment = found[0] == b"<!--"
        closing = lowered.find(b"-->" if comment else b"</script", found.end())
        end = len(data) if closing < 0 else closing + 3 if comment else closing
        if comment:
            out[found.start() : end] = data[found.start() : end].translate(NOT_A_LINE_END)
        position = end
    return bytes(out)


def depth(data: bytes) -> int:
    """How deep elements nest, at a rough count."""
    deepest = here = 0
    for closing, name in TAG.findall(data):
        if name.lower() in VOID:
            continue
        here += -1 if closing else 1
        deepest = max(deepest, here)
        here = max(here, 0)
    return deepest


def scripts_alone(data: bytes) -> Scripts:
    """The script elements of a page that nests too deep for the grammar."""
    regions: list[Region] = []
    language, module, position = "javascript", False, 0
    lowered = data.lower()
    while (found := SCRIPT.search(data, position)) is not None:
        end = lowered.find(b"</script", found.end())
        if end < 0:
            break
        attributes = {name.lower(): value for name, value in ATTRIBUTE.findall(found[1])}
        if attributes.get(b"type", b"").decode("latin-1").lower() in SCRIPT_TYPES:
            regions.append(Region(found.end(), end))
            language = NAMED.get(attributes.get(b"lang", b"").decode("latin-1").lower(), language)
            module = module or attributes.get(b"type") == b"module"
        position = end
    return Scripts(cut_out(data, regions), language, module)


def attributes_of(tag: Node, data: bytes) -> dict[bytes, bytes]:
    """The attributes of a start tag; the value of one without a value is empty."""
    found: dict[bytes, bytes] = {}
    for child in tag.children:
        if child.type == "attribute":
            name, value = parts_of(child)
            if name is not None:
                found[data[name.start_byte : name.end_byte].lower()] = data[value.start_byte : value.end_byte] if value else b""
    return found


def parts_of(attribute: Node) -> tuple[Node | None, Node | None]:
    """The name and the value of an attribute, without quotation marks."""
    name = value = None
    for child in attribute.children:
        if child.type == "attribute_name":
            name = child
        elif child.type == "attribute_value":
            value = child
        elif child.type == "quoted_attribute_value":
            value = next((inner for inner in child.children if inner.type == "attribute_value"), None)
    return name, value


def handler(attribute: Node, data: bytes) -> list[Region]:
    """The script in an attribute's value."""
    name, value = parts_of(attribute)
    if name is None or value is None or data[value.start_byte - 1] not in b"\"'":
        return []
    word = data[name.start_byte : name.end_byte]
    if VALUE.match(word):
        return [Region(value.start_byte, value.end_byte, data[value.start_byte : value.end_byte].lstrip()[:1] in (b"{", b"("))]
    return [Region(value.start_byte, value.end_byte)] if HANDLER.match(word) else []


def svelte_values(data: bytes, bodies: list[Region]) -> list[Region]:
    """The expressions in the attributes of Svelte's markup: ``on:click={() => …}``."""
    found: list[Region] = []
    position = 0
    for body in [*bodies, Region(len(data), len(data))]:
        while 0 <= (start := data.find(b"={", position, body.start)):
            end = closing_brace(data, start + 2, min(body.start, start + MAX_SVELTE))
            if end is None:
                position = min(body.start, start + MAX_SVELTE)  # not looked into again: there may be ever so many
            else:
                found.append(Region(start + 2, end, True))
                position = end
        position = max(position, body.end)
    return found


def closing_brace(data: bytes, start: int, limit: int) -> int | None:
    """Where the brace closes that opened before ``start``."""
    depth = 0
    quote = 0
    position = start
    while position < limit:
        byte = data[position]
        if quote:
            if byte == 0x5C:
                position += 1
            elif byte == quote:
                quote = 0
        elif byte in QUOTES:
            quote = byte
        elif byte in OPENING:
            depth += 1
        elif byte in CLOSING:
            if not depth:
                return position
            depth -= 1
        position += 1
    return None


def cut_out(data: bytes, regions: list[Region]) -> bytes:
    """Blanks for all but some regions; what stands around each ends the statement before it."""
    out = bytearray(data.translate(NOT_A_LINE_END))
    for start, end, value in regions:
        if end - start > MAX_LINE and max(map(len, data[start:end].splitlines()), default=0) > MAX_LINE:
            continue
        out[start:end] = data[start:end]
        if start and out[start - 1] == 32:
            out[start - 1] = ord("(" if value else ";")
        if value and start > 1 and out[start - 2] == 32:
            out[start - 2] = ord(";")
        if end < len(out) and out[end] == 32:
            out[end] = ord(")" if value else ";")
    return bytes(out)
