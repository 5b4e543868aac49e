"""From the facts that rules select to findings: told in words, told apart, sorted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, TypeAlias

import msgspec

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.lifecycle import Confidence, Place, Reason
from jwtlint.rules.catalogue import FACT_KINDS, Failure, Level, Rule, hints, literal_values
from jwtlint.rules.fixes import Fix
from jwtlint.rules.select import Selection
from jwtlint.sources.hashing import blake2b
from jwtlint.sources.text import Texts

SuppressionKind: TypeAlias = Literal["comment", "noqa", "file-comment", "baseline", "since"]

CONFIDENCES: tuple[Confidence, ...] = ("low", "medium", "high")
UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


class Label(msgspec.Struct, frozen=True):
    """A few words about a place of a finding; the first label is about the finding's own place."""

    text: str
    place: Place


class Suppression(msgspec.Struct, frozen=True):
    """Why a finding does not count: a comment (at ``place``) says so, a baseline holds it, or it is older than what is asked about."""

    kind: SuppressionKind
    reason: str = ""
    place: Place | None = None


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One finding. ``fingerprint`` holds as long as the code around the place does, wherever its lines move.

    One with ``suppressions`` is told only to those who ask, and does not count.

    ``fix`` is None where it was not worked out: that takes LibCST, so it is done only when it is asked for (:mod:`jwtlint.fixing`).
    """

    rule: str
    name: str
    failure: Failure
    level: Level
    confidence: Confidence
    message: str
    place: Place
    labels: tuple[Label, ...] = ()
    trace: tuple[Reason, ...] = ()
    reasons: tuple[Reason, ...] = ()
    symbol: str = ""
    fingerprint: str = ""
    fix: Fix | None = None
    suppressions: tuple[Suppression, ...] = ()


class LeftOut(msgspec.Struct, frozen=True):
    """A finding that is not reported: for its level, for a setting, for weak evidence. An ignore of it is of use all the same."""

    rule: str
    place: Place


def find(
    rules: Sequence[Rule], lifecycle: facts.Lifecycle, texts: Texts, limits: Mapping[str, int], pedantic: bool = False
) -> tuple[Finding, ...]:
    """All findings of the rules, each once, sorted by place and rule. ``limits`` are in seconds."""
    selection = Selection(lifecycle.facts, limits, pedantic)
    best: dict[tuple[str, Place, str], Finding] = {}
    for rule in rules:
        for fact in selection.matches(rule.match):
            finding = make(rule, fact, selection)
            if finding.confidence == "low" and rule.report.low_confidence == "pedantic" and not pedantic:
                continue
            # several claims may enter at one place (**user), and each is a finding
            key = (rule.code, finding.place, fact.name if isinstance(fact, facts.Claim) else "")
            known = best.get(key)
            if known is None or CONFIDENCES.index(finding.confidence) > CONFIDENCES.index(known.confidence):
                best[key] = finding
    ordered = sorted(best.values(), key=lambda finding: (finding.place, finding.rule, finding.message))
    return tuple(fingerprinted(ordered, texts))


def make(rule: Rule, fact: facts.LifecycleFact, selection: Selection) -> Finding:
    """The finding of one rule at one fact."""
    confidence = rule.confidence or fact.confidence
    if fact.purpose == "unknown" and not getattr(fact, "bridged", False) and rule.failure not in ("hygiene", "upkeep"):
        confidence = "low"
    place = getattr(fact, rule.report.at, None)
    if not isinstance(place, Place):
        place = fact.place
    return Finding(
        rule=rule.code,
        name=rule.name,
        failure=rule.failure,
        level=rule.level,
        confidence=confidence,
        message=rule.report.message.format_map(spoken(fact, selection.limits)),
        place=place,
        labels=tuple(labels(rule, fact, place, selection)),
        trace=fact.trace,
        reasons=fact.reasons,
        symbol=fact.function.rpartition("::")[2],
        fix=Fix(reason=rule.fix.none) if rule.fix.none else None,
    )


def labels(rule: Rule, fact: facts.LifecycleFact, place: Place, selection: Selection) -> Iterable[Label]:
    """The labels of a finding, each place once."""
    given = rule.report.labels
    seen = {place}
    yield Label(given.get("primary", rule.name.replace("-", " ")), place)
    for key, text in given.items():
        if key == "primary":
            continue
        if key in FACT_KINDS:
            places: list[object] = [other.place for other in selection.others(key, "token", fact)]
        else:
            places = [getattr(fact, key, None)]
        for other in places:
            if isinstance(other, Place) and other not in seen:
                seen.add(other)
                yield Label(text, other)


def spoken(fact: facts.LifecycleFact, limits: Mapping[str, int]) -> dict[str, str]:
    """A fact's attributes as words for a message."""
    types = hints(type(fact))
    words = {"max_lifetime": duration(limits.get("max-lifetime", 0))}
    for name in fact.__struct_fields__:
        value = getattr(fact, name)
        if name == "lifetime":
            words[name] = duration(value) if isinstance(value, int) else "an unknown time"
        elif literal_values(types.get(name)):
            words[name] = str(value).replace("-", " ")
        else:
            # a literal in scanned code may hold what is no Unicode text
            words[name] = str(value).encode("utf-8", "backslashreplace").decode("utf-8")
    return words


def duration(seconds: int) -> str:
    """A length of time in the largest unit that divides it: ``7 days``, ``90 minutes``."""
    for unit, size in UNITS:
        if seconds % size == 0 and seconds >= size:
            number = seconds // size
            return f"{number:,} {unit}{'' if number == 1 else 's'}"
    return f"{seconds} seconds"


def fingerprinted(findings: Iterable[Finding], texts: Texts) -> Iterable[Finding]:
    """Findings with their fingerprints."""
    ordered = list(findings)
    for finding, fingerprint in zip(ordered, fingerprints(ordered, texts), strict=True):
        yield msgspec.structs.replace(finding, fingerprint=fingerprint)


def fingerprints(findings: Iterable[Finding], texts: Texts, prefix: str = "") -> Iterable[str]:
    """The fingerprint of each finding: of its rule, file, symbol and code, and an ordinal that tells equal ones apart.

    No line numbers, nothing that a formatter changes, and of a call not its arguments. ``prefix`` stands before the paths: seen
    from a folder further up.
    """
    counts: dict[tuple[str, ...], int] = {}
    for finding in findings:
        identity = (finding.rule, prefix + finding.place.path, finding.symbol, texts.essence(finding.place))
        ordinal = counts.get(identity, 0)
        counts[identity] = ordinal + 1
        yield blake2b(msgspec.json.encode([*identity, ordinal]), digest_size=16).hexdigest()
