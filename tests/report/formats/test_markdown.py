from __future__ import annotations

import re

import hostile
import msgspec
from markdown_it import MarkdownIt

from jwtlint.report.document import Prefix, Rendering
from jwtlint.report.formats import markdown


def html(rendering: Rendering) -> str:
    """What a Markdown reader that lets HTML through makes of it."""
    return str(MarkdownIt("gfm-like", {"linkify": False, "html": True}).disable("linkify").render(markdown.render(rendering)))


def test_a_comment_for_a_pull_request(rendering: Rendering) -> None:
    text = markdown.render(msgspec.structs.replace(rendering, prefix=Prefix("api/", "")))
    lines = text.splitlines()
    assert lines[:3] == ["<!-- jwtlint -->", "## JWTs are used as sessions here.", ""]
    assert "- ❌ **Claims go stale**: 1 × JWT201" in lines
    assert "- ✅ No place was found where a token is easily stolen" in lines
    rows = [line for line in lines if line.startswith(("| 🔴", "| 🟠"))]
    assert len(rows) == 3 and rows[0].startswith("| 🔴 error | [JWT101](https://cwe.mitre.org/")
    assert "`api/app.py:5`" in rows[2]
    assert "```mermaid" in lines and "- `api/broken.py`: it is not valid Python (invalid syntax)" in lines


def test_nothing_found(nothing: Rendering) -> None:
    assert markdown.render(nothing) == "<!-- jwtlint -->\n## No session by JWT was found.\n\n0 findings in 4 files, of which 0 mattered.\n"


def test_it_fits_into_a_comment_of_github(rendering: Rendering) -> None:
    report = msgspec.structs.replace(rendering.report, findings=rendering.report.findings * 2_000)
    text = markdown.render(msgspec.structs.replace(rendering, report=report))
    assert len(text.encode()) < 65_536
    assert "findings more." in text


def test_scanned_text_is_neither_html_nor_a_mention() -> None:
    text = markdown.render(hostile.rendering())
    shown = html(hostile.rendering())
    tags = set(re.findall(r"</?([a-z0-9]+)", shown))
    assert tags <= {"h2", "ul", "li", "p", "strong", "table", "thead", "tbody", "tr", "th", "td", "a", "code", "pre", "details", "summary"}
    assert {address.split("/definitions/")[0] for address in re.findall('href="([^"]*)"', shown)} == {"https://cwe.mitre.org/data"}
    assert "<strong>bold</strong>" not in shown
    # inside a block of code nothing is a mention
    prose = re.sub("```mermaid.*?```", "", text, flags=re.DOTALL)
    assert "@\u2060everyone #\u20601" in prose
    assert "@everyone" not in text and "#1" not in prose
    # every row of the table has its four cells
    assert shown.count("<tr>") * 4 == shown.count("<td>") + shown.count("<th>")
