from __future__ import annotations

import pytest
from handmade import claim, delivery, handler, lifecycle, lookup, mint, place, signing_key, trust, verification

from jwtlint.facts import lifecycle as facts
from jwtlint.rules import catalogue
from jwtlint.rules.findings import Finding, duration, find
from jwtlint.sources.text import Texts

RULES = catalogue.load()
LIMITS = {"max-lifetime": 3600}


def found(*all_facts: facts.LifecycleFact, source: bytes = b"", pedantic: bool = False) -> tuple[Finding, ...]:
    return find(RULES, lifecycle(*all_facts), Texts(None, {"app.py": source}), LIMITS, pedantic)


def codes(*all_facts: facts.LifecycleFact, pedantic: bool = False) -> list[str]:
    return [finding.rule for finding in found(*all_facts, pedantic=pedantic)]


GOOD_COOKIE = {"http_only": "on", "secure": "on", "same_site": "lax"}


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (mint(expiry="set"), ["JWT101"]),
        (mint(expiry="missing"), ["JWT101", "JWT105"]),
        (mint(expiry="unknown", lifetime=None), ["JWT101"]),
        (mint(lifetime=3600), ["JWT101"]),
        (mint(lifetime=3601), ["JWT101", "JWT106"]),
        (mint(role="either", lifetime=86_400), ["JWT101", "JWT106"]),
        (mint(role="refresh", lifetime=86_400, record=True, rotated=True), ["JWT101"]),
        (mint(role="refresh", record=True), ["JWT101", "JWT108"]),
        (mint(role="refresh", rotated=True), ["JWT101", "JWT108"]),
        (mint(copies_claims=True), ["JWT101", "JWT204"]),
        (mint(algorithm="NoNe"), ["JWT101", "JWT402"]),
        (mint(purpose="one-time", expiry="missing", lifetime=10**9, role="refresh"), []),
        (mint(purpose="service"), []),
        (mint(purpose="federation"), []),
        (verification(), ["JWT102"]),
        (verification(revocation="epoch"), []),
        (verification(purpose="federation"), []),
        (verification(purpose="federation", signature="skipped"), ["JWT401"]),
        (verification(revocation="key", signature="skipped", trusted=False), []),
        (verification(revocation="key", algorithms="none-allowed"), ["JWT402"]),
        (verification(revocation="key", algorithms="missing"), ["JWT403"]),
        (verification(revocation="key", algorithms="from-header"), ["JWT403"]),
        (verification(revocation="key", algorithms="fixed"), []),
        (verification(revocation="key", algorithms="missing", signature="skipped", trusted=False), []),
        (handler("logout"), ["JWT103"]),
        (handler("logout", revokes=True), []),
        (handler("logout", jwt_sessions=False), []),
        (handler("password-change", tokens_survive=False), ["JWT104"]),
        (handler("account-end", tokens_survive=True), ["JWT104"]),
        (handler("account-end", tokens_survive=False), []),
        (handler("role-change", tokens_survive=True), ["JWT104"]),
        (handler("role-change", tokens_survive=False), []),
        (handler("password-change", revokes=True), []),
        (handler("login"), []),
        (lookup("denylist"), ["JWT107"]),
        (lookup("allowlist"), ["JWT107"]),
        (lookup("session-row"), ["JWT107"]),
        (lookup("epoch"), []),
        (claim("role"), ["JWT201"]),
        (claim("role", purpose="one-time"), []),
        (claim("email", category="profile"), ["JWT203"]),
        (claim("sub", category="identifier"), []),
        (claim("password", category="secret", purpose="one-time"), ["JWT405"]),
        (trust(), ["JWT202"]),
        (trust(fresh=True), []),
        (trust(category="profile"), []),
        (trust(purpose="federation", confidence="low"), ["JWT202"]),
        (delivery("local_storage"), ["JWT301"]),
        (delivery("session_storage"), ["JWT302"]),
        (delivery("cookie", **GOOD_COOKIE), []),
        (delivery("cookie"), []),
        (delivery("cookie", **{**GOOD_COOKIE, "http_only": "off"}), ["JWT303"]),
        (delivery("cookie", **{**GOOD_COOKIE, "secure": "off"}), ["JWT304"]),
        (delivery("cookie", **{**GOOD_COOKIE, "same_site": "missing"}), ["JWT305"]),
        (delivery("cookie", **{**GOOD_COOKIE, "same_site": "none"}), ["JWT305"]),
        (delivery("cookie", http_only="off", secure="off", same_site="none", purpose="one-time"), []),
        (delivery("url", direction="read"), ["JWT306"]),
        (delivery("url", purpose="one-time"), []),
        (delivery("page"), ["JWT307"]),
        (delivery("body", handler_role="login"), ["JWT308"]),
        (delivery("body", handler_role="impersonation"), ["JWT308"]),
        (delivery("body", handler_role="other"), []),
        (signing_key("literal", purpose="one-time"), ["JWT404"]),
        (signing_key("default-literal"), ["JWT404"]),
        (signing_key("environment"), []),
    ],
)
def test_which_facts_each_rule_selects(fact: facts.LifecycleFact, expected: list[str]) -> None:
    assert codes(fact) == expected


def test_weak_evidence_is_for_the_pedantic() -> None:
    assert codes(mint(confidence="low")) == []
    assert codes(mint(confidence="low"), pedantic=True) == ["JWT101"]
    assert codes(mint(purpose="unknown")) == []
    (finding,) = found(mint(purpose="unknown"), pedantic=True)
    assert finding.confidence == "low"


def test_the_place_is_the_one_that_the_rule_names() -> None:
    longest, minted = place(3), place(9)
    (one, two) = found(mint(place=minted, lifetime=7200, lifetime_place=longest))
    assert (one.rule, one.place) == ("JWT106", longest)
    assert [(label.text, label.place) for label in one.labels] == [("lifetime set here", longest), ("token minted here", minted)]
    assert (two.rule, two.place) == ("JWT101", minted)
    assert one.message == "the session token lives for 2 hours; the limit is 1 hour"


def test_a_label_leads_to_the_mint_of_the_same_token() -> None:
    finding = found(claim(place=place(2)), mint(place=place(8)), mint(place=place(9), token="other"))[0]
    assert [(label.text, label.place.line) for label in finding.labels] == [("claim enters here", 2), ("token minted here", 8)]


def test_one_finding_a_place_but_one_for_each_claim() -> None:
    assert codes(mint(), mint(role="either", token="u")) == ["JWT101"]
    findings = found(claim("role"), claim("plan"), claim("role"))
    assert [finding.message[:17] for finding in findings] == ['the claim "plan" ', 'the claim "role" ']


def test_the_surest_of_equal_findings_is_kept() -> None:
    (finding,) = found(mint(confidence="medium"), mint(confidence="high"), mint(confidence="low"))
    assert finding.confidence == "high"


def test_a_fingerprint_outlives_moved_lines_and_new_blanks() -> None:
    (before,) = found(mint(place=place(1, 4, 20)), source=b"t = jwt.encode(a, b)\n")
    (after,) = found(mint(place=facts.Place("app.py", 3, 8, 4, 2)), source=b"\n\ntoken = jwt.encode(a,\nb)")
    assert before.fingerprint == after.fingerprint


def test_a_fingerprint_tells_symbols_texts_and_twins_apart() -> None:
    source = b"f(x)\nf(x)\ng(x)\n"
    findings = found(
        mint(place=place(1, 0, 4)),
        mint(place=place(2, 0, 4)),
        mint(place=place(3, 0, 4)),
        mint(place=facts.Place("app.py", 1, 0, 1, 3), function="app.py::other"),
        source=source,
    )
    assert len({finding.fingerprint for finding in findings}) == 4


def test_what_the_code_says_is_no_format() -> None:
    (finding,) = found(claim("{place.path}"))
    assert '"{place.path}"' in finding.message


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 seconds"), (1, "1 second"), (90, "90 seconds"), (5400, "90 minutes"), (86_400, "1 day"), (31_536_000, "365 days")],
)
def test_lengths_of_time_in_words(seconds: int, words: str) -> None:
    assert duration(seconds) == words
