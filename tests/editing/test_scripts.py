"""Changes to scripts, components and pages: at the places of nodes, and nowhere else."""

from __future__ import annotations

import codecs

import pytest
from tree_sitter import Node

from jwtlint.editing.browser.objects import ObjectChange
from jwtlint.editing.recipe import Refused
from jwtlint.editing.scripts import Script, ScriptDraft, broken_places, check_script, decoded_web, nodes, read_script
from jwtlint.rules.edited import applied


def first(script: Script, kind: str, number: int = 0) -> Node:
    """One of the nodes of a kind."""
    return [node for node in nodes(script.root) if node.type == kind][number]


def read(path: str, text: str) -> Script:
    return read_script(path, text.encode())


@pytest.mark.parametrize("path", ["a.js", "a.ts", "a.jsx", "a.tsx", "a.vue", "a.svelte", "a.html", "a.html.jinja2"])
def test_a_node_is_replaced_in_every_kind_of_file(path: str) -> None:
    code = 'const ü = "ä"; call("é", 1); // 🎉\n'
    text = code if path[-2:] in ("js", "ts", "sx") else f"<p>ö {{{{ x }}}}</p>\n<script>\n{code}</script>\n"
    draft = ScriptDraft(read(path, text))
    draft.replace(first(draft.script, "number"), "22")
    assert draft.text() == text.replace("1);", "22);")
    assert applied(text, draft.edits()) == draft.text()


def test_a_mark_and_what_stands_before_it() -> None:
    script = read_script("a.js", codecs.BOM_UTF8 + b"a(1);\n")
    assert script.mark == codecs.BOM_UTF8
    assert script.text == "a(1);\n"
    assert decoded_web(codecs.BOM_UTF8 + b"a(1);\n") == ("a(1);\n", codecs.BOM_UTF8)


STATEMENTS = [
    ("one();\ntwo();\nthree();\n", "one();\nthree();\n"),
    ("one();\r\n  two();  // why\r\nthree();\r\n", "one();\r\nthree();\r\n"),
    ("one(); two(); three();\n", "one(); three();\n"),
    ("one();\n\ntwo();\n\nthree();\n", "one();\n\nthree();\n"),
    ("f(() => {\n  two();\n\n  three();\n});\n", "f(() => {\n  three();\n});\n"),
    ("two()", ""),
]


@pytest.mark.parametrize(("before", "after"), STATEMENTS)
def test_a_statement_goes_with_its_line(before: str, after: str) -> None:
    script = read("a.js", before)
    (node,) = (one for one in nodes(script.root) if one.type == "expression_statement" and script.code(one).startswith("two()"))
    draft = ScriptDraft(script)
    draft.remove_statement(node)
    assert draft.text() == after


def test_the_end_of_a_script_without_a_semicolon_belongs_to_the_page() -> None:
    text = '<script>one(); two()</script>\n<b onclick="two()">x</b>\n'
    script = read("a.html", text)
    draft = ScriptDraft(script)
    for node in nodes(script.root):
        if node.type == "expression_statement" and script.code(node) == "two()":
            draft.remove_statement(node)
    assert draft.text() == '<script>one(); </script>\n<b onclick="">x</b>\n'


def test_a_change_inside_what_goes_is_left_out_and_two_that_meet_are_refused() -> None:
    draft = ScriptDraft(read("a.js", "one(two(3));\nfour();\n"))
    draft.replace(first(draft.script, "number"), "5")
    draft.remove_statement(first(draft.script, "expression_statement"))
    assert draft.text() == "four();\n"
    draft.change(8, 16, "")
    with pytest.raises(Refused, match="two changes meet"):
        draft.text()


def test_a_change_that_breaks_the_script_is_refused() -> None:
    draft = ScriptDraft(read("a.ts", "one(2);\n"))
    draft.replace(first(draft.script, "number"), "(((")
    with pytest.raises(Refused, match="would not be a valid script"):
        draft.text()


def test_a_file_that_was_broken_before_may_be_changed() -> None:
    text = "one(1);\nconst = = ;\n"
    draft = ScriptDraft(read("a.js", text))
    assert broken_places(draft.script.root) > 0
    draft.replace(first(draft.script, "number"), "2")
    assert draft.text() == text.replace("1", "2")
    check_script("a.js", text.encode(), b"one(2);\n")


@pytest.mark.parametrize(
    ("path", "data", "sentence"),
    [
        ("a.js", b"x = '\xff'", "the file is not encoded in UTF-8"),
        ("{{ name }}/a.jsx", b"x = <a b={{ c: 1 }} />", "the file is part of a template"),
        ("a.js", b"x;" * 600_000, "the file is too large"),
    ],
)
def test_files_that_are_left_alone(path: str, data: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        read_script(path, data)


OBJECTS = [
    ("({ a: 1, b: 2, c: 3 })", ["b"], {}, "({ a: 1, c: 3 })"),
    ("({ a: 1, b: 2, c: 3 })", ["c"], {}, "({ a: 1, b: 2 })"),
    ("({ a: 1, b: 2, c: 3 })", ["b", "c"], {}, "({ a: 1 })"),
    ("({ a: 1, b: 2 })", ["a", "b"], {}, "({})"),
    ("({ a: 1, b: 2 })", ["a"], {"d": "4"}, "({ d: 4, b: 2 })"),
    ("({})", [], {"d": "4"}, "({ d: 4 })"),
    ("({ a: 1 })", [], {"d": "4"}, "({ a: 1, d: 4 })"),
    ("({\n  a: 1,\n  b: 2,\n})", ["b"], {}, "({\n  a: 1,\n})"),
    ("({\r\n  a: 1,\r\n  b: 2\r\n})", [], {"d": "4"}, "({\r\n  a: 1,\r\n  b: 2,\r\n  d: 4\r\n})"),
    ("({\n  a: 1, // why\n  b: 2, // what\n})", ["a"], {}, "({\n  // why\n  b: 2, // what\n})"),
    ('({ a: 1, mode: "omit" })', [], {"mode": '"include"'}, '({ a: 1, mode: "include" })'),
    ('({ a: 1, mode: "same" })', [], {"mode": '"include"'}, '({ a: 1, mode: "same" })'),
]


@pytest.mark.parametrize(("before", "removed", "added", "after"), OBJECTS)
def test_entries_of_an_object(before: str, removed: list[str], added: dict[str, str], after: str) -> None:
    script = read("a.js", before)
    change = ObjectChange(script, first(script, "object"))
    for name in removed:
        entry = change.entry(name)
        assert entry is not None
        change.remove(entry)
    for name, value in added.items():
        change.add(name, value)
    draft = ScriptDraft(script)
    change.make(draft)
    assert draft.text() == after
