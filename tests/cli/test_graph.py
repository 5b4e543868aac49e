from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jwtlint.cli import main

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["graph", *(str(argument) for argument in arguments)])


def test_the_lives_of_sessions_as_svg() -> None:
    result = run(FIXTURES / "fastapi-pyjwt-wrapper")
    assert result.exit_code == 0
    told = "".join(ElementTree.fromstring(result.stdout).itertext())
    assert "Access token app/core/security.py:19" in told
    assert "logout" not in told and "a new password ends nothing" in told


@pytest.mark.parametrize(("form", "start"), [("mermaid", "flowchart TB\n"), ("dot", "digraph jwtlint {\n")])
def test_other_forms(form: str, start: str, tmp_path: Path) -> None:
    target = tmp_path / "lives"
    result = run(FIXTURES / "fastapi-pyjwt-wrapper", "--format", form, "--output", target)
    assert (result.exit_code, result.stdout) == (0, "")
    assert target.read_text(encoding="utf-8").startswith(start)


def test_other_tokens_are_drawn_when_asked_for() -> None:
    folder = FIXTURES / "django-sessions-invites"
    assert "No session by JWT was found." in run(folder).stdout
    assert run(folder, "--all").stdout.count(">One-time token ") == 2


def test_wrong_use_is_one_sentence(tmp_path: Path) -> None:
    result = run(tmp_path / "none")
    assert result.exit_code == 2 and "there is no file or folder" in result.stderr
    result = run(tmp_path, "--output", tmp_path / "no/such/folder")
    assert result.exit_code == 2 and "cannot be written" in result.stderr
