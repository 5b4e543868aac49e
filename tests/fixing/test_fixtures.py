"""Every fix that a sample application gets proves itself: nothing new is found, nothing fails, and a second run changes nothing."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from jwtlint.config import Options
from jwtlint.editing.scripts import broken_places, parsed
from jwtlint.facts.web_layout import is_web
from jwtlint.fixing.rounds import Rounds
from jwtlint.fixing.shadow import Shadow
from jwtlint.report.document import Report

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
FOLDERS = sorted(path.parent for path in FIXTURES.glob("*/app.toml"))
REVEALED = {"JWT102"}  # what a skipped check of the signature hid


def rules(report: Report) -> set[tuple[str, str]]:
    return {(one.rule, one.place.path) for one in report.findings}


@pytest.mark.parametrize("folder", [pytest.param(folder, id=folder.name) for folder in FOLDERS])
def test_all_fixes_of_an_application(folder: Path) -> None:
    with Shadow(folder, Options(cache=False)) as shadow:
        before = shadow.scan().report
        outcome = Rounds(shadow, unsafe=True).run()
        assert [f"{one.finding.rule} {one.finding.place.path}: {one.reason}" for one in outcome.failed] == []
        for path, (old, new) in outcome.changed.items():
            if is_web(path):
                assert broken_places(parsed(path, new)) <= broken_places(parsed(path, old))
            else:
                ast.parse(new, path)
        report = shadow.scan().report
        assert len(report.findings) <= len(before.findings) - len({done.finding.fingerprint for done in outcome.done}) + len(
            [one for one in report.findings if one.rule in REVEALED]
        )
        assert {one for one in rules(report) - rules(before) if one[0] not in REVEALED} == set()
        assert report.errors == before.errors
        if outcome.done:
            again = Rounds(shadow, unsafe=True).run()
            assert again.done == ()


def test_applications_without_findings_are_left_as_they_are() -> None:
    with Shadow(FIXTURES / "django-sessions-invites", Options(cache=False)) as shadow:
        assert Rounds(shadow, unsafe=True).run().changed == {}
