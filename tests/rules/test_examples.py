from __future__ import annotations

from pathlib import Path

import pytest

from jwtlint.analysis import examine
from jwtlint.config import Options
from jwtlint.rules import catalogue

CASES = [
    pytest.param(rule, example, id=f"{rule.code}-{number}")
    for rule in catalogue.load()
    for number, example in enumerate(rule.example)
]


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_a_rule_fires_in_its_bad_example(rule: catalogue.Rule, example: catalogue.Example, tmp_path: Path) -> None:
    assert rule.code in rules_found(example.bad, example.file, tmp_path)


@pytest.mark.parametrize(("rule", "example"), CASES)
def test_a_rule_is_silent_in_its_good_example(rule: catalogue.Rule, example: catalogue.Example, tmp_path: Path) -> None:
    assert rule.code not in rules_found(example.good, example.file, tmp_path)


def rules_found(code: str, file: str, folder: Path) -> set[str]:
    (folder / file).write_text(code)
    report = examine(folder, Options(cache=False))
    assert report.errors == ()
    return set(report.stats.rules)
