"""Hostile front ends through the real command line: each is passed over or read, the rest is scanned, nothing breaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_hostile import check, document

KEEP = 'localStorage.setItem("access_token", (await login()).access_token);\n'
TOKEN = 'localStorage.setItem("token", token);\n'
MANY = 3_000
FILES: dict[str, bytes] = {
    "bundle.js": b"!function(e){localStorage.token=e.token}({});" * 120_000,
    "vendor-copy.js": b"var token=localStorage.token;" * 5_000,
    "deep.tsx": ("x = " + "<a b={c}>" * MANY + "{localStorage.setItem('token', token)}" + "</a>" * MANY).encode(),
    "broken.html": b"<html <body <script>" + KEEP.encode() * 3 + b"</scr",
    "attributes.html": b"<p {% if token %} {{ token }} a='{{ b }}' {% endif %} onclick=\"f('{{ token }}')\" </p>" * 500,
    "latin.js": "// J\xfcrgen\n".encode("latin-1") + TOKEN.encode(),
    "zeros.vue": b"\0" * 10_000 + b"<script>" + TOKEN.encode() + b"</script>",
    "cycle-a.ts": b'export * from "./cycle-b";\nexport const token = localStorage.token;\n',
    "cycle-b.ts": b'export * from "./cycle-a";\nimport { token } from "./cycle-a";\nlocalStorage.token = token;\n',
    "names.ts": b"let a = b, b = a; localStorage.token = a; const o = {...o, ...p}, p = {...p, ...o}; localStorage.token = o.q;\n",
    "calls.ts": b"".join(
        b"export const f%d = (token) => { f%d(token); f%d(token); localStorage.setItem(token, token); };\n"
        % (n, (n + 1) % 400, (n * 7) % 400)
        for n in range(400)
    ),
    "branches.ts": b"localStorage.token = " + b"a ? {...b, ...c} : " * 400 + b"d;\n" + b"const b = {...c, ...b}, c = {...b, ...c};\n",
    "classes.ts": b"".join(
        b"class C%d extends C%d { token = this.token; get() { return this.get(); } }\n" % (n, (n + 1) % 300) for n in range(300)
    )
    + b"localStorage.token = new C0().get().token;\n",
    "\u202e.js": TOKEN.encode(),
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    (root / "login.js").write_text(KEEP)
    return root


def write(root: Path, name: str) -> None:
    (root / name).write_bytes(FILES[name])


@pytest.mark.parametrize("name", FILES)
def test_each_file_alone(project: Path, name: str) -> None:
    write(project, name)
    found = document(project)
    assert ("login.js", "JWT301") in {(one["path"], one["rule"]) for one in found["findings"]}
    assert found["errors"] == []


def test_all_together_and_again_from_the_cache(project: Path) -> None:
    for name in FILES:
        write(project, name)
    first, second = check(project), check(project)
    assert first == second
    assert first[0] == 1


def test_links_are_not_followed(project: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.js").write_text(KEEP)
    (project / "link.js").symlink_to(tmp_path / "outside.js")
    (project / "loop").symlink_to(project)
    assert {one["path"] for one in document(project)["findings"]} == {"login.js"}


def test_what_scripts_are_called_is_told_without_being_obeyed(project: Path) -> None:
    (project / "login.js").write_text('localStorage.setItem("access_token\\x1b[31m[bold]", (await login()).access_token);\n')
    status, out, _ = check("--verbose", project)
    assert status == 1
    assert "JWT301" in out
