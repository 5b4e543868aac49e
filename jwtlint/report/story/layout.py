"""Where everything stands in a drawing of a life: boxes, lines of text, and the ways between the stages. Units are CSS pixels.

A wide drawing has its stages side by side, a narrow one has them one below the other. The widths of letters are estimated, for
no font is at hand; a line breaks early rather than late.
"""

from __future__ import annotations

import textwrap

import msgspec

from jwtlint.report.escape import visible
from jwtlint.report.story.lives import Entry, Life, Stage, State

LETTER = 7.7  # of 13 px text
MONO_LETTER = 6.7  # of 11 px code
LINE = 17
PADDING = 9
RADIUS = 19
COLUMN = 160
GAP = 14
NARROW = 440
MAX_ENTRIES = 5
MAX_LINES = 4


class Box(msgspec.Struct, frozen=True):
    """One entry: its rectangle, its lines of text, the name in it, and its place in short (both may be empty)."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]
    codes: tuple[str, ...]
    place: str
    state: State
    entry: Entry


class Station(msgspec.Struct, frozen=True):
    """One stage: its circle's middle, where its name stands, and its boxes. ``more`` counts entries that are not drawn."""

    stage: Stage
    x: float
    y: float
    name_x: float
    name_y: float
    centered: bool
    boxes: tuple[Box, ...]
    more: int
    more_x: float
    more_y: float


class Way(msgspec.Struct, frozen=True):
    """A line from one stage's circle to the next. ``state`` is that of the stage it leads to."""

    x1: float
    y1: float
    x2: float
    y2: float
    state: State


class Drawing(msgspec.Struct, frozen=True):
    """A whole life, laid out."""

    life: Life
    width: float
    height: float
    stations: tuple[Station, ...]
    ways: tuple[Way, ...]


def wide(life: Life) -> Drawing:
    """The stages side by side."""
    top = RADIUS + 3
    stations = []
    for number, stage in enumerate(life.stages):
        x = number * (COLUMN + GAP) + 1
        middle = x + COLUMN / 2
        boxes, bottom = stacked(stage, x, top + RADIUS + 36, COLUMN)
        more = len(stage.entries) - len(boxes)
        stations.append(Station(stage, middle, top, middle, top + RADIUS + 20, True, boxes, more, middle, bottom + 12))
    height = max(bottom_of(station) for station in stations) + 4
    width = len(life.stages) * (COLUMN + GAP) - GAP + 2
    ways = tuple(
        Way(one.x + RADIUS + 5, top, two.x - RADIUS - 5, top, two.stage.state) for one, two in zip(stations, stations[1:])
    )
    return Drawing(life, width, height, tuple(stations), ways)


def narrow(life: Life) -> Drawing:
    """The stages one below the other."""
    left = 2 * RADIUS + 18
    y: float = 3
    stations = []
    for stage in life.stages:
        boxes, bottom = stacked(stage, left, y + 28, NARROW - left - 1)
        more = len(stage.entries) - len(boxes)
        stations.append(Station(stage, RADIUS + 3, y + RADIUS, left + 1, y + 16, False, boxes, more, left + 1, bottom + 12))
        y = bottom_of(stations[-1]) + 16
    ways = tuple(
        Way(one.x, one.y + RADIUS + 5, two.x, two.y - RADIUS - 5, two.stage.state) for one, two in zip(stations, stations[1:])
    )
    return Drawing(life, NARROW, y - 12, tuple(stations), ways)


def bottom_of(station: Station) -> float:
    """The lowest point of a station."""
    bottom = max((box.y + box.height for box in station.boxes), default=station.name_y)
    return bottom + (18 if station.more else 0)


def stacked(stage: Stage, x: float, y: float, width: float) -> tuple[tuple[Box, ...], float]:
    """The boxes of a stage, one below the other, and where they end."""
    boxes = []
    for entry in stage.entries[:MAX_ENTRIES]:
        lines = wrapped(entry.text, int((width - 2 * PADDING) / LETTER))
        room = int((width - 2 * PADDING) / MONO_LETTER)
        codes = (ending(entry.code, room),) if entry.code else ()
        place = "" if entry.place is None else ending(f"{entry.place.path.rpartition('/')[2]}:{entry.place.line}", room)
        height = 2 * PADDING + LINE * (len(lines) + len(codes) + bool(place)) - 4
        boxes.append(Box(x, y, width, height, lines, codes, place, entry.state, entry))
        y += height + 7
    return tuple(boxes), y - 7


def wrapped(text: str, room: int) -> tuple[str, ...]:
    """A text in lines of so many letters; a word that is longer is cut, and so is what no line is left for."""
    lines = textwrap.wrap(visible(text), room, break_long_words=False, max_lines=MAX_LINES, placeholder=" …") or [""]
    return tuple(line if len(line) <= room else line[: room - 1] + "…" for line in lines)


def ending(text: str, room: int) -> str:
    """A name or place on one line, its beginning cut where it is too long."""
    shown = visible(text)
    return shown if len(shown) <= room else "…" + shown[1 - room :]
