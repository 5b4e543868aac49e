from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from jwtlint import examples
from jwtlint.analysis import examine
from jwtlint.config import Options
from jwtlint.report.document import Report
from jwtlint.rules import catalogue

RULES = catalogue.load()
CASES = [
    pytest.param(rule, example, id=f"{rule.code}-{number}")
    for rule in RULES
    for number, example in enumerate(rule.example)
]
FIXED = [case for case in CASES if case.values[1].fixed]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_a_rule_fires_in_bad_code_and_is_silent_in_good_and_its_fix_mends_it(rule: catalogue.Rule) -> None:
    assert rule.example
    assert list(examples.of_rule(rule, Options(cache=False))) == []


def test_an_example_that_is_not_true_is_noticed() -> None:
    rule = next(one for one in RULES if one.code == "JWT402")
    (example,) = rule.example[:1]
    turned = msgspec.structs.replace(example, bad=example.good, good=example.bad, fixed="x\n")
    told = list(examples.of_rule(msgspec.structs.replace(rule, example=(turned,)), Options(cache=False)))
    assert [one.split(" (")[0] for one in told] == [
        "example 1: the rule does not fire in `bad`",
        "example 1: the rule fires in `good`",
        "example 1: the fix makes something else of `bad` than `fixed`",
    ]


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
    assert sorted({rule.fix.recipe for rule in RULES if rule.fix.recipe}) == [*catalogue.recipes()]


def rules_found(code: str, file: str, folder: Path) -> set[str]:
    (folder / file).write_text(code)
    report: Report = examine(folder, Options(cache=False))
    assert report.errors == ()
    return set(report.stats.rules)
