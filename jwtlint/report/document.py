"""The document that every format tells: findings, the tokens' stories, errors, numbers, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec

from jwtlint import __version__
from jwtlint.facts import lifecycle as facts
from jwtlint.facts.lifecycle import Place, Purpose, Reason
from jwtlint.report.style import Style
from jwtlint.rules.catalogue import FACT_KINDS, Rule
from jwtlint.rules.findings import Finding
from jwtlint.sources.failures import FileError
from jwtlint.sources.text import Texts

KIND_OF = {kind: name for name, kind in FACT_KINDS.items()}
COMMON = frozenset(facts.Fact.__struct_fields__)


class Verdict(msgspec.Struct, frozen=True):
    """Whether sessions are JWTs anywhere in the program, and which of the three failures were found."""

    session_by_jwt: bool
    revocation: bool
    staleness: bool
    theft: bool


class Step(msgspec.Struct, frozen=True):
    """One event in a token's life. ``details`` are the attributes of the fact."""

    event: str
    place: Place
    details: dict[str, str | int | bool | None]


class TokenStory(msgspec.Struct, frozen=True):
    """What happens to one token; ``token`` is the place of its mint, or of the verification of a token minted elsewhere."""

    token: str
    application: str
    purpose: Purpose
    reasons: tuple[Reason, ...]
    steps: tuple[Step, ...]


class Application(msgspec.Struct, frozen=True):
    """An application of the scanned program, and its handlers that begin, renew or end sessions, or should end them."""

    name: str
    session_by_jwt: bool
    handlers: tuple[Step, ...]


class Stats(msgspec.Struct, frozen=True):
    """Numbers of a run. ``rules`` counts findings by rule; neither it nor ``findings`` counts those that are ``suppressed``."""

    files_seen: int
    files_parsed: int
    findings: int
    rules: dict[str, int]
    suppressed: int = 0


class StaleEntry(msgspec.Struct, frozen=True, order=True):
    """An entry of a baseline for which there is no finding any more."""

    path: str
    rule: str
    message: str
    fingerprint: str


class Report(msgspec.Struct, frozen=True):
    """All that a run found. ``findings`` are what counts; ``suppressed`` are those that a comment, a baseline or ``--since`` takes out.

    The verdict is about all of them: what is not told is there all the same.
    """

    version: str
    verdict: Verdict
    findings: tuple[Finding, ...]
    applications: tuple[Application, ...]
    tokens: tuple[TokenStory, ...]
    errors: tuple[FileError, ...]
    stats: Stats
    suppressed: tuple[Finding, ...] = ()
    stale: tuple[StaleEntry, ...] = ()

    @property
    def everything(self) -> list[Finding]:
        """All findings, whether they count or not, sorted by place and rule."""
        return sorted((*self.findings, *self.suppressed), key=lambda finding: (finding.place, finding.rule, finding.message))


class Prefix(msgspec.Struct, frozen=True):
    """The ways to the scanned folder: ``repository`` from the repository's top, ``current`` from the current folder."""

    repository: str = ""
    current: str = ""


class Rendering(msgspec.Struct, frozen=True):
    """What a format needs.

    ``rules`` gives the rules that were asked, when a format wants them. ``prefix`` is put before a path, which is relative to the
    scanned folder, where people or machines start elsewhere; each of its ways is empty or ends in a slash.
    """

    report: Report
    texts: Texts
    rules: Callable[[], Sequence[Rule]] = tuple
    style: Style = Style()
    prefix: Prefix = Prefix()


def build(
    lifecycle: facts.Lifecycle,
    findings: Sequence[Finding],
    errors: Sequence[FileError],
    files_seen: int,
    files_parsed: int,
) -> Report:
    """Put a run's results together."""
    failures = {finding.failure for finding in findings}
    report = Report(
        version=__version__,
        verdict=Verdict(
            session_by_jwt=any(lifecycle.applications.values()),
            revocation="revocation" in failures,
            staleness="staleness" in failures,
            theft="theft" in failures,
        ),
        findings=(),
        applications=tuple(applications(lifecycle)),
        tokens=tuple(stories(lifecycle.facts)),
        errors=tuple(sorted(errors)),
        stats=Stats(files_seen, files_parsed, 0, {}),
    )
    return with_findings(report, findings)


def with_findings(report: Report, findings: Iterable[Finding]) -> Report:
    """A report with other findings, or with the same ones marked otherwise."""
    ordered = sorted(findings, key=lambda finding: (finding.place, finding.rule, finding.message))
    told = tuple(finding for finding in ordered if not finding.suppressions)
    suppressed = tuple(finding for finding in ordered if finding.suppressions)
    counts: dict[str, int] = {}
    for rule in sorted(finding.rule for finding in told):
        counts[rule] = counts.get(rule, 0) + 1
    stats = msgspec.structs.replace(report.stats, findings=len(told), rules=counts, suppressed=len(suppressed))
    return msgspec.structs.replace(report, findings=told, suppressed=suppressed, stats=stats)


def applications(lifecycle: facts.Lifecycle) -> list[Application]:
    """The applications by name."""
    handlers: dict[str, list[Step]] = {name: [] for name in lifecycle.applications}
    for fact in lifecycle.facts:
        if isinstance(fact, facts.Handler):
            handlers.setdefault(fact.application, []).append(step(fact))
    return [
        Application(name, lifecycle.applications.get(name, False), tuple(sorted(own, key=lambda one: one.place)))
        for name, own in sorted(handlers.items())
    ]


def stories(all_facts: Sequence[facts.LifecycleFact]) -> list[TokenStory]:
    """The story of each token, in the order of their places."""
    tokens: dict[str, list[facts.LifecycleFact]] = {}
    for fact in all_facts:
        if fact.token:
            tokens.setdefault(fact.token, []).append(fact)
    found: list[tuple[Place, TokenStory]] = []
    for token, own in tokens.items():
        mints: list[facts.LifecycleFact] = [fact for fact in own if isinstance(fact, facts.Mint)]
        verifications: list[facts.LifecycleFact] = [fact for fact in own if isinstance(fact, facts.Verification)]
        head = next(iter(mints + verifications), None)
        if head is not None:
            steps = tuple(step(fact) for fact in own)
            found.append((head.place, TokenStory(token, head.application, head.purpose, head.reasons, steps)))
    return [story for _, story in sorted(found, key=lambda pair: (pair[0], pair[1].token))]


def step(fact: facts.LifecycleFact) -> Step:
    """A fact as an event."""
    return Step(KIND_OF[type(fact)], fact.place, details(fact))


def details(fact: facts.LifecycleFact) -> dict[str, str | int | bool | None]:
    """A fact's own attributes, without places."""
    found: dict[str, str | int | bool | None] = {}
    for name in fact.__struct_fields__:
        if name not in COMMON:
            value = getattr(fact, name)
            if value is None or isinstance(value, str | int | bool):
                if not name.endswith("_place"):
                    found[name] = value
    return found
