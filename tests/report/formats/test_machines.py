"""The formats that machines read: JSON Lines, GitHub, GitLab, JUnit, and one line a finding."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import hostile
import jsonschema
import junitparser
import msgspec
import pytest

from jwtlint import report
from jwtlint.report.document import Prefix, Rendering
from jwtlint.report.formats import concise, github, gitlab, jsonl, junit

SCHEMA = json.loads((Path(report.__file__).parent / "schema.json").read_text())


def test_each_line_of_json_has_its_kind_and_fits_the_schema(rendering: Rendering) -> None:
    lines = [json.loads(line) for line in jsonl.render(rendering).splitlines()]
    validator = jsonschema.Draft202012Validator({**SCHEMA["$defs"]["line"], "$defs": SCHEMA["$defs"]})
    for line in lines:
        validator.validate(line)
    assert not validator.is_valid({"kind": "finding"})
    kinds = [line["kind"] for line in lines]
    assert kinds == ["finding"] * 3 + ["application", "token", "token", "error", "verdict", "stats"]


def test_one_line_a_finding(rendering: Rendering) -> None:
    lines = concise.render(msgspec.structs.replace(rendering, prefix=Prefix("", "sub/"))).splitlines()
    assert lines[0] == 'sub/app.py:5:23: warning[JWT201] the claim "role" freezes what the user may do until the token expires'
    assert lines[-1] == "sub/broken.py:3: it is not valid Python (invalid syntax)"
    assert len(lines) == 4


def test_github_shows_the_gravest_first_at_the_exact_span(rendering: Rendering) -> None:
    lines = github.render(msgspec.structs.replace(rendering, prefix=Prefix("api/", ""))).splitlines()
    assert [line.split()[0] for line in lines] == ["::error", "::error", "::warning", "::warning"]
    # the mint goes over several lines, so it has no columns
    assert lines[0].startswith("::error file=api/app.py,line=6,endLine=9,title=JWT101 session-by-jwt::a JWT is minted")
    assert lines[2].startswith("::warning file=api/app.py,line=5,endLine=5,col=23,endColumn=28,title=JWT201 authorization-claim::the claim")
    assert lines[3] == "::warning file=api/broken.py,line=3,title=jwtlint could not read this file::it is not valid Python (invalid syntax)"


def test_github_commands_cannot_be_forged() -> None:
    lines = github.render(hostile.rendering()).splitlines()
    for line in lines:
        match = re.fullmatch(r"::(error|warning|notice) ((?:[a-zA-Z]+=[^,:]*,?)+)::(.*)", line)
        assert match is not None, line
        assert "%0A" not in match[3].replace("%250A", "")
    assert any("file=re po/a b/<b>é'\"&%2C%3A%25.py" in line for line in lines)


def test_gitlab_code_quality(rendering: Rendering) -> None:
    issues = json.loads(gitlab.render(msgspec.structs.replace(rendering, prefix=Prefix("api/", ""))))
    assert [issue["severity"] for issue in issues] == ["major", "critical", "critical"]
    assert issues[0]["location"] == {"path": "api/app.py", "lines": {"begin": 5, "end": 5}}
    assert issues[1]["location"]["lines"] == {"begin": 6, "end": 9}
    assert len({issue["fingerprint"] for issue in issues}) == 3
    assert all(issue["check_name"] in issue["description"] for issue in issues)


def test_gitlab_without_findings_is_an_empty_list(nothing: Rendering) -> None:
    assert json.loads(gitlab.render(nothing)) == []


def test_junit_is_read_by_another_program(rendering: Rendering) -> None:
    suites = junitparser.JUnitXml.fromstring(junit.render(rendering).encode())
    assert (suites.failures, suites.errors) == (3, 1)
    failed = [case for suite in suites for case in suite if any(isinstance(one, junitparser.Failure) for one in case.result)]
    assert [case.classname for case in failed] == ["jwtlint.JWT101", "jwtlint.JWT105", "jwtlint.JWT201"]
    assert failed[2].name == "app.py:5"
    assert "To mend it" in failed[2].result[0].text
    passed = [suite for suite in suites if suite.failures == 0 and suite.errors == 0]
    assert len(passed) == len(rendering.rules()) - 3


def test_junit_counts_what_it_holds(rendering: Rendering) -> None:
    root = ElementTree.fromstring(junit.render(rendering))
    assert int(root.attrib["tests"]) == len(root.findall(".//testcase"))
    for suite in root:
        assert int(suite.attrib["tests"]) == len(suite.findall("testcase"))
        assert int(suite.attrib["failures"]) == len(suite.findall(".//failure"))


@pytest.mark.parametrize("text", ["\x00", "\ufffe", "\uffff", "\ud800", "]]>", "<!--", "\x85"])
def test_xml_stays_well_formed(rendering: Rendering, text: str) -> None:
    finding = msgspec.structs.replace(rendering.report.findings[0], message=text)
    changed = msgspec.structs.replace(rendering, report=msgspec.structs.replace(rendering.report, findings=(finding,)))
    root = ElementTree.fromstring(junit.render(changed).encode())
    (failure,) = root.findall(".//failure")
    assert failure.attrib["message"] == (text if text in ("]]>", "<!--") else text.encode("unicode_escape").decode())


def test_hostile_names_stay_text_in_xml() -> None:
    root = ElementTree.fromstring(junit.render(hostile.rendering()))
    assert root.findall(".//img") == []
    assert any("<img src=x" in failure.attrib["message"] for failure in root.findall(".//failure"))
