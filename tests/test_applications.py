"""Applications in one repository do not disturb each other: together they give what each gives alone."""

from __future__ import annotations

from pathlib import Path

from jwtlint.analysis import examine
from jwtlint.config import Options
from jwtlint.report.document import Report

FIXTURES = Path(__file__).resolve().parent.parent / "fixtures"

Spot = tuple[str, int, str]


def spots(report: Report, prefix: str = "") -> set[Spot]:
    return {(prefix + one.place.path, one.place.line, one.rule) for one in report.findings}


def test_all_fixtures_scanned_at_once_give_what_each_gives_alone() -> None:
    alone: set[Spot] = set()
    for folder in sorted(path for path in FIXTURES.iterdir() if path.is_dir()):
        alone |= spots(examine(folder, Options(cache=False)), f"{folder.name}/")
    together = spots(examine(FIXTURES, Options(cache=False)))
    assert sorted(together - alone) == []
    assert sorted(alone - together) == []
    assert len(alone) > 400
