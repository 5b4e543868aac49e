"""The HTML report as text; ``tests/browser`` looks at it in a browser."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import hostile
import msgspec
import pytest

from jwtlint.facts.lifecycle import Place
from jwtlint.report.document import Rendering
from jwtlint.report.formats import html
from jwtlint.report.page import findings, tables
from jwtlint.report.page.highlight import Highlighter
from jwtlint.rules.fixes import Edit, Fix
from jwtlint.sources.text import Texts

VOID = {"meta", "link", "input", "img", "br", "rect", "line", "path", "circle"}


class Page(HTMLParser):
    """The elements of a page, and whether each is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("which", ["rendering", "nothing", "hostile"])
def test_every_element_is_closed_and_every_name_is_unique(which: str, request: pytest.FixtureRequest) -> None:
    told: Rendering = hostile.rendering() if which == "hostile" else request.getfixturevalue(which)
    page = Page(html.render(told))
    assert page.open == []
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))
    links = [attributes["href"] or "" for tag, attributes in page.elements if tag == "a"]
    assert {link[1:] for link in links if link.startswith("#")} <= {name or "" for name in names}
    assert [link for link in links if not link.startswith(("#", "https://cwe.mitre.org/", "https://github.com/OWASP/"))] == []


def test_nothing_comes_from_outside_and_only_its_own_style_and_script_count(rendering: Rendering) -> None:
    text = html.render(rendering)
    (policy,) = re.findall('http-equiv="Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; img-src data:; ")
    for kind in ("style", "script"):
        (inside,) = re.findall(f"<{kind}>(.*?)</{kind}>", text, flags=re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy
    attributes = [name for _, found in Page(text).elements for name in found]
    assert "style" not in attributes and not any(name.startswith("on") for name in attributes)
    assert re.findall(r"url\(|@import|fetch\(|localStorage|innerHTML", text) == []


def test_what_the_standards_ask(rendering: Rendering) -> None:
    text = html.render(rendering)
    row = r'<tr class="\w+"><th scope="row"><a [^>]*>([\d.]+)</a>.*?<span class="key \w+">([^<]*)</span>'
    rows = dict(re.findall(row, text, flags=re.DOTALL))
    assert rows["7.4.5"] == "not met: 1 finding"
    assert rows["9.1.1"] == "nothing against it"
    assert rows["7.5.2"] == "not checked"
    assert len([number for number in rows if number.startswith("7.")]) == 19
    less = msgspec.structs.replace(rendering, rules=lambda: [rule for rule in rendering.rules() if rule.code != "JWT401"])
    assert "not checked" in re.findall(r">9\.1\.1</a>.*?</tr>", html.render(less), flags=re.DOTALL)[0]


def test_notes_alone_put_a_requirement_in_question_only(rendering: Rendering) -> None:
    counts = {"JWT107": 2, "JWT308": 1, "JWT303": 1}
    found = {row.number: row.result for row in tables.rows({}, rendering.rules(), lambda rule: rule.asvs, counts)}
    # JWT107 and JWT308 are notes, JWT303 is an error
    assert (found["7.4.1"], found["3.3.4"], found["9.1.1"]) == ("noted", "against", "nothing")


def test_a_change_is_shown_as_a_diff(rendering: Rendering) -> None:
    fix = Fix(title="leave <role> out", safety="unsafe", edits=(Edit(Place("app.py", 5, 21, 5, 40), ""),))
    text = "".join(findings.suggestion(fix, rendering))
    assert "Suggested change (unsafe): leave &lt;role&gt; out" in text
    assert '<li class="removed"><code>-    claims = {&quot;é&quot;: 1, &quot;role&quot;: user.role}' in text
    assert '<li class="added"><code>+    claims = {&quot;é&quot;: 1}' in text
    assert list(findings.suggestion(None, rendering)) == []
    told = "".join(findings.suggestion(Fix(reason="a <b> forbids it"), rendering))
    assert told == "<p><strong>No fix:</strong> a &lt;b&gt; forbids it.</p>"


def framed(source: bytes, place: Place) -> str:
    return Highlighter(Texts(None, {place.path: source})).frame(place, "here", "error")


def test_a_string_over_many_lines_is_one() -> None:
    text = framed(b'x = """\nimport jwt\n"""\ny = 1\n', Place("a.py", 2, 0, 2, 6))
    assert '<mark><span class="s">import</span></mark><span class="s"> jwt</span>' in text


SCRIPT = b"<script>1</script>\n"


@pytest.mark.parametrize(
    ("path", "source", "words"),
    [
        ("a.py", b"import jwt\n", "import"),
        ("a.js", b"const a = 1;\n", "const"),
        ("a.tsx", b"const a = 1;\n", "const"),
        ("a.html", SCRIPT, "&lt;script"),
        ("a.vue", SCRIPT, "&lt;script"),
    ],
)
def test_languages(path: str, source: bytes, words: str) -> None:
    text = framed(source, Place(path, 1, len(source) - 1, 1, len(source) - 1))
    (word,) = re.findall(r'<code>(?:&lt;)?<span class="k">(\w+)</span>', text)
    assert words.endswith(word)


@pytest.mark.parametrize(
    "place", [Place("a.py", 9, 0, 9, 1), Place("a.py", 1, 500, 1, 600), Place("a.py", 1, 3, 99, 1), Place("none.py", 1, 0, 1, 1)]
)
def test_a_file_that_changed_meanwhile_is_no_error(place: Place) -> None:
    framed(b"short\n", place) if place.path == "a.py" else Highlighter(Texts(None)).frame(place, "here", "error")


def test_a_long_line_is_cut_around_the_span() -> None:
    text = framed(b"x" * 5_000 + b"token" + b"y" * 5_000, Place("a.py", 1, 5_000, 1, 5_005))
    assert len(text) < 1_000 and "<mark>token</mark>" in text.replace('<span class="">', "")


def test_a_large_file_is_read_around_the_span_only() -> None:
    source = b"import jwt\n" * 20_000
    assert "<mark>" in framed(source, Place("a.py", 15_000, 7, 15_000, 10))


def test_code_as_hostile_as_can_be() -> None:
    source = b"'''" * 3_000 + b"\n" + b"f'{" * 3_000 + b"\n" + b"\\" * 9_000 + b"\n" + bytes(range(256)) * 40
    text = framed(source, Place("a.py", 2, 0, 2, 3))
    assert "<mark>" in text
