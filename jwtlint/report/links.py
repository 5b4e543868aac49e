"""Where rules and outside standards can be read.

``JWTLINT_DOCS_URL`` names the address at which a site made by ``jwtlint docs`` is served; rules then lead to their pages there.
Without it a rule leads to the first weakness that it names. jwtlint itself opens none of these addresses.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jwtlint.rules.catalogue import Rule

VARIABLE = "JWTLINT_DOCS_URL"
ADDRESS = re.compile(r"(https?|file)://[!-;=?-~]+")
CHEAT_SHEET = "https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html"
# the chapters of OWASP ASVS 5.0.0 by their numbers
CHAPTERS = {
    "3": "0x12-V3-Web-Frontend-Security",
    "7": "0x16-V7-Session-Management",
    "8": "0x17-V8-Authorization",
    "9": "0x18-V9-Self-contained-Tokens",
    "10": "0x19-V10-OAuth-and-OIDC",
    "13": "0x22-V13-Configuration",
    "14": "0x23-V14-Data-Protection",
}


def rule_page(rule: Rule) -> str:
    """The address of a rule's page, or of a page about what it finds."""
    return own_page(rule) or (cwe_page(rule.cwe[0]) if rule.cwe else CHEAT_SHEET)


def own_page(rule: Rule) -> str:
    """The address of a rule's page on the user's own site; "" where there is none."""
    base = os.environ.get(VARIABLE, "").rstrip("/")
    return f"{base}/rules/{rule.code}.html" if ADDRESS.fullmatch(base) else ""


def cwe_page(number: int) -> str:
    """The address of a weakness."""
    return f"https://cwe.mitre.org/data/definitions/{number}.html"


def asvs_page(requirement: str) -> str:
    """The address of the chapter with a requirement of OWASP ASVS 5.0."""
    chapter = CHAPTERS.get(requirement.partition(".")[0])
    base = "https://github.com/OWASP/ASVS/blob/v5.0.0/5.0/en"
    return f"{base}/{chapter}.md" if chapter else "https://github.com/OWASP/ASVS/tree/v5.0.0/5.0/en"
