"""An editor that has started ``jwtlint lsp`` and speaks with it over pipes."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from cattrs import Converter
from lsprotocol import types
from pygls.lsp.client import LanguageClient
from pygls.protocol import default_converter

PATIENCE = 60.0  # seconds after which a test gives up
EVERYTHING = types.ClientCapabilities(
    general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf16]),
    text_document=types.TextDocumentClientCapabilities(hover=types.HoverClientCapabilities(content_format=[types.MarkupKind.Markdown])),
    window=types.WindowClientCapabilities(show_document=types.ShowDocumentClientCapabilities(support=True)),
    workspace=types.WorkspaceClientCapabilities(
        workspace_edit=types.WorkspaceEditClientCapabilities(document_changes=True),
        did_change_watched_files=types.DidChangeWatchedFilesClientCapabilities(dynamic_registration=True),
    ),
)
UTF_8 = types.ClientCapabilities(general=types.GeneralClientCapabilities(position_encodings=[types.PositionEncodingKind.Utf8]))


class Editor:
    """What the editor holds: open files, and what the server told it."""

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.texts: dict[str, str] = {}
        self.versions: dict[str, int] = {}
        self.told: dict[str, types.PublishDiagnosticsParams] = {}
        self.messages: list[str] = []
        self.logged: list[str] = []
        self.shown: list[types.ShowDocumentParams] = []
        self.registered: list[types.Registration] = []
        self.news = asyncio.Event()
        self.status: int | None = None
        self.complaints = ""  # on standard error
        self.capabilities = types.ServerCapabilities()

        @client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def diagnostics(params: types.PublishDiagnosticsParams) -> None:
            self.told[params.uri] = params
            self.news.set()

        @client.feature(types.WINDOW_SHOW_MESSAGE)
        def message(params: types.ShowMessageParams) -> None:
            self.messages.append(params.message)
            self.news.set()

        @client.feature(types.WINDOW_LOG_MESSAGE)
        def logged(params: types.LogMessageParams) -> None:
            self.logged.append(params.message)
            self.news.set()

        @client.feature(types.WINDOW_SHOW_DOCUMENT)
        def show(params: types.ShowDocumentParams) -> types.ShowDocumentResult:
            self.shown.append(params)
            return types.ShowDocumentResult(success=True)

        @client.feature(types.CLIENT_REGISTER_CAPABILITY)
        def register(params: types.RegistrationParams) -> None:
            self.registered += params.registrations
            self.news.set()

    # -- what a person does ----------------------------------------------------------------------------------------

    async def open(self, path: Path, text: str | None = None, language: str = "python") -> list[types.Diagnostic]:
        """Open a file, or a new one with a text; give what is told of it."""
        uri = path.as_uri()
        self.texts[uri] = path.read_bytes().decode() if text is None else text
        self.versions[uri] = 1
        item = types.TextDocumentItem(uri, language, 1, self.texts[uri])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return await self.diagnostics(path)

    async def type(self, path: Path, text: str) -> list[types.Diagnostic]:
        """Change the whole text without saving; give what is told of it."""
        uri = path.as_uri()
        self.texts[uri] = text
        self.versions[uri] += 1
        identifier = types.VersionedTextDocumentIdentifier(uri=uri, version=self.versions[uri])
        change = types.TextDocumentContentChangeWholeDocument(text)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, [change]))
        return await self.diagnostics(path)

    def save(self, path: Path) -> None:
        """Write a file to the disk and say so."""
        path.write_bytes(self.texts[path.as_uri()].encode())
        self.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(path.as_uri())))

    def close(self, path: Path) -> None:
        """Close a file; what was not saved is lost."""
        del self.versions[path.as_uri()]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(path.as_uri())))

    async def hover(self, path: Path, line: int, character: int) -> types.Hover | None:
        """Point at a place (from 0)."""
        identifier = types.TextDocumentIdentifier(path.as_uri())
        return await self.client.text_document_hover_async(types.HoverParams(identifier, types.Position(line, character)))

    async def actions(self, path: Path, place: types.Range | None = None, only: Sequence[str] | None = None) -> list[types.CodeAction]:
        """What can be done at a place (None: anywhere in the file)."""
        whole = types.Range(types.Position(0, 0), types.Position(len(self.texts[path.as_uri()].splitlines()), 0))
        context = types.CodeActionContext([], only, types.CodeActionTriggerKind.Invoked)
        params = types.CodeActionParams(types.TextDocumentIdentifier(path.as_uri()), place or whole, context)
        found = await self.client.text_document_code_action_async(params)
        return [one for one in found or () if isinstance(one, types.CodeAction)]

    async def apply(self, action: types.CodeAction) -> None:
        """Make the edits of an action in open files, and do what it says then."""
        assert action.edit is not None
        edits: dict[str, list[types.TextEdit]] = {}
        for change in action.edit.document_changes or ():
            assert isinstance(change, types.TextDocumentEdit)
            assert change.text_document.version == self.versions.get(change.text_document.uri)
            edits[change.text_document.uri] = [one for one in change.edits if isinstance(one, types.TextEdit)]
        for uri, own in (action.edit.changes or {}).items():
            edits[uri] = list(own)
        for uri, own in edits.items():
            await self.type(path_of(uri), edited(self.texts[uri], own, str(self.capabilities.position_encoding)))
        if action.command is not None:
            params = types.ExecuteCommandParams(action.command.command, action.command.arguments)
            await self.client.workspace_execute_command_async(params)

    # -- what the server says --------------------------------------------------------------------------------------

    async def diagnostics(self, path: Path) -> list[types.Diagnostic]:
        """What is told of the present text of an open file."""
        uri = path.as_uri()
        await self.until(lambda: uri in self.told and self.told[uri].version == self.versions[uri])
        return list(self.told[uri].diagnostics)

    def rules(self, path: Path) -> list[str]:
        """The codes of what was told last of a file."""
        told = self.told.get(path.as_uri())
        return sorted({str(one.code) for one in told.diagnostics}) if told is not None else []

    @property
    def server(self) -> int:
        """The number of the server's process."""
        assert self.client._server is not None
        return self.client._server.pid

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something that the server says makes a condition true."""

        async def watch() -> None:
            while not condition():
                self.news.clear()
                await self.news.wait()

        await asyncio.wait_for(watch(), PATIENCE)


def converter() -> Converter:
    """From JSON to types; lsprotocol 2025.0 takes an action that holds a command for a command."""
    made = default_converter()

    def action(value: dict[str, object], _: object) -> types.Command | types.CodeAction:
        return made.structure(value, types.Command if isinstance(value.get("command"), str) else types.CodeAction)

    made.register_structure_hook(types.Command | types.CodeAction, action)
    return made


def path_of(uri: str) -> Path:
    """The file that a URI names."""
    from urllib.parse import unquote, urlparse

    return Path(unquote(urlparse(uri).path))


def edited(text: str, edits: Sequence[types.TextEdit], encoding: str) -> str:
    """A text with edits made, whose columns are counted in an encoding."""
    codec = {"utf-8": "utf-8", "utf-16": "utf-16-le", "utf-32": "utf-32-le"}[encoding]
    size = {"utf-8": 1, "utf-16": 2, "utf-32": 4}[encoding]
    lines = text.splitlines(keepends=True)

    def offset(position: types.Position) -> int:
        before = sum(map(len, lines[: position.line]))
        line = lines[position.line] if position.line < len(lines) else ""
        return before + len(line.encode(codec)[: position.character * size].decode(codec))

    for edit in sorted(edits, key=lambda one: (one.range.start.line, one.range.start.character), reverse=True):
        text = text[: offset(edit.range.start)] + edit.new_text + text[offset(edit.range.end) :]
    return text


@asynccontextmanager
async def editing(
    *folders: Path, capabilities: types.ClientCapabilities = EVERYTHING, options: Sequence[str] = (), cwd: Path | None = None
) -> AsyncIterator[Editor]:
    """An editor with some folders open. At the end it leaves politely, and the server with it."""
    client = LanguageClient("an editor", "1", converter_factory=converter)
    editor = Editor(client)
    await client.start_io(str(Path(sys.executable).parent / "jwtlint"), "lsp", *options, cwd=cwd)
    workspace = [types.WorkspaceFolder(folder.as_uri(), folder.name) for folder in folders]
    params = types.InitializeParams(
        process_id=os.getpid(),
        capabilities=capabilities,
        root_uri=workspace[0].uri if workspace else None,
        workspace_folders=workspace or None,
    )
    result = await client.initialize_async(params)
    editor.capabilities = result.capabilities
    client.initialized(types.InitializedParams())
    try:
        yield editor
    finally:
        await client.shutdown_async(None)
        client.exit(None)
        await client.stop()
        assert client._server is not None and client._server.stderr is not None
        editor.status = client._server.returncode
        editor.complaints = (await client._server.stderr.read()).decode()


def session(work: Callable[[], Awaitable[None]]) -> None:
    """Run a session to its end."""
    asyncio.run(asyncio.wait_for(work(), 4 * PATIENCE))
