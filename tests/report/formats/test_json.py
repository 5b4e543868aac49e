from __future__ import annotations

import json as stdlib
from pathlib import Path

import jsonschema
import msgspec
import pytest
from handmade import lifecycle

from jwtlint import report
from jwtlint.report.document import Rendering, build
from jwtlint.report.formats import json
from jwtlint.rules.findings import Finding
from jwtlint.sources.text import Texts

SCHEMA = stdlib.loads((Path(report.__file__).parent / "schema.json").read_text())


def document(rendering: Rendering) -> dict[str, object]:
    found = stdlib.loads(json.render(rendering))
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    assert isinstance(found, dict)
    return found


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_an_empty_report_fits_the_schema() -> None:
    found = document(Rendering(build(lifecycle(), [], [], 0, 0), Texts(None)))
    assert found["findings"] == found["tokens"] == found["errors"] == []
    assert found["stats"] == {"files_seen": 0, "files_parsed": 0, "findings": 0, "rules": {}, "suppressed": 0}


def test_the_output_contract(rendering: Rendering) -> None:
    found = document(rendering)
    assert list(found) == ["version", "verdict", "findings", "suppressed", "applications", "tokens", "errors", "stats", "stale_baseline"]
    assert found["verdict"] == {"session_by_jwt": True, "revocation": True, "staleness": True, "theft": False}
    assert found["errors"] == [{"path": "broken.py", "line": 3, "reason": "it is not valid Python (invalid syntax)"}]
    rules = {"JWT101": 1, "JWT105": 1, "JWT201": 1}
    assert found["stats"] == {"files_seen": 12, "files_parsed": 2, "findings": 3, "rules": rules, "suppressed": 0}


def test_places_are_one_based_and_count_characters(rendering: Rendering) -> None:
    findings = document(rendering)["findings"]
    assert isinstance(findings, list)
    claim, mint = findings[0], findings[1]
    # the é before the claim takes two bytes
    assert {key: claim[key] for key in ("rule", "path", "line", "column", "end_line", "end_column")} == {
        "rule": "JWT201",
        "path": "app.py",
        "line": 5,
        "column": 23,
        "end_line": 5,
        "end_column": 29,
    }
    assert (mint["line"], mint["column"], mint["end_line"], mint["end_column"]) == (6, 12, 9, 6)
    assert mint["reasons"][1] == {"text": "no place"}
    assert [step["text"] for step in mint["trace"]] == ["it is minted in the handler login", "token minted here"]


def test_each_token_has_its_story(rendering: Rendering) -> None:
    tokens = document(rendering)["tokens"]
    assert isinstance(tokens, list)
    assert [(token["token"], token["purpose"], [step["event"] for step in token["story"]]) for token in tokens] == [
        ("t", "session", ["mint", "claim"]),
        ("v", "session", ["verification"]),
    ]
    assert tokens[0]["story"][0]["details"]["expiry"] == "missing"


@pytest.mark.parametrize("text", ["\ud800", "\x1b[31m\u202e", '"\\'])
def test_any_text_makes_a_whole_document(rendering: Rendering, text: str) -> None:
    finding: Finding = msgspec.structs.replace(rendering.report.findings[0], message=text)
    changed = msgspec.structs.replace(rendering.report, findings=(finding,))
    printed = json.render(Rendering(changed, rendering.texts))
    assert "\x1b" not in printed and "\u202e" not in printed
    (found,) = stdlib.loads(printed.encode("utf-8"))["findings"]
    assert found["message"] == ("\\ud800" if text == "\ud800" else text)
