"""The examples in the models of front ends' libraries are true: each gives exactly the stores and addresses that it says."""

from __future__ import annotations

import pytest

from jwtlint import examples
from jwtlint.linker.browser.library import WebModel
from jwtlint.rules import models

MODELS = models.load_web()


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_its_examples_give_the_facts_they_say_and_no_others(model: WebModel) -> None:
    assert model.example, "it has no example"
    assert list(examples.of_web_model(model, MODELS)) == []
