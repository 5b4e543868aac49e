"""What a token's life tells: seven stages, what is wrong in each, and what is missing."""

from __future__ import annotations

from handmade import claim, delivery, handler, lookup, mint, place, signing_key, trust, verification
from handmade import lifecycle as put

from jwtlint.facts.lifecycle import LifecycleFact
from jwtlint.report.document import Report, build
from jwtlint.report.story.lives import STAGES, Life, Stage, lives
from jwtlint.rules import catalogue
from jwtlint.rules.findings import find
from jwtlint.sources.text import Texts


def report(*facts: LifecycleFact) -> Report:
    story = put(*facts)
    return build(story, find(catalogue.load(), story, Texts(None), {"max-lifetime": 3600}), [], 1, 1)


def life(*facts: LifecycleFact) -> Life:
    (found,) = lives(report(*facts))
    return found


def stage(of: Life, name: str) -> Stage:
    return next(one for one in of.stages if one.name == name)


def told(of: Life, name: str) -> list[tuple[str, str]]:
    return [(entry.text, entry.state) for entry in stage(of, name).entries]


def test_a_life_has_seven_stages_in_order() -> None:
    assert tuple(one.name for one in life(mint()).stages) == STAGES


def test_a_bad_session() -> None:
    found = life(
        mint(place=place(1), expiry="set", lifetime=8 * 86_400, wrapper="create_access_token"),
        claim("role", place=place(2)),
        claim("email", category="profile", place=place(3)),
        delivery("body", place=place(4), handler_role="login"),
        verification(token="v", place=place(5), reloads_user=True),
        trust(token="v", place=place(6)),
        handler("logout", token="", place=place(7)),
        handler("password-change", token="", place=place(8), revokes=True),
    )
    assert found.title == "Access token"
    assert found.summary == "It lives for 8 days, carries a right (role), lies where scripts can read it and can hardly be ended before."
    assert told(found, "minted") == [("access token by pyjwt", "error"), ("lives for 8 days", "warning")]
    assert told(found, "claims") == [("role: a right", "warning"), ("email: personal data", "warning")]
    assert told(found, "delivered") == [("in the response body, at login", "note")]
    assert told(found, "stored") == [("a script of the client must keep it", "note")]
    assert told(found, "verified") == [("by pyjwt; the user is loaded again", "good")]
    assert told(found, "trusted") == [("the claim role decides", "error")]
    assert told(found, "revoked") == [
        ("nothing looks whether it was ended", "missing"),
        ("logout ends nothing", "missing"),
        ("a new password ends it", "good"),
    ]
    assert stage(found, "revoked").state == "missing"
    assert stage(found, "minted").entries[0].code == "create_access_token"


def test_a_guarded_session() -> None:
    found = life(
        mint(lifetime=900, expiry="set"),
        delivery("cookie", name="sid", place=place(4), http_only="on", secure="configured", same_site="lax"),
        verification(token="v", place=place(5), revocation="epoch"),
        lookup("epoch", token="v", place=place(6)),
        handler("logout", token="", place=place(7), revokes=True),
    )
    assert told(found, "claims") == [("no rights and no personal data seen", "good")]
    assert told(found, "stored") == [("in a guarded cookie", "good")]
    assert told(found, "trusted") == [("no right is read from the token", "good")]
    assert told(found, "revoked") == [("the user's session epoch is compared", "good"), ("logout ends it", "good")]
    assert found.summary == "It lives for 15 minutes and can be ended by the server."


def test_some_of_what_should_end_it_does_not() -> None:
    found = life(
        mint(lifetime=900, expiry="set"),
        verification(token="v", place=place(5), revocation="denylist"),
        lookup("denylist", token="v", place=place(6)),
        handler("password-change", token="", place=place(8)),
    )
    assert stage(found, "revoked").state == "error"
    assert "outlives some of what should end it" in found.summary


def test_what_is_missing_is_told_so() -> None:
    found = life(mint(expiry="missing"), delivery("cookie", place=place(4), http_only="off", secure="off", same_site="none"))
    assert ("never expires", "missing") in told(found, "minted")
    assert told(found, "stored") == [("in a cookie without any guard", "missing")]
    assert told(found, "verified") == [("no verification is seen", "unseen")]
    assert told(found, "trusted") == [("not seen", "unseen")]
    assert stage(found, "revoked").state == "unseen"


def test_a_key_from_the_source_and_an_unchecked_signature() -> None:
    found = life(mint(), signing_key("literal", place=place(2)), verification(place=place(5), signature="skipped"))
    assert ("signed with a key from the source", "error") in told(found, "minted")
    assert told(found, "verified") == [("by pyjwt, the signature not checked", "missing")]


def test_browser_storage_is_where_it_lies() -> None:
    found = life(mint(), delivery("body", place=place(3)), delivery("local_storage", place=place(4, path="login.js")))
    assert [text for text, _ in told(found, "delivered")] == ["in the response body"]
    assert told(found, "stored") == [("in localStorage, for every script", "error")]


def test_every_entry_leads_to_the_gravest_finding_at_its_place() -> None:
    facts = report(mint(expiry="missing"), claim("role", place=place(2)))
    (found,) = lives(facts)
    rules = {entry.text: facts.findings[entry.finding].rule for one in found.stages for entry in one.entries if entry.finding is not None}
    assert rules == {"access token by pyjwt": "JWT101", "never expires": "JWT105", "role: a right": "JWT201"}


def test_a_token_that_is_verified_where_others_mint_has_a_life_of_its_own() -> None:
    found = life(verification(token="v"))
    assert told(found, "minted") == [("minted elsewhere", "unseen")]


def test_applications_do_not_share_verifiers() -> None:
    found = lives(report(mint(), verification(token="v", place=place(5), application="other")))
    assert [one.application for one in found] == ["app", "other"]
    assert told(found[0], "verified") == [("no verification is seen", "unseen")]


def test_other_purposes_are_drawn_when_they_are_asked_for() -> None:
    facts = report(mint(purpose="one-time"), mint(token="u", purpose="service", place=place(9)))
    assert lives(facts) == []
    found = lives(facts, ("one-time", "service"))
    assert [one.title for one in found] == ["One-time token", "Service token"]
    assert told(found[0], "revoked") == [("ends by itself", "plain")]
