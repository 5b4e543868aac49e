"""Whatever a front end's files look like, a fix changes what it has to and not a byte more, and a second run changes nothing."""

from __future__ import annotations

import codecs
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mending import mend

from jwtlint.editing.browser.front_end import FrontEnd
from jwtlint.editing.browser.move import Move
from jwtlint.editing.browser.storage import Storage
from jwtlint.editing.files import Files
from jwtlint.editing.recipe import Refused
from jwtlint.editing.scripts import broken_places, parsed
from jwtlint.rules import models
from jwtlint.rules.edited import applied

MODELS = models.load_web(examples=False)
NOISE = st.sampled_from(
    [
        "let x = 1 ;var y=2",
        "const o = {  a:1,\n  'b' : [ 1,2,3 ,],   // odd\n};",
        "function f( a,b = 2 ){\n\treturn  a  // tabs\n}",
        "class  C extends Object { /* doc */ x = 3; m(){ return this . x } }",
        "// a comment, é 中 🎉",
        "/* another */ const s = 'é' + \"ü\" + `${ 1 } {{ x }}`;",
        "if (1) ; else { }",
        "for (const z of [ 1 ,\n\n 2 ]) ;",
        "label: while (false) break label",
        "const r = /[/\"']+/g, q = a ? b : c",
        "\n\n\n",
        "export const theme = localStorage.getItem( 'theme' )",
        "export default { headers: { Accept : 'x' } }",
    ]
)
READS = st.sampled_from(
    [
        "export const q0 = () => localStorage.getItem('access_token') !== null",
        "export const q1 = ( ) => !! window . localStorage [ 'access_token' ];",
        (
            "export function q2() {\n\tconst held = localStorage.getItem( 'access_token' ) ;\n"
            "\treturn fetch('/é', { headers:{ A:'1', Authorization : `Bearer ${held}` } })\n}"
        ),
        "export const q3 = () => fetch('/x',{ method:'PUT', headers:{ Authorization:'Bearer ' + localStorage.access_token } , })",
        "export const q4 = () => { localStorage . removeItem('access_token') /* ü */ ; location.reload() }",
        "export const q5 = () => { if (localStorage.access_token) { go( 'ä' ) } }",
    ]
)
WRITE = "export const save = ( token ) => { localStorage.setItem('access_token', token) ; done( 'ö' ) }"
ENDS = st.sampled_from(["\n", "\r\n"])


def moved(data: bytes, path: str = "web/a.js") -> tuple[str, str] | None:
    """The text before and after the token was moved; None where that is refused."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "web").mkdir()
        (Path(folder) / path).write_bytes(data)
        files = Files(Path(folder), [path])
        try:
            drafts = Move(Storage(FrontEnd(files, path, MODELS), "local_storage"), "access_token").make()
        except Refused:
            return None
        (draft,) = drafts
        assert applied(draft.script.text, draft.edits()) == draft.text()
        return draft.script.text, draft.text()


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(NOISE, max_size=3),
    st.lists(READS, max_size=2, unique=True),
    st.lists(NOISE, max_size=3),
    ENDS,
    st.sampled_from([b"", codecs.BOM_UTF8]),
    st.booleans(),
)
def test_only_the_tokens_uses_change(before: list[str], reads: list[str], after: list[str], end: str, mark: bytes, page: bool) -> None:
    head, tail = "".join(f"{one}\n" for one in before), "".join(f"{one}\n" for one in after)
    body = "".join(f"{one}\n" for one in (*reads, WRITE))
    if page:
        head, tail = f"<p title='é'>ä</p>\n<script type=module>\n{head}", f"{tail}</script>\n<i>ü</i>"
    text = (head + body + tail).replace("\n", end)
    path = "web/a.vue" if page else "web/a.js"
    found = moved(mark + text.encode(), path)
    assert found is not None
    old, new = found
    assert old == text
    # every byte before and after the uses is as it was
    assert new.startswith(head.replace("\n", end)) and new.endswith(tail.replace("\n", end))
    assert new.count("\n") - new.count("\r\n") == (0 if end == "\r\n" else new.count("\n"))
    assert "access_token" not in new and "Authorization" not in new
    for word in ("done( 'ö' )", *(["go( 'ä' )"] if any("q5" in one for one in reads) else [])):
        assert new.count(word) == old.count(word)
    assert broken_places(parsed(path, new.encode())) <= broken_places(parsed(path, old.encode()))
    # a second run has nothing to do
    assert moved(mark + new.encode(), path) is None


LOGIN = """\
// Ärger
import axios from "axios";
export async function login(form) {
\tconst { data } = await axios.post("/api/é", form);
\tlocalStorage.setItem("access_token", data.access_token);
}
export const isIn = () => localStorage.getItem("access_token") !== null;
export const notes = () => fetch("/ü", { headers: { Authorization: `Bearer ${localStorage.getItem("access_token")}` } });
"""
FORMS = {
    "unix": LOGIN.encode(),
    "windows": LOGIN.replace("\n", "\r\n").encode(),
    "mark": codecs.BOM_UTF8 + LOGIN.encode(),
    "no line end": LOGIN.rstrip("\n").encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_marks_and_line_ends_stay_and_a_second_run_changes_nothing(form: str) -> None:
    data = FORMS[form]
    files, outcome = mend({"web/login.ts": data})
    changed = files["web/login.ts"]
    assert [done.finding.rule for done in outcome.done] == ["JWT301"]
    assert outcome.left == ()
    assert changed.startswith(codecs.BOM_UTF8) == data.startswith(codecs.BOM_UTF8)
    assert changed.count(b"\r\n") == (changed.count(b"\n") if b"\r\n" in data else 0)
    assert changed.endswith(b"\n") == data.endswith(b"\n")
    assert "// Ärger".encode() in changed and "fetch(\"/ü\", { credentials: \"include\" })".encode() in changed
    again, second = mend({"web/login.ts": changed})
    assert again["web/login.ts"] == changed
    assert second.done == ()


def test_a_file_that_is_no_utf_8_is_left_alone_with_a_reason() -> None:
    data = LOGIN.encode("latin-1")
    files, outcome = mend({"web/login.js": data})
    assert files["web/login.js"] == data
    assert [left.reason for left in outcome.left] == ["the file is not encoded in UTF-8"]
