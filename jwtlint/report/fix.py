"""A finding's fix as data for other programs, and as a small diff under the finding."""

from __future__ import annotations

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
