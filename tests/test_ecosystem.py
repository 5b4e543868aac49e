"""What people know from other linters, and may expect here: which test shows it; and the tests of what belongs to no other place.

The other linters are ruff, zizmor, semgrep, bandit, Fixit and codemodder.
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jwtlint.cli import main

TESTS = Path(__file__).resolve().parent
CHECKOUT = TESTS.parent
README = (CHECKOUT / "README.md").read_text(encoding="utf-8")

SHOWN = {
    "code frames with the exact span": [
        "report/formats/test_text.py::test_a_report_in_full",
        "report/formats/test_text.py::test_the_exact_span_is_underlined",
        "report/formats/test_text.py::test_wide_characters_and_tabs_keep_the_underline_in_place",
    ],
    "one line a finding": ["report/formats/test_machines.py::test_one_line_a_finding"],
    "JSON with a published schema, and JSON lines": [
        "report/formats/test_json.py::test_the_output_contract",
        "report/formats/test_machines.py::test_each_line_of_json_has_its_kind_and_fits_the_schema",
    ],
    "SARIF with rule help, code flows, fixes, fingerprints and suppressions": [
        "report/formats/test_sarif.py::test_all_sample_applications_fit_the_schema_of_oasis",
        "report/formats/test_sarif.py::test_a_second_tool_reads_it",
        "report/formats/test_sarif.py::test_rules_carry_their_help",
        "report/formats/test_sarif.py::test_the_trace_is_a_code_flow",
        "report/formats/test_sarif.py::test_a_change_is_a_fix",
        "report/formats/test_sarif.py::test_moved_lines_keep_the_fingerprint",
        "report/formats/test_sarif.py::test_suppressed_findings_are_there_only_when_asked_for",
        "report/formats/test_sarif.py::test_places_are_relative_and_count_utf_16",
        "report/formats/test_sarif.py::test_the_limits_of_github",
    ],
    "GitHub's annotations, the gravest first, and escaped": [
        "report/formats/test_machines.py::test_github_shows_the_gravest_first_at_the_exact_span",
        "report/formats/test_machines.py::test_github_commands_cannot_be_forged",
    ],
    "GitLab's code quality, JUnit and Markdown": [
        "report/formats/test_machines.py::test_gitlab_code_quality",
        "report/formats/test_machines.py::test_junit_is_read_by_another_program",
        "report/formats/test_markdown.py::test_a_comment_for_a_pull_request",
    ],
    "a self-contained HTML report": [
        "report/formats/test_html.py::test_nothing_comes_from_outside_and_only_its_own_style_and_script_count",
    ],
    "ignores by comment, for a statement or a file, by code or name, with a reason, and no blanket form": [
        "rules/test_ignores.py::test_forms_of_comments",
        "rules/test_ignores.py::test_flake8s_comments_hold_for_their_own_statement_only",
        "rules/test_ignores.py::test_a_whole_file",
        "rules/test_ignores.py::test_only_the_place_that_a_finding_points_to_counts",
        "rules/test_ignores.py::test_any_line_of_the_statement_or_the_line_above",
        "rules/test_ignores.py::test_no_form_silences_everything_and_a_mistake_is_told",
        "cli/test_check.py::test_per_file_ignores",
    ],
    "unused ignores are reported, and ignores are added by command": [
        "rules/test_ignores.py::test_an_unused_ignore_is_told_with_the_place_of_its_name",
        "cli/test_narrowing.py::test_ignores_are_added",
    ],
    "a baseline without lines: an entry takes out one finding, and stale ones are told": [
        "cli/test_baseline.py::test_an_unrelated_edit_makes_no_finding_new",
        "cli/test_baseline.py::test_one_entry_takes_out_one_finding",
        "cli/test_baseline.py::test_what_is_new_fails_the_run_also_when_it_looks_like_what_is_known",
        "cli/test_baseline.py::test_entries_without_a_finding_are_told_and_pruned",
    ],
    "only what a change causes, with the whole program analysed": [
        "history/test_since.py::test_what_a_change_causes_in_a_file_that_nobody_changed_is_told",
        "history/test_since.py::test_lines_that_moved_did_not_change",
    ],
    "severity, confidence, and a stricter persona": [
        "cli/test_narrowing.py::test_a_level_below_the_failing_one_is_shown_and_does_not_fail",
        "rules/test_findings.py::test_weak_evidence_is_for_the_pedantic",
        "test_ecosystem.py::test_a_stricter_persona",
    ],
    "safe and unsafe fixes, a diff, applied atomically, proved before they are written": [
        "cli/test_fix.py::test_a_diff_is_shown_and_nothing_is_changed",
        "cli/test_fix.py::test_writing_makes_safe_fixes_only_unless_asked",
        "cli/test_fix.py::test_a_file_that_changes_meanwhile_is_left_alone",
        "cli/test_fix.py::test_modes_and_links_stay_as_they_are",
        "fixing/test_rounds.py::test_a_fix_that_does_not_end_its_finding_is_taken_back",
    ],
    "explain, a page a rule with bad and good code, links from the terminal": [
        "cli/test_main.py::test_explain_by_code_and_by_name",
        "documentation/test_site.py::test_a_page_for_every_rule",
        "cli/test_outputs.py::test_rule_codes_are_links_on_terminals_only",
    ],
    "settings in pyproject.toml, unknown keys are errors, a JSON schema for editors": [
        "test_config.py::test_a_mistake_is_told_with_its_file_and_key",
        "documentation/test_settings.py::test_it_is_what_editors_read",
        "documentation/test_settings.py::test_schema_and_program_take_the_same",
    ],
    "models and rules of one's own without code, tested by their own examples": [
        "cli/test_test.py::test_a_rule_and_a_model_of_ones_own_find_something",
        "cli/test_test.py::test_an_example_that_does_not_hold_is_told",
    ],
    "a model of a wrapper of one's own is drafted from its source": [
        "drafting/test_draft.py::test_a_mint_of_a_session",
        "drafting/test_draft.py::test_a_check_with_the_model_finds_what_it_found_with_the_source",
    ],
    "hooks for pre-commit that see the whole program, a GitHub Action, snippets for CI": [
        "integration/test_pre_commit.py::test_a_commit_is_stopped_for_what_it_causes_elsewhere",
        "history/test_since.py::test_exclusions_hold_for_files_that_are_passed",
        "integration/test_action.py::test_the_action_fails_where_jwts_are_sessions_and_passes_where_they_are_not",
        "test_readme.py::test_a_job_fails_where_jwts_are_sessions_and_passes_where_they_are_not",
    ],
    "a cache, work in parallel, progress on a terminal only": [
        "sources/test_cache.py::test_an_unchanged_tree_is_neither_parsed_nor_linked",
        "sources/test_cache.py::test_without_a_cache_nothing_is_written",
        "sources/test_workers.py::test_work_is_done_in_other_processes",
        "cli/test_outputs.py::test_progress_is_shown_on_a_terminal_only",
    ],
    "completion, NO_COLOR, exit codes": [
        "integration/test_completion.py::test_the_tabulator_key",
        "cli/test_outputs.py::test_colours_on_a_terminal",
        "cli/test_narrowing.py::test_help_tells_the_exit_statuses",
        "cli/test_narrowing.py::test_strict_ends_with_three_when_a_file_could_not_be_analysed",
        "test_ecosystem.py::test_the_readme_tells_the_exit_statuses",
    ],
    "offline, no telemetry": ["test_ecosystem.py::test_nothing_speaks_to_the_network"],
    "--statistics, --show-files, --show-settings": [
        "cli/test_check.py::test_statistics",
        "cli/test_check.py::test_show_files",
        "cli/test_settings.py::test_where_a_setting_comes_from",
    ],
    "a change cannot weaken its own check": [
        "cli/test_baseline.py::test_the_configuration_names_it",
        "cli/test_check.py::test_rules_of_the_scanned_repository_are_loaded_only_when_it_is_named",
        "rules/test_ignores.py::test_no_comment_is_obeyed_when_told_so",
    ],
    "scanned text controls no terminal, no log and no page": [
        "report/test_registry.py::test_scanned_text_controls_no_terminal",
        "test_hostile.py::test_controls_and_markup_in_the_code_are_told_without_being_obeyed",
    ],
    "a fast start": ["cli/test_main.py::test_a_run_from_the_cache_loads_no_parser_library"],
    "a rule stands in one place": [
        "documentation/test_site.py::test_the_readme_is_up_to_date",
        "rules/test_examples.py::test_a_rule_fires_in_bad_code_and_is_silent_in_good_and_its_fix_mends_it",
    ],
    "names are taken wherever codes are": ["test_ecosystem.py::test_names_are_taken_wherever_codes_are"],
    "no noise about names of fields, no colours in logs": [
        "test_ecosystem.py::test_names_of_fields_are_no_secrets",
        "test_ecosystem.py::test_a_log_gets_no_escape_sequences",
    ],
}


@pytest.mark.parametrize("feature", SHOWN)
def test_a_test_shows_it(feature: str) -> None:
    for one in SHOWN[feature]:
        path, _, name = one.partition("::")
        tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, one


APP = """\
import os

import jwt
from flask import Flask, abort, jsonify, request

from models import User

PASSWORD_FIELD = "password"
SECRET_NAME = "secret"
TOKEN_TYPE = "bearer"
app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json[PASSWORD_FIELD]):
        abort(401)
    token = jwt.encode({"sub": str(user.id), "role": user.role}, os.environ["KEY"], algorithm="HS256")
    response = jsonify(token_type=TOKEN_TYPE)
    response.set_cookie("access_token", token, secure=True, samesite="Lax")
    return response
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def rules(*arguments: str) -> set[str]:
    return set(json.loads(run("check", "--format", "json", *arguments).stdout)["stats"]["rules"])


def test_names_of_fields_are_no_secrets(project: Path) -> None:
    assert rules("--pedantic") == {"JWT101", "JWT105", "JWT201", "JWT303"}


def test_names_are_taken_wherever_codes_are(project: Path) -> None:
    assert rules("--select", "authorization-claim,no-expiry") == {"JWT105", "JWT201"}
    assert "JWT201" not in rules("--ignore", "authorization-claim")
    assert run("explain", "authorization-claim").stdout == run("explain", "JWT201").stdout
    assert "httponly=True" in run("fix", "--select", "script-readable-token-cookie").stdout
    (project / "jwtlint.toml").write_text("[per-file-ignores]\n'app.py' = ['authorization-claim']\n")
    assert "JWT201" not in rules()
    (project / "app.py").write_text(APP.replace('"HS256")', '"HS256")  # jwtlint: ignore[no-expiry, session-by-jwt] -- until spring'))
    assert rules() == {"JWT303"}


def test_a_stricter_persona(project: Path) -> None:
    """A token that no server here makes is reported on demand only."""
    (project / "app.py").unlink()
    (project / "store.js").write_text('export const keep = (token) => localStorage.setItem("auth_token", token);\n')
    assert (run("check").exit_code, run("check", "--pedantic").exit_code) == (0, 1)
    assert rules("--pedantic") == {"JWT301"}


def test_the_readme_tells_the_exit_statuses() -> None:
    assert "Exit status: 0 nothing found that counts, 1 findings, 2 wrong use or configuration, 3 with `--strict`" in README


def test_a_log_gets_no_escape_sequences(project: Path) -> None:
    env = {**os.environ, "CI": "true", "GITHUB_ACTIONS": "true", "TERM": "xterm-256color"}
    for arguments in (["check"], ["check", "--format", "concise"], ["fix"], ["rules"], ["explain", "JWT101"], ["--help"]):
        done = subprocess.run([sys.executable, "-m", "jwtlint", *arguments], env=env, capture_output=True, check=False)
        assert b"\x1b" not in done.stdout + done.stderr and done.stdout, arguments


WATCH = """\
import os
import sys


def note(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.bind", "socket.sendto"):
        with open(os.environ["NOTES"], "a") as file:
            file.write(f"{event} {arguments[1:]}\\n")


sys.addaudithook(note)
"""


COMMANDS = [
    "check",
    "check --show-fixes --format html --output report.html",
    "check --format sarif",
    "baseline",
    "fix",
    "graph",
    "docs --output site",
    "scaffold --diff",
    "rules",
    "explain JWT101",
    "config",
    "cache clear",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_speaks_to_the_network(command: str, project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Python tells of every connection, look-up and message; the processes that a run starts are watched as well."""
    watch = tmp_path_factory.mktemp("watch")
    (watch / "sitecustomize.py").write_text(WATCH)
    env = {**os.environ, "PYTHONPATH": str(watch), "NOTES": str(watch / "notes")}
    subprocess.run([sys.executable, "-m", "jwtlint", *command.split()], env=env, capture_output=True, check=False)
    assert not (watch / "notes").exists(), (watch / "notes").read_text()
    # and it would be noticed
    subprocess.run([sys.executable, "-c", "import socket; socket.getaddrinfo('127.0.0.1', 9)"], env=env, check=True)
    assert (watch / "notes").read_text().startswith("socket.getaddrinfo")
    assert "jwtlint works offline, has no telemetry, and sends nothing to anybody." in README
