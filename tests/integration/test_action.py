"""The shell steps of the GitHub Action, run as a runner runs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).resolve().parent.parent.parent
EXPRESSION = re.compile(r"\$\{\{ (\S+) \}\}")


def run_action(folder: Path, action: Path, place: Path, **inputs: str) -> tuple[int, dict[str, str], str, str]:
    """The exit status of the last shell step, the steps' outputs, what was printed, and the job's summary."""
    told = yaml.safe_load((action / "action.yml").read_text(encoding="utf-8"))
    known = {f"inputs.{name}": inputs.get(name, one["default"]) for name, one in told["inputs"].items()}
    place.mkdir()
    summary = place / "summary.md"
    status, printed = 0, ""
    for step in told["runs"]["steps"]:
        if "run" not in step:
            continue
        output = place / f"{step['id']}.output"
        output.touch()
        given = {name: EXPRESSION.sub(lambda found: known[found[1]], value) for name, value in step["env"].items()}
        runner = {
            "RUNNER_TEMP": str(place),
            "GITHUB_OUTPUT": str(output),
            "GITHUB_STEP_SUMMARY": str(summary),
            "GITHUB_ACTION_PATH": str(action),
        }
        command = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=folder, env={**os.environ, **runner, **given}, capture_output=True, text=True, check=False)
        status, printed = done.returncode, printed + done.stdout
        for line in output.read_text().splitlines():
            name, _, value = line.partition("=")
            known[f"steps.{step['id']}.outputs.{name}"] = value
        if status:
            break
    return status, known, printed, summary.read_text(encoding="utf-8") if summary.exists() else ""


def test_the_action_fails_where_jwts_are_sessions_and_passes_where_they_are_not(distribution: Path, tmp_path: Path) -> None:
    for fixture, expected in (("react-context-axios", 1), ("react-cookie-session", 0)):
        shutil.copytree(CHECKOUT / "fixtures" / fixture, tmp_path / fixture)
        subprocess.run(["git", "init", "-q", tmp_path / fixture], check=True)
        place = tmp_path / f"{fixture}-runner"
        status, known, printed, summary = run_action(tmp_path / fixture, distribution, place, python=sys.executable)
        assert status == expected, printed
        results = json.loads(Path(known["steps.check.outputs.sarif"]).read_text(encoding="utf-8"))["runs"][0]["results"]
        assert bool(results) is bool(expected)
        assert ("::error" in printed) is bool(expected)
        assert ("JWT101" in summary) is bool(expected) and summary
