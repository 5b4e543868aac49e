"""Text of the rules, which marks code with backticks, as HTML; and links to what a rule names."""

from __future__ import annotations

from jwtlint.report.escape import html
from jwtlint.report.links import asvs_page, cwe_page
from jwtlint.rules.catalogue import Rule


def prose(text: str) -> str:
    """A paragraph's text: what stands between backticks is code."""
    parts = " ".join(text.split()).split("`")
    return "".join(f"<code>{html(part)}</code>" if number % 2 else html(part) for number, part in enumerate(parts))


def scrolling(inside: str, name: str) -> str:
    """What may be wider than the page, in a group that the keyboard can scroll. Both are HTML."""
    return f'<div class="scroll" tabindex="0" role="group" aria-label="{name}">{inside}</div>'


def outside(address: str, text: str) -> str:
    """A link that leads away from the page."""
    return f'<a href="{html(address)}" rel="noopener noreferrer">{html(text)}</a>'


def standards(rule: Rule) -> str:
    """The weaknesses and requirements that a rule names."""
    told = [outside(cwe_page(number), f"CWE-{number}") for number in rule.cwe]
    told += [outside(asvs_page(number), f"ASVS {number}") for number in rule.asvs]
    return ", ".join(told)
