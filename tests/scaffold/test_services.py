"""What binds the generated store to an application."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CODE = Path(__file__).resolve().parents[2] / "jwtlint/scaffold/code"
CACHED = sorted(CODE.glob("service_*_cached.py"))


@pytest.mark.parametrize("service", CACHED, ids=lambda path: path.stem)
def test_no_request_waits_long_for_redis(service: Path) -> None:
    calls = [node for node in ast.walk(ast.parse(service.read_text())) if isinstance(node, ast.Call)]
    (made,) = [one for one in calls if isinstance(one.func, ast.Attribute) and one.func.attr == "from_url"]
    limits = {one.arg: ast.literal_eval(one.value) for one in made.keywords if one.arg in ("socket_timeout", "socket_connect_timeout")}
    assert len(limits) == 2 and all(0 < seconds <= 1 for seconds in limits.values())


def test_there_are_services_with_redis() -> None:
    assert len(CACHED) >= 6
