"""SARIF 2.1.0, for GitHub code scanning, Azure DevOps, editors and dashboards.

OASIS: https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html. What GitHub makes of it:
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning.
Paths are relative to the repository's top folder (``%SRCROOT%``). Columns count UTF-16 code units. Suppressed findings are left out
unless they are asked for (``--show-ignored``), since GitHub would show them as open. The same code gives the same file: no times, no
names of this machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from urllib.parse import quote

import msgspec

from jwtlint.facts.lifecycle import Place, Reason
from jwtlint.report import explanation
from jwtlint.report.document import Rendering
from jwtlint.report.escape import json_safe, visible
from jwtlint.report.formats.json import JSONValue, encoded
from jwtlint.report.links import rule_page
from jwtlint.report.severity import most_severe_first
from jwtlint.report.verdict import headline
from jwtlint.rules.catalogue import Rule
from jwtlint.rules.findings import Finding, Suppression
from jwtlint.rules.fixes import Fix
from jwtlint.sources.failures import FileError

TERMINAL = False
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"
# GitHub refuses more results, and shows no more places of a flow
MAX_RESULTS = 5_000
MAX_FLOW = 1_000
MAX_SNIPPET = 200
# GitHub calls 9.0 and more critical, 7.0 high, 4.0 medium, and the rest low
SECURITY_SEVERITIES = {"error": "8.0", "warning": "5.5", "note": "3.0"}
PROBLEM_SEVERITIES = {"error": "error", "warning": "warning", "note": "recommendation"}

Object = dict[str, JSONValue]


def render(rendering: Rendering) -> str:
    """The whole log: one run."""
    log: Object = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run(rendering)]}
    return json_safe(msgspec.json.format(encoded(log), indent=2).decode("utf-8")) + "\n"


def run(rendering: Rendering) -> Object:
    """The run: the tool with its rules, what it could not read, and the results, most severe first."""
    report = rendering.report
    rules = rendering.rules()
    numbers = {rule.code: number for number, rule in enumerate(rules)}
    findings = [*most_severe_first(report), *(report.suppressed if rendering.style.show_ignored else ())]
    notifications = [notification(error, rendering) for error in report.errors]
    if len(findings) > MAX_RESULTS:
        text = f"only the {MAX_RESULTS:,} most severe of {len(findings):,} findings are in this file"
        notifications.append({"level": "warning", "message": {"text": text}})
    return {
        "tool": {
            "driver": {
                "name": "jwtlint",
                "semanticVersion": report.version,
                "rules": [descriptor(rule) for rule in rules],
            }
        },
        "automationDetails": {"id": "jwtlint/"},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
        "originalUriBaseIds": {ROOT: {"description": {"text": "the top folder of the repository"}}},
        "columnKind": "utf16CodeUnits",
        "results": [result(finding, numbers, rendering) for finding in findings[:MAX_RESULTS]],
        "properties": {
            "verdict": {
                "text": headline(report),
                "session_by_jwt": report.verdict.session_by_jwt,
                "revocation": report.verdict.revocation,
                "staleness": report.verdict.staleness,
                "theft": report.verdict.theft,
            }
        },
    }


def descriptor(rule: Rule) -> Object:
    """A rule with its help."""
    weaknesses = [f"external/cwe/cwe-{number:03d}" for number in rule.cwe]
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.name.replace("-", " ")},
        "fullDescription": {"text": explanation.one_line(rule.why)},
        "help": {"text": explanation.plain(rule), "markdown": explanation.markdown(rule)},
        "helpUri": rule_page(rule),
        "defaultConfiguration": {"level": rule.level},
        "properties": {
            "tags": ["security", rule.failure, *weaknesses],
            "precision": {"low": "low", "medium": "medium"}.get(rule.confidence or "", "high"),
            "problem.severity": PROBLEM_SEVERITIES[rule.level],
            "security-severity": SECURITY_SEVERITIES[rule.level],
            "asvs-5.0": rule.asvs,
        },
    }


def result(finding: Finding, numbers: dict[str, int], rendering: Rendering) -> Object:
    """One finding."""
    found: Object = {"ruleId": finding.rule}
    if finding.rule in numbers:
        found["ruleIndex"] = numbers[finding.rule]
    found |= {
        "level": finding.level,
        "message": {"text": visible(finding.message)},
        "locations": [location(finding.place, rendering)],
        # what GitHub calls so decides which alert a result belongs to
        "partialFingerprints": {"primaryLocationLineHash": finding.fingerprint, "jwtlint/v1": finding.fingerprint},
        "properties": {"name": finding.name, "failure": finding.failure, "confidence": finding.confidence},
    }
    related = [
        {"id": number, **location(label.place, rendering), "message": {"text": visible(label.text)}}
        for number, label in enumerate(finding.labels[1:], 1)
    ]
    if related:
        found["relatedLocations"] = related
    flow = list(flow_locations(finding.trace, rendering))
    if flow:
        found["codeFlows"] = [{"threadFlows": [{"locations": flow[:MAX_FLOW]}]}]
    if finding.fix is not None and finding.fix.is_available:
        found["fixes"] = [changes(finding.fix, rendering)]
    if finding.suppressions:
        found["suppressions"] = [suppression(one, rendering) for one in finding.suppressions]
    return found


def suppression(one: Suppression, rendering: Rendering) -> Object:
    """Why a finding does not count (SARIF section 3.35): a comment in the source, or what is kept outside of it."""
    told: Object = {"kind": "external" if one.place is None else "inSource"}
    if one.reason:
        told["justification"] = visible(one.reason)
    if one.place is not None:
        told["location"] = location(one.place, rendering)
    return told


def changes(fix: Fix, rendering: Rendering) -> Object:
    """What would mend a finding (SARIF section 3.55): the replacements of each file."""
    files: list[Object] = []
    for path in fix.paths:
        replacements: list[Object] = [
            {"deletedRegion": region(one.place, rendering), "insertedContent": {"text": one.text}}
            for one in fix.edits
            if one.place.path == path
        ]
        files.append({"artifactLocation": artifact(path, rendering), "replacements": replacements})
    return {"description": {"text": visible(f"{fix.title} ({fix.safety})")}, "artifactChanges": files}


def flow_locations(trace: Iterable[Reason], rendering: Rendering) -> Iterable[Object]:
    """The places of a trace; a reason without a place has none in a flow."""
    for reason in trace:
        if reason.place is not None:
            yield {"location": {**location(reason.place, rendering), "message": {"text": visible(reason.text)}}}


def location(place: Place, rendering: Rendering) -> Object:
    """A place in a file."""
    where = region(place, rendering)
    snippet = code(place, rendering)
    if snippet:
        where["snippet"] = {"text": snippet}
    return {"physicalLocation": {"artifactLocation": artifact(place.path, rendering), "region": where}}


def region(place: Place, rendering: Rendering) -> Object:
    """The lines and columns of a place."""
    column = rendering.texts.utf16_column
    return {
        "startLine": place.line,
        "startColumn": column(place.path, place.line, place.column),
        "endLine": place.end_line,
        "endColumn": column(place.path, place.end_line, place.end_column),
    }


def code(place: Place, rendering: Rendering) -> str:
    """The code at a place of usual length on one line."""
    if place.end_line != place.line or place.end_column - place.column > MAX_SNIPPET:
        return ""
    return visible(rendering.texts.line(place.path, place.line)[place.column : place.end_column].decode("utf-8", "replace"))


def artifact(path: str, rendering: Rendering) -> Object:
    """A file, by its address relative to the repository's top folder."""
    return {"uri": quote(os.fsencode(rendering.prefix.repository + path)), "uriBaseId": ROOT}


def notification(error: FileError, rendering: Rendering) -> Object:
    """A file that could not be read."""
    where: Object = {"artifactLocation": artifact(error.path, rendering)}
    if error.line:
        where["region"] = {"startLine": error.line}
    return {"level": "warning", "message": {"text": visible(error.reason)}, "locations": [{"physicalLocation": where}]}
