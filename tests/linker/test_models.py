"""The examples in the library models are true: each gives the facts that it says."""

from __future__ import annotations

import pytest

from jwtlint import examples
from jwtlint.linker.library import LibraryModel
from jwtlint.rules import models

MODELS = models.load()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_its_examples_give_the_facts_they_say(model: LibraryModel) -> None:
    assert model.example, "it has no example"
    assert list(examples.of_model(model, MODELS)) == []


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_lines_of_examples_exist(model: LibraryModel) -> None:
    for example in model.example:
        for wanted in example.facts:
            assert 1 <= int(str(wanted["line"])) <= example.code.count("\n")


def test_an_example_that_is_not_true_is_noticed() -> None:
    model = next(one for one in MODELS if one.name == "pyjwt")
    others = [one for one in MODELS if one is not model]
    assert any("there is no fact mint" in problem for problem in examples.of_model(model, others))
