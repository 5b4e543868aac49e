"""What a change touches or causes: the whole program is analysed now and at an earlier commit, and the findings are compared.

A finding counts when the earlier commit does not have it, wherever it stands, or when it stands on a line that changed.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from jwtlint.analysis import scan
from jwtlint.config import Options
from jwtlint.data import rule_folders
from jwtlint.facts.lifecycle import Place
from jwtlint.history.repository import Blob, Repository, changed_lines
from jwtlint.report.document import Report
from jwtlint.rules.findings import Finding, Suppression
from jwtlint.sources.cache import Cache, digest, folder_digest, program_digest
from jwtlint.sources.text import Texts, in_utf8


class PastFinding(msgspec.Struct, frozen=True):
    """A finding at an earlier commit. ``essence`` is its rule, symbol and code, whatever the file is called."""

    fingerprint: str
    path: str
    essence: str


class Past(msgspec.Struct, frozen=True):
    """What was found at a commit in the folder that is scanned now."""

    commit: str
    findings: tuple[PastFinding, ...]


def past(root: Path, options: Options, repository: Repository, commit: str) -> Past:
    """Analyse a commit as ``root`` is analysed now, with the same rules and settings. Raises :class:`UserError`."""
    prefix = root.resolve().relative_to(repository.top).as_posix()
    cache = Cache.for_root(root) if options.cache else Cache(None)
    program = digest(program_digest(), folder_digest(rule_folders(options), (".toml",)))
    key = digest(b"past", program, repository.tree(commit), prefix, msgspec.json.encode(options))
    name = f"documents/past-{key.hex()}"
    known = cache.load(name, tuple[PastFinding, ...])
    if known is None:
        with tempfile.TemporaryDirectory(prefix="jwtlint-") as temporary:
            top = Path(temporary).resolve()
            repository.export(commit, top, options.configuration.max_file_size)
            known = tuple(found_in(top / prefix, options))
        cache.store(name, known)
    return Past(commit, known)


def found_in(folder: Path, options: Options) -> Iterator[PastFinding]:
    """What is found in a folder; nothing when it does not exist."""
    paths = tuple(path for path in options.paths if (folder / path).exists())
    if not folder.is_dir() or (options.paths and not paths):
        return
    report = scan(folder, msgspec.structs.replace(options, paths=paths)).report
    texts = Texts(folder)
    for finding in (*report.findings, *report.suppressed):
        yield PastFinding(finding.fingerprint, finding.place.path, essence(finding, texts))


def essence(finding: Finding, texts: Texts) -> str:
    """What a finding is about, wherever its file lies."""
    return digest(finding.rule, finding.symbol, texts.essence(finding.place)).hex()


def is_new(findings: Sequence[Finding], before: Past, root: Path, texts: Texts) -> list[bool]:
    """Of each finding, whether the earlier commit lacks it. What was found in a file that is gone may stand in another now."""
    known = Counter(one.fingerprint for one in before.findings)
    moved = Counter(one.essence for one in before.findings if not (root / one.path).exists())
    answers: list[bool] = []
    for finding in findings:
        if known[finding.fingerprint] > 0:
            known[finding.fingerprint] -= 1
            answers.append(False)
            continue
        same = essence(finding, texts) if moved else ""
        answers.append(moved[same] <= 0)
        moved[same] -= 1
    return answers


def touched(findings: Iterable[Finding], root: Path, repository: Repository, commit: str, texts: Texts) -> set[Place]:
    """The places of findings that stand on lines which are not the commit's."""
    places = {finding.place for finding in findings}
    prefix = root.resolve().relative_to(repository.top).as_posix()
    top = "" if prefix == "." else f"{prefix}/"
    paths = {top + place.path: place.path for place in places}
    blobs: list[Blob] = [blob for blob in repository.blobs(commit, max_size=1 << 40) if blob.path in paths]
    old = {paths[blob.path]: b"\n".join(in_utf8(data).splitlines()) for blob, data in repository.contents(blobs)}
    new = {path: b"\n".join(texts.lines(path)) for path in old}
    both = [path for path in sorted(old) if old[path] != new[path]]
    ranges = dict(zip(both, changed_lines([(old[path] + b"\n", new[path] + b"\n") for path in both]), strict=True))
    return {
        place
        for place in places
        if any(lines.start <= place.end_line and place.line < lines.stop for lines in ranges.get(place.path, ()))
    }


def only_since(report: Report, root: Path, options: Options, revision: str, concerning: frozenset[str] | None = None) -> list[Finding]:
    """The findings of a report, those that are not news since ``revision`` marked so.

    ``concerning``: findings with a place in one of these files (relative to ``root``) count as well, however old; then a repository
    without any commit is fine. Raises :class:`UserError`.
    """
    findings = report.everything
    repository = Repository.around(root)
    if concerning is not None and not repository.has(revision):
        return [one if not concerning.isdisjoint(files_of(one)) else outside(one, "it has no place in the files given") for one in findings]
    commit = repository.fork_point(repository.commit(revision))
    texts = Texts(root)
    new = is_new(findings, past(root, options, repository, commit), root, texts)
    old = [finding for finding, news in zip(findings, new, strict=True) if not news]
    changed = touched(old, root, repository, commit, texts)
    reason = f"it was there at {commit[:12]}, and no line of it changed"
    if concerning is not None:
        reason = f"it was there at {commit[:12]}, and has no place in the files given"
    return [
        finding
        if news or finding.place in changed or (concerning is not None and not concerning.isdisjoint(files_of(finding)))
        else outside(finding, reason)
        for finding, news in zip(findings, new, strict=True)
    ]


def files_of(finding: Finding) -> set[str]:
    """The files in which a finding has a place: its own, those of its labels, and those of the way there."""
    places = [finding.place, *(label.place for label in finding.labels), *(reason.place for reason in (*finding.trace, *finding.reasons))]
    return {place.path for place in places if place is not None}


def outside(finding: Finding, reason: str) -> Finding:
    """A finding that the change is not about."""
    return msgspec.structs.replace(finding, suppressions=(*finding.suppressions, Suppression("since", reason)))
