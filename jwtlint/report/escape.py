"""The one place where scanned text is made safe to print.

A scanned file may hold escape sequences (ESC, C1 controls), characters that turn the direction of text (the bidirectional
controls of "Trojan Source", CVE-2021-42574), NUL, and Rich's markup. Nothing of these may reach a terminal or a log as it is; and
what is text must stay text in HTML, XML, Markdown and GitHub's workflow commands.
"""

from __future__ import annotations

import re

BIDIRECTIONAL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
INVISIBLE = "\u200b-\u200d\u2028\u2029\u2060\ufeff\U000e0000-\U000e007f"
UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f{BIDIRECTIONAL}{INVISIBLE}\ud800-\udfff]")
UNSAFE_IN_JSON = re.compile(f"[\x7f-\x9f{BIDIRECTIONAL}{INVISIBLE}]")

NO_XML = re.compile("[\ufffe\uffff]")
MARKDOWN = re.compile(r"[\\`*_{}\[\]|~$]")


def visible(text: str) -> str:
    """One line of text with every control character written out (``\\x1b``); a tab stays one column wide, as a blank."""
    return UNSAFE.sub(written_out, text.replace("\t", " ")) if UNSAFE.search(text) else text


def written_out(match: re.Match[str]) -> str:
    """A character as Python writes it."""
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def markup(text: str) -> str:
    """Text that Rich prints as it stands: controls written out, brackets no markup."""
    from rich.markup import escape

    return escape(visible(text))


def json_safe(document: str) -> str:
    """A JSON document whose strings hold no character that a terminal obeys; it means the same to a JSON reader."""
    return UNSAFE_IN_JSON.sub(json_escape, document)


def json_escape(match: re.Match[str]) -> str:
    """A character as JSON escapes it, in UTF-16 code units (RFC 8259 section 7)."""
    units = match.group().encode("utf-16-be")
    return "".join(f"\\u{units[index]:02x}{units[index + 1]:02x}" for index in range(0, len(units), 2))


def html(text: str) -> str:
    """Text inside an HTML or SVG element, or inside a quoted attribute."""
    return visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;").replace("'", "&#39;")


def xml(text: str) -> str:
    """Text inside an XML 1.0 element, or inside a quoted attribute; what XML knows no writing for is written out (section 2.2)."""
    return NO_XML.sub(written_out, html(text))


def xml_lines(text: str) -> str:
    """Several lines inside an XML element."""
    return "\n".join(xml(line) for line in text.split("\n"))


def workflow_data(text: str) -> str:
    """The message of a GitHub workflow command (``escapeData`` of actions/toolkit)."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def workflow_property(text: str) -> str:
    """A property of a GitHub workflow command (``escapeProperty`` of actions/toolkit)."""
    return workflow_data(text).replace(":", "%3A").replace(",", "%2C")


def markdown(text: str) -> str:
    """Text in a Markdown paragraph or table cell: no markup, no HTML, and nobody is mentioned.

    A word joiner after ``@`` and ``#`` keeps GitHub and GitLab from turning names and numbers into mentions and references.
    """
    safe = MARKDOWN.sub(r"\\\g<0>", visible(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    return unmentioned(safe)


def markdown_html(text: str) -> str:
    """Text inside an HTML element of a Markdown document."""
    return unmentioned(visible(text)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unmentioned(text: str) -> str:
    """Text in which ``@name`` and ``#1`` are no mentions and references."""
    return text.replace("@", "@\u2060").replace("#", "#\u2060")


def markdown_code(text: str) -> str:
    """One line of code in a Markdown paragraph, with more backticks around it than are in it."""
    shown = visible(text)
    ticks = "`" * (longest_run(shown) + 1)
    gap = " " if shown.startswith("`") or shown.endswith("`") or not shown.strip() else ""
    return f"{ticks}{gap}{shown}{gap}{ticks}"


def fenced(code: str, language: str = "") -> str:
    """Lines of code as a Markdown block, with a longer fence than any in it."""
    shown = "\n".join(visible(line) for line in code.split("\n"))
    fence = "`" * max(3, longest_run(shown) + 1)
    return f"{fence}{language}\n{shown}\n{fence}"


def longest_run(text: str) -> int:
    """The length of the longest run of backticks."""
    return max((len(run) for run in re.findall("`+", text)), default=0)
