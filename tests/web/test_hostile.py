"""Nothing that a file of a front end holds makes the reading fail; nesting and length cost what they are long.

No test looks at a clock: what took quadratic time would not end within the run's own limit, or would break the recursion limit.
"""

from __future__ import annotations

import msgspec
import pytest

from jwtlint.facts.web import WebModule
from jwtlint.web.frontend import read_module

MANY = 20_000
CASES = {
    "parentheses": ("a.js", "x=" + "(" * MANY + "1" + ")" * MANY),
    "open brackets": ("a.ts", "x=" + "[" * MANY),
    "open objects": ("a.ts", "x=" + "{a:" * MANY),
    "JSX": ("a.tsx", "x=" + "<a b={c}>" * MANY + "</a>" * MANY),
    "JSX that stays open": ("a.jsx", "x=" + "<a>" * MANY),
    "functions in functions": ("a.js", "(function(){" * MANY + "})" * MANY),
    "arrows": ("a.js", "x=" + "a=>" * MANY + "1"),
    "classes in classes": ("a.js", "x=" + "class{a=" * MANY + "1" + "}" * MANY),
    "else if": ("a.js", "if(a){}else " * MANY + "b()"),
    "a long sum": ("a.js", "x=1" + "+a" * MANY),
    "a long chain": ("a.js", "x" + ".a(b)" * MANY),
    "templates in templates": ("a.js", "x=" + "`${" * 2_000),
    "a deep pattern": ("a.js", "const " + "{a:" * MANY + "b" + "}" * MANY + "=c"),
    "elements that stay open": ("a.html", "<div>" * 100_000 + "<script>a()</script>"),
    "deep elements": ("a.html", "<div>" * MANY + "</div>" * MANY),
    "comments that stay open": ("a.html", "<!--" * 100_000),
    "scripts that stay open": ("a.html", "<script>a(" * MANY),
    "handlers": ("a.html", "<a " + 'onclick="a(" ' * MANY),
    "holes that stay open": ("a.html", "{{" * 100_000 + "{%" * 100_000 + "<%" * 100_000),
    "raw sections": ("a.html", "{% raw %}" * MANY),
    "Svelte's braces": ("a.svelte", "<a b={" * MANY),
    "quotation marks": ("a.js", '"' * 100_000),
    "a bundle in one line": ("a.js", "var a=function(b){return b[c]=d.e(f),g&&h||i};" * 5_000),
    "a long line in a page": ("a.html", "<script>" + "/[" * 50_000 + "</script>"),
    "zeros": ("a.html", "\0" * 200_000),
    "tags everywhere": ("a.vue", '<template lang="{{">{% <script setup lang="ts" }}>' * 2_000),
}


@pytest.mark.parametrize("name", CASES)
def test_every_file_gives_facts_that_can_be_kept(name: str) -> None:
    path, text = CASES[name]
    module = read_module(path, text.encode())
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(module), type=WebModule) == module


@pytest.mark.parametrize("path", ["a.js", "a.tsx", "a.vue", "a.html", "a.svelte", "a.jinja2"])
def test_every_byte(path: str) -> None:
    assert read_module(path, bytes(range(256)) * 20).path == path


def test_what_is_nested_too_deep_for_one_expression_is_read_all_the_same() -> None:
    module = read_module("a.js", ("f(" * 500 + 'localStorage.setItem("a", b)' + ")" * 500).encode())
    assert "localStorage" in repr(module.steps)


def test_scripts_of_a_page_that_nests_too_deep_are_read() -> None:
    module = read_module(
        "a.html", ("<div>" * 5_000 + '<script type="module" lang="ts">a(b as c)</script><script type="x">d()</script>').encode()
    )
    assert [step.kind for step in module.steps] == ["evaluate"]
