"""Run with ``pytest -m bench -s``: prints times beside ruff's, and asserts only what does not depend on the machine."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.measure import measure_made, measure_web

MEBIBYTES = 300


@pytest.mark.bench
def test_a_large_tree(tmp_path: Path) -> None:
    figures = measure_made(tmp_path)
    print("\n" + "\n".join(figures.lines()))
    assert (figures.files, figures.parsed) == (5_000, 50)
    cold = figures.runs["cold (--no-cache)"]
    assert {run.output for run in cold} == {run.output for run in figures.runs["warm"]}
    assert {run.status for run in cold} == {1}
    for kind, runs in figures.runs.items():
        if kind.startswith("changed"):
            assert {run.output for run in runs} == {run.output for run in cold}
    assert max(run.memory for runs in figures.runs.values() for run in runs) < MEBIBYTES


@pytest.mark.bench
def test_a_large_front_end(tmp_path: Path) -> None:
    figures = measure_web(tmp_path)
    print("\n" + "\n".join(figures.lines()))
    assert (figures.files, figures.parsed) == (3_000, 30)
    cold = figures.runs["cold (--no-cache)"]
    assert {run.output for run in cold} == {run.output for run in figures.runs["warm"]}
    assert {run.status for run in cold} == {1}
    assert max(run.memory for runs in figures.runs.values() for run in runs) < MEBIBYTES
