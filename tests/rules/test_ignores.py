"""What a comment can silence, and what is told of one that silences nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from jwtlint.analysis import examine
from jwtlint.config import Configuration, Options
from jwtlint.facts.lifecycle import Place
from jwtlint.report.document import Report
from jwtlint.rules import catalogue, ignores
from jwtlint.rules.findings import Finding
from jwtlint.sources.text import Texts

APP = """\
import os

import jwt
from flask import Flask, abort, jsonify, request

from models import User

app = Flask(__name__)


@app.post("/login")
def login():
    user = User.query.filter_by(email=request.json["email"]).first()
    if user is None or not user.check_password(request.json["password"]):
        abort(401)
    claims = {"sub": str(user.id), "role": user.role}{claims}
    {above}
    token = jwt.encode({first}
        claims,  {middle}
        os.environ["KEY"],
        algorithm="HS256",
    ){last}
    return jsonify(access_token=token){body}
{end}
"""
MINT = {"JWT101", "JWT105"}
ALL = {"JWT101", "JWT105", "JWT201", "JWT308"}


def check(tmp_path: Path, options: Options | None = None, name: str = "app.py", **comments: str) -> Report:
    """Scan the application with comments at some of its places."""
    text = APP
    for place in ("claims", "above", "first", "middle", "last", "body", "end"):
        comment = comments.get(place, "")
        text = text.replace(f"{{{place}}}", f"  {comment}" if comment and place not in ("above", "end") else comment)
    (tmp_path / name).write_text(text)
    return examine(tmp_path, options or Options(cache=False))


def told(report: Report) -> set[str]:
    return set(report.stats.rules)


def test_without_a_comment_everything_is_told(tmp_path: Path) -> None:
    report = check(tmp_path)
    assert told(report) == ALL
    assert report.suppressed == ()


@pytest.mark.parametrize("place", ["above", "first", "middle", "last"])
def test_any_line_of_the_statement_or_the_line_above(tmp_path: Path, place: str) -> None:
    report = check(tmp_path, **{place: "# jwtlint: ignore[JWT101, no-expiry] -- until spring"})
    assert told(report) == ALL - MINT
    assert {finding.rule for finding in report.suppressed} == MINT
    (suppression,) = report.suppressed[0].suppressions
    assert (suppression.kind, suppression.reason) == ("comment", "until spring")
    assert report.verdict.session_by_jwt and report.verdict.revocation


def test_another_statement_is_not_silenced(tmp_path: Path) -> None:
    # above, but behind code of its own; and below
    report = check(tmp_path, claims="# jwtlint: ignore[JWT101]", body="# jwtlint: ignore[JWT105]")
    assert told(report) == ALL | {"JWT001"}


def test_only_the_place_that_a_finding_points_to_counts(tmp_path: Path) -> None:
    # JWT201 points to the claim, and its label to the mint
    assert "JWT201" in told(check(tmp_path, first="# jwtlint: ignore[JWT201]"))
    assert "JWT201" not in told(check(tmp_path, claims="# jwtlint: ignore[JWT201]"))


@pytest.mark.parametrize(
    ("comment", "silent"),
    [
        ("# noqa: JWT101", {"JWT101"}),
        ("# noqa: E501, JWT101 JWT105", MINT),
        ("#NOQA:JWT101,E501", {"JWT101"}),
        ("# noqa: E501  # jwtlint: ignore[JWT101]", {"JWT101"}),
        ("# jwtlint: ignore[jwt101]", {"JWT101"}),
        ("# jwtlint:ignore[session-by-jwt]", {"JWT101"}),
        ("# type: ignore[x]  # jwtlint: ignore[JWT101] reason  # noqa: JWT105", MINT),
        ("# noqa", set()),
        ("# noqa: E501", set()),
        ("# see jwtlint: ignore[JWT101]", set()),
    ],
)
def test_forms_of_comments(tmp_path: Path, comment: str, silent: set[str]) -> None:
    assert told(check(tmp_path, first=comment)) == ALL - silent


def test_flake8s_comments_hold_for_their_own_statement_only(tmp_path: Path) -> None:
    assert told(check(tmp_path, above="# noqa: JWT101")) == ALL | {"JWT001"}


@pytest.mark.parametrize(
    ("comment", "problem"),
    [
        ("# jwtlint: ignore", "it names no rule; write ignore[JWT101]"),
        ("# jwtlint: ignore[] -- all of it", "it names no rule; write ignore[JWT101]"),
        ("# jwtlint: ignore[JWT999]", 'there is no rule "JWT999"'),
        ("# jwtlint: ignore[JWT1]", '"JWT1" stands for several rules; name each of them'),
        ("# jwtlint: ignore[no-expire]", 'there is no rule "no-expire"; did you mean "no-expiry"?'),
        ("# jwtlint: ingore[JWT101]", '"ingore" is no instruction; did you mean "ignore"?'),
        ("# jwtlint: ignore-file[JWT101]", "what holds for the whole file stands on a line of its own"),
        ("# noqa: JWT999", 'there is no rule "JWT999"'),
    ],
)
def test_no_form_silences_everything_and_a_mistake_is_told(tmp_path: Path, comment: str, problem: str) -> None:
    report = check(tmp_path, first=comment)
    assert told(report) == ALL | {"JWT002"}
    (finding,) = (finding for finding in report.findings if finding.rule == "JWT002")
    assert finding.message.startswith(f"this comment is not obeyed: {problem}")


def test_a_whole_file(tmp_path: Path) -> None:
    report = check(tmp_path, end="# jwtlint: ignore-file[JWT101, JWT201] -- a demonstration")
    assert told(report) == ALL - {"JWT101", "JWT201"}
    assert {one.suppressions[0].kind for one in report.suppressed} == {"file-comment"}


def test_a_text_in_a_string_silences_nothing(tmp_path: Path) -> None:
    assert told(check(tmp_path, end="HELP = '''\n# jwtlint: ignore-file[JWT101]\n'''")) == ALL


def test_an_unused_ignore_is_told_with_the_place_of_its_name(tmp_path: Path) -> None:
    report = check(tmp_path, end="x = 1  # jwtlint: ignore[JWT101, JWT308] -- why")
    unused = [finding for finding in report.findings if finding.rule == "JWT001"]
    lines = (tmp_path / "app.py").read_text().splitlines()
    assert [lines[one.place.line - 1][one.place.column : one.place.end_column] for one in unused] == ["JWT101", "JWT308"]
    assert unused[0].message == "the comment silences JWT101, which finds nothing here"


def test_an_ignore_in_a_file_that_nothing_else_speaks_of_is_told(tmp_path: Path) -> None:
    (tmp_path / "sums.py").write_text("x = 1  # jwtlint: ignore[JWT101]\n")
    report = examine(tmp_path, Options(cache=False))
    assert [(one.rule, one.place.path) for one in report.findings] == [("JWT001", "sums.py")]


@pytest.mark.parametrize(
    "configuration",
    [
        Configuration(select=("JWT2", "JWT0")),
        Configuration(ignore=("JWT101",)),
        Configuration(min_level="error"),
        Configuration(per_file_ignores={"app.py": ("JWT101", "JWT105")}),
    ],
)
def test_an_ignore_of_what_is_left_out_by_other_means_is_not_unused(tmp_path: Path, configuration: Configuration) -> None:
    comment = "# jwtlint: ignore[JWT308]" if configuration.min_level == "error" else "# jwtlint: ignore[JWT101]"
    place = "body" if configuration.min_level == "error" else "first"
    assert "JWT001" not in told(check(tmp_path, Options(configuration=configuration, cache=False), **{place: comment}))


def test_an_ignore_of_what_only_a_pedantic_run_finds_is_not_unused(tmp_path: Path) -> None:
    source = "import jwt\n\n\ndef make(user, key):\n    return jwt.encode({'sub': user.id}, key, algorithm='HS256')"
    (tmp_path / "tokens.py").write_text(f"{source}\n")
    pedantic = Options(configuration=Configuration(pedantic=True), cache=False)
    found = {one.rule for one in examine(tmp_path, pedantic).findings}
    assert "JWT101" in found and examine(tmp_path, Options(cache=False)).findings == ()
    (tmp_path / "tokens.py").write_text(f"{source}  # jwtlint: ignore[JWT101] -- a link\n")
    assert examine(tmp_path, Options(cache=False)).findings == ()
    assert {one.rule for one in examine(tmp_path, pedantic).findings} == found - {"JWT101"}


def test_unused_is_not_told_where_only_some_files_are_scanned(tmp_path: Path) -> None:
    options = Options(paths=("app.py",), cache=False)
    assert "JWT001" not in told(check(tmp_path, options, end="x = 1  # jwtlint: ignore[JWT103]"))


def test_no_comment_is_obeyed_when_told_so(tmp_path: Path) -> None:
    options = Options(ignores=False, cache=False)
    report = check(tmp_path, options, first="# jwtlint: ignore[JWT101] -- x", end="# jwtlint: ignore[JWT308]")
    assert told(report) == ALL and report.suppressed == ()


def test_comments_count_from_the_cache_too(tmp_path: Path, own_cache: Path) -> None:
    first = check(tmp_path, Options(), first="# jwtlint: ignore[JWT101] -- x", end="y = 1  # jwtlint: ignore[JWT308]")
    again = examine(tmp_path, Options())
    assert again == first and told(again) == (ALL - {"JWT101"}) | {"JWT001"}
    # another file's comment changes, and nothing that matters to the tokens
    (tmp_path / "sums.py").write_text("x = 1  # jwtlint: ignore[JWT101]\n")
    assert len(examine(tmp_path, Options()).findings) == len(first.findings) + 1


# -- pages and scripts: by hand, for here the comments are what is asked about ----------------------------------------


def finding(path: str, line: int, end_line: int = 0) -> Finding:
    place = Place(path, line, 0, end_line or line, 5)
    return Finding(
        rule="JWT301", name="token-in-local-storage", failure="theft", level="error", confidence="high", message="m", place=place
    )


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.js", "// jwtlint: ignore[JWT301] -- x\nlocalStorage.t = t", 2),
        ("a.ts", "localStorage.t = t // jwtlint: ignore[token-in-local-storage]", 1),
        ("a.tsx", "<p>\n{/* jwtlint: ignore[JWT301] -- x */}\n<a onClick={() => store(t)}/>", 3),
        ("a.vue", "<script>\n// jwtlint: ignore[JWT301]\nlocalStorage.t = t\n</script>", 3),
        ("a.html", "<!-- jwtlint: ignore[JWT301] -- x -->\n<a onclick='store(t)'>", 2),
        ("a.html", "<script>\n{# jwtlint: ignore[JWT301] -- x #}\nlocalStorage.t = '{{ t }}'\n</script>", 3),
        ("a.jinja", "{# jwtlint: ignore-file[JWT301] -- x #}\n\n<a onclick='store(t)'>", 3),
        ("a.js", "/*\n * jwtlint: ignore-file[JWT301] -- x\n */\n\nlocalStorage.t = t", 5),
    ],
)
def test_pages_and_scripts(path: str, text: str, line: int) -> None:
    rules = catalogue.load()
    silence = ignores.silence([finding(path, line)], (), [path], rules, {"JWT301"}, Texts(None, {path: text.encode()}))
    (marked,) = silence.findings
    assert [one.kind for one in marked.suppressions] == ["file-comment" if "ignore-file" in text else "comment"]
    assert marked.suppressions[0].reason in ("x", "")
    assert [fact.state for fact in silence.facts] == ["used"]


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.js", "const help = '// jwtlint: ignore[JWT301]'; localStorage.t = t", 1),
        ("a.js", "localStorage.t = `\n// jwtlint: ignore[JWT301]\n${t}`", 3),
        ("a.html", "<p title='<!-- jwtlint: ignore[JWT301] -->' onclick='store(t)'>", 1),
        ("a.html", "// jwtlint: ignore[JWT301]\n<p onclick='store(t)'>", 2),
    ],
)
def test_texts_in_pages_and_scripts_silence_nothing(path: str, text: str, line: int) -> None:
    silence = ignores.silence([finding(path, line)], (), [path], catalogue.load(), {"JWT301"}, Texts(None, {path: text.encode()}))
    assert silence.findings[0].suppressions == () and silence.facts == ()
