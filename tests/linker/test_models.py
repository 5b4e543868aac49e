"""The examples in the library models are true: each gives the facts that it says."""

from __future__ import annotations

import pytest

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.layout import Layout
from jwtlint.linker.library import Example
from jwtlint.linker.lifecycle import link
from jwtlint.python.frontend import read_module
from jwtlint.rules import models

MODELS = models.load()
LIBRARIES = {name.partition(".")[0] for model in MODELS for name in model.imports}
KINDS: dict[str, type[facts.Fact]] = {
    "mint": facts.Mint,
    "claim": facts.Claim,
    "verification": facts.Verification,
    "lookup": facts.Lookup,
    "trust": facts.Trust,
    "delivery": facts.Delivery,
    "handler": facts.Handler,
    "signing-key": facts.SigningKey,
}
CASES = [pytest.param(example, id=f"{model.name}-{number}") for model in MODELS for number, example in enumerate(model.example, 1)]


@pytest.mark.parametrize("example", CASES)
def test_an_example_gives_the_facts_it_says(example: Example) -> None:
    module = read_module(example.file, example.code.encode())
    found = link([module], Layout([example.file], LIBRARIES), MODELS).facts
    missing = [wanted for wanted in example.facts if not any(is_like(fact, wanted) for fact in found)]
    assert not missing, "\n".join(f"{type(fact).__name__} {fact}" for fact in found)


@pytest.mark.parametrize("example", CASES)
def test_an_example_names_only_facts_and_attributes_that_exist(example: Example) -> None:
    assert example.facts
    for wanted in example.facts:
        assert set(wanted) - {"fact", "line"} <= set(KINDS[str(wanted["fact"])].__struct_fields__)
        assert 1 <= int(str(wanted["line"])) <= example.code.count("\n")


def test_every_model_has_an_example() -> None:
    assert [model.name for model in MODELS if not model.example] == []


def is_like(fact: facts.Fact, wanted: dict[str, str | int | bool | list[str] | None]) -> bool:
    """Whether a fact is of the wanted kind, stands in the wanted line, and has the wanted attributes."""
    return (
        isinstance(fact, KINDS[str(wanted["fact"])])
        and fact.place.line == wanted["line"]
        and all(getattr(fact, name) == value for name, value in wanted.items() if name not in ("fact", "line"))
    )
