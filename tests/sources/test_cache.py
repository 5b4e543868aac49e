from __future__ import annotations

import os
import time
from itertools import cycle
from pathlib import Path

import pytest

from jwtlint.analysis import examine
from jwtlint.config import Configuration, Options
from jwtlint.sources.cache import Cache, FileState, Manifest, cache_folder, clear
from jwtlint.sources.walk import SourceFile

APP = "import jwt\nfrom flask import Flask, jsonify\n\napp = Flask(__name__)\n\n\n@app.post('/login')\ndef login():\n"
APP += "    user = authenticate()\n    return jsonify(access_token=jwt.encode({'sub': user.id}, KEY, algorithm='HS256'))\n"


def old(path: Path, seconds: float = 60) -> None:
    """Make a file look as if it had been left alone for a while."""
    then = time.time() - seconds
    os.utime(path, (then, then))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    old(tmp_path / "app.py")
    return tmp_path


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsing and linking fail."""

    def never(*_: object) -> None:
        raise AssertionError("nothing had changed")

    monkeypatch.setattr("jwtlint.sources.parsing.read_module", never)
    monkeypatch.setattr("jwtlint.linker.lifecycle.link", never)


def test_the_folder_follows_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "jwtlint"
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder().is_absolute()


def test_a_cache_inside_the_scanned_root_is_not_used(monkeypatch: pytest.MonkeyPatch, app: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(app / ".cache"))
    assert Cache.for_root(app).folder is None
    examine(app, Options())
    assert sorted(path.name for path in app.iterdir()) == ["app.py"]


def test_an_unchanged_tree_is_neither_parsed_nor_linked(app: Path, request: pytest.FixtureRequest) -> None:
    first = examine(app, Options())
    request.getfixturevalue("no_work")
    assert examine(app, Options()) == first
    assert first.stats.findings > 0


def test_another_configuration_or_content_is_another_run(app: Path) -> None:
    first = examine(app, Options())
    less = examine(app, Options(configuration=Configuration(ignore=("JWT1",))))
    assert less.stats.findings < first.stats.findings
    (app / "app.py").write_text(APP.replace("'sub': user.id", "'sub': user.id, 'role': user.role"))
    old(app / "app.py", 30)
    assert examine(app, Options()).stats.rules["JWT201"] == 1


def test_a_change_that_keeps_size_and_second_is_seen(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    file.write_text(APP.replace("'sub'", "'plan'"))
    before = examine(tmp_path, Options())
    file.write_text(APP.replace("'sub'", "'foo_'"))
    after = examine(tmp_path, Options())
    assert before.stats.rules.get("JWT201") == 1
    assert "JWT201" not in after.stats.rules


def test_without_a_cache_nothing_is_written(app: Path, own_cache: Path) -> None:
    examine(app, Options(cache=False))
    assert list(own_cache.iterdir()) == []


def test_a_broken_cache_is_ignored(app: Path, own_cache: Path) -> None:
    first = examine(app, Options())
    entries = [path for path in own_cache.rglob("*") if path.is_file()]
    assert {path.parent.name for path in entries} >= {"data", "documents", "manifests"}
    for path, damage in zip(entries, cycle((b"", b"\xc1garbage", b"\0" * 64)), strict=False):
        path.write_bytes(damage)
    assert examine(app, Options()) == first


def test_one_changed_byte_is_noticed(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.store("documents/x", {"verdict": True})
    path = tmp_path / "documents/x"
    assert cache.load("documents/x", dict) == {"verdict": True}
    path.write_bytes(path.read_bytes()[:-1] + b"\xc2")
    assert cache.load("documents/x", dict) is None


def test_an_entry_of_another_type_is_ignored(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.store("documents/x", ["not", "a", "manifest"])
    assert cache.load("documents/x", Manifest) is None


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_an_unwritable_cache_is_no_error(app: Path, own_cache: Path) -> None:
    own_cache.chmod(0o500)
    assert examine(app, Options()).stats.findings > 0


def test_a_cache_whose_place_is_a_file_is_no_error(app: Path, own_cache: Path) -> None:
    (own_cache / "jwtlint").write_text("")
    assert examine(app, Options()).stats.findings > 0


def test_a_manifest_forgets_what_changed_just_now_or_was_searched_for_something_else(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    settled, fresh = FileState(1, 5, 1, 0, b""), FileState(1, time.time_ns(), 2, 0, b"")
    cache.store_manifest(tmp_path, Manifest(b"needles", {"a.py": settled, "b.py": fresh}))
    assert cache.manifest(tmp_path, b"needles").files == {"a.py": settled}
    assert cache.manifest(tmp_path, b"other").files == {}
    assert settled.holds_for(SourceFile("a.py", 1, 5, 1))
    assert not settled.holds_for(SourceFile("a.py", 1, 6, 1))


def test_the_oldest_entries_are_pruned(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for number in range(4):
        cache.store(f"documents/{number}", "x" * 1000)
        old(tmp_path / f"documents/{number}", 100 - number)
    assert cache.prune(limit=2200) == 2
    assert sorted(path.name for path in (tmp_path / "documents").iterdir()) == ["2", "3"]


def test_clearing_deletes_entries_and_nothing_else(own_cache: Path) -> None:
    Cache(cache_folder()).store("facts/aa/bb", 1)
    (cache_folder() / "mine.txt").write_text("keep")
    assert clear() == 1
    assert (cache_folder() / "mine.txt").exists()
    assert clear() == 0


def test_text_that_is_no_unicode_is_not_kept(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.store("documents/x", "\ud800")
    assert cache.load("documents/x", str) is None
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_new_version_of_the_program_asks_anew(app: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    examine(app, Options())
    for module in ("jwtlint.data", "jwtlint.sources.cache"):
        monkeypatch.setattr(f"{module}.program_digest", lambda: b"another")
    request.getfixturevalue("no_work")
    with pytest.raises(AssertionError, match="nothing had changed"):
        examine(app, Options())
