"""A page in one file: its style and script inside, and a Content-Security-Policy that allows these and nothing else.

The policy names the SHA-256 of the one style and the one script (https://www.w3.org/TR/CSP3/), so a piece of scanned code that found its
way into the page as HTML could still run nothing, load nothing, and send nothing.
"""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

from jwtlint.report.escape import html

ICON = (
    "data:image/svg+xml,"
    "%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%23b3261e'/%3E"
    "%3Cpath d='M16 7v9M10.5 10.5a8 8 0 1 0 11 0' fill='none' stroke='white' stroke-width='3' stroke-linecap='round'/%3E%3C/svg%3E"
)


def page(title: str, body: str, style: str, script: str = "") -> str:
    """The whole page. ``body`` is HTML; ``title`` is text."""
    scripts = source(script) if script else "'none'"
    policy = f"default-src 'none'; img-src data:; style-src {source(style)}; script-src {scripts}; base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f'<link rel="icon" href="{ICON}">\n'
        f"<title>{html(title)}</title>\n<style>{style}</style>\n</head>\n<body>\n{body}\n"
        + (f"<script>{script}</script>\n" if script else "")
        + "</body>\n</html>\n"
    )


def source(text: str) -> str:
    """How a policy names a text of the page's own."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode()}'"


def data(name: str) -> str:
    """A style sheet or script beside this module."""
    return (Path(__file__).parent / name).read_text(encoding="utf-8")
