from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jwtlint.analysis import examine, scan, stages
from jwtlint.config import Options

TOKENS = "import jwt\n\n\ndef issue(user):\n    return jwt.encode({'sub': user.id}, KEY, algorithm='HS256')\n"
LINKS = "import jwt\n\n\ndef invitation_link(email):\n    return jwt.encode({'email': email, 'for': 'invite'}, KEY, algorithm='HS256')\n"
APP = """\
from flask import Flask, jsonify

from tokens import issue

app = Flask(__name__)


@app.post("/login")
def login():
    user = authenticate()
    return jsonify(access_token=issue(user))
"""


def write(root: Path, texts: dict[str, str]) -> None:
    then = time.time() - 60
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
        os.utime(root / path, (then, then))


@pytest.fixture
def nothing_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("nothing had changed that matters")

    monkeypatch.setattr("jwtlint.sources.parsing.read_module", never)
    monkeypatch.setattr("jwtlint.linker.lifecycle.link", never)


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """Sessions by JWT; one file near the tokens is broken, and far more files play a part than those around the tokens."""
    far = {f"far{number}.py": f"import near\nimport far{number + 1}\nrole = {number}\n" for number in range(12)}
    write(tmp_path, {"tokens.py": TOKENS, "near.py": "import tokens\ndef (:\n", "app.py": APP, "alone.py": "x = 1\n", **far})
    return tmp_path


def test_every_broken_file_is_told_once(application: Path) -> None:
    report = examine(application, Options())
    assert report.verdict.session_by_jwt
    assert [error.path for error in report.errors] == ["near.py"]
    assert report.stats.files_parsed == 14


def test_files_that_play_no_part_may_change(application: Path, request: pytest.FixtureRequest) -> None:
    first = examine(application, Options())
    write(application, {"alone.py": "x = 2\n"})
    request.getfixturevalue("nothing_is_parsed")
    assert examine(application, Options()) == first


def test_a_file_that_plays_a_part_is_read_again(application: Path) -> None:
    first = examine(application, Options())
    write(application, {"tokens.py": TOKENS.replace("'sub': user.id", "'sub': user.id, 'role': user.role")})
    assert "JWT201" not in first.stats.rules
    assert "JWT201" in examine(application, Options()).stats.rules


def test_a_new_file_that_speaks_of_tokens_is_read(application: Path) -> None:
    examine(application, Options())
    write(application, {"more.py": TOKENS.replace("KEY", "'secret'")})
    assert "JWT404" in examine(application, Options()).stats.rules


def test_where_no_token_is_a_session_only_the_files_around_them_are_read(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    related = {f"views{number}.py": f"import links{number - 1 if number else ''}\npassword = {number}\n" for number in range(9)}
    write(tmp_path, {"links.py": LINKS, "mail.py": "import links\n", **related})
    report = examine(tmp_path, Options())
    assert not report.verdict.session_by_jwt
    assert report.stats.files_parsed < 5
    write(tmp_path, {"views7.py": "password = 8\n"})
    request.getfixturevalue("nothing_is_parsed")
    assert examine(tmp_path, Options()).stats == report.stats


def test_without_a_word_of_tokens_no_parser_and_no_linker_is_needed(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "password = 1\n"})
    command = [sys.executable, "-X", "importtime", "-m", "jwtlint", "check", "--no-cache", "--quiet", str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "jwtlint.sources.screen" in result.stderr
    assert "jwtlint.linker.lifecycle" not in result.stderr


def test_a_run_from_the_cache_loads_no_grammar(tmp_path: Path) -> None:
    root = tmp_path / "project"
    write(root, {"app.py": "import jwt\n", "login.js": 'localStorage.setItem("access_token", (await login()).access_token);\n'})

    def run() -> tuple[str, int]:
        command = [sys.executable, "-X", "importtime", "-m", "jwtlint", "check", "--quiet", str(root)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        return result.stderr, result.returncode

    assert run()[1] == 1
    # a file that plays no part changes: the answer is not at hand, but every fact is
    write(root, {"other.js": "export const size = 1;\n"})
    imported, status = run()
    assert status == 1
    assert "jwtlint.analysis" in imported
    assert "tree_sitter" not in imported
    write(root, {"login.js": "export const nothing = 1;\n"})
    assert run()[1] == 0


def test_a_front_end_alone_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"login.ts": 'localStorage.setItem("access_token", (await login()).access_token);\n'})
    report = examine(tmp_path, Options(cache=False))
    assert report.stats.rules == {"JWT301": 1}
    assert report.stats.files_parsed == 1


def test_stages() -> None:
    assert stages(["a"], ["a", "b", "c"]) == [["a"], ["a", "b", "c"]]
    assert stages(["a", "b"], ["a", "b", "c"]) == [["a", "b", "c"]]
    assert stages([], []) == [[]]


def test_what_an_editor_holds_unsaved_takes_the_place_of_what_is_on_the_disk(application: Path) -> None:
    saved = scan(application, Options()).report
    text = TOKENS.replace("'sub': user.id", "'sub': user.id, 'role': user.role")
    edited = scan(application, Options(), {"tokens.py": text.encode()})
    (finding,) = [one for one in edited.report.findings if one.rule == "JWT201"]
    assert (finding.place.path, finding.place.line) == ("tokens.py", 5)
    assert not edited.lasting
    # the disk is as it was, and so is what is found on it
    assert scan(application, Options()).report == saved
    # the same text on the disk has the same findings, and the same fingerprints
    write(application, {"tokens.py": text})
    assert scan(application, Options()).report.findings == edited.report.findings


def test_what_is_unsaved_may_be_silenced_and_broken(application: Path) -> None:
    silenced = TOKENS.replace("    return", "    # jwtlint: ignore[JWT101, JWT105] -- until the move\n    return")
    report = scan(application, Options(), {"tokens.py": silenced.encode()}).report
    assert {one.rule for one in report.suppressed} == {"JWT101", "JWT105"}
    report = scan(application, Options(), {"tokens.py": b"import jwt\ndef issue(:\n"}).report
    assert [error.path for error in report.errors] == ["near.py", "tokens.py"]


def test_typing_where_it_plays_no_part_links_nothing_again(application: Path, request: pytest.FixtureRequest) -> None:
    """Also when what plays a part is unsaved itself."""
    edited = {"tokens.py": TOKENS.replace("'sub': user.id", "'sub': user.id, 'role': user.role").encode()}
    first = scan(application, Options(), edited).report
    request.getfixturevalue("nothing_is_parsed")
    assert scan(application, Options(), {**edited, "alone.py": b"x = 2\n"}).report == first
