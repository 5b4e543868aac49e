"""A life as SVG: an element to stand in a page, and a file of its own.

An element carries classes only; :func:`stylesheet` gives them their looks, in light and in dark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from jwtlint.report.escape import xml
from jwtlint.report.story import layout
from jwtlint.report.story.layout import RADIUS, Box, Drawing, Station
from jwtlint.report.story.lives import Entry, Life, StageName, State

# strokes on a grid of 24 by 24
ICONS: dict[StageName, str] = {
    "minted": "M12 3v4M12 17v4M3 12h4M17 12h4M6 6l2.5 2.5M15.5 15.5 18 18M18 6l-2.5 2.5M8.5 15.5 6 18",
    "claims": "M5 7h14M5 12h14M5 17h9",
    "delivered": "M4 12h15M13 6l6 6-6 6",
    "stored": "M4 7c0-4 16-4 16 0s-16 4-16 0v10c0 4 16 4 16 0V7M4 12c0 4 16 4 16 0",
    "verified": "M12 3l8 3v6c0 5-4 8-8 9-4-1-8-4-8-9V6zM8.5 12l2.5 2.5 4.5-5",
    "trusted": "M4 15a4 4 0 1 0 8 0a4 4 0 1 0-8 0M11 12l9-9M16 7l3.5 3.5",
    "revoked": "M12 4v8M7 6.5a7.5 7.5 0 1 0 10 0",
}
SPOKEN: dict[State, str] = {
    "error": "error",
    "warning": "warning",
    "note": "note",
    "good": "good",
    "plain": "",
    "missing": "missing",
    "unseen": "not seen",
}

Link = Callable[[Entry], str]


def stylesheet() -> str:
    """The looks of a drawing, in CSS."""
    return (Path(__file__).parent / "story.css").read_text(encoding="utf-8")


def element(drawing: Drawing, link: Link | None = None, classes: str = "", name: str = "") -> str:
    """A drawing as an element of a page.

    ``link`` gives the address that an entry leads to, or an empty text. ``name`` is what it is called when it is read aloud.
    """
    return "".join(parts(drawing, link, classes, name))


def document(lives: Sequence[Life], told: str) -> str:
    """Lives one below the other in a file of its own; ``told`` is what it says when there are none."""
    drawings = [layout.wide(life) for life in lives]
    width = max((drawing.width for drawing in drawings), default=520) + 48
    y = 30.0
    inside = []
    for drawing in drawings:
        life = drawing.life
        where = f"{life.place.path}:{life.place.line}"
        inside.append(f'<text class="life-title" x="24" y="{y:g}">{xml(life.title)} <tspan class="life-place">{xml(where)}</tspan></text>')
        inside.append(f'<text class="life-summary" x="24" y="{y + 22:g}">{xml(life.summary)}</text>')
        inside.append(f'<g transform="translate(24 {y + 40:g})">{element(drawing)}</g>')
        y += drawing.height + 100
    if not drawings:
        inside.append(f'<text class="life-title" x="24" y="{y:g}">{xml(told)}</text>')
        y += 30
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{y:g}" viewBox="0 0 {width:g} {y:g}" class="life-document">'
    body = "\n".join(inside)
    return f'{head}\n<style>{stylesheet()}</style>\n<rect class="life-ground" width="100%" height="100%"/>\n{body}\n</svg>\n'


def parts(drawing: Drawing, link: Link | None, classes: str, name: str) -> Iterator[str]:
    """The pieces of an element, in the order in which it is read aloud."""
    life = drawing.life
    size = f'width="{drawing.width:g}" height="{drawing.height:g}" viewBox="0 0 {drawing.width:g} {drawing.height:g}"'
    name = name or f"{life.title}, {life.place.path}:{life.place.line}. {life.summary}"
    yield f'<svg {size} class="life {classes}" role="group" aria-label="{xml(name)}">'
    for way in drawing.ways:
        yield f'<line class="way {way.state}" x1="{way.x1:g}" y1="{way.y1:g}" x2="{way.x2:g}" y2="{way.y2:g}"/>'
    for station in drawing.stations:
        yield from station_parts(station, link)
    yield "</svg>"


def station_parts(station: Station, link: Link | None) -> Iterator[str]:
    """A stage: the circle with its icon, its name, and its boxes."""
    stage = station.stage
    x, y = station.x, station.y
    yield f'<g class="station {stage.state}">'
    yield f'<circle class="disc" cx="{x:g}" cy="{y:g}" r="{RADIUS}"/>'
    yield f'<path class="icon" transform="translate({x - 10:g} {y - 10:g}) scale(.8333)" d="{ICONS[stage.name]}"/>'
    anchor = ' text-anchor="middle"' if station.centered else ""
    yield f'<text class="stage" x="{station.name_x:g}" y="{station.name_y:g}"{anchor}>{stage.name}</text></g>'
    for box in station.boxes:
        yield from box_parts(box, link)
    if station.more:
        yield f'<text class="more" x="{station.more_x:g}" y="{station.more_y:g}"{anchor}>and {station.more} more</text>'


def box_parts(box: Box, link: Link | None) -> Iterator[str]:
    """An entry: a box that leads to its finding, if it has one."""
    address = link(box.entry) if link is not None else ""
    yield f'<a href="{xml(address)}" class="box {box.state}">' if address else f'<g class="box {box.state}">'
    spoken = SPOKEN[box.state]
    place = box.entry.place
    title = ": ".join(part for part in (spoken, box.entry.text, box.entry.code) if part)
    if place is not None:
        title += f" ({place.path}:{place.line})"
    yield f"<title>{xml(title)}</title>"
    yield f'<rect x="{box.x:g}" y="{box.y:g}" width="{box.width:g}" height="{box.height:g}" rx="7"/>'
    yield f'<rect class="edge" x="{box.x:g}" y="{box.y:g}" width="4" height="{box.height:g}" rx="2"/>'
    y = box.y + layout.PADDING + 9
    for line in box.lines:
        yield f'<text x="{box.x + layout.PADDING + 3:g}" y="{y:g}">{xml(line)}</text>'
        y += layout.LINE
    for code in box.codes:
        yield f'<text class="code" x="{box.x + layout.PADDING + 3:g}" y="{y - 1:g}">{xml(code)}</text>'
        y += layout.LINE
    if box.place:
        yield f'<text class="place" x="{box.x + layout.PADDING + 3:g}" y="{y - 1:g}">{xml(box.place)}</text>'
    yield "</a>" if address else "</g>"
