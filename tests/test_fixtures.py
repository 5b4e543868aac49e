"""Every application in ``fixtures/`` gives exactly the findings that its comments ask for."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from jwtlint import toml
from jwtlint.analysis import examine
from jwtlint.config import Options
from jwtlint.report.document import Report
from jwtlint.rules import catalogue

FIXTURES = Path(__file__).parent.parent / "fixtures"
COMMENT = r"(?:#|//|<!--|/\*)"
MARKER = re.compile(
    rf"{COMMENT} (expect|may): (JWT\d{{3}}(?:, JWT\d{{3}})*)(?=\s|$)|{COMMENT} (purpose): (session|one-time|service|federation)(?=\s|$)"
)
LIKE_A_MARKER = re.compile(rf"{COMMENT}\s*(?:expect|may|purpose)\s*:", re.IGNORECASE)
MANIFEST = {"title": str, "summary": str, "session_by_jwt": bool, "frameworks": list, "libraries": list, "good": bool}

# what the engine says that it knows, in the spelling of ``app.toml``
FRAMEWORKS = (
    "aiohttp cherrypy django djangorestframework fastapi flask flask-restful flask-restx graphene litestar sanic starlette strawberry "
    "tornado"
).split()
LIBRARIES = (
    "authlib authx dj-rest-auth django-graphql-jwt django-ninja-jwt djangorestframework-jwt djangorestframework-simplejwt djoser "
    "fastapi-jwt-auth fastapi-login fastapi-users flask-jwt flask-jwt-extended flask-praetorian hmac itsdangerous joserfc jwcrypto "
    "litestar pyjwt python-jose python-jwt sanic-jwt"
).split()

Spot = tuple[str, int, str]  # path, 1-based line, and the rule or the purpose


class Application:
    """One folder of ``fixtures/``: its manifest, and the markers in its files by kind."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = toml.read(folder / "app.toml")
        self.lines: dict[tuple[str, int], str] = {}
        self.markers: dict[str, Counter[Spot]] = {"expect": Counter(), "may": Counter(), "purpose": Counter()}
        self.malformed: list[str] = []
        for path in sorted(folder.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                self.read(path.relative_to(folder).as_posix(), path.read_text(encoding="utf-8"))

    def read(self, path: str, text: str) -> None:
        for number, line in enumerate(text.splitlines(), 1):
            self.lines[path, number] = line.strip()
            found = list(MARKER.finditer(line))
            if len(found) != len(LIKE_A_MARKER.findall(line)):
                self.malformed.append(f"{path}:{number} {line.strip()}")
            for marker in found:
                kind = marker[1] or marker[3]
                self.markers[kind].update((path, number, said) for said in (marker[2] or marker[4]).split(", "))

    @property
    def good(self) -> bool:
        return self.manifest["good"] is True

    def say(self, title: str, spots: Counter[Spot], messages: dict[Spot, str]) -> list[str]:
        """Spots as lines of text, each with the source it stands at."""
        return [
            f"  {title} {said} at {path}:{line}: {messages.get((path, line, said)) or self.lines.get((path, line), '')}"
            for path, line, said in sorted(spots.elements())
        ]


APPLICATIONS = [Application(manifest.parent) for manifest in sorted(FIXTURES.glob("*/app.toml"))]
CASES = [pytest.param(application, id=application.folder.name) for application in APPLICATIONS]


@cache
def report_of(folder: Path) -> Report:
    return examine(folder, Options(cache=False))


@pytest.mark.parametrize("application", CASES)
def test_exactly_what_is_expected_is_found(application: Application) -> None:
    report = report_of(application.folder)
    assert report.errors == ()
    found = Counter((one.place.path, one.place.line, one.rule) for one in report.findings)
    messages = {(one.place.path, one.place.line, one.rule): one.message for one in report.findings}
    expected = application.markers["expect"]
    surplus = Counter({spot: count for spot, count in (found - expected).items() if spot not in application.markers["may"]})
    differences = application.say("missing", expected - found, {}) + application.say("surplus", surplus, messages)
    assert not differences, "\n".join([f"{application.folder.name}:", *differences])


@pytest.mark.parametrize("application", CASES)
def test_the_verdict_is_that_of_the_manifest(application: Application) -> None:
    verdict = report_of(application.folder).verdict
    assert verdict.session_by_jwt is application.manifest["session_by_jwt"]


@pytest.mark.parametrize("application", [case for case in CASES if case.values[0].good])
def test_a_good_application_gives_no_finding(application: Application) -> None:
    assert [f"{one.rule} {one.place.path}:{one.place.line}" for one in report_of(application.folder).findings] == []


@pytest.mark.parametrize("application", [case for case in CASES if case.values[0].markers["purpose"]])
def test_tokens_have_the_purpose_that_is_marked(application: Application) -> None:
    found: dict[tuple[str, int], set[str]] = {}
    for story in report_of(application.folder).tokens:
        for step in story.steps:
            if step.event == "mint":
                found.setdefault((step.place.path, step.place.line), set()).add(story.purpose)
    differences = [
        f"  {path}:{line}: {purpose} is marked, {' and '.join(sorted(found.get((path, line), {'no mint'})))} found: "
        f"{application.lines[path, line]}"
        for path, line, purpose in sorted(application.markers["purpose"])
        if found.get((path, line)) != {purpose}
    ]
    assert not differences, "\n".join([f"{application.folder.name}:", *differences])


@pytest.mark.parametrize("application", CASES)
def test_an_application_is_described(application: Application) -> None:
    assert {key: type(value) for key, value in application.manifest.items()} == MANIFEST
    assert application.malformed == []
    codes = {rule.code for rule in catalogue.load()}
    assert {said for kind in ("expect", "may") for _, _, said in application.markers[kind]} <= codes
    if application.good:
        assert application.manifest["session_by_jwt"] is False
        assert not application.markers["expect"] and not application.markers["may"]
    else:
        assert application.markers["expect"]


def test_there_are_enough_applications() -> None:
    assert {folder.name for folder in FIXTURES.iterdir() if folder.is_dir()} == {one.folder.name for one in APPLICATIONS}
    assert len(APPLICATIONS) >= 25
    assert sum(one.good for one in APPLICATIONS) >= 10


@pytest.mark.parametrize(("kind", "names"), [("frameworks", FRAMEWORKS), ("libraries", LIBRARIES)])
def test_each_framework_and_library_that_is_known_has_an_application(kind: str, names: list[str]) -> None:
    covered = {name for application in APPLICATIONS for name in application.manifest[kind]}
    assert sorted(set(names) - covered) == []


def test_every_rule_is_expected_somewhere() -> None:
    expected = {said for application in APPLICATIONS for _, _, said in application.markers["expect"]}
    assert sorted({rule.code for rule in catalogue.load()} - expected) == []
