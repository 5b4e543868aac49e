"""JUnit's XML, as Jenkins, Azure DevOps and GitLab read it: a suite a rule; a rule that finds nothing is a test that passes.

https://github.com/testmoapp/junitxml describes the elements that these programs share.
"""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.report.document import Rendering
from jwtlint.report.escape import xml, xml_lines
from jwtlint.report.formats.concise import Places
from jwtlint.rules.catalogue import Rule
from jwtlint.rules.findings import Finding

TERMINAL = False


def render(rendering: Rendering) -> str:
    """The whole document."""
    return "".join(f"{line}\n" for line in lines(rendering))


def lines(rendering: Rendering) -> Iterator[str]:
    """The document's lines."""
    report = rendering.report
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        found.setdefault(finding.rule, []).append(finding)
    rules = rendering.rules()
    tests = sum(max(1, len(found.get(rule.code, ()))) for rule in rules) + len(report.errors)
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield f'<testsuites name="jwtlint" tests="{tests}" failures="{len(report.findings)}" errors="{len(report.errors)}">'
    for rule in rules:
        yield from suite(rule, found.get(rule.code, []), rendering)
    if report.errors:
        number = len(report.errors)
        yield f'  <testsuite name="files that could not be read" tests="{number}" failures="0" errors="{number}">'
        for error in report.errors:
            path = xml(rendering.prefix.repository + error.path)
            yield f'    <testcase classname="jwtlint.files" name="{path}" file="{path}" line="{error.line or 1}">'
            yield f'      <error message="{xml(error.reason)}"/>'
            yield "    </testcase>"
        yield "  </testsuite>"
    yield "</testsuites>"


def suite(rule: Rule, findings: list[Finding], rendering: Rendering) -> Iterator[str]:
    """One rule: a test that passes, or a test that fails for each finding."""
    names = f'name="{rule.code} {xml(rule.name)}"'
    yield f'  <testsuite {names} tests="{max(1, len(findings))}" failures="{len(findings)}" errors="0">'
    if not findings:
        yield f'    <testcase classname="jwtlint.{rule.code}" name="{xml(rule.name)}"/>'
    for finding in findings:
        yield from case(finding, " ".join(rule.remedy.split()), rendering)
    yield "  </testsuite>"


def case(finding: Finding, remedy: str, rendering: Rendering) -> Iterator[str]:
    """One finding as a failure; its text tells the place, the trace and the remedy."""
    path = xml(rendering.prefix.repository + finding.place.path)
    where = f'file="{path}" line="{finding.place.line}"'
    yield f'    <testcase classname="jwtlint.{finding.rule}" name="{path}:{finding.place.line}" {where}>'
    places = Places(rendering)
    told = [f"{finding.level} {finding.rule} {finding.name}: {finding.message}", f"at {places.where(finding.place)}"]
    told += [f"- {one.text}" + (f" ({places.where(one.place)})" if one.place else "") for one in finding.trace]
    told.append(f"To mend it: {remedy}")
    yield f'      <failure type="{finding.level}" message="{xml(finding.message)}">{xml_lines(chr(10).join(told))}</failure>'
    yield "    </testcase>"
