from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import hostile
import jsonschema
import msgspec
import pytest

from jwtlint.analysis import scan
from jwtlint.config import Options
from jwtlint.facts.lifecycle import Place, Reason
from jwtlint.report.document import Prefix, Rendering
from jwtlint.report.formats import sarif
from jwtlint.report.style import Style
from jwtlint.rules.findings import Suppression
from jwtlint.rules.fixes import Edit, Fix
from jwtlint.sources.text import Texts

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "tests/report/oasis/sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = jsonschema.Draft4Validator(SCHEMA, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def run(rendering: Rendering) -> dict[str, Any]:
    """The one run of a log, which fits OASIS's schema."""
    log = json.loads(sarif.render(rendering))
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    (found,) = log["runs"]
    assert isinstance(found, dict)
    return found


def changed(rendering: Rendering, **given: object) -> Rendering:
    return msgspec.structs.replace(rendering, report=msgspec.structs.replace(rendering.report, **given))


def test_the_validator_would_complain() -> None:
    assert list(VALIDATOR.iter_errors({"version": "2.1.0", "runs": [{"tool": {}}]})) != []


def test_all_sample_applications_fit_the_schema_of_oasis() -> None:
    folder = ROOT / "fixtures"
    found = scan(folder, Options(cache=False))
    told = run(Rendering(found.report, Texts(folder), found.rules))
    assert len(told["results"]) == len(found.report.findings) > 400
    for result in told["results"]:
        assert told["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        for flow in result.get("codeFlows", ()):
            assert flow["threadFlows"][0]["locations"] != []
    hashes = [result["partialFingerprints"]["primaryLocationLineHash"] for result in told["results"]]
    assert len(hashes) == len(set(hashes))


def test_a_second_tool_reads_it(rendering: Rendering, tmp_path: Path) -> None:
    (tmp_path / "jwtlint.sarif").write_text(sarif.render(rendering), encoding="utf-8")
    tool = [sys.executable, "-c", "from sarif.cmdline.main import main; raise SystemExit(main())"]
    subprocess.run([*tool, "csv", "--output", "out.csv", "jwtlint.sarif"], cwd=tmp_path, check=True, capture_output=True)
    lines = (tmp_path / "out.csv").read_text().splitlines()
    assert len(lines) == 4
    assert any("JWT201" in line and "app.py" in line and "5" in line.split(",") for line in lines[1:])
    summary = subprocess.run([*tool, "summary", "jwtlint.sarif"], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert "error: 2" in summary and "warning: 1" in summary


def test_places_are_relative_and_count_utf_16(rendering: Rendering) -> None:
    source = 'x = {"😀é": 1, "role": user.role}\n'
    place = Place("app.py", 1, source.encode().index(b'"role"'), 1, source.encode().index(b'"role"') + 6)
    finding = msgspec.structs.replace(rendering.report.findings[0], place=place)
    other = Rendering(changed(rendering, findings=(finding,)).report, Texts(None, {"app.py": source.encode()}), rendering.rules)
    told = run(msgspec.structs.replace(other, prefix=Prefix("back end/", "")))
    assert told["columnKind"] == "utf16CodeUnits"
    physical = told["results"][0]["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "back%20end/app.py", "uriBaseId": "%SRCROOT%"}
    start = len(source[: source.index('"role"')].encode("utf-16-le")) // 2 + 1
    assert physical["region"] == {"startLine": 1, "startColumn": start, "endLine": 1, "endColumn": start + 6, "snippet": {"text": '"role"'}}
    assert "uri" not in told["originalUriBaseIds"]["%SRCROOT%"]


def test_the_trace_is_a_code_flow(rendering: Rendering) -> None:
    results = {result["ruleId"]: result for result in run(rendering)["results"]}
    (flow,) = results["JWT101"]["codeFlows"]
    steps = [one["location"] for one in flow["threadFlows"][0]["locations"]]
    told = [(one["message"]["text"], one["physicalLocation"]["region"]["startLine"]) for one in steps]
    assert told == [("it is minted in the handler login", 4), ("token minted here", 6)]
    assert "codeFlows" not in results["JWT201"]
    assert results["JWT201"]["relatedLocations"][0]["message"]["text"] == "token minted here"


def test_a_change_is_a_fix(rendering: Rendering) -> None:
    edits = (Edit(Place("app.py", 5, 21, 5, 40), ""), Edit(Place("b c.py", 1, 0, 1, 0), "x\n"))
    fix = Fix(title="leave role out", safety="unsafe", edits=edits)
    log = json.loads(sarif.render(rendering))
    log["runs"][0]["results"][0]["fixes"] = [sarif.changes(fix, rendering)]
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    first, second = sarif.changes(fix, rendering)["artifactChanges"]  # type: ignore[misc]
    assert first["replacements"] == [
        {"deletedRegion": {"startLine": 5, "startColumn": 21, "endLine": 5, "endColumn": 40}, "insertedContent": {"text": ""}}
    ]
    assert second["artifactLocation"]["uri"] == "b%20c.py"


def test_rules_carry_their_help(rendering: Rendering) -> None:
    rules = {rule["id"]: rule for rule in run(rendering)["tool"]["driver"]["rules"]}
    rule = rules["JWT201"]
    assert "```python" in rule["help"]["markdown"] and "To mend it" in rule["help"]["text"]
    assert rule["helpUri"] == "https://cwe.mitre.org/data/definitions/863.html"
    assert rule["properties"]["security-severity"] == "5.5"
    assert rules["JWT101"]["properties"]["security-severity"] == "8.0"
    assert "external/cwe/cwe-863" in rule["properties"]["tags"]


def test_help_leads_to_the_pages_of_ones_own(rendering: Rendering, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JWTLINT_DOCS_URL", "https://lint.example/jwt/")
    rules = {rule["id"]: rule for rule in run(rendering)["tool"]["driver"]["rules"]}
    assert rules["JWT101"]["helpUri"] == "https://lint.example/jwt/rules/JWT101.html"
    monkeypatch.setenv("JWTLINT_DOCS_URL", "javascript:alert(1)")
    rules = {rule["id"]: rule for rule in run(rendering)["tool"]["driver"]["rules"]}
    assert rules["JWT101"]["helpUri"] == "https://cwe.mitre.org/data/definitions/613.html"


def test_moved_lines_keep_the_fingerprint(tmp_path: Path) -> None:
    source = "import jwt\n\ndef login():\n    return jwt.encode({'sub': '1'}, 'guess', algorithm='HS256')\n"

    def hashes(text: str) -> list[str]:
        (tmp_path / "app.py").write_text(text)
        found = scan(tmp_path, Options(cache=False))
        results = run(Rendering(found.report, Texts(tmp_path), found.rules))["results"]
        return [one["partialFingerprints"]["primaryLocationLineHash"] for one in results]

    before = hashes(source)
    assert len(before) == 1
    assert hashes("# a\n\n\n" + source) == before
    twice = hashes(source + "    return jwt.encode({'sub': '1'}, 'guess', algorithm='HS256')\n")
    assert len(set(twice)) == 2 and before[0] in twice


def test_what_could_not_be_read_is_a_notification(rendering: Rendering) -> None:
    (invocation,) = run(rendering)["invocations"]
    assert invocation["executionSuccessful"] is True
    (one,) = invocation["toolExecutionNotifications"]
    assert one["message"]["text"] == "it is not valid Python (invalid syntax)"
    assert one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "broken.py"


def test_the_verdict_is_told(rendering: Rendering) -> None:
    assert run(rendering)["properties"]["verdict"] == {
        "text": "JWTs are used as sessions here.",
        "session_by_jwt": True,
        "revocation": True,
        "staleness": True,
        "theft": False,
    }


def test_the_limits_of_github(rendering: Rendering) -> None:
    note, warning = rendering.report.findings[0], rendering.report.findings[1]
    long = msgspec.structs.replace(warning, trace=tuple(Reason(str(number), warning.place) for number in range(1200)))
    told = run(changed(rendering, findings=(note,) * 5_000 + (long,)))
    assert len(told["results"]) == 5_000
    # the gravest comes first, and so is not lost
    assert told["results"][0]["ruleId"] == long.rule
    assert len(told["results"][0]["codeFlows"][0]["threadFlows"][0]["locations"]) == 1_000
    assert "5,000 most severe of 5,001" in told["invocations"][0]["toolExecutionNotifications"][-1]["message"]["text"]


def test_suppressed_findings_are_there_only_when_asked_for(rendering: Rendering) -> None:
    first, second, third = rendering.report.findings
    comment = Suppression("comment", "until spring", Place("app.py", 5, 0, 5, 4))
    ignored = (
        msgspec.structs.replace(first, suppressions=(comment,)),
        msgspec.structs.replace(second, suppressions=(Suppression("baseline", "in the baseline known.json"),)),
    )
    told = changed(rendering, findings=(third,), suppressed=ignored)
    assert [result["ruleId"] for result in run(told)["results"]] == [third.rule]
    asked = msgspec.structs.replace(told, style=Style(show_ignored=True))
    _, by_comment, by_baseline = run(asked)["results"]
    (in_source,), (external,) = by_comment["suppressions"], by_baseline["suppressions"]
    assert (in_source["kind"], in_source["justification"]) == ("inSource", "until spring")
    assert in_source["location"]["physicalLocation"]["region"]["startLine"] == 5
    assert external == {"kind": "external", "justification": "in the baseline known.json"}


def test_nothing_found_is_a_run_without_results(nothing: Rendering) -> None:
    told = run(nothing)
    assert told["results"] == [] and told["invocations"][0]["toolExecutionNotifications"] == []


def test_hostile_names_stay_text() -> None:
    told = run(hostile.rendering())
    uris = {result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in told["results"]}
    assert uris == {"re%20po/a%20b/%3Cb%3E%C3%A9%27%22%26%2C%3A%25.py"}
