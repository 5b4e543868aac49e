"""What a script, a component or a page says, as facts."""

from __future__ import annotations

import msgspec
import pytest

from jwtlint.facts.program import Attribute, Blank, Call, Closure, Constant, Expression, Mapping, Name, Step, Template
from jwtlint.facts.web import WebExport, WebModule
from jwtlint.linker.traversal import walk
from jwtlint.web.frontend import read_module


def read(text: str | bytes, path: str = "a.ts") -> WebModule:
    module = read_module(path, text if isinstance(text, bytes) else text.encode())
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(module), type=WebModule) == module
    return module


def steps(module: WebModule) -> list[Step]:
    return [*module.steps, *(step for function in module.functions for step in function.steps)]


def calls(module: WebModule) -> list[tuple[str, list[object]]]:
    """The called names with the literal arguments, in order of place."""
    found: list[tuple[int, int, str, list[object]]] = []
    for step in steps(module):
        for node in walk(step.value) if step.value is not None else ():
            if isinstance(node, Call):
                given = [one.value if isinstance(one, Constant) else type(one).__name__ for one in node.positional]
                found.append((node.at.line, node.at.column, spelled(node.function), given))
    return [(name, given) for _, _, name, given in sorted(found, key=lambda one: one[:2])]


def spelled(node: Expression) -> str:
    if isinstance(node, Attribute):
        return f"{spelled(node.value)}.{node.name}"
    return node.name if isinstance(node, Name) else "?"


def test_imports_and_exports() -> None:
    module = read(
        """
        import a, { b as c, type D } from "./x";
        import * as e from '../y';
        import "./side";
        import f = require("g");
        export { h as i } from "./z";
        export * from "./all";
        export const { j, k: [l] } = m;
        export default class N {}
        """
    )
    assert [(one.module, one.name, one.alias) for one in module.imports] == [
        ("./x", "default", "a"),
        ("./x", "b", "c"),
        ("./x", "D", "D"),
        ("../y", "*", "e"),
        ("./side", "", ""),
        ("g", "*", "f"),
    ]
    assert module.exports == (
        WebExport("i", "h", "./z"),
        WebExport("*", "*", "./all"),
        WebExport("j", "j"),
        WebExport("l", "l"),
        WebExport("default", "N"),
    )
    assert module.kind == "module"


def test_functions_know_where_they_stand() -> None:
    module = read("class A extends B { constructor(private x: X) {} save = (t) => keep(t); }\nconst f = async () => g(() => h());\n")
    assert [(one.name, one.owner, one.scope) for one in module.functions] == [
        ("constructor", 0, -1),
        ("save", 0, -1),
        ("f", -1, -1),
        ("", -1, 2),
    ]
    (parameter,) = module.functions[0].parameters
    assert (parameter.annotation, parameter.holds) == ("X", True)
    assert isinstance(module.steps[-1].value, Closure)


@pytest.mark.parametrize("text", ["x = (y as string)!;", "x = <string>y;", "x = await y;", "x = (y);", "x = y satisfies T;"])
def test_what_only_wraps_a_value_leaves_it(text: str) -> None:
    (step,) = read(text).steps
    assert isinstance(step.value, Name) and step.value.name == "y"


def test_assignments_inside_expressions_are_steps_of_their_own() -> None:
    found = read("a.b = c['d'] = e && (f = g);\nh ||= i;\nj += k;").steps
    assert [step.kind for step in found] == ["assign", "assign", "assign", "assign", "augment"]


def test_enumerations_are_objects() -> None:
    (step,) = read('enum K { A = "a", B = "b" }').steps
    assert isinstance(step.value, Mapping)
    assert [entry.value.value for entry in step.value.entries if isinstance(entry.value, Constant)] == ["a", "b"]


def test_jsx_gives_the_expressions_in_it() -> None:
    module = read('const A = () => <B c={d("e")}>{f("g")}<h onClick={() => i("j")} /></B>;', "a.jsx")
    assert calls(module) == [("d", ["e"]), ("f", ["g"]), ("i", ["j"])]


def test_places_are_lines_and_bytes() -> None:
    (step,) = read('\n/* ü */ localStorage.setItem("ä", b);').steps
    assert (step.at.line, step.at.column, step.at.end_column) == (2, 9, 39)


@pytest.mark.parametrize(
    "text",
    [
        'foo(\nlocalStorage.setItem("a", b);\n',
        'const x = {;\nlocalStorage.setItem("a", b);',
        'function f() {\n localStorage.setItem("a", b);\n',
        '}}} localStorage.setItem("a", b);',
    ],
)
def test_a_broken_script_still_says_the_rest(text: str) -> None:
    assert ("localStorage.setItem", ["a", "Name"]) in calls(read(text, "a.js"))


def test_bytes_that_are_no_text_are_passed_over() -> None:
    module = read(b'\xef\xbb\xbfconst a = "\xff\xfe";\nlocalStorage.setItem("b", "\xe4");\n', "a.js")
    assert [name for name, _ in calls(module)] == ["localStorage.setItem"]
    assert module.steps[1].at.line == 2


def test_the_scripts_and_handlers_of_a_page() -> None:
    page = """<html><body onload="a('1')" x-data="{ b: c('2') }" @click="d('3')" class="e('no')">
<script>f("4")</script>
<script type="application/json">{"g": h("no")}</script>
<!-- <script>i("no")</script> -->
<script type="module">import "./j.js"; k("5")</script>
<textarea>l("no")</textarea>
</body></html>"""
    module = read(page, "a.html")
    assert calls(module) == [("a", ["1"]), ("c", ["2"]), ("d", ["3"]), ("f", ["4"]), ("k", ["5"])]
    assert [one.module for one in module.imports] == ["./j.js"]


def test_components() -> None:
    vue = '<template><a @click="b(\'c\')"/></template>\n<script setup lang="ts">\nconst d: string = e<string>("f");\n</script>\n'
    assert calls(read(vue, "a.vue")) == [("b", ["c"]), ("e", ["f"])]
    svelte = '<script>let a = b("c");</script>\n<button on:click={() => d("e")} class={f("g")}>{h}</button>\n'
    assert calls(read(svelte, "a.svelte")) == [("b", ["c"]), ("d", ["e"]), ("f", ["g"])]


def blanks(module: WebModule) -> list[str]:
    return [node.text for step in steps(module) for node in (walk(step.value) if step.value is not None else ()) if isinstance(node, Blank)]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('<script>a = "{{ token }}";</script>', "a.html"),
        ("<script>a = {{ token }};</script>", "a.jinja2"),
        ("<script>a = `x{{ token }}`;</script>", "a.html"),
        ("<script>{% if b %}a = {{ token }};{% endif %}</script>", "a.html"),
        ("<a onclick=\"b('{{ token }}')\">", "a.html"),
        ('<%! import c %><script>a = "${token}";</script>', "a.html"),
        ("<script>a = ${token};</script>", "a.mako"),
        ('<script>a = "<%= token %>";</script>', "a.html"),
        ("a = {{ token }};", "a.js.j2"),
    ],
)
def test_what_the_server_fills_in_keeps_its_meaning(text: str, path: str) -> None:
    assert blanks(read(text, path)) == ["token"]


def test_what_is_no_template_stays_as_it_is() -> None:
    assert blanks(read("const A = <B style={{ a: b }} />;", "a.tsx")) == []
    assert blanks(read("<script>a = `${token}`;</script>", "a.html")) == []
    assert blanks(read('{% raw %}<script>a = "{{ b }}";</script>{% endraw %}', "a.html")) == []
    (step,) = read("a = `${token}`;").steps
    assert isinstance(step.value, Template)


def test_template_syntax_inside_tags_and_attributes() -> None:
    page = '<input {% if a %}checked{% endif %} value="{{ b|default:"c" }}" {{ d }}><script>e("f")</script>'
    module = read(page, "a.html")
    assert calls(module) == [("e", ["f"])]
    assert [one.text for one in module.written] == ['b|default:"c"', "d"]
    assert page[module.written[1].at.column : module.written[1].at.end_column] == "{{ d }}"


def test_a_project_template_is_a_script_with_its_own_holes_filled() -> None:
    module = read('import x from "./{{cookiecutter.name}}/y";\nconst a = {{ cookiecutter.b }};\nc("d");\n', "a.ts")
    assert calls(module) == [("c", ["d"])]
