"""Real sessions: an editor that starts ``jwtlint lsp`` and speaks with it over pipes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from editors import EVERYTHING, UTF_8, editing, session
from lsprotocol import types
from repositories import TOKENS, VIEWS

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
LOGIN = """\
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
ALL = ["JWT101", "JWT105", "JWT201", "JWT308"]
NO_ROLE = LOGIN.replace(', "role": user.role', "")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one file."""
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / ".git").mkdir()
    (folder / "app.py").write_text(LOGIN)
    return folder


@pytest.fixture
def two_files(tmp_path: Path) -> Path:
    """A repository with an application in two files that are harmless one by one."""
    folder = tmp_path / "two"
    folder.mkdir()
    (folder / ".git").mkdir()
    (folder / "tokens.py").write_text(TOKENS)
    (folder / "views.py").write_text(VIEWS)
    return folder


def span(line: int, start: int, end: int) -> types.Range:
    return types.Range(types.Position(line, start), types.Position(line, end))


def test_what_is_typed_is_what_is_told(project: Path) -> None:
    app = project / "app.py"

    async def work() -> None:
        async with editing(project) as editor:
            found = await editor.open(app)
            assert editor.rules(app) == ALL
            (role,) = [one for one in found if one.code == "JWT201"]
            assert role.range == span(15, 65, 71)
            assert (role.severity, role.source) == (types.DiagnosticSeverity.Warning, "jwtlint")
            assert role.message.startswith('the claim "role" freezes what the user may do')
            assert role.code_description is None
            severities = {str(one.code): one.severity for one in found}
            assert severities["JWT101"] == types.DiagnosticSeverity.Error
            assert severities["JWT308"] == types.DiagnosticSeverity.Information
            # typed, not saved
            await editor.type(app, NO_ROLE)
            assert editor.rules(app) == ["JWT101", "JWT105", "JWT308"]
            assert app.read_text() == LOGIN
            # what was not saved is gone with the window
            editor.close(app)
            await editor.until(lambda: editor.rules(app) == ALL)
            await editor.open(app)
            await editor.type(app, "print('hello')\n")
            assert editor.rules(app) == []
            editor.save(app)
            editor.close(app)
            assert await editor.open(app) == []
        assert (editor.status, editor.complaints) == (0, "")
        assert editor.messages == []

    session(work)


def test_fixes_and_ignores_make_a_file_silent(project: Path) -> None:
    app = project / "app.py"

    async def work() -> None:
        async with editing(project) as editor:
            await editor.open(app)
            for code, title in (("JWT201", 'leave the claim "role" out of the token'), ("JWT105", "let the token expire after 15 minutes")):
                (fix,) = [one for one in await editor.actions(app) if one.title == f"{code}: {title} (unsafe: needs a look)"]
                assert (fix.kind, fix.is_preferred) == (types.CodeActionKind.QuickFix, None)
                assert [one.code for one in fix.diagnostics or ()] == [code]
                await editor.apply(fix)
                assert code not in editor.rules(app)
            for code in ("JWT101", "JWT308"):
                title = f"{code}: ignore this finding, with a reason"
                (ignore,) = [one for one in await editor.actions(app) if one.title == title]
                await editor.apply(ignore)
                # the reason is selected, for nobody else knows it
                place = editor.shown[-1].selection
                assert place is not None and editor.shown[-1].take_focus
                line = editor.texts[app.as_uri()].splitlines()[place.start.line]
                assert line[: place.start.character].strip() == f"# jwtlint: ignore[{code}] --"
                assert line[place.start.character : place.end.character] == "TODO: say why"
            assert editor.rules(app) == []
            assert await editor.actions(app) == []
            editor.save(app)
        done = subprocess.run([sys.executable, "-m", "jwtlint", "check", str(project)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout

    session(work)


def test_actions_are_for_the_place_and_kind_that_is_asked_about(project: Path) -> None:
    app = project / "app.py"

    async def work() -> None:
        async with editing(project) as editor:
            await editor.open(app)
            role = await editor.actions(app, span(15, 66, 66))
            assert {str(one.diagnostics[0].code) for one in role if one.diagnostics} >= {"JWT201"}
            assert await editor.actions(app, span(0, 0, 2)) == []
            assert await editor.actions(app, only=[types.CodeActionKind.Refactor]) == []
            # no fix here is safe
            assert await editor.actions(app, only=[types.CodeActionKind.SourceFixAll]) == []
            # asked right after a keystroke, it is about the new text
            editor.client.text_document_did_change(
                types.DidChangeTextDocumentParams(
                    types.VersionedTextDocumentIdentifier(uri=app.as_uri(), version=2),
                    [types.TextDocumentContentChangeWholeDocument(NO_ROLE)],
                )
            )
            assert "JWT201" not in {one.title[:6] for one in await editor.actions(app)}

    session(work)


def test_safe_fixes_are_preferred_and_made_at_once(tmp_path: Path) -> None:
    shutil.copytree(FIXTURES / "fastapi-authlib-cookie", tmp_path / "shop")
    web = tmp_path / "shop" / "trailphotos" / "web.py"

    async def work() -> None:
        async with editing(tmp_path / "shop") as editor:
            await editor.open(web)
            assert {"JWT303", "JWT304"} <= set(editor.rules(web))
            safe = [one for one in await editor.actions(web) if one.is_preferred]
            assert [one.title for one in safe] == ["JWT303: set httponly=True", "JWT304: set secure=True"]
            (everything,) = await editor.actions(web, only=[types.CodeActionKind.SourceFixAll])
            assert everything.kind == "source.fixAll.jwtlint"
            while made := await editor.actions(web, only=["source.fixAll.jwtlint"]):
                await editor.apply(made[0])
            assert {"JWT303", "JWT304"}.isdisjoint(editor.rules(web))
            text = editor.texts[web.as_uri()]
            assert "httponly=True" in text and "secure=True" in text

    session(work)


def test_findings_in_files_that_nobody_opened(two_files: Path) -> None:
    tokens, views = two_files / "tokens.py", two_files / "views.py"

    async def work() -> None:
        async with editing(two_files) as editor:
            await editor.open(views)
            await editor.until(lambda: editor.rules(tokens) == ["JWT101"])
            (minted,) = editor.told[tokens.as_uri()].diagnostics
            assert {one.location.uri for one in minted.related_information or ()} == {views.as_uri()}
            assert any("login" in one.message for one in minted.related_information or ())
            # the cause is unsaved, the finding that ends with it is elsewhere
            await editor.type(views, VIEWS.replace("access_token=issue", "confirmation=len"))
            await editor.until(lambda: editor.rules(tokens) == [])

    session(work)


def test_a_broken_file_says_why_and_hides_no_other(two_files: Path) -> None:
    tokens, other = two_files / "tokens.py", two_files / "other.py"
    other.write_text(LOGIN)

    async def work() -> None:
        async with editing(two_files) as editor:
            await editor.open(tokens)
            (broken,) = await editor.type(tokens, TOKENS.replace("def issue(claims):", "def issue(claims:"))
            assert broken.message.startswith("jwtlint cannot analyse this file: ")
            assert broken.range.start.line == 8
            assert broken.severity == types.DiagnosticSeverity.Warning
            assert editor.rules(other) == ALL
            await editor.type(tokens, TOKENS)
            assert editor.rules(tokens) == ["JWT101"]

    session(work)


@pytest.mark.parametrize(("capabilities", "width"), [(EVERYTHING, 2), (UTF_8, 4)])
def test_columns_behind_other_scripts(project: Path, capabilities: types.ClientCapabilities, width: int) -> None:
    app = project / "app.py"
    text = LOGIN.replace('"sub": str(user.id), ', '"sub": "🔑é" + str(user.id), ')
    app.write_text(text, encoding="utf-8")

    async def work() -> None:
        async with editing(project, capabilities=capabilities) as editor:
            found = await editor.open(app)
            assert editor.capabilities.position_encoding == ("utf-16" if capabilities is EVERYTHING else "utf-8")
            (role,) = [one for one in found if one.code == "JWT201"]
            start = 65 + len('"" + ') + width + (1 if width == 2 else 2)
            assert role.range == span(15, start, start + 6)
            (fix,) = [one for one in await editor.actions(app, role.range) if one.title.startswith("JWT201: leave")]
            await editor.apply(fix)
            assert editor.texts[app.as_uri()] == text.replace(', "role": user.role', "")
            assert "JWT201" not in editor.rules(app)

    session(work)


def test_other_line_ends_encodings_and_marks(project: Path) -> None:
    app, legacy = project / "app.py", project / "legacy.py"
    text = LOGIN.replace("\n", "\r\n").replace("def login", "# \f a form feed, \u2028 and a separator, end no line\r\ndef login")
    old = "# -*- coding: latin-1 -*-\nname = 'é'\n" + LOGIN
    legacy.write_bytes(old.encode("latin-1"))

    async def work() -> None:
        async with editing(project) as editor:
            found = await editor.open(app, text)
            assert {one.range.start.line for one in found if one.code == "JWT201"} == {16}
            (fix,) = [one for one in await editor.actions(app) if one.title.startswith("JWT201: leave")]
            assert fix.edit is not None and fix.edit.document_changes is not None
            (change,) = fix.edit.document_changes
            assert isinstance(change, types.TextDocumentEdit)
            assert [one.range.start.line for one in change.edits if isinstance(one, types.TextEdit)] == [16]
            await editor.open(legacy, old)
            assert editor.rules(legacy) == ALL
            # some editors leave the mark where it is
            found = await editor.type(legacy, "\ufefffrom jwt import encode; t = encode({}, 'secret', algorithm='HS256')\n")
            assert [one.range for one in found if one.code == "JWT404"] == [span(0, 40, 48)]

    session(work)


def test_hover_tells_the_rule(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = project / "app.py"
    monkeypatch.setenv("JWTLINT_DOCS_URL", "https://docs.example.org/jwtlint/")

    async def work() -> None:
        async with editing(project) as editor:
            found = await editor.open(app)
            page = "https://docs.example.org/jwtlint/rules/JWT201.html"
            (role,) = [one for one in found if one.code == "JWT201"]
            assert role.code_description == types.CodeDescription(page)
            told = await editor.hover(app, 15, 67)
            assert told is not None and isinstance(told.contents, types.MarkupContent)
            assert told.contents.kind == types.MarkupKind.Markdown
            assert f"**[JWT201 authorization-claim (warning, staleness)]({page})**" in told.contents.value
            assert "A right that is written into a token is a photograph." in told.contents.value
            assert "```python" in told.contents.value
            assert told.range == role.range
            assert await editor.hover(app, 0, 0) is None
            # where a comment names it
            comment = "    # é # jwtlint: ignore[JWT201] -- soon"
            start = comment.index("JWT201")
            await editor.type(app, LOGIN.replace("    return", f"{comment}\n    return"))
            told = await editor.hover(app, 15, start + 2)
            assert told is not None and isinstance(told.contents, types.MarkupContent)
            assert told.range == span(15, start, start + 6)
            assert told.contents.value.startswith("**JWT201 authorization-claim")
            assert await editor.hover(app, 15, start - 3) is None
        async with editing(project, capabilities=UTF_8) as editor:
            await editor.open(app)
            told = await editor.hover(app, 15, 67)
            assert told is not None and isinstance(told.contents, types.MarkupContent)
            assert told.contents.kind == types.MarkupKind.PlainText
            assert "**" not in told.contents.value and "JWT201 authorization-claim" in told.contents.value

    session(work)


def test_several_folders(project: Path, two_files: Path) -> None:
    inner = two_files / "inner"
    inner.mkdir()
    (inner / "app.py").write_text(LOGIN)
    (inner / "jwtlint.toml").write_text("select = ['JWT2']\n")

    async def work() -> None:
        async with editing(project, two_files, inner) as editor:
            app, tokens, own = project / "app.py", two_files / "tokens.py", inner / "app.py"
            await editor.until(lambda: all(path.as_uri() in editor.told for path in (app, tokens, own)))
            # each by its own configuration; the innermost folder tells of its files, and no other
            assert (editor.rules(app), editor.rules(tokens), editor.rules(own)) == (ALL, ["JWT101"], ["JWT201"])
            gone = types.WorkspaceFolder(project.as_uri(), "project")
            event = types.WorkspaceFoldersChangeEvent(added=[], removed=[gone])
            editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
            await editor.until(lambda: editor.rules(app) == [])
            event = types.WorkspaceFoldersChangeEvent(added=[gone], removed=[types.WorkspaceFolder(inner.as_uri(), "inner")])
            editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
            await editor.until(lambda: (editor.rules(app), editor.rules(own)) == (ALL, ALL))
            # and once more its own, whichever of the two is heard last
            event = types.WorkspaceFoldersChangeEvent(added=[types.WorkspaceFolder(inner.as_uri(), "inner")], removed=[])
            editor.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
            await editor.until(lambda: editor.rules(own) == ["JWT201"])
            await editor.open(own)
            await editor.open(tokens)
            assert editor.rules(own) == ["JWT201"]

    session(work)


def test_without_a_folder_the_repository_counts_or_the_file_alone(two_files: Path, tmp_path: Path) -> None:
    alone = tmp_path / "alone" / "app.py"
    alone.parent.mkdir()
    alone.write_text(LOGIN)
    beside = alone.with_name("beside.py")
    beside.write_text(LOGIN)

    async def work() -> None:
        async with editing() as editor:
            await editor.open(two_files / "views.py")
            await editor.until(lambda: editor.rules(two_files / "tokens.py") == ["JWT101"])
            await editor.open(alone)
            assert editor.rules(alone) == ALL
            new = alone.with_name("new.py")
            await editor.open(new, LOGIN)
            assert editor.rules(new) == ALL
            assert beside.as_uri() not in editor.told
            editor.close(alone)
            await editor.until(lambda: editor.rules(alone) == [])

    session(work)


def test_a_broken_configuration_is_one_message(project: Path) -> None:
    app, settings = project / "app.py", project / "pyproject.toml"

    async def work() -> None:
        async with editing(project) as editor:
            await editor.open(app)
            assert editor.rules(app) == ALL
            settings.write_text("[tool.jwtlint]\nignroe = ['JWT2']\n")
            await editor.type(app, LOGIN + "\n")
            await editor.until(lambda: len(editor.messages) == 1)
            assert editor.messages == [f'jwtlint: {settings} [tool.jwtlint]: unknown key "ignroe"; did you mean "ignore"?']
            await editor.type(app, LOGIN)
            assert (len(editor.messages), editor.rules(app)) == (1, [])
            settings.write_text("[tool.jwtlint]\nignore = ['JWT2']\nrules = ['own']\n")
            # the editor tells of files that change on the disk, since it was asked to
            await editor.until(lambda: bool(editor.registered))
            change = types.FileEvent(settings.as_uri(), types.FileChangeType.Changed)
            editor.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([change]))
            await editor.until(lambda: editor.rules(app) == ["JWT101", "JWT105", "JWT308"])
            # a workspace does not choose what it is judged by
            assert any("loaded only by jwtlint lsp --config" in one for one in editor.logged)
            assert len(editor.messages) == 1

    session(work)


def test_settings_of_the_command_line(project: Path, tmp_path: Path) -> None:
    app, settings = project / "app.py", tmp_path / "strict.toml"
    settings.write_text("select = ['JWT3']\n")
    (project / "jwtlint.toml").write_text("select = ['JWT2']\n")

    async def work() -> None:
        async with editing(project, options=("--config", str(settings), "--stdio")) as editor:
            await editor.open(app)
            assert editor.rules(app) == ["JWT308"]
        async with editing(project, options=("--no-config",)) as editor:
            await editor.open(app)
            assert editor.rules(app) == ALL

    session(work)


def test_what_check_leaves_out_is_left_out(project: Path) -> None:
    app = project / "app.py"
    subprocess.run([sys.executable, "-m", "jwtlint", "baseline"], cwd=project, check=True, capture_output=True)
    (project / "jwtlint.toml").write_text("baseline = '.jwtlint-baseline.json'\n")
    (project / ".gitignore").write_text("scratch.py\n")
    (project / "scratch.py").write_text(LOGIN)

    async def work() -> None:
        async with editing(project) as editor:
            assert await editor.open(app) == []
            assert await editor.open(project / "scratch.py") == []
            # new: the e-mail address was not there when the baseline was written
            await editor.type(app, LOGIN.replace('"role": user.role', '"role": user.role, "email": user.email'))
            assert editor.rules(app) == ["JWT203"]
            (useless,) = await editor.type(app, LOGIN + "\n# jwtlint: ignore[JWT404] -- nothing here\nx = 1\n")
            assert (useless.code, list(useless.tags or ())) == ("JWT001", [types.DiagnosticTag.Unnecessary])

    session(work)


def test_a_file_that_was_never_saved_is_a_part_of_the_program(two_files: Path) -> None:
    (two_files / "views.py").unlink()

    async def work() -> None:
        async with editing(two_files) as editor:
            await editor.open(two_files / "tokens.py")
            assert editor.rules(two_files / "tokens.py") == []
            await editor.open(two_files / "views.py", VIEWS)
            await editor.until(lambda: editor.rules(two_files / "tokens.py") == ["JWT101"])

    session(work)


def test_a_page_in_the_browser(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    script = 'fetch("/login").then(r => r.json()).then(d => { localStorage.setItem("access_token", d.access_token); });'
    text = f"<p>Grüße 🔑</p>\n<script>{script}</script>\n"
    page.write_text(text, encoding="utf-8")
    (tmp_path / "app.py").write_text(LOGIN)

    async def work() -> None:
        async with editing(tmp_path) as editor:
            (kept,) = await editor.open(page, language="html")
            assert kept.code == "JWT301"
            assert kept.range.start == types.Position(1, text.splitlines()[1].index("localStorage"))
            (ignore,) = [one for one in await editor.actions(page) if "ignore" in one.title]
            await editor.apply(ignore)
            assert "<!-- jwtlint: ignore[JWT301] -- TODO: say why -->\n<script>" in editor.texts[page.as_uri()]
            assert editor.rules(page) == []

    session(work)


def children(process: int) -> list[int]:
    """The processes that a process started."""
    tasks = Path(f"/proc/{process}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="the system does not tell which processes a process started")
def test_the_server_outlives_the_process_that_analyses_and_takes_it_along(project: Path) -> None:
    app = project / "app.py"

    async def work() -> None:
        async with editing(project) as editor:
            await editor.open(app)
            (worker,) = children(editor.server)
            os.kill(worker, signal.SIGKILL)
            # its findings are made anew, for they are what the fixes are about
            assert any(one.title.startswith("JWT201: leave") for one in await editor.actions(app))
            (other,) = children(editor.server)
            assert other != worker
            os.kill(other, signal.SIGKILL)
            await editor.type(app, NO_ROLE)
            assert editor.rules(app) == ["JWT101", "JWT105", "JWT308"]
            (last,) = children(editor.server)
        assert not Path(f"/proc/{last}").exists() or (Path(f"/proc/{last}/stat").read_text().split()[2] == "Z")

    session(work)


def test_nothing_of_a_workspace_is_run(project: Path) -> None:
    trap = f"open({str(project / 'sprung')!r}, 'w').close()\n"
    for name in ("jwtlint", "msgspec", "pygls", "lsprotocol", "jwt", "models", "json", "sitecustomize", "usercustomize", "libcst"):
        (project / f"{name}.py").write_text(trap)
    (project / "conftest.py").write_text(trap)

    async def work() -> None:
        async with editing(project, cwd=project) as editor:
            await editor.open(project / "app.py")
            assert editor.rules(project / "app.py") == ALL
            assert await editor.actions(project / "app.py") != []
        assert not (project / "sprung").exists()

    session(work)
