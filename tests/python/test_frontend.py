"""What one file says: each statement and expression as a fact, with its place."""

from __future__ import annotations

import ast

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jwtlint.facts import program as facts
from jwtlint.python.frontend import Unreadable, read_module


def read(code: str) -> facts.Module:
    return read_module("app.py", code.encode())


def told(node: object) -> object:
    """An expression without its places, short enough to write down: names and constants as text, the rest as tuples."""
    match node:
        case None:
            return None
        case facts.Name(name=name):
            return name
        case facts.Constant(value=value):
            return repr(value)
        case facts.Attribute(value=value, name=name):
            return f"{told(value)}.{name}"
        case facts.Subscript(value=value, index=index):
            return ("item", told(value), told(index))
        case facts.Call(function=function, positional=positional, keywords=keywords):
            return ("call", told(function), *map(told, positional), *((one.name, told(one.value)) for one in keywords))
        case facts.Starred(value=value):
            return ("*", told(value))
        case facts.Mapping(entries=entries):
            return {told(one.key): told(one.value) for one in entries}
        case facts.Sequence(items=items):
            return [told(item) for item in items]
        case facts.Operation(operator=operator, operands=operands):
            return (operator, *map(told, operands))
        case facts.Comparison(operators=operators, operands=operands):
            return ("compare", operators, *map(told, operands))
        case facts.Conditional(test=test, then=then, otherwise=otherwise):
            return ("if", told(test), told(then), told(otherwise))
        case facts.Template(parts=parts):
            return ("f", *map(told, parts))
        case facts.Comprehension(key=key, element=element, targets=targets, iterables=iterables, conditions=conditions):
            return ("for", told(key), told(element), *(list(map(told, part)) for part in (targets, iterables, conditions)))
        case facts.Lambda(parameters=parameters, body=body):
            return ("lambda", parameters, told(body))
        case facts.Opaque(children=children):
            return ("?", *map(told, children))
    raise AssertionError(node)


def steps(holder: facts.Module | facts.Function | facts.Class) -> list[tuple[object, ...]]:
    """Each step as its kind, target and value."""
    return [(step.kind, told(step.target), told(step.value)) for step in holder.steps]


def expression(code: str) -> object:
    """The one expression that is evaluated."""
    (step,) = read(f"x = {code}\n").steps
    return told(step.value)


def text_at(code: str, at: facts.Span) -> str:
    """The source that a span covers: lines are 1-based, columns count UTF-8 bytes, the end is exclusive."""
    lines = [line.encode() for line in code.splitlines(keepends=True)]
    if at.line == at.end_line:
        return lines[at.line - 1][at.column : at.end_column].decode()
    middle = lines[at.line : at.end_line - 1]
    return b"".join([lines[at.line - 1][at.column :], *middle, lines[at.end_line - 1][: at.end_column]]).decode()


# -- imports -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import jwt", [("jwt", None, "", 0)]),
        ("import jwt as j", [("jwt", None, "j", 0)]),
        ("import a.b", [("a.b", None, "", 0)]),
        ("import a.b as c", [("a.b", None, "c", 0)]),
        ("import a, b", [("a", None, "", 0), ("b", None, "", 0)]),
        ("from a.b import c", [("a.b", "c", "c", 0)]),
        ("from a import c as d, e", [("a", "c", "d", 0), ("a", "e", "e", 0)]),
        ("from . import models", [("", "models", "models", 1)]),
        ("from ..core.security import sign", [("core.security", "sign", "sign", 2)]),
        ("from a import *", [("a", "*", "*", 0)]),
    ],
)
def test_an_import_tells_its_module_name_alias_and_level(code: str, expected: list[object]) -> None:
    assert [(one.module, one.name, one.alias, one.level) for one in read(code).imports] == expected


def test_an_import_in_a_function_tells_its_scope() -> None:
    module = read("import a\ndef f():\n    import b\n    class C:\n        import c\n        def m(self):\n            import d\n")
    assert [(one.module, one.scope) for one in module.imports] == [("a", ""), ("b", "f"), ("c", "f.C"), ("d", "f.C.m")]


def test_an_import_under_a_condition_or_in_a_try_is_an_import() -> None:
    module = read("try:\n    import a\nexcept ImportError:\n    import b\nif x:\n    import c\nelse:\n    import d\n")
    assert [one.module for one in module.imports] == ["a", "b", "c", "d"]


# -- functions and classes ---------------------------------------------------------------------------------------------


def test_functions_are_named_by_what_is_around_them() -> None:
    module = read(
        "def f():\n"
        "    def inner(): ...\n"
        "    class Local:\n"
        "        def m(self): ...\n"
        "class C:\n"
        "    def m(self):\n"
        "        def helper(): ...\n"
        "    class Inner:\n"
        "        async def n(self): ...\n"
    )
    assert [(one.name, one.owner, one.scope) for one in module.functions] == [
        ("f", "", ""),
        ("f.inner", "", "f"),
        ("f.Local.m", "f.Local", "f.Local"),
        ("C.m", "C", "C"),
        ("C.m.helper", "", "C.m"),
        ("C.Inner.n", "C.Inner", "C.Inner"),
    ]
    assert [(one.name, one.scope) for one in module.classes] == [("f.Local", "f"), ("C.Inner", "C"), ("C", "")]


def test_parameters_tell_their_kind_annotation_and_default() -> None:
    (function,) = read("def f(a, /, b: int, c: str = 'x', *rest, d, e=1, **extra) -> Token: ...").functions
    assert [(one.name, one.kind, told(one.annotation), told(one.default)) for one in function.parameters] == [
        ("a", "positional", None, None),
        ("b", "positional", "int", None),
        ("c", "positional", "str", "'x'"),
        ("rest", "rest", None, None),
        ("d", "keyword", None, None),
        ("e", "keyword", None, "1"),
        ("extra", "extra", None, None),
    ]
    assert told(function.returns) == "Token"


def test_a_bare_star_is_no_parameter() -> None:
    (function,) = read("def f(*, a): ...").functions
    assert [(one.name, one.kind) for one in function.parameters] == [("a", "keyword")]


def test_decorators_of_functions_and_classes() -> None:
    module = read('@app.post("/login", response_model=Token)\n@limited\ndef f(): ...\n@dataclass(frozen=True)\nclass C: ...\n')
    assert [told(one) for one in module.functions[0].decorators] == [
        ("call", "app.post", "'/login'", ("response_model", "Token")),
        "limited",
    ]
    assert [told(one) for one in module.classes[0].decorators] == [("call", "dataclass", ("frozen", "True"))]


@pytest.mark.parametrize(("code", "heading"), [("def login(): ...", "def login"), ("async def login(): ...", "async def login")])
def test_a_function_starts_at_its_def_and_its_heading_ends_after_the_name(code: str, heading: str) -> None:
    (function,) = read(f"@route\n{code}\n").functions
    assert (function.at.line, function.at.column) == (2, 0)
    assert code[: function.heading_end] == heading


def test_a_class_tells_its_bases_keywords_and_body() -> None:
    (class_,) = read("class User(Base, Mixin[int], table=True):\n    id: int = field()\n    role = 'user'\n    name: str\n").classes
    assert [told(one) for one in class_.bases] == ["Base", ("item", "Mixin", "int")]
    assert [(one.name, told(one.value)) for one in class_.keywords] == [("table", "True")]
    assert steps(class_) == [
        ("assign", "id", ("call", "field")),
        ("assign", "role", "'user'"),
        ("assign", "name", None),
    ]
    assert [told(step.annotation) for step in class_.steps] == ["int", None, "str"]


def test_an_annotation_given_as_a_string_is_read() -> None:
    module = read('x: "Optional[User]" = None\ndef f(u: "models.User") -> "dict[str, int]": ...\n')
    (function,) = module.functions
    assert told(module.steps[0].annotation) == ("item", "Optional", "User")
    assert told(function.parameters[0].annotation) == "models.User"
    assert told(function.returns) == ("item", "dict", ["str", "int"])


def test_an_annotation_given_as_a_string_that_is_no_expression_stays_text() -> None:
    assert told(read('x: "not python at all"\n').steps[0].annotation) == "'not python at all'"


def test_the_name_in_a_string_annotation_stands_where_the_string_stands() -> None:
    code = 'def f(u: "User"): ...\n'
    (function,) = read(code).functions
    annotation = function.parameters[0].annotation
    assert annotation is not None
    assert text_at(code, annotation.at) == '"User"'


# -- statements --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a = b", [("assign", "a", "b")]),
        ("a = b = c", [("assign", "a", "c"), ("assign", "b", "c")]),
        ("a, b = c", [("assign", ["a", "b"], "c")]),
        ("a.b = c", [("assign", "a.b", "c")]),
        ("a['k'] = c", [("assign", ("item", "a", "'k'"), "c")]),
        ("a: int = 1", [("assign", "a", "1")]),
        ("a |= b", [("augment", "a", "b")]),
        ("f(a)", [("evaluate", None, ("call", "f", "a"))]),
        ("await f(a)", [("evaluate", None, ("call", "f", "a"))]),
        ("assert a", [("test", None, "a")]),
        ("raise E(a)", [("raise", None, ("call", "E", "a"))]),
        ("raise", [("raise", None, None)]),
        ("del a, b['k']", [("delete", "a", None), ("delete", ("item", "b", "'k'"), None)]),
        ("'a docstring'", []),
        ("...", []),
        ("pass", []),
        ("for a in b: c()", [("loop", "a", "b"), ("evaluate", None, ("call", "c"))]),
        ("while a: b()", [("test", None, "a"), ("evaluate", None, ("call", "b"))]),
        ("with a as b, c: d()", [("enter", "b", "a"), ("evaluate", None, "c"), ("evaluate", None, ("call", "d"))]),
    ],
)
def test_a_statement_is_a_step(code: str, expected: list[object]) -> None:
    assert steps(read(code)) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("return a", [("return", None, "a")]),
        ("return", [("return", None, None)]),
        ("yield a", [("yield", None, "a"), ("evaluate", None, ("?", "a"))]),
        ("x = yield", [("assign", "x", ("?",))]),
        ("async for a in b: pass", [("loop", "a", "b")]),
        ("async with a as b: pass", [("enter", "b", "a")]),
    ],
)
def test_a_statement_of_a_function_is_a_step_of_the_function(code: str, expected: list[object]) -> None:
    module = read(f"async def f():\n    {code}\n")
    assert steps(module.functions[0]) == expected
    assert module.steps == ()


def test_an_augmented_assignment_tells_its_operator() -> None:
    assert [step.operator for step in read("a |= b\na += 1\n").steps] == ["|", "+"]


def test_a_walrus_is_a_step_of_its_own_before_the_test_it_stands_in() -> None:
    (function,) = read("def f():\n    if (user := find(name)) is None:\n        return user\n").functions
    assert steps(function) == [
        ("assign", "user", ("call", "find", "name")),
        ("test", None, ("compare", ("is",), ("call", "find", "name"), "None")),
        ("return", None, "user"),
    ]


# -- branches ----------------------------------------------------------------------------------------------------------


def branches(code: str) -> dict[str, tuple[int, ...]]:
    """The branch of each call of a plain name."""
    return {
        step.value.function.name: step.branch
        for step in read(code).steps
        if isinstance(step.value, facts.Call) and isinstance(step.value.function, facts.Name)
    }


def test_the_arms_of_an_if_exclude_each_other() -> None:
    code = "if x:\n    a()\nelif y:\n    b()\nelse:\n    c()\nd()\n"
    assert branches(code) == {"a": (1, 0), "b": (1, 1, 2, 0), "c": (1, 1, 2, 1), "d": ()}
    tests = [step for step in read(code).steps if step.kind == "test"]
    assert [(step.operator, step.branch) for step in tests] == [("1", ()), ("2", (1, 1))]


def test_the_bodies_of_try_and_with_are_no_arms_and_handlers_are() -> None:
    code = "try:\n    a()\nexcept E:\n    b()\nexcept F:\n    c()\nelse:\n    d()\nfinally:\n    e()\nwith x:\n    f()\n"
    assert branches(code) == {"a": (), "b": (1, 1), "c": (1, 2), "d": (), "e": (), "f": ()}


def test_the_body_of_a_loop_is_an_arm_and_its_else_is_none() -> None:
    assert branches("for x in y:\n    a()\nelse:\n    b()\nwhile z:\n    c()\n") == {"a": (1, 0), "b": (), "c": (2, 0)}


def test_the_cases_of_a_match_exclude_each_other() -> None:
    code = "match x:\n    case 1:\n        a()\n    case 2 if y:\n        b()\n    case _:\n        c()\n"
    assert branches(code) == {"a": (1, 0), "b": (1, 1), "c": (1, 2)}
    assert [(kind, value) for kind, _, value in steps(read(code)) if kind == "test"] == [("test", "x"), ("test", "y")]


def test_arms_are_numbered_in_each_function_anew() -> None:
    module = read("if x:\n    a()\ndef f():\n    if y:\n        b()\n")
    assert module.functions[0].steps[-1].branch == (1, 0)


# -- expressions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("a", "a"),
        ("'s'", "'s'"),
        ("b'\\xff'", "'ÿ'"),
        ("1", "1"),
        ("1.5", "1.5"),
        ("True", "True"),
        ("None", "None"),
        ("2**64", ("**", "2", "64")),
        ("99999999999999999999", ("?",)),
        ("1j", ("?",)),
        ("a.b.c", "a.b.c"),
        ("a['k']", ("item", "a", "'k'")),
        ("f(a, *b, c=d, **e)", ("call", "f", "a", ("*", "b"), ("c", "d"), (None, "e"))),
        ("{'a': b, **c}", {"'a'": "b", None: "c"}),
        ("[a, b]", ["a", "b"]),
        ("(a, *b)", ["a", ("*", "b")]),
        ("{a, b}", ["a", "b"]),
        ("a + b * c", ("+", "a", ("*", "b", "c"))),
        ("a | b", ("|", "a", "b")),
        ("a and b and c", ("and", "a", "b", "c")),
        ("not a", ("not", "a")),
        ("-a", ("-", "a")),
        ("a < b <= c", ("compare", ("<", "<="), "a", "b", "c")),
        ("a not in b", ("compare", ("not in",), "a", "b")),
        ("a if b else c", ("if", "b", "a", "c")),
        ("f'{a}/{b!r:>{width}}!'", ("f", "a", "'/'", "b", "'!'")),
        ("[a for b in c if d]", ("for", None, "a", ["b"], ["c"], ["d"])),
        ("{a for b in c for d in e}", ("for", None, "a", ["b", "d"], ["c", "e"], [])),
        ("{a: b for a, b in c if d if e}", ("for", "a", "b", [["a", "b"]], ["c"], ["d", "e"])),
        ("(a async for b in c)", ("for", None, "a", ["b"], ["c"], [])),
        ("lambda a, *, b=1: c", ("lambda", ("a", "b"), "c")),
        ("a[1:b]", ("item", "a", ("?", "1", "b"))),
    ],
)
def test_an_expression(code: str, expected: object) -> None:
    if code.startswith("(a async"):
        (function,) = read(f"async def f():\n    x = {code}\n").functions
        assert told(function.steps[0].value) == expected
    else:
        assert expression(code) == expected


def test_what_is_awaited_is_the_value() -> None:
    assert expression("await f(a)") == ("call", "f", "a")


# -- places ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("before", ["", "é = 1; ", "'ключ', ", "'🔑', "])
def test_columns_count_bytes_of_utf_8(before: str) -> None:
    code = f"{before}jwt.encode(claims)\n" if ";" in before or not before else f"x = {before}jwt.encode(claims)\n"
    step = read(code).steps[-1]
    value = step.value.items[-1] if isinstance(step.value, facts.Sequence) else step.value
    assert isinstance(value, facts.Call)
    assert text_at(code, value.at) == "jwt.encode(claims)"
    assert value.at.column == len(code[: code.index("jwt")].encode())


def test_a_span_over_several_lines() -> None:
    code = "x = f(\n    'é',\n    b,\n)\n"
    (step,) = read(code).steps
    assert step.value is not None
    assert text_at(code, step.value.at) == "f(\n    'é',\n    b,\n)"
    assert step.value.at == facts.Span(1, 4, 4, 1)


def test_an_entry_stands_at_its_key_and_a_keyword_covers_the_whole() -> None:
    code = "x = {'role': user.role, **more}\ny = f(role=user.role, **more)\n"
    mapping, call = (step.value for step in read(code).steps)
    assert isinstance(mapping, facts.Mapping) and isinstance(call, facts.Call)
    assert [text_at(code, one.at) for one in mapping.entries] == ["'role'", "more"]
    assert [text_at(code, one.at) for one in call.keywords] == ["role=user.role", "**more"]


def test_a_test_stands_at_its_condition_and_an_entering_at_its_expression() -> None:
    code = "if a == b:\n    pass\nwith open(x) as f:\n    pass\n"
    assert [text_at(code, step.at) for step in read(code).steps] == ["a == b", "open(x)"]


# -- mentions ----------------------------------------------------------------------------------------------------------


def test_mentions_tell_in_which_functions_a_name_stands() -> None:
    module = read("import jwt\ndef f():\n    return jwt.encode(payload=x)\ndef g():\n    return jwt\nclass C:\n    key = encode\n")
    assert [one.name for one in module.functions] == ["f", "g"]
    assert module.mentions["jwt"] == (0, 1, 2)  # both functions, and the module's level
    assert module.mentions["encode"] == (0, 2)
    assert module.mentions["payload"] == (0,)
    assert module.mentions["key"] == (2,)


def test_an_imported_name_and_its_alias_are_mentioned() -> None:
    assert set(read("from a import encode as sign\nimport b.c\n").mentions) == {"encode", "sign", "b"}


def test_decorators_and_defaults_belong_to_the_function() -> None:
    assert read("@guard\ndef f(user=Depends(current)): ...\n").mentions == {
        "f": (1,),
        "guard": (0,),
        "Depends": (0,),
        "current": (0,),
    }


# -- what cannot be read -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "reason", "line"),
    [
        (b"x = \0", "NUL bytes", 0),
        (b"x = 1\ny = = 2\n", "not valid Python", 2),
        (b"def f(:\n", "not valid Python", 1),
        (b"# coding: klingon\n", "encoding", 0),
        (b"x = '\xff'\n", "", 0),
        (b"x = " + b"(" * 2_000 + b")" * 2_000, "", 0),
        (b"x = " + b"-" * 100_000 + b"1", "too deeply", 0),
    ],
)
def test_a_file_that_cannot_be_read_gives_its_reason_in_one_sentence(data: bytes, reason: str, line: int) -> None:
    with pytest.raises(Unreadable) as caught:
        read_module("app.py", data)
    assert reason in caught.value.reason
    assert "\n" not in caught.value.reason
    if line:
        assert caught.value.line == line


def test_a_file_is_decoded_as_it_declares() -> None:
    module = read_module("app.py", b"# -*- coding: latin-1 -*-\nx = '\xe9'\n")
    assert told(module.steps[0].value) == "'é'"


def test_a_byte_order_mark_moves_nothing() -> None:
    module = read_module("app.py", b"\xef\xbb\xbfx = jwt\n")
    assert module.steps[0].at == facts.Span(1, 0, 1, 7)


def test_lone_surrogates_in_a_literal_do_not_stop_the_facts() -> None:
    module = read("x = '\\ud800'\n")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(module), type=facts.Module) == module


# -- templates ---------------------------------------------------------------------------------------------------------


def test_a_templated_file_is_read_with_its_blanks_filled() -> None:
    code = "{% if cookiecutter.jwt == 'y' %}\nfrom {{cookiecutter.app}}.models import User\n{% endif %}\nNAME = '{{ cookiecutter.name }}'\n"
    module = read(code)
    assert [(one.name, one.at.line) for one in module.imports] == [("User", 2)]
    assert [step.at.line for step in module.steps] == [4]


# -- any module --------------------------------------------------------------------------------------------------------

names = st.sampled_from(["a", "user", "token", "ключ", "_x"])
numbers = st.one_of(st.integers(-(2**70), 2**70), st.floats(allow_nan=False, allow_infinity=False))
constants = st.one_of(st.text(max_size=6), st.binary(max_size=4), numbers, st.booleans(), st.none()).map(repr)


def compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Expressions made of expressions."""
    return st.one_of(
        st.builds("{}.{}".format, inner.map("({})".format), names),
        st.builds("({})[{}]".format, inner, inner),
        st.builds("({})({}, *{}, k={}, **{})".format, inner, inner, names, inner, names),
        st.builds("({} {} {})".format, inner, st.sampled_from(["+", "|", "and", "or", "<", "not in", "is"]), inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
        st.builds("{{{}: {}, **{}}}".format, inner, inner, names),
        st.builds("[{}, {}]".format, inner, inner),
        st.builds("[{} for {} in {} if {}]".format, inner, names, inner, inner),
        st.builds("{{{}: {} for {} in {}}}".format, inner, inner, names, inner),
        st.builds("(lambda {}: {})".format, names, inner),
        st.builds("({} := {})".format, names, inner),
        names.map("f'<{{{}}}>'".format),
    )


expressions = st.recursive(st.one_of(names, constants), compound, max_leaves=8)
simple = st.one_of(
    st.builds("{} = {}".format, names, expressions),
    st.builds("{}: {} = {}".format, names, names, expressions),
    st.builds("{}[{}] = {}".format, names, expressions, expressions),
    st.builds("{} |= {}".format, names, expressions),
    st.builds("raise {}".format, expressions),
    st.builds("assert {}".format, expressions),
    st.builds("import {0}.{1} as {1}".format, names, names),
    st.builds("from ..{} import {}".format, names, names),
    expressions,
)


def indented(block: list[str]) -> str:
    return "\n".join(f"    {line}" for statement in block for line in statement.splitlines())


def blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Statements made of statements."""
    body = st.lists(inner, min_size=1, max_size=3).map(indented)
    case = body.map(lambda text: indented([text]))
    return st.one_of(
        st.builds("if {}:\n{}\nelse:\n{}".format, expressions, body, body),
        st.builds("for {} in {}:\n{}".format, names, expressions, body),
        st.builds("with {} as {}:\n{}".format, expressions, names, body),
        st.builds("try:\n{}\nexcept {}:\n{}".format, body, names, body),
        st.builds("match {}:\n    case [{}]:\n{}\n    case _:\n{}".format, expressions, names, case, case),
        st.builds("@{}\ndef {}({}, *, k={}) -> {}:\n{}\n    return {}".format, names, names, names, constants, names, body, expressions),
        st.builds("async def {}():\n{}\n    yield await {}".format, names, body, names),
        st.builds("class {}({}, k={}):\n{}".format, names, names, constants, body),
    )


def parses(code: str) -> bool:
    """Whether Python's own parser reads it; a few combinations of the grammar it refuses."""
    try:
        ast.parse(code)
    except SyntaxError:
        return False
    return True


modules = st.lists(st.recursive(simple, blocks, max_leaves=6), max_size=4).map("\n".join).filter(parses)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(modules)
def test_the_facts_of_any_module_survive_messagepack(code: str) -> None:
    module = read(code)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(module), type=facts.Module) == module


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(modules)
def test_every_place_lies_in_the_file(code: str) -> None:
    module = read(code)
    lengths = [len(line.encode()) for line in code.split("\n")]
    for holder in (module, *module.functions, *module.classes):
        for step in holder.steps:
            for at in (step.at, *(one.at for one in (step.target, step.value) if one is not None)):
                assert (at.line, at.column) <= (at.end_line, at.end_column)
                assert 1 <= at.line <= at.end_line <= len(lengths)
                assert 0 <= at.column <= lengths[at.line - 1] and at.end_column <= lengths[at.end_line - 1]
