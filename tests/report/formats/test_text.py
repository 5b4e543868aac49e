from __future__ import annotations

import msgspec
import pytest
from handmade import lifecycle, place

from jwtlint.facts.lifecycle import Place
from jwtlint.report.document import Rendering, build
from jwtlint.report.escape import UNSAFE
from jwtlint.report.formats import text
from jwtlint.report.frame import frame
from jwtlint.report.style import Style
from jwtlint.sources.failures import FileError
from jwtlint.sources.text import Texts


def render(rendering: Rendering, style: Style) -> str:
    return text.render(msgspec.structs.replace(rendering, style=style))


def framed(source: str, where: Place) -> list[str]:
    return [line.plain for line in frame(Texts(None, {"app.py": source.encode()}), where, "here", "red")]


def test_the_exact_span_is_underlined() -> None:
    assert framed("a = 1\nb = f(x)\n", place(2, 4, 8)) == ["   1 | a = 1", "   2 | b = f(x)", "     |     ^^^^ here"]


def test_wide_characters_and_tabs_keep_the_underline_in_place() -> None:
    assert framed("\t漢 = é()\n", place(1, 7, 11)) == ["   1 |  漢 = é()", "     |       ^^^ here"]


def test_control_characters_are_written_out_and_underlined() -> None:
    assert framed('x("\x1b[31m")\n', place(1, 2, 9)) == ['   1 | x("\\x1b[31m")', "     |   ^^^^^^^^^^ here"]


def test_a_long_span_shows_its_first_lines() -> None:
    lines = framed("f(\n  1,\n  2,\n  3,\n  4,\n)\n", Place("app.py", 1, 0, 6, 1))
    assert lines[-2:] == ["   4 |   3,", "     |   ^^ here (to line 6)"]


def test_a_long_line_is_cut_around_the_span() -> None:
    source, underline = framed("x" * 5000 + "token" + "y" * 5000, place(1, 5000, 5005))
    assert len(source) < 160 and "token" in source
    assert underline.index("^") == source.index("token")
    assert underline.rstrip().endswith("^^^^^ here")


@pytest.mark.parametrize("where", [place(1, 500, 600), place(99), Place("app.py", 1, 3, 99, 1), Place("none.py", 1, 0, 1, 1)])
def test_a_file_that_changed_meanwhile_is_no_error(where: Place) -> None:
    framed("short\n", where)


def test_a_report_in_full(rendering: Rendering) -> None:
    assert render(rendering, Style()).splitlines()[:10] == [
        'warning[JWT201] authorization-claim: the claim "role" freezes what the user may do until the token expires',
        "   --> app.py:5:23",
        "   4 | def login(user):",
        '   5 |     claims = {"é": 1, "role": user.role}  # \\x1b[31m [red]',
        "     |                       ^^^^^^ claim enters here",
        "   ::: app.py:6:12",
        "   6 |     return jwt.encode(",
        "     |            ^^^^^^^^^^^ token minted here (to line 9)",
        "     = to mend it: Leave rights out of the token and read them from the database where they are",
        "       needed; one indexed read costs less than a millisecond.",
    ]


def test_the_summary(rendering: Rendering) -> None:
    assert render(rendering, Style()).splitlines()[-8:] == [
        "not read: broken.py:3: it is not valid Python (invalid syntax)",
        "",
        "JWTs are used as sessions here.",
        "  ✗ Sessions are revoked only by what was built around the JWT: 1 × JWT101, 1 × JWT105.",
        "  ✗ Claims go stale: 1 × JWT201.",
        "  ✓ No place was found where a token is easily stolen.",
        "3 findings in 12 files, of which 2 mattered; 1 file could not be read.",
        "`jwtlint explain JWT201` tells more about a rule, `jwtlint fix` shows what can be mended.",
    ]


def test_nothing_found() -> None:
    told = render(Rendering(build(lifecycle(), [], [], 1, 0), Texts(None)), Style())
    assert "JWTs are used as sessions here." in told  # the handmade program says so
    assert told.endswith("0 findings in 1 file, of which 0 mattered.\n")


def test_quiet_prints_one_line_a_finding(rendering: Rendering) -> None:
    lines = render(rendering, Style(quiet=True)).splitlines()
    assert lines[0] == 'app.py:5:23: warning[JWT201] the claim "role" freezes what the user may do until the token expires'
    assert len(lines) == 4
    assert lines[3] == "broken.py:3: it is not valid Python (invalid syntax)"


def test_verbose_gives_the_reasons(rendering: Rendering) -> None:
    assert "it is minted in the handler login (app.py:4:1)" in render(rendering, Style(verbose=True))
    assert "fingerprint: " + rendering.report.findings[0].fingerprint in render(rendering, Style(verbose=True))
    assert "why (high confidence)" not in render(rendering, Style())


def test_statistics_take_the_place_of_the_findings(rendering: Rendering) -> None:
    told = render(rendering, Style(statistics=True)).splitlines()
    assert told[:5] == [
        "    1  JWT101  session-by-jwt",
        "    1  JWT105  no-expiry",
        "    1  JWT201  authorization-claim",
        "",
        "not read: broken.py:3: it is not valid Python (invalid syntax)",
    ]
    assert told[-2].startswith("3 findings in 12 files")
    short = render(rendering, Style(statistics=True, quiet=True)).splitlines()
    assert short == [*told[:3], "broken.py:3: it is not valid Python (invalid syntax)"]


def test_colour_only_when_asked_for(rendering: Rendering) -> None:
    assert "\x1b" not in render(rendering, Style())
    assert "\x1b[1;31merror[JWT101]" in render(rendering, Style(color=True))


def test_a_remedy_is_told_once() -> None:
    from handmade import claim

    from jwtlint.rules import catalogue
    from jwtlint.rules.findings import find

    facts = lifecycle(claim("role"), claim("plan", place=place(2)))
    texts = Texts(None, {"app.py": b"a\nb\n"})
    findings = find(catalogue.load(), facts, texts, {"max-lifetime": 3600})
    told = render(Rendering(build(facts, findings, [], 1, 1), texts, catalogue.load), Style())
    assert told.count("to mend it: Leave rights out") == 1


def test_hostile_names_cannot_speak_to_the_terminal() -> None:
    report = build(lifecycle(), [], [FileError("a\x1b]0;title\x07.py", "it\u202e is [bold]broken", 1)], 1, 0)
    for style in (Style(), Style(quiet=True)):
        told = render(Rendering(report, Texts(None)), style)
        assert all(UNSAFE.search(line) is None for line in told.split("\n"))
        assert "[bold]broken" in told
