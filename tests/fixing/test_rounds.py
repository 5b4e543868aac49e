from __future__ import annotations

from pathlib import Path

import pytest
from mending import mend

from jwtlint.config import Options
from jwtlint.facts.lifecycle import Place
from jwtlint.fixing import rounds
from jwtlint.fixing.rounds import Rounds, independent, trouble
from jwtlint.fixing.shadow import Shadow
from jwtlint.fixing.suggest import Workshop
from jwtlint.rules.findings import Finding
from jwtlint.rules.fixes import Edit, Fix

APP = '''\
import os

import jwt
from flask import Flask, abort, make_response, request

from models import User

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    token = jwt.encode({"sub": str(user.id)}, os.environ["SECRET_KEY"], algorithm="HS256")
    response = make_response("", 204)
    response.set_cookie("t", token)
    return response
'''
ODD = {
    "sum.py": " + ".join(["1"] * 3_000),
    "names.py": "a" + ".b" * 3_000,
    "not.py": "not " * 1_500 + "a",
    "brackets.py": "[" * 150 + "]" * 150,
    "data.py": "[" + "1," * 30_000 + "]",
}


def finding(path: str, column: int, end: int, safety: str = "safe") -> tuple[Finding, Fix]:
    place = Place(path, 1, column, 1, end)
    fix = Fix(title="t", safety="safe" if safety == "safe" else "unsafe", edits=(Edit(place, "x"),), recipe="cookie_secure")
    return Finding(rule="JWT304", name="n", failure="theft", level="error", confidence="high", message="m", place=place, fix=fix), fix


def test_fixes_that_touch_each_other_wait_for_the_next_round() -> None:
    first, touching, far, other = finding("a.py", 0, 5), finding("a.py", 4, 6), finding("a.py", 7, 8), finding("b.py", 0, 5)
    assert independent([first, touching, far, other]) == [first, far, other]


def test_a_fix_that_does_not_end_its_finding_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "other.py").write_text(APP)
    original = rounds.rewritten

    def useless(data: bytes, edits: list[Edit]) -> bytes:
        return data + b"\n" if edits[0].place.path == "app.py" else original(data, edits)

    monkeypatch.setattr(rounds, "rewritten", useless)
    with Shadow(tmp_path, Options(cache=False)) as shadow:
        outcome = Rounds(shadow, unsafe=False, codes={"JWT304"}).run()
        assert shadow.read("app.py") == APP.encode()
    assert [(left.finding.place.path, left.reason) for left in outcome.failed] == [("app.py", "the finding would still be there")]
    assert [done.finding.place.path for done in outcome.done] == ["other.py"], "the others are made all the same"
    assert list(outcome.changed) == ["other.py"]


def test_a_new_finding_is_trouble_unless_the_fix_reveals_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    with Shadow(tmp_path, Options(cache=False)) as shadow:
        before = shadow.scan().report
        shadow.write({"app.py": APP.replace('{"sub": str(user.id)}', '{"sub": str(user.id), "role": user.role}').encode()})
        after = shadow.scan().report
    assert trouble(before, after, []) == "it would bring a new finding (JWT201 in app.py)"
    assert trouble(before, after, [], {"JWT201"}) is None


def test_nothing_of_the_users_is_touched(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    with Shadow(tmp_path, Options(cache=False)) as shadow:
        outcome = Rounds(shadow, unsafe=True).run()
        folder = shadow.folder
    assert (tmp_path / "app.py").read_text() == APP
    assert outcome.changed["app.py"][0] == APP.encode()
    assert not folder.exists()


def test_odd_files_beside_it_do_not_disturb_a_fix() -> None:
    files = {name: f"import jwt\nx = {code}\n".encode() for name, code in ODD.items()}
    after, outcome = mend({"app.py": APP.encode(), **files}, {"JWT304"})
    assert [done.finding.place.path for done in outcome.done] == ["app.py"]
    assert {name: after[name] for name in files} == files


def test_a_file_that_is_too_odd_says_why_it_is_not_mended() -> None:
    _, outcome = mend({"app.py": f"{APP}\nx = {ODD['data.py']}\n".encode()}, {"JWT304"})
    assert [left.reason for left in outcome.left] == ["the file holds too much data to be rewritten"]


def test_a_worker_that_dies_costs_only_the_fixes_of_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import signal

    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "other.py").write_text(APP)
    original = Workshop.fix

    def deadly(self: Workshop, one: Finding) -> Fix:
        if one.place.path == "app.py":
            os.kill(os.getpid(), signal.SIGKILL)
        return original(self, one)

    monkeypatch.setattr(Workshop, "fix", deadly)
    with Shadow(tmp_path, Options(cache=False)) as shadow:
        report = Rounds(shadow, unsafe=False, codes={"JWT304"}).with_fixes()
    reasons = {one.place.path: one.fix.reason for one in report.findings if one.rule == "JWT304" and one.fix is not None}
    assert reasons == {"app.py": "working it out ended the process (SIGKILL)", "other.py": ""}
