"""Whatever a file looks like, a fix changes what it has to and not a byte more, and a second run changes nothing."""

from __future__ import annotations

import ast
import codecs
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mending import mend

from jwtlint.editing.draft import Draft
from jwtlint.editing.edits import edits_between
from jwtlint.editing.files import Files
from jwtlint.editing.recipe import Task
from jwtlint.editing.source import decoded
from jwtlint.facts.lifecycle import Place
from jwtlint.fixing.suggest import recipe
from jwtlint.rules import models
from jwtlint.rules.edited import applied
from jwtlint.rules.findings import Finding

MODELS = models.load(examples=False)
NOISE = st.sampled_from(
    [
        "x = 1 ;y=2",
        "x = {  'a':1,\n  'b' : [ 1,2,3 ,],   # odd\n}",
        "def f( a,b = 2 ):\n\treturn  a  # tabs",
        "class  C( object ):\n  '''doc'''\n  x : int = 3\n  def m(self): return self . x",
        "@deco( 1 )\n@ other\ndef g():\n        pass",
        "# a comment\n\n\n# another, é 中 🎉",
        "s = 'é' \"ü\" f'{x!r:>{10}}'",
        "if x: pass\nelif y :\n    z = (1 ,\n\n      2)\nelse: pass",
        "with open('f') as f , g() as h:\n   pass",
        "try:\n  pass\nexcept ( A , B )as e :\n  raise\nfinally: pass",
        "lambda *a, **k : ( yield )",
        "x = y = \\\n  3",
        "async def h():\n    await  x ;  return",
        "import  os , sys\nfrom . import ( a , b as c , )",
        "del x ,y\nglobal_ = not  x",
        "\f\nx @= y",
        "'''a\n  string # with \\\n'''",
    ]
)
CALLS = st.sampled_from(
    [
        "response.set_cookie('t', token)",
        "response . set_cookie( 't' , token )",
        "response.set_cookie(\n        't',  # é\n        token,\n    )",
        "response.set_cookie('t', token , max_age = 3,)",
        "response.set_cookie('t', token,\n                        path='/')",
        "response.set_cookie('t', token, secure =False) ; x = 1",
        "response.set_cookie('é', token, **{'secure': False})",
    ]
)
ENDS = st.sampled_from(["\n", "\r\n"])


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(NOISE, max_size=4), CALLS, st.lists(NOISE, max_size=4), ENDS, st.sampled_from([b"", codecs.BOM_UTF8]), st.booleans())
def test_only_the_call_changes(before: list[str], call: str, after: list[str], end: str, mark: bytes, last: bool) -> None:
    body = f"def login(response, token):\n    {call}\n"
    start = "".join(f"{one}\n" for one in before)
    text = start + body + "".join(f"{one}\n" for one in after)
    text = text.replace("\n", end)
    if not last:
        text = text.removesuffix(end)
    data = mark + text.encode()
    try:
        tree = ast.parse(data)
    except SyntaxError:
        return  # the pieces do not fit together
    node = next(one for one in ast.walk(tree) if isinstance(one, ast.Call) and getattr(one.func, "attr", "") == "set_cookie")
    place = Place("app.py", node.lineno, node.col_offset, node.end_lineno or 0, node.end_col_offset or 0)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_bytes(data)
        finding = Finding(
            rule="JWT304", name="", failure="theft", level="error", confidence="high", message="", place=place
        )
        files = Files(Path(folder), ["app.py"])
        proposal = recipe("cookie_secure").mend(Task(finding, files, (), (), {}, lambda: MODELS))
    (draft,) = proposal.drafts
    changed = draft.text()
    assert changed.encode() == draft.tree.source.encoded(changed)[len(mark) :]
    # every byte before and after the call is as it was
    lines = text.split("\n")
    head = "\n".join(lines[: node.lineno - 1])
    tail = "\n".join(lines[(node.end_lineno or 0) :])
    assert changed.startswith(head) and changed.endswith(tail)
    # it parses, and says nothing else than before but for the flag
    again = ast.parse(mark + changed.encode())
    found = next(one for one in ast.walk(again) if isinstance(one, ast.Call) and getattr(one.func, "attr", "") == "set_cookie")
    assert "True" in ast.dump(found)
    found.keywords, node.keywords = [], []
    assert ast.dump(again) == ast.dump(tree)
    # the edits alone make the same text
    assert applied(text, draft.edits()) == changed


APP = '''\
import os

import jwt
from flask import Flask, abort, make_response, request

from models import User

app = Flask(__name__)


@app.post("/login")
def login():
\tuser = User.query.filter_by(email=request.json["é"]).first()
\tif user is None or not user.check_password(request.json["password"]): abort(401)
\ttoken = jwt.encode({"sub": str(user.id)}, os.environ["SECRET_KEY"], algorithm="HS256")
\tresponse = make_response("", 204)
\tresponse.set_cookie("t", token)  # Ärger
\treturn response
'''
FORMS = {
    "unix": APP.encode(),
    "windows": APP.replace("\n", "\r\n").encode(),
    "mark": codecs.BOM_UTF8 + APP.encode(),
    "latin-1": ("# -*- coding: latin-1 -*-\n" + APP).encode("latin-1"),
    "no line end": APP.rstrip("\n").encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_encodings_and_line_ends_stay_and_a_second_run_changes_nothing(form: str) -> None:
    data = FORMS[form]
    files, outcome = mend({"app.py": data})
    changed = files["app.py"]
    assert len(outcome.done) >= 4
    assert changed.startswith(codecs.BOM_UTF8) == data.startswith(codecs.BOM_UTF8)
    assert decoded(changed)[1] == decoded(data)[1]
    assert (b"\r\n" in changed) == (b"\r\n" in data)
    assert changed.count(b"\n") - changed.count(b"\r\n") == (changed.count(b"\n") if b"\r\n" not in data else 0)
    assert changed.endswith(b"\n") == data.endswith(b"\n")
    for edit in edits_between("app.py", decoded(data)[0], decoded(changed)[0]):
        assert edit.place.line <= data.count(b"\n") + 1
    again, second = mend({"app.py": changed})
    assert again["app.py"] == changed
    assert second.done == ()


def test_a_draft_without_changes_is_the_file() -> None:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "app.py").write_bytes(FORMS["windows"])
        draft = Draft(Files(Path(folder), ["app.py"]).tree("app.py"))
        assert draft.edits() == ()
