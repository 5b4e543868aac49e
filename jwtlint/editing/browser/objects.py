"""Objects that are written out: entries taken out and put in, without touching the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jwtlint.editing.scripts import Script, ScriptDraft

if TYPE_CHECKING:
    from tree_sitter import Node


class ObjectChange:
    """What is to change in one object."""

    def __init__(self, script: Script, node: Node) -> None:
        self.script = script
        self.node = node
        self.removed: list[Node] = []
        self.added: dict[str, str] = {}

    @property
    def entries(self) -> list[Node]:
        """The object's entries as they are."""
        return [one for one in self.node.named_children if one.type != "comment"]

    @property
    def is_empty(self) -> bool:
        """Whether nothing will be left."""
        return not self.added and all(one in self.removed for one in self.entries)

    def remove(self, entry: Node) -> None:
        """Take an entry out."""
        if entry not in self.removed:
            self.removed.append(entry)

    def add(self, name: str, value: str) -> None:
        """Put an entry in; one of the same name that says the contrary is changed."""
        known = self.entry(name)
        if known is None or known in self.removed:
            self.added[name] = value
        elif self.script.code(known) in (f'{name}: "omit"', f"{name}: 'omit'", f"{name}: false"):
            self.remove(known)
            self.added[name] = value

    def entry(self, name: str) -> Node | None:
        """The entry of a name."""
        for one in self.entries:
            key = one.child_by_field_name("key") if one.type == "pair" else one
            if key is not None and self.script.code(key).strip("\"'") == name:
                return one
        return None

    def make(self, draft: ScriptDraft) -> None:
        """Write the changes down."""
        entries = self.entries
        removed = sorted(self.removed, key=lambda one: one.start_byte)
        added = ", ".join(f"{name}: {value}" for name, value in self.added.items())
        if removed and added:
            draft.replace(removed[0], added)
            kept = {removed[0].start_byte}
            removed = removed[1:]
        else:
            kept = set()
        gone = {one.start_byte for one in removed}
        left = [one for one in entries if one.start_byte not in gone]
        if not left and removed:
            draft.change(self.node.start_byte + 1, self.node.end_byte - 1, "")
        else:
            for one in removed:
                self.take(draft, entries, one, gone)
        if added and not kept:
            self.append(draft, entries, added)

    def take(self, draft: ScriptDraft, entries: list[Node], entry: Node, gone: set[int]) -> None:
        """Take one entry out of several, with its comma."""
        place = entries.index(entry)
        if all(one.start_byte in gone for one in entries[place:]):
            # the last ones go together with the comma before them; a comma behind them stays
            before = next(one for one in reversed(entries[:place]) if one.start_byte not in gone)
            draft.change(before.end_byte, entries[-1].end_byte, "")
            return
        start, following = entry.start_byte, entries[place + 1].start_byte
        between = self.script.data[entry.end_byte : following]
        if b"//" in between or b"/*" in between:
            following = entry.end_byte + between.find(b",") + 1
            while following < len(self.script.data) and self.script.data[following : following + 1] in (b" ", b"\t"):
                following += 1
        draft.change(start, following, "")

    def append(self, draft: ScriptDraft, entries: list[Node], added: str) -> None:
        """Put entries behind the last one, on a line of their own where the others have theirs."""
        data = self.script.data
        if not entries:
            draft.change(self.node.start_byte, self.node.end_byte, f"{{ {added} }}")
            return
        last = entries[-1]
        behind = data[last.end_byte : self.node.end_byte - 1]
        comma = b"," in behind
        at = last.end_byte + behind.find(b",") + 1 if comma else last.end_byte
        alone = not data[data.rfind(b"\n", 0, last.start_byte) + 1 : last.start_byte].strip()
        space = f"{self.script.line_end()}{self.script.indent(last.start_byte)}" if alone else " "
        draft.change(at, at, f"{'' if comma else ','}{space}{added}{',' if comma else ''}", gone=False)
