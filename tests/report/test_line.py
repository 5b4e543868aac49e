from __future__ import annotations

import subprocess
import sys

from jwtlint.report.line import Line, colored, plain, width


def test_a_line_without_and_with_colours() -> None:
    line = Line("error", "bold red").append(": [red]text[/red]").append(" end", "default")
    assert plain([line, Line("")]) == "error: [red]text[/red] end\n\n"
    text = colored([line])
    assert text.startswith("\x1b[1;31merror") and "[red]text[/red]" in text
    assert text.endswith("\n") and "\x1b[39m end" in text.replace("\x1b[1;39m", "\x1b[39m")


def test_blanks_at_the_end_are_stripped_over_parts() -> None:
    line = Line("  1 | ", "blue").append("x = 1  ", "default").append("  ").stripped()
    assert line.plain == "  1 | x = 1"
    assert Line("   ").stripped().plain == ""


def test_wide_characters_take_two_columns() -> None:
    assert [width("ab"), width("日本"), width("é")] == [2, 4, 1]


def test_without_colours_rich_is_not_imported() -> None:
    code = "import sys, jwtlint.report.formats.text; print([name for name in sys.modules if name.startswith('rich')])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"
