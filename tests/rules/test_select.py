from __future__ import annotations

import msgspec
import pytest
from handmade import claim, delivery, handler, mint, place, trust, verification

from jwtlint.facts import lifecycle as facts
from jwtlint.rules.catalogue import Match
from jwtlint.rules.select import Selection


def select(match: dict[str, object], *all_facts: facts.LifecycleFact, pedantic: bool = False) -> list[facts.LifecycleFact]:
    return list(Selection(all_facts, {"max-lifetime": 3600}, pedantic).matches(msgspec.convert(match, Match)))


def test_equality_list_and_glob() -> None:
    one, two = mint(algorithm="HS256"), mint(algorithm="none")
    assert select({"fact": "mint", "where": {"algorithm": "none"}}, one, two) == [two]
    assert select({"fact": "mint", "where": {"algorithm": ["none", "HS256"]}}, one, two) == [one, two]
    assert select({"fact": "mint", "where": {"algorithm": "HS*"}}, one, two) == [one]
    assert select({"fact": "mint", "where": {"algorithm": "[nN]one"}}, one, two) == [two]


def test_a_number_is_no_truth_value() -> None:
    assert select({"fact": "mint", "where": {"record": False}}, mint(record=False)) != []
    assert select({"fact": "mint", "where": {"lifetime": 1}}, mint(lifetime=1), mint(lifetime=2)) == [mint(lifetime=1)]
    assert select({"fact": "mint", "where": {"lifetime": True}}, mint(lifetime=1)) == []


@pytest.mark.parametrize(
    ("bounds", "lifetimes"),
    [
        ({"above": "max-lifetime"}, [3601]),
        ({"min": "max-lifetime"}, [3600, 3601]),
        ({"below": 3600}, [10]),
        ({"max": 3600}, [10, 3600]),
        ({"min": 10, "below": 3601}, [10, 3600]),
    ],
)
def test_bounds(bounds: dict[str, object], lifetimes: list[int]) -> None:
    mints = [mint(lifetime=seconds) for seconds in (10, 3600, 3601)]
    found = select({"fact": "mint", "where": {"lifetime": bounds}}, *mints, mint(lifetime=None))
    assert [fact.lifetime for fact in found if isinstance(fact, facts.Mint)] == lifetimes


def test_several_kinds_of_fact() -> None:
    match = {"fact": ["mint", "verification"], "any": [{"where": {"algorithm": "none"}}, {"where": {"algorithms": "none-allowed"}}]}
    one, two = mint(algorithm="none"), verification(algorithms="none-allowed")
    assert select(match, one, two, mint(), verification()) == [one, two]


def test_all_any_and_unless_speak_of_the_fact_itself() -> None:
    match = {
        "fact": "handler",
        "all": [{"where": {"jwt_sessions": True}}],
        "any": [{"where": {"role": "logout"}}, {"where": {"role": "login"}}],
        "unless": [{"where": {"revokes": True}}],
    }
    one = handler("logout")
    assert select(match, one, handler("logout", revokes=True), handler("other"), handler("login", jwt_sessions=False)) == [one]


@pytest.mark.parametrize(
    ("same", "near", "far"),
    [
        ("token", {"token": "t"}, {"token": "u"}),
        ("function", {"function": "app.py::login"}, {"function": "app.py::other"}),
        ("application", {"application": "app"}, {"application": "other"}),
    ],
)
def test_facts_are_joined(same: str, near: dict[str, str], far: dict[str, str]) -> None:
    match = {"fact": "mint", "all": [{"fact": "claim", "same": same, "where": {"category": "authorization"}}]}
    assert select(match, mint(), claim(**near)) == [mint()]
    assert select(match, mint(), claim(**far)) == []
    assert select(match, mint(), claim("email", category="profile", **near)) == []


def test_all_facts_share_the_project() -> None:
    match = {"fact": "mint", "unless": [{"fact": "delivery", "same": "project", "where": {"medium": "cookie"}}]}
    assert select(match, mint(), delivery("cookie", application="b", token="u")) == []
    assert select(match, mint(), delivery("body", application="b", token="u")) == [mint()]


def test_a_fact_without_a_token_is_joined_to_none() -> None:
    match = {"fact": "trust", "all": [{"fact": "claim", "same": "token"}]}
    assert select(match, trust(token=""), claim(token="")) == []


def test_a_fact_is_not_joined_to_itself() -> None:
    match = {"fact": "claim", "all": [{"fact": "claim", "same": "token"}]}
    assert select(match, claim()) == []
    assert len(select(match, claim(), claim(place=place(2)))) == 2


def test_an_unknown_purpose_counts_as_a_session_for_the_pedantic() -> None:
    match = {"fact": "mint", "where": {"purpose": "session"}}
    unknown = mint(purpose="unknown")
    assert select(match, unknown) == []
    assert select(match, unknown, mint(purpose="service"), pedantic=True) == [unknown]
