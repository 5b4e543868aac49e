"""The examples in the models of front ends' libraries are true: each gives exactly the stores and addresses that it says."""

from __future__ import annotations

import pytest

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.layout import Layout
from jwtlint.facts.web_layout import WebLayout
from jwtlint.linker.library import Example
from jwtlint.linker.lifecycle import FrontEnd, link
from jwtlint.rules import models
from jwtlint.web.frontend import read_module

MODELS = models.load_web()
CASES = [pytest.param(example, id=f"{model.name}-{number}") for model in MODELS for number, example in enumerate(model.example, 1)]


@pytest.mark.parametrize("example", CASES)
def test_an_example_gives_the_facts_it_says_and_no_others(example: Example) -> None:
    module = read_module(example.file, example.code.encode())
    front_end = FrontEnd((module,), WebLayout([example.file]), MODELS)
    found = [fact for fact in link([], Layout([]), (), None, front_end).facts if isinstance(fact, facts.Delivery)]
    missing = [wanted for wanted in example.facts if not any(is_like(fact, wanted) for fact in found)]
    surplus = [fact for fact in found if not any(is_like(fact, wanted) for wanted in example.facts)]
    assert (missing, [f"{fact.medium} {fact.name} in line {fact.place.line}" for fact in surplus]) == ([], [])


@pytest.mark.parametrize("example", CASES)
def test_an_example_names_only_attributes_that_exist(example: Example) -> None:
    assert example.facts
    for wanted in example.facts:
        assert wanted["fact"] == "delivery"
        assert set(wanted) - {"fact", "line"} <= set(facts.Delivery.__struct_fields__)


def test_every_model_has_an_example() -> None:
    assert [model.name for model in MODELS if not model.example] == []


def is_like(fact: facts.Delivery, wanted: dict[str, str | int | bool | list[str] | None]) -> bool:
    """Whether a fact stands in the wanted line and has the wanted attributes."""
    return fact.place.line == wanted["line"] and all(
        getattr(fact, name) == value for name, value in wanted.items() if name not in ("fact", "line")
    )
