"""Fixes and ignores as code actions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from lsprotocol import types

from jwtlint.language_server.diagnostics import diagnostic
from jwtlint.language_server.messages import Mark, Proposals
from jwtlint.language_server.project import Outcome
from jwtlint.report.escape import visible
from jwtlint.rules.fixes import Edit

FIX_ALL = "source.fixAll.jwtlint"
SHOW_REASON = "jwtlint.showReason"
KINDS = (types.CodeActionKind.QuickFix, FIX_ALL)


def wants(kind: str, only: Sequence[str] | None) -> bool:
    """Whether a kind of action is asked for; a kind stands for those below it (``source`` for ``source.fixAll``)."""
    return only is None or any(kind == one or kind.startswith(f"{one}.") for one in only)


class Actions:
    """Makes code actions out of proposals. ``uri`` gives the address of an absolute path.

    ``versioned``: the client takes edits with the version of the document; ``shows``: it can show a place when asked.
    """

    def __init__(self, outcome: Outcome, proposals: Proposals, uri: Callable[[str], str], versioned: bool, shows: bool) -> None:
        self.outcome = outcome
        self.proposals = proposals
        self.uri = uri
        self.versioned = versioned
        self.shows = shows
        self.positions = outcome.snapshot.positions

    def all(self, marks: Iterable[Mark]) -> list[types.CodeAction]:
        """The actions for some marks, fixes first."""
        fixes: list[types.CodeAction] = []
        silencings: list[types.CodeAction] = []
        for mark in marks:
            fix = self.fix(mark)
            if fix is not None:
                fixes.append(fix)
            silencing = self.silencing(mark)
            if silencing is not None:
                silencings.append(silencing)
        # what may be applied without a look comes first
        fixes.sort(key=lambda one: not one.is_preferred)
        whole: list[types.CodeAction] = []
        if self.proposals.all_safe:
            title = "Make all safe jwtlint fixes in this file"
            whole.append(types.CodeAction(title, kind=FIX_ALL, edit=self.edit(self.proposals.all_safe)))
        return [*fixes, *silencings, *whole]

    def fix(self, mark: Mark) -> types.CodeAction | None:
        """The fix of a finding; None where it has none."""
        fix = self.proposals.fixes.get(mark.number)
        if fix is None or not fix.is_available:
            return None
        title = visible(fix.title)
        safe = fix.safety == "safe"
        return types.CodeAction(
            f"{mark.rule}: {title}" if safe else f"{mark.rule}: {title} (unsafe: needs a look)",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self.diagnostic(mark)],
            is_preferred=safe or None,
            edit=self.edit(fix.edits),
        )

    def silencing(self, mark: Mark) -> types.CodeAction | None:
        """A comment above the statement; None where there can be none."""
        found = self.proposals.silencings.get(mark.number)
        if found is None:
            return None
        title = f"{mark.rule}: ignore this finding, with a reason"
        reason = found.reason
        # what stands before it is ASCII, so that its column is the same in every encoding
        place = types.Range(types.Position(reason.line - 1, reason.column), types.Position(reason.end_line - 1, reason.end_column))
        address = self.uri(self.outcome.snapshot.full(reason.path))
        return types.CodeAction(
            title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[self.diagnostic(mark)],
            edit=self.edit(found.edits),
            command=types.Command(title, SHOW_REASON, arguments=[types.Location(address, place)]) if self.shows else None,
        )

    def diagnostic(self, mark: Mark) -> types.Diagnostic:
        """The finding that an action is about."""
        return diagnostic(mark, self.outcome, self.positions, self.uri)

    def edit(self, edits: Iterable[Edit]) -> types.WorkspaceEdit:
        """Edits as the client takes them."""
        by_path: dict[str, list[types.TextEdit | types.AnnotatedTextEdit | types.SnippetTextEdit]] = {}
        plain: dict[str, list[types.TextEdit]] = {}
        for edit in edits:
            one = types.TextEdit(self.positions.range(edit.place), edit.text)
            by_path.setdefault(edit.place.path, []).append(one)
            plain.setdefault(self.uri(self.outcome.snapshot.full(edit.place.path)), []).append(one)
        if not self.versioned:
            return types.WorkspaceEdit(changes=dict(plain))
        buffers = self.outcome.snapshot.buffers
        documents = [
            types.TextDocumentEdit(
                types.OptionalVersionedTextDocumentIdentifier(
                    self.uri(self.outcome.snapshot.full(path)), buffers[path].version if path in buffers else None
                ),
                own,
            )
            for path, own in by_path.items()
        ]
        return types.WorkspaceEdit(document_changes=list(documents))
