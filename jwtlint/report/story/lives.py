"""From the report to the lives of its tokens: minted, claims, delivered, stored, verified, trusted, revoked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

import msgspec

from jwtlint.facts.lifecycle import Place, Purpose
from jwtlint.report.document import Application, Report, Step, TokenStory
from jwtlint.report.story import wording
from jwtlint.report.story.wording import Words
from jwtlint.rules.catalogue import LEVELS, Level
from jwtlint.rules.findings import Finding

StageName: TypeAlias = Literal["minted", "claims", "delivered", "stored", "verified", "trusted", "revoked"]
State: TypeAlias = Literal["error", "warning", "note", "good", "plain", "missing", "unseen"]
STAGES: tuple[StageName, ...] = ("minted", "claims", "delivered", "stored", "verified", "trusted", "revoked")


class Entry(msgspec.Struct, frozen=True):
    """One thing that happens in a stage, or that should.

    ``code`` is the name of what does it (a function, a cookie), or empty. ``finding`` is the number of the gravest finding there, from 0.
    """

    text: str
    state: State
    code: str = ""
    place: Place | None = None
    finding: int | None = None


class Stage(msgspec.Struct, frozen=True):
    """A stage of a life. It is ``missing`` when what should happen there does not, ``unseen`` when the program does not tell."""

    name: StageName
    state: State
    entries: tuple[Entry, ...]


class Life(msgspec.Struct, frozen=True):
    """The life of one token: seven stages, and a sentence that sums it up."""

    title: str
    place: Place
    application: str
    purpose: Purpose
    summary: str
    stages: tuple[Stage, ...]


class Marks:
    """Which findings stand where: at their own places, and at the places that they label."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = findings
        self.by_place: dict[Place, list[int]] = {}
        for number, finding in enumerate(findings):
            self.by_place.setdefault(finding.place, []).append(number)
        # a finding about a lifetime stands at the setting and labels the mint
        self.by_label: dict[Place, list[int]] = {}
        for number, finding in enumerate(findings):
            for label in finding.labels[1:]:
                self.by_label.setdefault(label.place, []).append(number)

    def gravest(self, numbers: Iterable[int]) -> int | None:
        """The number of the gravest of some findings."""
        return max(numbers, key=lambda number: (LEVELS.index(self.level(number)), -number), default=None)

    def level(self, number: int) -> Level:
        """The level of a finding."""
        return self.findings[number].level

    def at(self, place: Place, revocation: bool | None = None) -> int | None:
        """The gravest finding at a place; with ``revocation`` only one that is, or is not, about revocation."""
        numbers = self.by_place.get(place, ())
        return self.gravest(
            number for number in numbers if revocation is None or (self.findings[number].failure == "revocation") == revocation
        )

    def about_lifetime(self, place: Place) -> int | None:
        """The gravest finding about how long the token minted at a place lives."""
        here = [number for number in self.by_place.get(place, ()) if self.findings[number].name in wording.LIFETIME_RULES]
        labelled = [number for number in self.by_label.get(place, ()) if self.findings[number].name in wording.LIFETIME_RULES]
        return self.gravest([*here, *labelled])


def lives(report: Report, purposes: Sequence[Purpose] = ("session",)) -> list[Life]:
    """The lives of all tokens of some purposes, in the order of their places."""
    marks = Marks(report.findings)
    applications = {application.name: application for application in report.applications}
    tokens = [token for token in report.tokens if token.purpose in purposes]
    minted = {(token.application, token.purpose) for token in tokens if events(token.steps, "mint")}
    found = []
    for token in tokens:
        if not events(token.steps, "mint") and (token.application, token.purpose) in minted:
            # it belongs to the lives of the tokens that it verifies
            continue
        found.append(life(token, companions(token, tokens), applications.get(token.application), marks))
    return found


def companions(token: TokenStory, tokens: Sequence[TokenStory]) -> list[Step]:
    """What happens to a token where it comes back: in its own story, or in those of the sessions that the application verifies."""
    own = [step for step in token.steps if step.event in ("verification", "trust", "lookup")]
    if own or token.purpose != "session":
        return own
    return [
        step
        for other in tokens
        if other.application == token.application and other.purpose == "session" and not events(other.steps, "mint")
        for step in other.steps
    ]


def events(steps: Iterable[Step], kind: str) -> list[Step]:
    """The steps of one kind, each place once."""
    return list({step.place: step for step in steps if step.event == kind}.values())


def life(token: TokenStory, after: Sequence[Step], application: Application | None, marks: Marks) -> Life:
    """The life of one token."""
    mints = list({(step.place, step.details.get("role")): step for step in token.steps if step.event == "mint"}.values())
    claims = list({(step.place, step.details.get("name")): step for step in token.steps if step.event == "claim"}.values())
    deliveries = events(token.steps, "delivery")
    verifications = events(after, "verification")
    session = token.purpose == "session"
    handlers = application.handlers if application is not None and session else ()
    stages = (
        stage("minted", [*minting(mints, marks), *keys(events(token.steps, "signing-key"), marks)], wording.MINTED_ELSEWHERE),
        stage("claims", told(claims, wording.claim, marks), wording.NO_CLAIM),
        stage("delivered", told([one for one in deliveries if wording.is_delivery(one)], wording.delivery, marks), wording.NOT_DELIVERED),
        stage("stored", storing(deliveries, marks), wording.NOT_STORED),
        stage("verified", told(verifications, wording.verification, marks, revocation=False), wording.NOT_VERIFIED),
        stage("trusted", told(events(after, "trust"), wording.trust, marks), wording.trusted_nothing(verifications)),
        stage("revoked", revoking(verifications, events(after, "lookup"), handlers, marks, session), wording.NOT_REVOKED[session]),
    )
    head = (mints or verifications or token.steps)[0]
    roles = {str(step.details["role"]) for step in mints}
    title = wording.title(token.purpose, roles)
    return Life(title, head.place, token.application, token.purpose, wording.summary(mints, claims, stages_of(stages)), stages)


def stages_of(stages: Sequence[Stage]) -> dict[str, str]:
    """The state of each stage by its name."""
    return {one.name: one.state for one in stages}


def stage(name: StageName, entries: Sequence[Entry], otherwise: Words) -> Stage:
    """A stage with the state of its worst entry; where it has none, what is told instead."""
    if not entries:
        return Stage(name, otherwise.state, (Entry(otherwise.text, otherwise.state),))
    return Stage(name, worst(entries), tuple(entries))


def worst(entries: Sequence[Entry]) -> State:
    """The state that a reader must see first. A stage is missing only where the first thing that belongs there is."""
    if entries[0].state == "missing":
        return "missing"
    order: tuple[State, ...] = ("error", "warning", "note", "plain", "unseen", "good")
    return min(("error" if entry.state == "missing" else entry.state for entry in entries), key=order.index)


def entry(words: Words, place: Place | None, finding: int | None, marks: Marks) -> Entry:
    """An entry; a finding at its place decides its state, unless something is missing there."""
    state = words.state if finding is None or words.state == "missing" else marks.level(finding)
    return Entry(words.text, state, words.code, place, finding)


def told(steps: Iterable[Step], words: wording.Telling, marks: Marks, revocation: bool | None = None) -> list[Entry]:
    """An entry for each step."""
    return [entry(words(step), step.place, marks.at(step.place, revocation), marks) for step in steps]


def minting(mints: Sequence[Step], marks: Marks) -> list[Entry]:
    """Each mint, and how long what it makes lives."""
    found = []
    for mint in mints:
        found.append(entry(wording.mint(mint), mint.place, marks.at(mint.place), marks))
        lifetime = wording.lifetime(mint)
        if lifetime is not None:
            found.append(entry(lifetime, None, marks.about_lifetime(mint.place), marks))
    return found


def keys(steps: Sequence[Step], marks: Marks) -> list[Entry]:
    """The keys that are no secrets."""
    return [entry(wording.key(step), step.place, marks.at(step.place), marks) for step in steps if wording.is_guessable(step)]


def storing(deliveries: Sequence[Step], marks: Marks) -> list[Entry]:
    """Where the client keeps the token, by the way in which it comes; each way once."""
    found: dict[str, Entry] = {}
    for delivery in deliveries:
        words = wording.storage(delivery)
        if words is not None and words.text not in found:
            own = None if wording.is_delivery(delivery) else marks.at(delivery.place)
            found[words.text] = entry(words, delivery.place, own, marks)
    if any(not wording.is_delivery(delivery) for delivery in deliveries):
        # where script keeps it is known
        found.pop(wording.KEPT_BY_SCRIPT, None)
    return list(found.values())


def revoking(
    verifications: Sequence[Step], lookups: Sequence[Step], handlers: Sequence[Step], marks: Marks, session: bool
) -> list[Entry]:
    """What can end the token before it expires, what should, and does not."""
    found = told(lookups, wording.lookup, marks)
    if not found:
        for one in verifications:
            words = wording.revocation(one)
            if words is not None:
                found.append(entry(words, one.place, None, marks))
    if session:
        for one in verifications:
            number = marks.at(one.place, revocation=True)
            if number is not None:
                found.append(Entry(wording.NOTHING_ENDS_IT, "missing", "", one.place, number))
    asked = [(words, one.place) for one in handlers if (words := wording.handler(one)) is not None]
    # what is missing comes first
    for words, place in sorted(asked, key=lambda pair: pair[0].state != "missing"):
        found.append(entry(words, place, marks.at(place), marks))
    return found
