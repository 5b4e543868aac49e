"""Lives in the language of Graphviz. https://graphviz.org/doc/info/lang.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jwtlint.report.escape import visible
from jwtlint.report.story.lives import Life, Stage, State
from jwtlint.report.story.mermaid import MAX_ENTRIES, line

LOOKS: dict[State, str] = {
    "error": 'style="rounded,filled", fillcolor="#fdecea", color="#b3261e"',
    "warning": 'style="rounded,filled", fillcolor="#fff3dc", color="#8a5300"',
    "note": 'style="rounded,filled", fillcolor="#e8f1fb", color="#1a5fa8"',
    "good": 'style="rounded,filled", fillcolor="#e7f5ec", color="#1d6b3a"',
    "plain": 'style="rounded,filled", fillcolor="#f6f7f9", color="#5a6272"',
    "missing": 'style="rounded,dashed", color="#b3261e", fontcolor="#b3261e"',
    "unseen": 'style="rounded,dashed", color="#5a6272", fontcolor="#5a6272"',
}


def document(lives: Sequence[Life], told: str) -> str:
    """One graph with a cluster for each life; ``told`` is what it says when there are none."""
    return "".join(f"{line}\n" for line in lines(lives, told))


def lines(lives: Sequence[Life], told: str) -> Iterator[str]:
    """The graph's lines."""
    yield "digraph jwtlint {"
    yield '  rankdir=LR; node [shape=box, fontname="Helvetica", fontsize=11]; fontname="Helvetica";'
    if not lives:
        yield f"  nothing [label={quoted(told)}];"
    for number, life in enumerate(lives):
        where = f"{life.place.path}:{life.place.line}"
        yield f"  subgraph cluster_{number} {{"
        yield f"    label={quoted(f'{life.title} ({where})')};"
        for stage in life.stages:
            yield f"    {stage.name}_{number} [label={label(stage)}, {LOOKS[stage.state]}];"
        for one, two in zip(life.stages, life.stages[1:]):
            broken = " [style=dashed]" if two.state in ("missing", "unseen") else ""
            yield f"    {one.name}_{number} -> {two.name}_{number}{broken};"
        yield "  }"
    yield "}"


def label(stage: Stage) -> str:
    """A stage's name and entries, each on a line that starts at the left."""
    told = [stage.name.upper(), *(line(entry) for entry in stage.entries[:MAX_ENTRIES])]
    more = len(stage.entries) - MAX_ENTRIES
    if more > 0:
        told.append(f"and {more} more")
    return '"' + "".join(escaped(one) + "\\l" for one in told) + '"'


def quoted(text: str) -> str:
    """A text as a quoted string."""
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """Text inside a quoted string that Graphviz takes as it stands."""
    return visible(text).replace("\\", "\\\\").replace('"', '\\"')
