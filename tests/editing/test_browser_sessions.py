"""All session tokens of a front end, moved out of the browser's storage together."""

from __future__ import annotations

from pathlib import Path

from jwtlint import analysis
from jwtlint.config import Options
from jwtlint.editing.browser.sessions import Moved, moved_tokens
from jwtlint.editing.files import Files, shown_text
from jwtlint.rules import models
from jwtlint.rules.edited import applied

LOGIN = """\
import axios from "axios";

export async function login(form) {
  const { data } = await axios.post("/api/login", form);
  localStorage.setItem("access_token", data.access_token);
  sessionStorage.setItem("jwt", data.access_token);
  localStorage.setItem("refresh_token", data.refresh_token);
}
"""
USE = """\
export const one = () => fetch("/one", { headers: { Authorization: `Bearer ${localStorage.getItem("access_token")}` } });
export const two = () => fetch("/two", { headers: { Authorization: `Bearer ${sessionStorage.getItem("jwt")}` } });
export const renew = () => fetch("/renew", { method: "POST", body: localStorage.getItem("refresh_token") });
"""


def move(root: Path) -> Moved:
    options = Options(cache=False)
    report = analysis.scan(root, options).report
    paths = sorted(path.relative_to(root).as_posix() for path in root.rglob("*.js"))
    return moved_tokens(report.findings, Files(root, paths), models.load_web(examples=False))


def test_the_edits_of_all_keys_fit_together_and_what_is_left_has_a_reason(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "login.js").write_text(LOGIN)
    (tmp_path / "web" / "use.js").write_text(USE)
    moved = move(tmp_path)
    assert [(one.rule, one.place.line) for one in moved.done] == [("JWT301", 5), ("JWT302", 6)]
    assert [(left.finding.place.line, left.reason) for left in moved.left] == [
        (7, "the token is handed on as body at web/use.js line 3, in a form that is not known")
    ]
    assert moved.files["web/use.js"].decode() == (
        'export const one = () => fetch("/one", { credentials: "include" });\n'
        'export const two = () => fetch("/two", { credentials: "include" });\n' + USE.splitlines(keepends=True)[2]
    )
    assert moved.files["web/login.js"].decode() == LOGIN.replace(
        '  localStorage.setItem("access_token", data.access_token);\n  sessionStorage.setItem("jwt", data.access_token);\n', ""
    ).replace(", form)", ", form, { withCredentials: true })")
    for path, edits in moved.edits.items():
        old = (tmp_path / path).read_bytes()
        assert applied(shown_text(path, old), edits).encode() == moved.files[path]


def test_nothing_is_changed_on_the_disk_and_a_second_run_has_nothing_to_move(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "login.js").write_text(LOGIN)
    moved = move(tmp_path)
    assert (tmp_path / "web" / "login.js").read_text() == LOGIN
    for path, data in moved.files.items():
        (tmp_path / path).write_bytes(data)
    assert len(moved.done) == 3
    assert move(tmp_path) == Moved({}, {}, (), (), ())


def test_places_that_need_a_jwt_are_told(tmp_path: Path) -> None:
    (tmp_path / "web").mkdir()
    decoding = LOGIN.replace('axios";\n', 'axios";\nimport { jwtDecode } from "jwt-decode";\n').replace(
        "  localStorage.setItem(\"access", "  who(jwtDecode(data.access_token).sub);\n  localStorage.setItem(\"access"
    )
    (tmp_path / "web" / "login.js").write_text(decoding)
    moved = move(tmp_path)
    assert [(place.path, place.line, place.column) for place in moved.decoded] == [("web/login.js", 6, 6)]
    assert len(moved.done) == 3
