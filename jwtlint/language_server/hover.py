"""What is shown beside a finding when somebody points at it: what is wrong, and the rule's page."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types

from jwtlint.language_server.messages import Mark, RulePage
from jwtlint.language_server.positions import Positions
from jwtlint.report.escape import markdown

CODE = re.compile(r"JWT[0-9]{3}")


def hover(marks: Sequence[tuple[Mark, types.Range]], pages: dict[str, RulePage], formats: Sequence[types.MarkupKind]) -> types.Hover | None:
    """The hover for the marks at one position; None for none. ``formats`` are those that the client shows, the best first."""
    if not marks:
        return None
    kind = best(formats)
    parts: list[str] = []
    told: set[str] = set()
    for mark, _ in marks:
        page = pages.get(mark.rule)
        if page is None:
            continue
        if kind is types.MarkupKind.Markdown:
            title = f"[{page.title}]({page.address})" if page.address else page.title
            parts += [f"**{title}**", markdown(mark.message)]
        else:
            parts += [mark.message]
        if mark.rule not in told:
            told.add(mark.rule)
            parts.append(page.markdown if kind is types.MarkupKind.Markdown else page.plain.rstrip("\n"))
    ranges = [one for _, one in marks]
    smallest = min(ranges, key=lambda one: (one.end.line - one.start.line, one.end.character - one.start.character))
    return types.Hover(types.MarkupContent(kind, "\n\n".join(parts)), smallest)


def comment_hover(
    line: str, number: int, units: int, positions: Positions, pages: dict[str, RulePage], formats: Sequence[types.MarkupKind]
) -> types.Hover | None:
    """The page of a rule whose code stands in a comment to jwtlint, on the line ``number`` (from 0) at ``units``; None elsewhere."""
    if "jwtlint:" not in line and "noqa" not in line:
        return None
    for found in CODE.finditer(line):
        start, end = positions.units(line[: found.start()]), positions.units(line[: found.end()])
        page = pages.get(found.group())
        if page is not None and start <= units <= end:
            kind = best(formats)
            text = f"**{page.title}**\n\n{page.markdown}" if kind is types.MarkupKind.Markdown else page.plain.rstrip("\n")
            return types.Hover(types.MarkupContent(kind, text), types.Range(types.Position(number, start), types.Position(number, end)))
    return None


def best(formats: Sequence[types.MarkupKind]) -> types.MarkupKind:
    """The form of text that a client shows best."""
    return types.MarkupKind.Markdown if types.MarkupKind.Markdown in formats else types.MarkupKind.PlainText
