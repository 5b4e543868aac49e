"""Whatever lies in a scanned folder: each file that matters and cannot be read is told, the rest is scanned, nothing breaks.

Everything runs through the real command line, on real files.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
ANY_NAME = os.name != "nt" and sys.platform != "darwin"  # any bytes make a name
TIMEOUT = 120  # seconds, against hanging for ever

APP = """\
import os

import jwt
from flask import Flask, abort, jsonify, request

from models import User

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    return jsonify(access_token=jwt.encode({"sub": str(user.id), "role": user.role}, os.environ["KEY"], algorithm="HS256"))
"""
RULES = {"JWT101", "JWT105", "JWT201", "JWT308"}  # what is found in it

# what must never reach a terminal: control characters but for the line end, C1 controls, what turns the direction of text
UNPRINTABLE = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def check(*arguments: object, folder: Path | None = None) -> tuple[int, str, str]:
    """Run ``jwtlint check``; exit status, output and errors, in both of which nothing unprintable may be."""
    command = [sys.executable, "-m", "jwtlint", "check", "--no-config", *map(str, arguments)]
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    result = subprocess.run(command, capture_output=True, cwd=folder, env=environment, timeout=TIMEOUT, check=False)
    out, err = result.stdout.decode("utf-8"), result.stderr.decode("utf-8")
    for text in (out, err):
        assert "Traceback" not in text
        assert "something went wrong" not in text
        assert not UNPRINTABLE.search(text)
    return result.returncode, out, err


def document(root: Path, *arguments: object) -> dict[str, Any]:
    """The JSON document of a run that found what is wrong with ``APP``, and said nothing on the side."""
    status, out, err = check(root, "--format", "json", *arguments)
    found: dict[str, Any] = json.loads(out)
    assert err == ""
    assert status == (1 if found["findings"] else 0)
    return found


def errors(root: Path, *arguments: object) -> dict[str, str]:
    """What is wrong with files, by path; the application beside them was scanned all the same."""
    found = document(root, *arguments)
    assert set(found["stats"]["rules"]) >= RULES
    status, out, _ = check(root, *arguments)
    assert status == 1
    assert out.count("not read: ") == len(found["errors"])
    return {error["path"]: error["reason"] for error in found["errors"]}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    (root / "app.py").write_text(APP)
    return root


def nested(opening: bytes, closing: bytes = b"", inner: bytes = b"a", depth: int = 5_000) -> bytes:
    return b"import jwt\nx = " + opening * depth + inner + closing * depth + b"\n"


TOO_DEEP = "the code is nested too deeply to be parsed"
BRACKETS = "too many nested parentheses"
INVALID = "it is not valid Python"
DEEP = (TOO_DEEP, "the code is nested too deeply to be read", BRACKETS)

# a file's bytes, and what is told of it: any of some beginnings or parts of a sentence, or nothing
FILES: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "syntax_error": (b"import jwt\ndef (:\n", (INVALID,)),
    "unfinished": (b"import jwt\nx = (\n", (INVALID,)),
    "tabs_and_blanks": (b"import jwt\nif x:\n\ty\n        z\n", (INVALID,)),
    "python_2": (b"import jwt\nprint 'hello'\n", (INVALID,)),
    "python_2_raise": (b"import jwt\nraise ValueError, 'text'\n", (INVALID,)),
    "python_314_except": (b"import jwt\ntry:\n    pass\nexcept ValueError, TypeError:\n    pass\n", ()),
    "python_314_except_star": (b"import jwt\ntry:\n    pass\nexcept* ValueError, TypeError:\n    pass\n", ()),
    "python_314_template": (b"import jwt\nname = 'x'\ntext = t'hello {name!r:>{width}}'\n", ()),
    "python_314_and_braces": (b"import jwt\nx = '{{ a }}'\ntry:\n    pass\nexcept A, B:\n    pass\n", ()),
    "python_312_type_parameters": (b"import jwt\ntype Pair[T] = tuple[T, T]\ndef f[T](x: T) -> T:\n    return x\nclass A[T]: pass\n", ()),
    "python_312_quotes": (b"import jwt\nx = f'{a['b']}'\n", ()),
    "latin_1": (b"# -*- coding: latin-1 -*-\nimport jwt\nx = '\xe9'\n", ()),
    "shift_jis": ("# coding: shift_jis\nimport jwt\nx = '日本'\n".encode("shift_jis"), ()),
    "utf_8_mark": (b"\xef\xbb\xbfimport jwt\n", ()),
    "utf_8_mark_and_other_declaration": (b"\xef\xbb\xbf# coding: latin-1\nimport jwt\n", (INVALID,)),
    "utf_16": ("import jwt\n".encode("utf-16"), ("it is encoded in UTF-16",)),
    "utf_16_big_endian": (b"\xfe\xff" + "import jwt\n".encode("utf-16-be"), ("it is encoded in UTF-16",)),
    "latin_1_without_declaration": (b"import jwt\nx = '\xe9'\n", (INVALID,)),
    "wrong_declaration": (b"# coding: ascii\nimport jwt\nx = '\xc3\xa9'\n", (INVALID,)),
    "unknown_encoding": (b"# coding: no-such-encoding\nimport jwt\n", (INVALID,)),
    "encoding_with_controls": (b"# coding: \x1b[31mred\nimport jwt\n", ()),
    "no_text_encoding": (b"# coding: rot13\nimport jwt\n", (INVALID,)),
    "nul_bytes": (b"import jwt\nx = 1\0\n", ("the file holds NUL bytes",)),
    "only_nul_bytes": (b"\0" * 1000 + b"jwt", ("the file holds NUL bytes",)),
    "controls": (b"import jwt\nx = \x1b[31m\n", (INVALID,)),
    "controls_in_names": (b"import jwt\nx\xe2\x80\xae = 1\n", (INVALID,)),
    "empty": (b"", ()),
    "only_a_comment": (b"# jwt", ()),
    "no_last_line_end": (b"import jwt", ()),
    "dos_line_ends": (b"import jwt\r\nx = 1\r\n", ()),
    "old_mac_line_ends": (b"import jwt\rx = 1\r", ()),
    "ten_megabytes": (b"import jwt\n" + b"x = 'jwt'\n" * 1_000_000, ("it is larger than max-file-size",)),
    "one_long_line": (b"import jwt; x = '" + b"a" * 1_900_000 + b"'\n", ()),
    "long_list": (b"import jwt\nx = [" + b"1, " * 100_000 + b"]\n", ()),
    "large_number": (b"import jwt\nx = " + b"9" * 5_000 + b"\n", (INVALID, "")),
    "round_brackets": (nested(b"(", b")"), DEEP),
    "square_brackets": (nested(b"[", b"]"), DEEP),
    "curly_brackets": (nested(b"{", b"}"), DEEP),
    "nearly_too_many_brackets": (nested(b"[", b"]", depth=150), ()),
    "minus": (nested(b"-"), DEEP),
    "not": (nested(b"not "), DEEP),
    "lambdas": (nested(b"lambda: "), DEEP),
    "conditions": (nested(b"1 if a else "), DEEP),
    "powers": (nested(b"2 ** "), DEEP),
    "attributes": (nested(b"", b".a"), DEEP),
    "calls": (nested(b"", b"()"), DEEP),
    "sums": (nested(b"", b" + 1"), DEEP),
    "adjacent_texts": (nested(b"", b" 'a'", b"'a'"), ()),
    "many_alternatives": (nested(b"", b" or a"), ()),
    "else_if": (b"import jwt\nif a:\n    pass\n" + b"elif b:\n    pass\n" * 5_000, DEEP),
    "indented": (b"import jwt\n" + b"".join(b" " * depth + b"if a:\n" for depth in range(1_500)) + b" " * 1_500 + b"pass\n", (INVALID,)),
    "texts_in_texts": (nested(b"f'{", b"}'", depth=200), (INVALID, TOO_DEEP)),
    "lone_surrogate": (b"import jwt\nx = jwt.encode({'role\\ud800': 1}, 'key\\udfff')\n", ()),
}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is told of all ``FILES`` in one folder."""
    root = tmp_path_factory.mktemp("files")
    (root / "app.py").write_text(APP)
    for name, (data, _) in FILES.items():
        (root / f"{name}.py").write_bytes(data)
    return errors(root)


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_cannot_be_read_is_told(told: dict[str, str], name: str) -> None:
    _, expected = FILES[name]
    reason = told.get(f"{name}.py", "")
    assert any(part in reason for part in expected) if expected else reason == ""


def test_a_broken_file_that_has_nothing_to_do_with_tokens_is_not_parsed(project: Path) -> None:
    (project / "other.py").write_text("def (:\n")
    assert errors(project) == {}


def test_the_place_of_a_syntax_error_is_told(project: Path) -> None:
    (project / "broken.py").write_text("import jwt\n\ndef (:\n")
    assert document(project)["errors"][0]["line"] == 3
    assert "not read: broken.py:3: it is not valid Python" in check(project)[1]


def test_a_folder_with_broken_files_only_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("import jwt\ndef (:\n")
    status, out, _ = check(tmp_path)
    assert status == 0
    assert "1 file could not be read" in out


def test_links_are_not_followed_out_of_the_tree_or_round_and_round(project: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "keys.py").write_text("import jwt\ndef (:\n")
    (project / "folder").symlink_to(tmp_path / "secret")
    (project / "file.py").symlink_to(tmp_path / "secret" / "keys.py")
    (project / "loop").symlink_to(project)
    (project / "self.py").symlink_to("self.py")
    (project / "nothing.py").symlink_to("no-such-file.py")
    (project / "pkg").mkdir()
    (project / "pkg" / "up").symlink_to("..")
    found = document(project)
    assert (found["errors"], found["stats"]["files_seen"]) == ([], 1)


def test_an_ignore_file_or_configuration_that_is_a_link_is_not_read(project: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("*\n")
    (project / ".gitignore").symlink_to(tmp_path / "outside")
    (project / "pyproject.toml").symlink_to(tmp_path / "outside")
    assert errors(project) == {}


def test_pipes_and_folders_with_the_names_of_files(project: Path) -> None:
    (project / "folder.py").mkdir()
    (project / "folder.py" / "inner.py").write_text("import jwt\ndef (:\n")
    if hasattr(os, "mkfifo"):
        os.mkfifo(project / "pipe.py")
        os.mkfifo(project / ".gitignore")
        os.mkfifo(project / "pyproject.toml")
        os.mkfifo(project / "jwtlint.toml")
    assert list(errors(project)) == ["folder.py/inner.py"]


def test_a_socket_is_passed_over(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    socket = pytest.importorskip("socket")
    if not hasattr(socket, "AF_UNIX"):
        pytest.skip("there are no such sockets")
    monkeypatch.chdir(project)  # a socket's path may be short only
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("socket.py")
        assert errors(project) == {}


@pytest.mark.skipif(IS_ROOT or os.name == "nt", reason="root may read everything")
def test_what_may_not_be_read_is_told(project: Path) -> None:
    (project / "secret.py").write_text("import jwt\n")
    (project / "closed").mkdir()
    (project / "secret.py").chmod(0)
    (project / "closed").chmod(0)
    try:
        denied = "it cannot be read (Permission denied)"
        assert errors(project) == {"closed": denied, "secret.py": denied}
    finally:
        (project / "closed").chmod(0o700)


NAMES = [
    "\x1b[31mred",
    "line\nend",
    "back\rward",
    "[red]markup[",
    "red]",
    "[link=file:x]",
    "\u202eright to left",
    "\x9b31m",
    "\u2028",
    "tab\t",
    ":smile:",
    "{0}{x}%s",
    "${HOME}`id`",
    "-rf",
    "é" * 120,
]


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], str]:
    """What is told of folders and files with such names: the document, and the report in colours without its own controls."""
    root = tmp_path_factory.mktemp("names")
    (root / "app.py").write_text(APP)
    for name in NAMES:
        (root / name).mkdir()
        # ``[red]markup[/red]`` is a path, too
        (root / name / f"red]{name}.py").write_text("import jwt\ndef (:\n")
        (root / name / "app.py").write_text(APP)
    check(root)
    check(root, "--quiet")
    check(root, "--show-files")
    return document(root), re.sub(r"\x1b\[[0-9;]*m", "", colored(root))


@pytest.mark.skipif(not ANY_NAME, reason="the system refuses such names")
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_are_told_without_being_obeyed(named: tuple[dict[str, Any], str], name: str) -> None:
    found, report = named
    broken = f"{name}/red]{name}.py"
    assert broken in [error["path"] for error in found["errors"]]
    assert f"{name}/app.py" in {finding["path"] for finding in found["findings"]}
    assert not UNPRINTABLE.search(report)
    if name.isprintable():
        assert broken in report


def colored(root: Path) -> str:
    """The report in colours, which is full of controls of our own."""
    command = [sys.executable, "-m", "jwtlint", "check", "--no-config", "--color", "always", str(root)]
    result = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
    assert result.returncode == 1 and b"Traceback" not in result.stderr
    return result.stdout.decode("utf-8")


@pytest.mark.skipif(not ANY_NAME, reason="the system refuses such names")
def test_names_that_are_no_unicode_are_told(project: Path) -> None:
    bad = os.fsencode(project) + b"/caf\xe9"
    os.mkdir(bad)
    for path in (bad + b".py", bad + b"/app.py"):
        with open(path, "w") as file:
            file.write(APP)
    reasons = errors(project)
    assert reasons == {r"caf\udce9.py": "its name is not valid UTF-8", r"caf\udce9/app.py": "its name is not valid UTF-8"}
    command = [sys.executable.encode(), b"-m", b"jwtlint", b"check", bad]
    result = subprocess.run(command, capture_output=True, timeout=TIMEOUT, check=False)
    assert b"Traceback" not in result.stderr
    assert result.returncode in (1, 2)


def test_a_path_on_the_command_line_is_told_without_being_obeyed(project: Path) -> None:
    status, out, err = check(project / "no\x1b[31mne")
    assert (status, out) == (2, "")
    assert r"no\x1b[31mne" in err


def test_controls_and_markup_in_the_code_are_told_without_being_obeyed(project: Path) -> None:
    source = APP.replace('"role": user.role', '"role": user.role, "[red]x\x1b[31m\u202e[/red]": user.role')
    source = source.replace('abort(401)', 'abort(401)  # \x1b[31m[bold]\u202e[/]')
    (project / "app.py").write_text(source)
    assert set(document(project)["stats"]["rules"]) >= RULES
    for arguments in ([], ["--verbose"], ["--quiet"], ["--statistics"]):
        assert check(project, *arguments)[0] == 1


def test_an_ignore_file_with_everything_leaves_nothing(project: Path) -> None:
    (project / ".gitignore").write_text("*\n")
    status, out, err = check(project)
    assert (status, err) == (0, "")
    assert "0 findings in 0 files" in out


@pytest.mark.parametrize("data", [b"\xff\xfe\0*", b"!" * 10_000, b"[" * 10_000, b"\\\n" * 1_000, b"*?" * 50_000, b"a*b\n" * 30_000])
def test_no_ignore_file_ends_the_run(project: Path, data: bytes) -> None:
    (project / ".gitignore").write_bytes(data)
    assert errors(project) == {}


def test_folders_may_lie_deep(project: Path) -> None:
    folder = project
    for _ in range(400):
        folder = folder / "d"
        folder.mkdir()
    (folder / "broken.py").write_text("import jwt\ndef (:\n")
    (folder / "__init__.py").write_text("from .broken import x\n")
    assert list(errors(project)) == ["d/" * 400 + "broken.py"]


def test_a_warm_run_tells_the_same(project: Path) -> None:
    for name in ("syntax_error", "utf_16", "ten_megabytes", "minus"):
        (project / f"{name}.py").write_bytes(FILES[name][0])
    first = check(project, "--format", "json")
    assert len(json.loads(first[1])["errors"]) == 4
    assert check(project, "--format", "json") == first
    assert check(project, "--format", "json", "--no-cache") == first
