"""The one place where scanned text is made safe to print.

A scanned file may hold escape sequences (ESC, C1 controls), characters that turn the direction of text (the bidirectional
controls of "Trojan Source", CVE-2021-42574), NUL, and Rich's markup. Nothing of these may reach a terminal or a log as it is.
"""

from __future__ import annotations

import re

BIDIRECTIONAL = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
INVISIBLE = "\u200b-\u200d\u2028\u2029\u2060\ufeff\U000e0000-\U000e007f"
UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f{BIDIRECTIONAL}{INVISIBLE}\ud800-\udfff]")
UNSAFE_IN_JSON = re.compile(f"[\x7f-\x9f{BIDIRECTIONAL}{INVISIBLE}]")


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
