"""Hostile and broken input, through the real command line: each file is reported where it matters, the rest is scanned."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = b'''import jwt
from flask import Flask, request

app = Flask(__name__)


@app.post("/login")
def login():
    if check_password(request.json["password"]):
        return {"access_token": jwt.encode({"sub": user.id}, key)}


def check_password(given):
    return True
'''
HEAD = b"import jwt\n"
BROKEN: dict[str, tuple[bytes, str]] = {
    "syntax.py": (HEAD + b"def f(:\n", "not valid Python"),
    "python2.py": (HEAD + b'print "x"\n', "not valid Python"),
    "wrong_encoding.py": (b"# coding: utf-8\n" + HEAD + b'x = "\xff\xfe"\n', "not valid Python"),
    "unknown_encoding.py": (b"# coding: nosuch\n" + HEAD, "unknown encoding"),
    "nul.py": (HEAD + b"\0\0", "NUL bytes"),
    "big.py": (HEAD + b"x = [\n" + b'    "aaaaaaaaaaaaaaaaaaaaaaaaa",\n' * 320_000 + b"]\n", "max-file-size"),
    "brackets.py": (HEAD + b"x = " + b"(" * 5000 + b"1" + b")" * 5000 + b"\n", "nested"),
    "minus.py": (HEAD + b"x = " + b"-" * 5000 + b"1\n", "nested too deeply"),
    "attributes.py": (HEAD + b"x = a" + b".b" * 5000 + b"\n", "nested too deeply"),
    "calls.py": (HEAD + b"x = a" + b"()" * 5000 + b"\n", "nested too deeply"),
    "sums.py": (HEAD + b"x = " + b"1+" * 5000 + b"1\n", "nested too deeply"),
    "arms.py": (HEAD + b"if a:\n    pass\n" + b"elif a:\n    pass\n" * 5000, "nested too deeply"),
    "indented.py": (HEAD + b"".join(b" " * i + b"if a:\n" for i in range(300)) + b" " * 301 + b"pass\n", "not valid Python"),
    "unterminated.py": (HEAD + b'x = """', "not valid Python"),
}
READABLE: dict[str, bytes] = {
    "empty.py": b"",
    "latin.py": b"# -*- coding: latin-1 -*-\n" + HEAD + b'x = "\xe9"\n',
    "python314.py": HEAD + b'try:\n    x = t"hi {jwt}"\nexcept A, B:\n    pass\n\n\ndef f[T](a: T) -> T:\n    return a\n\n\ntype X = int\n',
    "template.py": HEAD + b"from {{ cookiecutter.app }} import models\n",
}


def check(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jwtlint", "check", str(folder), "--no-cache", *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "good.py").write_bytes(GOOD)
    for name, (data, _) in BROKEN.items():
        (folder / name).write_bytes(data)
    for name, data in READABLE.items():
        (folder / name).write_bytes(data)
    (folder / "x.py").mkdir()
    (folder / "x.py" / "inner.py").write_bytes(HEAD)
    return folder


def test_each_broken_file_is_reported_and_the_rest_is_scanned(hostile: Path) -> None:
    done = check(hostile, "--format", "json")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    document = json.loads(done.stdout)
    reasons = {error["path"]: error["reason"] for error in document["errors"]}
    for name, (_, reason) in BROKEN.items():
        assert reason in reasons.pop(name)
    assert reasons == {}
    assert {finding["path"] for finding in document["findings"]} == {"good.py"}
    assert document["verdict"]["session_by_jwt"] is True


def test_the_text_names_each_broken_file_in_one_line(hostile: Path) -> None:
    done = check(hostile, "--color", "never")
    told = [line for line in done.stdout.splitlines() if line.startswith("not read: ")]
    assert len(told) == len(BROKEN)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.py").write_bytes(GOOD)
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "loop").symlink_to(".")
    (inside / "out").symlink_to(outside)
    (inside / "secret.py").symlink_to(outside / "secret.py")
    os.mkfifo(inside / "pipe.py")
    document = json.loads(check(inside, "--format", "json").stdout)
    assert document["findings"] == []
    assert document["verdict"]["session_by_jwt"] is False


def test_control_characters_and_markup_in_names_stay_harmless(tmp_path: Path) -> None:
    (tmp_path / "esc\x1b[31m[bold]\u202e.py").write_bytes(HEAD + b"def f(:\n")
    done = check(tmp_path, "--color", "never")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout and "\u202e" not in done.stdout
    assert "[bold]" in done.stdout


def test_a_repository_that_ignores_everything_has_nothing_to_scan(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".gitignore").write_text("*\n")
    (tmp_path / "good.py").write_bytes(GOOD)
    document = json.loads(check(tmp_path, "--format", "json").stdout)
    assert document["findings"] == []
    assert document["stats"]["files_seen"] == 0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads every file")
def test_an_unreadable_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_bytes(GOOD)
    (tmp_path / "locked.py").write_bytes(GOOD)
    (tmp_path / "locked.py").chmod(0)
    document = json.loads(check(tmp_path, "--format", "json").stdout)
    assert [error["path"] for error in document["errors"]] == ["locked.py"]
    assert {finding["path"] for finding in document["findings"]} == {"good.py"}
