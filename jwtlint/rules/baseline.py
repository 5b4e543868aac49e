"""The baseline: findings that were there when jwtlint was introduced, and do not count until somebody gets to them.

A JSON file that people can read and review. Entries are matched by fingerprint, never by line, and each takes out one finding.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from jwtlint.errors import UserError
from jwtlint.rules.findings import Finding, Suppression, fingerprints
from jwtlint.sources.text import Texts

FILE_NAME = ".jwtlint-baseline.json"
MAX_BYTES = 50_000_000


class Entry(msgspec.Struct, frozen=True, order=True, forbid_unknown_fields=True):
    """One finding that is known. ``path`` is relative to the folder of the baseline; ``message`` is for those who read the file."""

    path: str
    rule: str
    message: str
    fingerprint: str


class Baseline(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The content of the file."""

    version: Literal[1] = 1
    findings: tuple[Entry, ...] = ()


class Comparison(msgspec.Struct, frozen=True):
    """Findings beside a baseline: all of them, those that it holds marked so, and the entries that match nothing any more."""

    findings: tuple[Finding, ...]
    stale: tuple[Entry, ...]


def entries(findings: Sequence[Finding], texts: Texts, prefix: str) -> list[Entry]:
    """The entries for findings, in their order. ``prefix`` leads from the folder of the baseline to the scanned one (``src/``, or "")."""
    marks = fingerprints(findings, texts, prefix)
    return [
        Entry(path=prefix + finding.place.path, rule=finding.rule, message=finding.message, fingerprint=mark)
        for finding, mark in zip(findings, marks, strict=True)
    ]


def compare(baseline: Baseline, name: str, findings: Sequence[Finding], texts: Texts, prefix: str, scanned: Sequence[str]) -> Comparison:
    """Mark what the baseline holds. ``name`` is how the file is called.

    Only entries below ``prefix`` and inside the ``scanned`` paths (none: all) can be stale.
    """
    # each entry takes out one finding; two with one fingerprint take out two
    open_entries = Counter(entry.fingerprint for entry in baseline.findings)
    marked: list[Finding] = []
    for finding, entry in zip(findings, entries(findings, texts, prefix), strict=True):
        if open_entries[entry.fingerprint] > 0:
            open_entries[entry.fingerprint] -= 1
            note = Suppression("baseline", f"{name} holds it")
            finding = msgspec.structs.replace(finding, suppressions=(*finding.suppressions, note))
        marked.append(finding)
    stale: list[Entry] = []
    for entry in sorted(baseline.findings, reverse=True):
        if open_entries[entry.fingerprint] > 0:
            open_entries[entry.fingerprint] -= 1
            if is_about(entry, prefix, scanned):
                stale.append(entry)
    return Comparison(tuple(marked), tuple(reversed(stale)))


def is_about(entry: Entry, prefix: str, scanned: Sequence[str]) -> bool:
    """Whether an entry is about what lies below ``prefix`` in one of the ``scanned`` files and folders; none stands for all."""
    if not entry.path.startswith(prefix):
        return False
    path = entry.path[len(prefix) :]
    return not scanned or any(path == one or path.startswith(f"{one}/") for one in scanned)


def without(baseline: Baseline, stale: Iterable[Entry]) -> Baseline:
    """A baseline without some of its entries."""
    gone = Counter(stale)
    kept: list[Entry] = []
    for entry in baseline.findings:
        if gone[entry] > 0:
            gone[entry] -= 1
        else:
            kept.append(entry)
    return Baseline(findings=tuple(kept))


def read(path: Path) -> Baseline:
    """The baseline in a file. Raises :class:`UserError`."""
    if not path.is_file() or path.is_symlink():
        raise UserError(f"there is no baseline {path}; `jwtlint baseline` writes one")
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UserError(f"the baseline {path} is larger than {MAX_BYTES:,} bytes")
        data = path.read_bytes()
    except OSError as error:
        raise UserError(f"the baseline {path} cannot be read: {error.strerror or error}") from None
    try:
        return msgspec.json.decode(data, type=Baseline)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError) as error:
        raise UserError(f"{path} is no baseline of this version of jwtlint ({error}); `jwtlint baseline` writes it anew") from None


def text(baseline: Baseline) -> str:
    """The content of the file: one entry after the other, sorted, so that changes read well in a review."""
    found = [
        {"rule": entry.rule, "path": entry.path, "message": entry.message, "fingerprint": entry.fingerprint}
        for entry in sorted(baseline.findings)
    ]
    return json.dumps({"version": baseline.version, "findings": found}, indent=2, ensure_ascii=True) + "\n"


def prefix_between(folder: Path, root: Path) -> str:
    """The way from a baseline's folder down to the scanned one, with a slash behind it. Raises :class:`UserError` when it leads up."""
    way = os.path.relpath(root.resolve(), folder.resolve()).replace(os.sep, "/")
    if way == ".":
        return ""
    if way.startswith(".."):
        raise UserError(f"the baseline in {folder} is about what lies in that folder, which {root} does not")
    return f"{way}/"
