"""A rule's page, from its TOML file: as plain text, and as Markdown."""

from __future__ import annotations

import textwrap

from jwtlint.report.escape import fenced
from jwtlint.report.links import asvs_page, cwe_page
from jwtlint.rules.catalogue import Example, Rule

LANGUAGES = {".py": "python", ".js": "javascript", ".ts": "typescript", ".tsx": "tsx", ".jsx": "jsx", ".vue": "vue", ".html": "html"}


def plain(rule: Rule) -> str:
    """The page as plain text, at most 88 columns wide where it is prose."""
    numbers = ", ".join(f"CWE-{number}" for number in rule.cwe)
    parts = [
        f"{rule.code} {rule.name} ({rule.level}, {rule.failure})",
        textwrap.fill(one_line(rule.why), 88),
        "To mend it",
        textwrap.fill(one_line(rule.remedy), 88),
    ]
    parts += ["Fix", textwrap.fill(fix_in_words(rule), 88)]
    for example in rule.example:
        parts += [f"Bad ({example.file})", textwrap.indent(example.bad.strip("\n"), "    ")]
        if example.fixed:
            parts += ["Fixed", textwrap.indent(example.fixed.strip("\n"), "    ")]
        parts += ["Good", textwrap.indent(example.good.strip("\n"), "    ")]
    parts.append("; ".join(part for part in (numbers, f"OWASP ASVS 5.0: {', '.join(rule.asvs)}" if rule.asvs else "") if part))
    return "\n\n".join(parts) + "\n"


def markdown(rule: Rule) -> str:
    """The page as Markdown, without a heading of its own."""
    parts = [one_line(rule.why), f"**To mend it.** {one_line(rule.remedy)}"]
    for example in rule.example:
        parts += [f"Bad (`{example.file}`):", fenced(example.bad.strip("\n"), language(example))]
        if example.fixed:
            parts += ["Fixed by `jwtlint fix`:", fenced(example.fixed.strip("\n"), language(example))]
        parts += ["Good:", fenced(example.good.strip("\n"), language(example))]
    standards = [f"[CWE-{number}]({cwe_page(number)})" for number in rule.cwe]
    standards += [f"[OWASP ASVS 5.0 {number}]({asvs_page(number)})" for number in rule.asvs]
    parts.append(", ".join(standards))
    return "\n\n".join(parts)


def fix_in_words(rule: Rule) -> str:
    """Whether `jwtlint fix` mends what the rule finds."""
    if rule.fix.recipe:
        return "`jwtlint fix` can do it; see what it makes of the bad example."
    return f"None: {rule.fix.none}." if rule.fix.none else "None is known for this rule."


def language(example: Example) -> str:
    """The name by which Markdown knows an example's language; empty for one that it does not."""
    return LANGUAGES.get(example.file[example.file.rfind(".") :], "")


def one_line(text: str) -> str:
    """A paragraph without line breaks."""
    return " ".join(text.split())
