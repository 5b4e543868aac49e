"""The language server: which notification or request leads to what. Code is read and analysed in another process."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping

from lsprotocol import types
from pygls import uris
from pygls.lsp.server import LanguageServer

from jwtlint import __version__
from jwtlint.language_server import actions, diagnostics, hover
from jwtlint.language_server.analyst import Analyst
from jwtlint.language_server.messages import Analyse, Analysed, Crash, Forgotten, Mistake, Proposals, Propose
from jwtlint.language_server.positions import overlaps
from jwtlint.language_server.project import Buffer, Outcome, Project, Snapshot, around
from jwtlint.report.escape import visible
from jwtlint.sources.walk import SUFFIXES

PAUSE = 0.3  # seconds without a keystroke
CONFIGURATION = ("pyproject.toml", "jwtlint.toml", ".gitignore", ".jwtlint-baseline.json")
WATCHED = (*(f"**/*{suffix}" for suffix in SUFFIXES), *(f"**/{name}" for name in CONFIGURATION))

log = logging.getLogger("jwtlint.lsp")


class Addresses:
    """The URIs of files by their absolute paths. ``buffers`` are the open ones, which the client calls as it likes."""

    def __init__(self, buffers: Mapping[str, Buffer]) -> None:
        self.buffers = buffers

    def of(self, path: str) -> str:
        """The URI of a file."""
        buffer = self.buffers.get(path)
        return buffer.uri if buffer is not None else str(uris.from_fs_path(path))


class Server(LanguageServer):
    """The server of one client. ``config`` is a configuration that the user named ("" for none), for every folder."""

    def __init__(self, config: str, no_config: bool) -> None:
        # full texts: how lines are counted is then nobody's business but ours
        super().__init__("jwtlint", __version__, text_document_sync_kind=types.TextDocumentSyncKind.Full)
        self.config = config
        self.no_config = no_config
        self.analyst = Analyst()
        self.projects: dict[str, Project] = {}
        self.ticket = 0
        self.is_over = False  # the client said that it will leave

    # -- which files belong where ----------------------------------------------------------------------------------

    def buffers(self) -> dict[str, Buffer]:
        """The open files by their absolute paths."""
        found: dict[str, Buffer] = {}
        for document in self.workspace.text_documents.values():
            path = uris.to_fs_path(document.uri)
            if path is not None:
                found[path] = Buffer(path, document.uri, document.version, document.source)
        return found

    def addresses(self) -> Addresses:
        """The URIs of files."""
        return Addresses(self.buffers())

    def owner(self, path: str) -> Project | None:
        """The project that tells of a file: the innermost folder that holds it."""
        holding = [project for project in self.projects.values() if project.path_of(path) is not None]
        return max(holding, key=lambda project: len(project.root), default=None)

    def sync_folders(self) -> None:
        """Make a project of each folder of the workspace, and none of those that are gone."""
        roots = {
            os.path.normpath(path) for folder in self.workspace.folders.values() if (path := uris.to_fs_path(folder.uri)) is not None
        }
        if not roots and self.workspace.root_path is not None:
            roots = {os.path.normpath(self.workspace.root_path)}
        for root in roots - self.projects.keys():
            self.projects[root] = Project(root, "", self.analyse)
        if roots:
            for key in self.projects.keys() - roots:
                self.drop(key)
        for project in self.projects.values():
            # what one folder tells of depends on which others there are
            project.touch(0)

    def drop(self, key: str) -> None:
        """Tell no more of a project."""
        project = self.projects.pop(key)
        project.close()
        self.publish(project, {}, None)

    def opened(self, path: str) -> Project | None:
        """The project of a file; without a workspace one is made."""
        found = self.owner(path)
        if found is None and not self.workspace.folders and self.workspace.root_path is None and path.endswith(SUFFIXES):
            root, alone = around(path)
            found = self.projects[os.path.join(root, alone)] = Project(root, alone, self.analyse)
        return found

    def closed(self, path: str) -> None:
        """A file was closed: its project goes on with what is on the disk, or ends if it was made for this file."""
        project = self.owner(path)
        if project is None:
            return
        key = os.path.join(project.root, project.alone)
        if project.alone and key in self.projects:
            self.drop(key)
        else:
            project.touch(0)

    def touch(self, path: str, delay: float) -> None:
        """A file changed: everything that it is a part of is analysed."""
        for project in self.projects.values():
            if project.path_of(path) is not None:
                project.touch(delay)

    # -- analysis --------------------------------------------------------------------------------------------------

    async def analyse(self, project: Project) -> None:
        """Analyse a project and tell what was found. Whatever goes wrong, the server goes on."""
        try:
            await self.analysed(project)
        except Exception as error:
            self.report_server_error(error, Exception)
            self.complain(project, f"{visible(project.root)} could not be analysed ({type(error).__name__}); please report it")

    async def analysed(self, project: Project) -> None:
        """Analyse a project and tell what was found."""
        self.ticket += 1
        snapshot = project.snapshot(self.ticket, self.buffers(), self.workspace.position_encoding or types.PositionEncodingKind.Utf16)
        paths = (project.alone,) if project.alone else ()
        request = Analyse(self.ticket, project.root, paths, dict(snapshot.unsaved), self.config, self.no_config)
        answer = await self.analyst.ask(request)
        if isinstance(answer, Analysed):
            for sentence in answer.remarks:
                self.log(sentence, types.MessageType.Warning)
            project.problem = ""
            project.outcome = Outcome(snapshot, answer)
            self.publish(project, diagnostics.by_file(project.outcome, self.addresses().of), snapshot)
        elif isinstance(answer, Mistake):
            # what was found before was found by another configuration
            project.outcome = None
            self.publish(project, {}, snapshot)
            self.complain(project, answer.sentence)
        elif isinstance(answer, Crash):
            if answer.details:
                self.log(answer.details, types.MessageType.Error)
            self.complain(project, f"{visible(project.root)} could not be analysed ({answer.reason}); please report it")

    def publish(self, project: Project, found: Mapping[str, list[types.Diagnostic]], snapshot: Snapshot | None) -> None:
        """Tell the client of the diagnostics of a project (by absolute paths), and that there are no others any more."""
        addresses = self.addresses()
        new = {addresses.of(path): own for path, own in found.items() if self.owner(path) is project}
        versions: dict[str, int | None] = {}
        for path, buffer in addresses.buffers.items():
            if self.owner(path) is not project:
                continue
            seen = snapshot.buffers.get(project.path_of(path) or "") if snapshot is not None else None
            if seen is not None and seen.version == buffer.version:
                versions[buffer.uri] = buffer.version
                # an editor that opened a file may wait to hear of it
                new.setdefault(buffer.uri, [])
            elif snapshot is not None:
                # typed on, or opened, meanwhile: the next analysis is on its way
                new[buffer.uri], versions[buffer.uri] = project.published.get(buffer.uri, ([], None))
        taken_over = {address for other in self.projects.values() if other is not project for address in other.published}
        for address in sorted({*project.published, *new}):
            told = (new.get(address, []), versions.get(address))
            if project.published.get(address) != told and (address in new or address not in taken_over):
                self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(address, *told))
            if address in new:
                project.published[address] = told
            else:
                project.published.pop(address, None)

    def complain(self, project: Project, sentence: str) -> None:
        """Show a problem, once until it changes."""
        self.log(sentence, types.MessageType.Error)
        if project.problem != sentence:
            project.problem = sentence
            self.window_show_message(types.ShowMessageParams(types.MessageType.Error, f"jwtlint: {sentence}"))

    def log(self, text: str, kind: types.MessageType) -> None:
        """Write to the client's log."""
        self.window_log_message(types.LogMessageParams(kind, text))

    def report_server_error(self, error: Exception, source: object) -> None:
        """Something went wrong in the server itself."""
        log.exception("in the server", exc_info=error)
        self.log(visible(f"something went wrong inside jwtlint ({type(error).__name__}: {error})"), types.MessageType.Error)

    # -- what is asked ---------------------------------------------------------------------------------------------

    async def code_actions(self, params: types.CodeActionParams) -> list[types.CodeAction]:
        """What can be done about the findings in a range."""
        only = params.context.only
        path = uris.to_fs_path(params.text_document.uri)
        project = self.owner(path) if path is not None else None
        if path is None or project is None or not any(actions.wants(kind, only) for kind in actions.KINDS):
            return []
        # asked again when the process that analyses was started anew meanwhile
        for _ in range(2):
            outcome = await project.settled()
            inside = project.path_of(path)
            if outcome is None or inside is None:
                return []
            marks = list(outcome.marks_in(inside))
            near = [mark for mark, place in marks if overlaps(place, params.range)] if actions.wants(actions.KINDS[0], only) else []
            invoked = params.context.trigger_kind is not types.CodeActionTriggerKind.Automatic
            whole = bool(marks) and actions.wants(actions.FIX_ALL, only) and (bool(near) or only is not None or invoked)
            if not near and not whole:
                return []
            request = Propose(outcome.snapshot.ticket, project.root, inside, tuple(mark.number for mark in near), whole)
            answer = await self.analyst.ask(request)
            if isinstance(answer, Proposals):
                return actions.Actions(outcome, answer, self.addresses().of, self.takes_versions(), self.shows_documents()).all(near)
            if isinstance(answer, Crash):
                self.log(f"no fixes could be worked out: {answer.reason}\n{answer.details}", types.MessageType.Error)
            if not isinstance(answer, Forgotten):
                return []
            project.touch(0)
        return []

    def hover(self, params: types.HoverParams) -> types.Hover | None:
        """What is wrong at a position, and the page of the rule that says so."""
        path = uris.to_fs_path(params.text_document.uri)
        project = self.owner(path) if path is not None else None
        if path is None or project is None or project.outcome is None:
            return None
        point = types.Range(params.position, params.position)
        inside = project.path_of(path) or ""
        marks = [(mark, place) for mark, place in project.outcome.marks_in(inside) if overlaps(place, point)]
        text_document = self.client_capabilities.text_document
        formats = text_document.hover.content_format if text_document is not None and text_document.hover is not None else None
        outcome = project.outcome
        if marks or inside not in outcome.snapshot.buffers:
            return hover.hover(marks, outcome.analysed.pages, formats or ())
        positions, number = outcome.snapshot.positions, params.position.line
        line = positions.texts.line(inside, number + 1).decode("utf-8", "replace")
        return hover.comment_hover(line, number, params.position.character, positions, outcome.analysed.pages, formats or ())

    def takes_versions(self) -> bool:
        """Whether edits may come with the version of the document that they are for."""
        workspace = self.client_capabilities.workspace
        return bool(workspace is not None and workspace.workspace_edit is not None and workspace.workspace_edit.document_changes)

    def shows_documents(self) -> bool:
        """Whether the client can be asked to show a place."""
        window = self.client_capabilities.window
        return bool(window is not None and window.show_document is not None and window.show_document.support)

    def watches_files(self) -> bool:
        """Whether the client can be asked to tell of changes on the disk."""
        workspace = self.client_capabilities.workspace
        watched = workspace.did_change_watched_files if workspace is not None else None
        return bool(watched is not None and watched.dynamic_registration)


def build(config: str = "", no_config: bool = False) -> Server:
    """A server with all that it answers."""
    server = Server(config, no_config)

    @server.feature(types.INITIALIZED)
    def initialized(_: types.InitializedParams) -> None:
        server.sync_folders()
        if server.watches_files():
            watchers = [types.FileSystemWatcher(glob) for glob in WATCHED]
            options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
            registration = types.Registration("jwtlint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
            server.client_register_capability(types.RegistrationParams([registration]))

    @server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
    def folders_changed(_: types.DidChangeWorkspaceFoldersParams) -> None:
        server.sync_folders()

    @server.feature(types.WORKSPACE_DID_CHANGE_WATCHED_FILES)
    def watched_changed(params: types.DidChangeWatchedFilesParams) -> None:
        for change in params.changes:
            path = uris.to_fs_path(change.uri)
            if path is not None:
                server.touch(path, PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_OPEN)
    def opened(params: types.DidOpenTextDocumentParams) -> None:
        path = uris.to_fs_path(params.text_document.uri)
        if path is not None and server.opened(path) is not None:
            server.touch(path, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
    def changed(params: types.DidChangeTextDocumentParams) -> None:
        path = uris.to_fs_path(params.text_document.uri)
        if path is not None:
            server.touch(path, PAUSE)

    @server.feature(types.TEXT_DOCUMENT_DID_SAVE)
    def saved(params: types.DidSaveTextDocumentParams) -> None:
        path = uris.to_fs_path(params.text_document.uri)
        if path is not None:
            server.touch(path, 0)

    @server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
    def closed(params: types.DidCloseTextDocumentParams) -> None:
        path = uris.to_fs_path(params.text_document.uri)
        if path is not None:
            server.closed(path)

    @server.feature(types.TEXT_DOCUMENT_HOVER)
    def hovered(params: types.HoverParams) -> types.Hover | None:
        return server.hover(params)

    @server.feature(types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=list(actions.KINDS)))
    async def code_actions(params: types.CodeActionParams) -> list[types.CodeAction]:
        return await server.code_actions(params)

    @server.command(actions.SHOW_REASON)
    async def show_reason(location: types.Location) -> None:
        await server.window_show_document_async(types.ShowDocumentParams(location.uri, take_focus=True, selection=location.range))

    @server.feature(types.SHUTDOWN)
    async def shut_down(_: None) -> None:
        server.is_over = True
        for project in server.projects.values():
            project.close()
        await server.analyst.close()

    return server


def serve(config: str = "", no_config: bool = False) -> int:
    """Serve one client over standard input and output, until it leaves; give the exit status: 1 where it did not say so before."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    # what anything prints must not get between the messages
    os.dup2(2, 1)
    server = build(config, no_config)
    try:
        server.start_io(requests, answers)
    finally:
        server.analyst.stop()
    return 0 if server.is_over else 1
