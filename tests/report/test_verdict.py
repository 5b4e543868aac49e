from __future__ import annotations

from handmade import delivery, handler, lifecycle, mint, place, verification

from jwtlint.facts.lifecycle import LifecycleFact
from jwtlint.report.document import Report, build
from jwtlint.report.formats.html import sentence
from jwtlint.report.verdict import answers, headline
from jwtlint.rules import catalogue
from jwtlint.rules.findings import find
from jwtlint.sources.text import Texts


def report(*facts: LifecycleFact) -> Report:
    story = lifecycle(*facts)
    return build(story, find(catalogue.load(), story, Texts(None), {"max-lifetime": 3600}), [], 1, 1)


def told(found: Report) -> dict[str, str]:
    return {answer.failure: answer.sentence + (f": {answer.counted}" if answer.rules else "") for answer in answers(found)}


def test_sessions_that_nothing_ends() -> None:
    found = report(mint(), verification(place=place(2)), delivery("body", place=place(3), handler_role="login"))
    assert headline(found) == "JWTs are used as sessions here."
    assert told(found) == {
        "revocation": "Sessions cannot be revoked: 1 × JWT101, 1 × JWT102",
        "staleness": "No claim was found to go stale",
        "theft": "A stolen token is stolen for good: 1 × JWT308",
    }
    assert sentence(found) == "JWTs are used as sessions here: they cannot be revoked and a stolen one stays stolen."


def test_sessions_that_something_beside_the_token_ends() -> None:
    found = report(mint(), verification(place=place(2), revocation="denylist"))
    assert told(found)["revocation"] == "Sessions are revoked only by what was built around the JWT: 1 × JWT101"
    assert sentence(found) == "JWTs are used as sessions here: only what was built around them ends them."


def test_one_verifier_that_does_not_look_is_enough() -> None:
    found = report(mint(), verification(place=place(2), revocation="denylist"), verification(place=place(3)), handler("logout", token=""))
    assert told(found)["revocation"].startswith("Sessions cannot be revoked: ")


def test_bad_signatures_are_told_when_there_are_any() -> None:
    assert told(report(verification(signature="skipped", purpose="one-time")))["hygiene"] == "Signatures are handled badly: 1 × JWT401"
