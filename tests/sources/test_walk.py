from __future__ import annotations

import os
from pathlib import Path

import pytest

from jwtlint.sources.walk import WalkOptions, walk


def tree(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x = 1\n")


def found(root: Path, **options: object) -> list[str]:
    return [file.path for file in walk(root, WalkOptions(**options)).files]  # type: ignore[arg-type]


def test_python_files_in_order_with_their_numbers(tmp_path: Path) -> None:
    tree(tmp_path, "b.py", "a/c.py", "a/b.py", "readme.md", "stub.pyi", "x.py.txt")
    result = walk(tmp_path)
    assert [file.path for file in result.files] == ["a/b.py", "a/c.py", "b.py"]
    stat = (tmp_path / "b.py").stat()
    assert (result.files[2].size, result.files[2].mtime_ns, result.files[2].inode) == (6, stat.st_mtime_ns, stat.st_ino)
    assert result.errors == ()


def test_vendored_built_and_hidden_folders_are_left_out(tmp_path: Path) -> None:
    tree(tmp_path, "app.py", "node_modules/a.py", "a/vendor/a.py", "site-packages/a.py", "dist/a.py", "build/a.py")
    tree(tmp_path, ".venv/a.py", "x.egg-info/a.py")
    tree(tmp_path, "environment/lib/a.py", "environment/pyvenv.cfg")
    assert found(tmp_path) == ["app.py"]


def test_a_folder_of_other_people_s_packages_is_left_out(tmp_path: Path) -> None:
    others = ("requests/api.py", "urllib3/a.py", "six.py", "plexapi/a.py")
    tree(tmp_path, "app/a.py", *(f"app/lib/{path}" for path in others))
    # the project's own: only two such names, a name that says nothing, and what is to be scanned itself
    tree(tmp_path, "lib/auth.py", "lib/click/a.py", "lib/six.py", *(f"code/{path}" for path in others))
    own = ["app/a.py", *sorted(f"code/{path}" for path in others), "lib/auth.py", "lib/click/a.py", "lib/six.py"]
    assert found(tmp_path) == own
    assert found(tmp_path / "app" / "lib") == sorted(others)
    assert len(found(tmp_path, exclude=())) == len(own) + len(others)


def test_tests_are_left_out_unless_asked_for(tmp_path: Path) -> None:
    tests = ["conftest.py", "pkg/tests/helper.py", "pkg/tests.py", "test/a.py", "test_a.py", "a_test.py"]
    tree(tmp_path, *tests, "contest.py", "latest/a.py", "testing.py")
    assert found(tmp_path) == ["contest.py", "latest/a.py", "testing.py"]
    assert set(tests) < set(found(tmp_path, include_tests=True))


def test_ignore_files_hold_for_their_folder(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "pkg/a.py", "pkg/b.py", "pkg/sub/b.py", "other/b.py", "gen/a.py", "gen/deep/a.py")
    (tmp_path / ".gitignore").write_text("gen/\n")
    (tmp_path / "pkg/.gitignore").write_text("b.py\n")
    assert found(tmp_path) == ["a.py", "other/b.py", "pkg/a.py"]


def test_an_inner_ignore_file_takes_back_what_an_outer_one_says(tmp_path: Path) -> None:
    tree(tmp_path, "local.py", "pkg/local.py")
    (tmp_path / ".gitignore").write_text("local.py\n")
    (tmp_path / "pkg/.gitignore").write_text("!local.py\n")
    assert found(tmp_path) == ["pkg/local.py"]


def test_what_lies_in_an_ignored_folder_cannot_be_taken_back(tmp_path: Path) -> None:
    tree(tmp_path, "gen/a.py")
    (tmp_path / ".gitignore").write_text("gen/\n!gen/a.py\n")
    assert found(tmp_path) == []


def test_ignore_rules_above_the_root_and_of_the_repository_hold(tmp_path: Path) -> None:
    tree(tmp_path, "src/a.py", "src/b.py", "src/c.py", "src/deep/d.py")
    (tmp_path / ".git/info").mkdir(parents=True)
    (tmp_path / ".git/info/exclude").write_text("a.py\n")
    (tmp_path / ".gitignore").write_text("/src/b.py\n/c.py\n")
    assert found(tmp_path / "src") == ["c.py", "deep/d.py"]
    assert found(tmp_path) == ["src/c.py", "src/deep/d.py"]


def test_exclude_replaces_the_defaults_and_extend_exclude_adds(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "build/a.py", "legacy/a.py", ".git/hook.py")
    assert found(tmp_path, extend_exclude=("legacy/",)) == ["a.py"]
    assert found(tmp_path, exclude=("legacy/",)) == ["a.py", "build/a.py"]


def test_a_named_file_is_taken_whatever_the_rules_say(tmp_path: Path) -> None:
    tree(tmp_path, "gen/test_a.py", "gen/b.py", "script")
    (tmp_path / ".gitignore").write_text("gen/\n")
    assert found(tmp_path, paths=("gen/test_a.py", "script")) == ["gen/test_a.py", "script"]
    assert found(tmp_path, paths=("gen",)) == ["gen/b.py"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "root"
    tree(outside, "secret.py")
    tree(root, "a.py")
    (root / "folder").symlink_to(outside)
    (root / "file.py").symlink_to(outside / "secret.py")
    (root / "loop").symlink_to(root)
    assert found(root) == ["a.py"]


def test_what_is_no_regular_file_is_passed_over(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    (tmp_path / "folder.py").mkdir()
    tree(tmp_path, "folder.py/b.py")
    os.mkfifo(tmp_path / "pipe.py")
    assert found(tmp_path) == ["a.py", "folder.py/b.py"]


def test_an_ignore_file_that_is_a_pipe_does_not_hang(tmp_path: Path) -> None:
    tree(tmp_path, "a.py")
    os.mkfifo(tmp_path / ".gitignore")
    assert found(tmp_path) == ["a.py"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_cannot_be_read_is_recorded(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "closed/b.py")
    (tmp_path / "closed").chmod(0)
    try:
        result = walk(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)
    assert [file.path for file in result.files] == ["a.py"]
    assert [(error.path, error.reason) for error in result.errors] == [("closed", "it cannot be read (Permission denied)")]


def test_a_folder_that_is_gone_is_recorded(tmp_path: Path) -> None:
    (error,) = walk(tmp_path / "none").errors
    assert (error.path, error.passing) == (".", True)


def test_a_large_file_is_recorded(tmp_path: Path) -> None:
    tree(tmp_path, "a.py", "b.py")
    (tmp_path / "b.py").write_bytes(b"#" * 101)
    result = walk(tmp_path, WalkOptions(max_file_size=100))
    assert [file.path for file in result.files] == ["a.py"]
    assert [error.path for error in result.errors] == ["b.py"]


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="the system refuses such names")
def test_a_name_that_is_no_unicode_is_recorded(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.py")).write_text("x = 1\n")
    (error,) = walk(tmp_path).errors
    assert error.reason == "its name is not valid UTF-8"
    error.path.encode("utf-8")


def test_files_of_front_ends_but_for_their_tests(tmp_path: Path) -> None:
    tree(tmp_path, "a.ts", "b.vue", "c.html", "d.j2", "e.css", "f.json", "node_modules/x.js", "dist/x.js")
    tree(tmp_path, "a.spec.ts", "b.test.tsx", "c.stories.jsx", "d.cy.js", "__tests__/x.js", "cypress/x.ts", "__mocks__/x.ts")
    tree(tmp_path, "latest.ts", "test_a.js")
    assert found(tmp_path) == ["a.ts", "b.vue", "c.html", "d.j2", "latest.ts", "test_a.js"]
    assert "a.spec.ts" in found(tmp_path, include_tests=True)


def test_a_large_script_is_passed_over_as_a_bundle(tmp_path: Path) -> None:
    tree(tmp_path, "a.js", "b.py")
    result = walk(tmp_path, WalkOptions(max_file_size=3))
    assert (result.files, [error.path for error in result.errors]) == ((), ["b.py"])


def test_unsaved_files(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / ".gitignore").write_text("private.py\n")
    (tmp_path / "app" / "private.py").write_text("1")
    (tmp_path / "app" / "saved.py").write_text("1")
    (tmp_path / "away").symlink_to(tmp_path / "app")
    unsaved = dict.fromkeys(
        (
            "app/saved.py",
            "app/new.py",
            "app/page.html",
            "app/private.py",
            "app/deep/new.py",
            "away/new.py",
            "build/new.py",
            "tests/new.py",
            "app/test_new.py",
            "app/note.txt",
            "app/large.py",
        ),
        b"22",
    )
    unsaved["app/large.py"] = b"333"
    options = WalkOptions(extend_exclude=("deep/",), max_file_size=2)
    result = walk(tmp_path, options, unsaved)
    # as it would be if all of it was saved
    assert [(file.path, file.size) for file in result.files] == [("app/new.py", 2), ("app/page.html", 2), ("app/saved.py", 2)]
    assert [error.path for error in result.errors] == ["app/large.py"]
    # what stands for the time tells the text
    again, other = (walk(tmp_path, options, {"app/saved.py": data}).files for data in (b"22", b"23"))
    saved = next(file for file in result.files if file.path == "app/saved.py")
    assert again == (saved,)
    assert other[0].mtime_ns != saved.mtime_ns
    assert [file.path for file in walk(tmp_path, WalkOptions(paths=("app",)), {"app/new.py": b"", "new.py": b""}).files] == [
        "app/new.py",
        "app/saved.py",
    ]
