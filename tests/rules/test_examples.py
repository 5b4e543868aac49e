from __future__ import annotations

from pathlib import Path

import pytest

from jwtlint.analysis import examine
from jwtlint.config import Options
from jwtlint.fixing.rounds import Rounds
from jwtlint.fixing.shadow import Shadow
from jwtlint.report.document import Report
from jwtlint.rules import catalogue

RULES = catalogue.load()
CASES = [
    pytest.param(rule, example, id=f"{rule.code}-{number}")
    for rule in RULES
    for number, example in enumerate(rule.example)
]
FIXED = [case for case in CASES if case.values[1].fixed]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_a_rule_fires_in_its_bad_example(rule: catalogue.Rule, example: catalogue.Example, tmp_path: Path) -> None:
    assert rule.code in rules_found(example.bad, example.file, tmp_path)


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_a_rule_is_silent_in_its_good_example(rule: catalogue.Rule, example: catalogue.Example, tmp_path: Path) -> None:
    assert rule.code not in rules_found(example.good, example.file, tmp_path)


@pytest.mark.parametrize(("rule", "example"), FIXED)
def test_its_fix_makes_the_fixed_example_of_the_bad_one(rule: catalogue.Rule, example: catalogue.Example, tmp_path: Path) -> None:
    (tmp_path / example.file).write_text(example.bad)
    with Shadow(tmp_path, Options(cache=False)) as shadow:
        outcome = Rounds(shadow, unsafe=True, codes={rule.code}).run()
        after = shadow.read(example.file).decode()
    assert after == example.fixed
    assert {done.finding.rule for done in outcome.done} == {rule.code}


@pytest.mark.parametrize(("rule", "example"), FIXED)
def test_the_fixed_example_is_silent_and_brings_nothing_new(rule: catalogue.Rule, example: catalogue.Example, tmp_path: Path) -> None:
    before = rules_found(example.bad, example.file, tmp_path)
    after = rules_found(example.fixed, example.file, tmp_path)
    assert rule.code not in after
    assert after <= before


def test_every_rule_has_a_fix_that_an_example_shows_or_says_why_not() -> None:
    for rule in RULES:
        shown = any(example.fixed for example in rule.example)
        assert shown == bool(rule.fix.recipe), rule.code
        assert bool(rule.fix.recipe) != bool(rule.fix.none), rule.code
        assert not rule.fix.none.endswith("."), rule.code


def test_every_recipe_is_used() -> None:
    assert sorted({rule.fix.recipe for rule in RULES if rule.fix.recipe}) == catalogue.recipes()


def rules_found(code: str, file: str, folder: Path) -> set[str]:
    (folder / file).write_text(code)
    report: Report = examine(folder, Options(cache=False))
    assert report.errors == ()
    return set(report.stats.rules)
