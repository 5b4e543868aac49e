"""A finding's fix as data for other programs, and as a small diff under the finding."""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.report.diff import unified
from jwtlint.report.escape import visible
from jwtlint.report.line import Line
from jwtlint.rules.edited import applied
from jwtlint.rules.fixes import Fix
from jwtlint.sources.text import Texts


def fix_value(fix: Fix | None, texts: Texts) -> dict[str, object] | None:
    """A fix as JSON tells it: lines and columns are 1-based, columns count characters. None where it was not worked out."""
    if fix is None:
        return None
    return {
        "title": fix.title or None,
        "safety": fix.safety,
        "edits": [
            {
                "path": edit.place.path,
                "line": edit.place.line,
                "column": texts.column(edit.place.path, edit.place.line, edit.place.column),
                "end_line": edit.place.end_line,
                "end_column": texts.column(edit.place.path, edit.place.end_line, edit.place.end_column),
                "text": edit.text,
            }
            for edit in fix.edits
        ],
        "recipe": fix.recipe or None,
        "reason": fix.reason or None,
    }


def fix_lines(fix: Fix, texts: Texts, gutter: int) -> Iterator[Line]:
    """A fix under its finding: what it does, how far it is to be trusted, and a small diff; or why there is none."""
    head = Line(f"{' ' * gutter} = ", "blue")
    if not fix.is_available:
        yield head.append("no fix: ", "bold").append(visible(fix.reason), "default")
        return
    yield head.append(f"{fix.safety} fix: ", "bold").append(visible(fix.title), "default")
    for path in fix.paths:
        for line in list(file_diff(fix, path, texts, context=0))[2:]:
            if line.plain.startswith("@@"):
                if len(fix.paths) > 1:
                    yield Line(f"{' ' * gutter}   {visible(path)}", "dim")
                continue
            yield Line(" " * (gutter + 3)).append(line.plain, line.style)


def file_diff(fix: Fix, path: str, texts: Texts, context: int) -> Iterator[Line]:
    """What a fix changes in one of its files, as a unified diff that is safe to print."""
    before = "\n".join(line.decode("utf-8", "replace") for line in texts.lines(path)) + "\n"
    after = applied(before, (edit for edit in fix.edits if edit.place.path == path))
    return unified(path, before, after.replace("\r\n", "\n"), context)
