"""Comments that ask for silence, what they silence, and which of them silence nothing.

``# jwtlint: ignore[JWT201, token-in-url] -- reason`` holds for the statement that it stands in, or that stands directly below it;
``# jwtlint: ignore-file[JWT201] -- reason`` for the whole file; ``# noqa: JWT201`` for the statement that it stands in. In pages and
scripts the same stands in their own comments. Only the place that a finding points to counts, and every rule is named: there
is no form that silences everything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Literal

import msgspec

from jwtlint.errors import suggestion
from jwtlint.facts.lifecycle import Ignore, IgnoreState, Place
from jwtlint.rules.catalogue import Rule
from jwtlint.rules.findings import Finding, LeftOut, Suppression, SuppressionKind
from jwtlint.sources import comments
from jwtlint.sources.comments import Comment, Comments
from jwtlint.sources.text import Texts

# at the beginning of a comment, or behind another note in the same comment
DIRECTIVE = re.compile(r"(?:^|#)[\s*]*jwtlint:\s*(?P<verb>[\w-]*)[ \t]*(?:\[(?P<names>[^\]]*)\])?(?P<reason>.*?)(?:\s{2,}#.*)?$")
# as Flake8 and Ruff read it: codes, with commas or blanks between them
NOQA = re.compile(r"(?:^|#)\s*noqa\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)", re.IGNORECASE)
NAME = re.compile(r"[^\s,]+")
KINDS: dict[str, SuppressionKind] = {"ignore": "comment", "ignore-file": "file-comment"}
VERBS = {kind: verb for verb, kind in KINDS.items()}
OUR_CODE = re.compile(r"JWT[0-9]+")


class Request(msgspec.Struct, frozen=True):
    """One rule that a comment wants silent. ``name`` is as written, "" where no rule is named; ``place`` is the name's own place.

    ``kind`` None: the comment is addressed to jwtlint, which does not understand it.
    """

    kind: SuppressionKind | None
    name: str
    reason: str
    place: Place
    alone: bool


class Silence(msgspec.Struct, frozen=True):
    """What the comments lead to: the findings, those that are silenced marked so, and a fact for each rule that a comment names."""

    findings: tuple[Finding, ...]
    facts: tuple[Ignore, ...]


def requests(path: str, found: Comments) -> Iterator[Request]:
    """All that the comments of a file ask for, in order."""
    for comment in found.all:
        directive = DIRECTIVE.search(comment.text)
        if directive is not None:
            yield from directed(path, comment, directive)
        noqa = NOQA.search(comment.text)
        if noqa is not None:
            for name, place in names(path, comment, noqa, "codes"):
                # other tools' codes are theirs
                if OUR_CODE.fullmatch(name.upper()):
                    yield Request("noqa", name, "", place, comment.alone)


def directed(path: str, comment: Comment, directive: re.Match[str]) -> Iterator[Request]:
    """What one comment asks of jwtlint."""
    kind = KINDS.get(directive["verb"])
    reason = directive["reason"].strip().lstrip("-–—:").strip()
    named = list(names(path, comment, directive, "names")) if kind is not None and directive["names"] else []
    if not named:
        start = comment.column + len(comment.text[: directive.start("verb")].encode("utf-8", "replace"))
        end = comment.column + len(comment.text.rstrip().encode("utf-8", "replace"))
        place = Place(path, comment.line, start, comment.line, max(start, end))
        yield Request(kind, "" if kind is not None else directive["verb"], reason, place, comment.alone)
    for name, place in named:
        yield Request(kind, name, reason, place, comment.alone)


def names(path: str, comment: Comment, match: re.Match[str], group: str) -> Iterator[tuple[str, Place]]:
    """The names in a part of a comment, each with its place."""
    offset = match.start(group)
    for name in NAME.finditer(match[group]):
        start = comment.column + len(comment.text[: offset + name.start()].encode("utf-8", "replace"))
        yield name.group(), Place(path, comment.line, start, comment.line, start + len(name.group().encode("utf-8", "replace")))


def silence(
    findings: Sequence[Finding],
    left_out: Iterable[LeftOut],
    paths: Iterable[str],
    rules: Sequence[Rule],
    chosen: Collection[str],
    texts: Texts,
) -> Silence:
    """Mark the findings that comments silence.

    ``paths`` are the files that may hold such comments; ``rules`` are all rules, ``chosen`` the codes of those that were asked. A comment
    about a rule that was not asked is neither used nor unused.
    """
    codes: dict[str, str] = {word: rule.code for rule in rules for word in (rule.code, rule.name)}
    by_path: dict[str, FileIgnores] = {}
    for path in paths:
        ignores = FileIgnores(path, codes, comments.read(path, texts.lines(path)))
        if ignores.requests:
            by_path[path] = ignores
    marked = tuple(by_path[one.place.path].marked(one) if one.place.path in by_path else one for one in findings)
    for other in left_out:
        if other.place.path in by_path:
            by_path[other.place.path].matching(other.rule, other.place)
    facts = [fact for path in sorted(by_path) for fact in by_path[path].facts(chosen)]
    return Silence(marked, tuple(facts))


class FileIgnores:
    """The requests of one file. ``codes`` maps codes and names of rules to codes."""

    def __init__(self, path: str, codes: Mapping[str, str], found: Comments) -> None:
        self.codes = codes
        self.comments = found
        self.requests = tuple(requests(path, found))
        self.used: set[Request] = set()
        self.whole: dict[str, list[Request]] = {}
        self.lines: dict[int, list[Request]] = {}
        for request in self.requests:
            if request.kind == "file-comment" and request.alone:
                self.whole.setdefault(self.code(request), []).append(request)
            elif request.kind in ("comment", "noqa"):
                self.lines.setdefault(request.place.line, []).append(request)

    def code(self, request: Request) -> str:
        """The code of the rule that a request names; "" for none."""
        if request.kind == "noqa":
            code = request.name.upper()
            return code if code in self.codes else ""
        return self.codes.get(request.name, "") or self.codes.get(request.name.upper(), "")

    def unknown(self, name: str) -> str:
        """What is wrong with a name that fits no rule."""
        if any(code.startswith(name.upper()) for code in self.codes.values()):
            return f'"{name}" stands for several rules; name each of them'
        return f'there is no rule "{name}"{suggestion(name, self.codes)}'

    def matching(self, rule: str, place: Place) -> list[Request]:
        """The requests that silence a rule at a place; they are of use from now on."""
        first, last = self.comments.statement(place.line, place.end_line)
        near = [one for line in range(first, last + 1) for one in self.lines.get(line, ())] if self.lines else []
        above = [one for line in self.comments.above(first) for one in self.lines.get(line, ()) if one.kind == "comment"]
        found = [one for one in (*near, *above) if self.code(one) == rule] + self.whole.get(rule, [])
        self.used.update(found)
        return found

    def marked(self, finding: Finding) -> Finding:
        """A finding with what silences it."""
        found = self.matching(finding.rule, finding.place)
        if not found:
            return finding
        new = tuple(Suppression(one.kind, one.reason, one.place) for one in found if one.kind is not None)
        return msgspec.structs.replace(finding, suppressions=(*finding.suppressions, *new))

    def facts(self, chosen: Collection[str]) -> Iterator[Ignore]:
        """A fact for each request whose use can be told."""
        for request in self.requests:
            code = self.code(request)
            state: IgnoreState
            problem = ""
            if request.kind is None:
                state, problem = "misspelt", f'"{request.name}" is no instruction{suggestion(request.name, KINDS)}'
            elif not request.name:
                state, problem = "without-rule", f"it names no rule; write {VERBS[request.kind]}[JWT101]"
            elif not code:
                state, problem = "unknown-rule", self.unknown(request.name)
            elif request.kind == "file-comment" and not request.alone:
                state, problem = "misplaced", "what holds for the whole file stands on a line of its own"
            elif request in self.used:
                state = "used"
            elif code in chosen:
                state = "unused"
            else:
                continue
            scope: Literal["statement", "file"] = "file" if request.kind == "file-comment" else "statement"
            at = request.place
            yield Ignore(place=at, application="", function=f"{at.path}::", rule=request.name, state=state, scope=scope, problem=problem)
