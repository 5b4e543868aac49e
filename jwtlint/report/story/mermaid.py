"""Lives as a Mermaid flow chart, which GitHub and GitLab draw in Markdown. https://mermaid.js.org/syntax/flowchart.html"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jwtlint.report.escape import visible
from jwtlint.report.story.lives import Entry, Life, Stage, State

MAX_ENTRIES = 6
STYLES: dict[State, str] = {
    "error": "fill:#fdecea,stroke:#b3261e,color:#1b1f27",
    "warning": "fill:#fff3dc,stroke:#8a5300,color:#1b1f27",
    "note": "fill:#e8f1fb,stroke:#1a5fa8,color:#1b1f27",
    "good": "fill:#e7f5ec,stroke:#1d6b3a,color:#1b1f27",
    "plain": "fill:#f6f7f9,stroke:#5a6272,color:#1b1f27",
    "missing": "fill:#ffffff,stroke:#b3261e,color:#b3261e,stroke-dasharray:4 4",
    "unseen": "fill:#ffffff,stroke:#5a6272,color:#5a6272,stroke-dasharray:4 4",
}


def document(lives: Sequence[Life], told: str) -> str:
    """One flow chart with a row for each life; ``told`` is what it says when there are none."""
    return "".join(f"{line}\n" for line in lines(lives, told))


def lines(lives: Sequence[Life], told: str) -> Iterator[str]:
    """The chart's lines."""
    yield "flowchart TB"
    if not lives:
        yield f'  nothing["{quoted(told)}"]'
    for number, life in enumerate(lives):
        where = f"{life.place.path}:{life.place.line}"
        yield f'  subgraph life{number}["{quoted(f"{life.title} ({where})")}"]'
        yield "    direction LR"
        for stage in life.stages:
            yield f'    {stage.name}{number}["{label(stage)}"]:::{stage.state}'
        for one, two in zip(life.stages, life.stages[1:]):
            arrow = "-.->" if two.state in ("missing", "unseen") else "-->"
            yield f"    {one.name}{number} {arrow} {two.name}{number}"
        yield "  end"
    for state, style in STYLES.items():
        if any(stage.state == state for life in lives for stage in life.stages):
            yield f"  classDef {state} {style}"


def label(stage: Stage) -> str:
    """A stage's name and entries, as HTML that Mermaid takes."""
    told = [f"<b>{stage.name}</b>", *(quoted(line(entry)) for entry in stage.entries[:MAX_ENTRIES])]
    more = len(stage.entries) - MAX_ENTRIES
    return "<br/>".join([*told, f"and {more} more"] if more > 0 else told)


def line(entry: Entry) -> str:
    """An entry on one line; what is missing is marked, for a line has no border."""
    mark = {"missing": "✗ ", "good": "✓ "}.get(entry.state, "")
    return f"{mark}{entry.text}" + (f" ({entry.code})" if entry.code else "")


def quoted(text: str) -> str:
    """Text inside a quoted label: every character that could end it, or be HTML or Markdown, is written as an entity code."""
    return "".join(one if one.isalnum() or one in " .,:;/-✓✗" else f"#{ord(one)};" for one in visible(text))
