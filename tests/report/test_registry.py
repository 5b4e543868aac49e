from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import hostile
import pytest

from jwtlint import report
from jwtlint.report import registry
from jwtlint.report.document import Rendering
from jwtlint.report.escape import UNSAFE

FORMATS = ["concise", "github", "gitlab", "html", "json", "jsonl", "junit", "markdown", "sarif", "text"]


def test_a_format_is_a_module() -> None:
    assert registry.names() == FORMATS
    modules = {path.stem for path in (Path(report.__file__).parent / "formats").glob("*.py")} - {"__init__"}
    assert modules == set(FORMATS)
    with pytest.raises(KeyError):
        registry.find("os")


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_tells_everything(name: str, rendering: Rendering, nothing: Rendering) -> None:
    text = registry.find(name).render(rendering)
    assert text.endswith("\n")
    assert {"JWT101", "JWT105", "JWT201"} <= {code for code in ("JWT101", "JWT105", "JWT201") if code in text}
    if name != "gitlab":
        assert "broken.py" in text
    assert registry.find(name).render(nothing).count("error[") == 0


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_report_gives_the_same_text(name: str, rendering: Rendering) -> None:
    assert registry.find(name).render(rendering) == registry.find(name).render(rendering)


@pytest.mark.parametrize("name", FORMATS)
def test_scanned_text_controls_no_terminal(name: str) -> None:
    text = registry.find(name).render(hostile.rendering())
    # the joiner that keeps names in Markdown from being mentions is ours
    assert [line for line in text.replace("\u2060", "").split("\n") if UNSAFE.search(line)] == []


def test_formats_are_imported_when_they_are_asked_for() -> None:
    code = (
        "import sys, jwtlint.cli.check, jwtlint.report.registry as r; print(len(r.names()));"
        "r.find('concise');"
        "print(sorted(n for n in sys.modules if n.startswith(('jwtlint.report.formats.', 'pygments', 'rich'))))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines() == [str(len(FORMATS)), "['jwtlint.report.formats.concise']"]
