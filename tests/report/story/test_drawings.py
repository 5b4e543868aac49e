"""Drawings of lives: nothing overlaps, text stays text, and other programs read them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from itertools import combinations
from pathlib import Path

import hostile
import pytest

from jwtlint.analysis import examine
from jwtlint.config import Options
from jwtlint.report.story import dot, layout, mermaid, svg
from jwtlint.report.story.layout import Drawing
from jwtlint.report.story.lives import Life, lives

FIXTURES = Path(__file__).resolve().parents[3] / "fixtures"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def all_lives() -> list[Life]:
    """The lives of all tokens of all sample applications."""
    report = examine(FIXTURES, Options(cache=False))
    return lives(report, ("session", "one-time", "service", "federation", "unknown"))


@pytest.mark.parametrize("lay", [layout.wide, layout.narrow])
def test_nothing_overlaps_and_nothing_sticks_out(all_lives: list[Life], lay: object) -> None:
    assert len(all_lives) > 100
    for life in all_lives:
        drawing = lay(life)  # type: ignore[operator]
        assert isinstance(drawing, Drawing)
        boxes = [box for station in drawing.stations for box in station.boxes]
        for box in boxes:
            assert 0 <= box.x and box.x + box.width <= drawing.width
            assert 0 <= box.y and box.y + box.height <= drawing.height
        for one, two in combinations(boxes, 2):
            apart = one.x + one.width <= two.x or two.x + two.width <= one.x or one.y + one.height <= two.y or two.y + two.height <= one.y
            assert apart, (one, two)


def test_entries_without_room_are_counted(all_lives: list[Life]) -> None:
    life = max(all_lives, key=lambda one: max(len(stage.entries) for stage in one.stages))
    station = max(layout.wide(life).stations, key=lambda one: len(one.stage.entries))
    assert len(station.boxes) == layout.MAX_ENTRIES and station.more == len(station.stage.entries) - layout.MAX_ENTRIES > 0
    assert f"and {station.more} more" in svg.document([life], "")


def test_a_missing_stage_is_drawn_broken() -> None:
    report = examine(FIXTURES / "fastapi-pyjwt-wrapper", Options(cache=False))
    root = ElementTree.fromstring(svg.document(lives(report), ""))
    states = [one.attrib["class"] for one in root.iter(f"{SVG}g") if one.attrib.get("class", "").startswith("station")]
    assert states == [f"station {state}" for state in ("error", "warning", "note", "note", "good", "error", "missing")]
    ways = [one.attrib["class"] for one in root.iter(f"{SVG}line")]
    assert ways[-1] == "way missing"
    assert {"stage", "place", "code"} <= {one.attrib.get("class") for one in root.iter(f"{SVG}text")}


def test_hostile_text_stays_text() -> None:
    found = lives(hostile.rendering().report, ("session", "one-time"))
    root = ElementTree.fromstring(svg.document(found, ""))
    known = ("svg", "style", "rect", "text", "tspan", "g", "line", "circle", "path", "title")
    assert {one.tag for one in root.iter()} <= {SVG + name for name in known}
    assert any("<img src=x" in (one.text or "") for one in root.iter(f"{SVG}title"))
    chart = mermaid.document(found, "")
    labels = re.findall(r'"([^"]*)"', chart)
    assert chart.count('"') == 2 * len(labels)
    assert all(re.sub(r"</?b>|<br/>|#\d+;", "", label).isprintable() for label in labels)
    assert all("<" not in re.sub(r"</?b>|<br/>", "", label) and "`" not in label for label in labels)
    graph = dot.document(found, "")
    for line in graph.splitlines():
        assert re.fullmatch(r'([^"\\]|"([^"\\]|\\.)*")*', line), line


def test_mermaid_and_graphviz_tell_the_same_story() -> None:
    report = examine(FIXTURES / "fastapi-pyjwt-wrapper", Options(cache=False))
    found = lives(report)
    chart, graph = mermaid.document(found, ""), dot.document(found, "")
    assert chart.startswith("flowchart TB\n") and graph.startswith("digraph jwtlint {\n")
    assert "trusted0 -.-> revoked0" in chart and "trusted_0 -> revoked_0 [style=dashed];" in graph
    assert "claims0 --> delivered0" in chart and "claims_0 -> delivered_0;" in graph
    assert chart.count(":::") == graph.count("style=\"rounded") == 7


def test_nothing_to_draw() -> None:
    told = "No session by JWT was found."
    assert told in svg.document([], told)
    assert told in mermaid.document([], told).replace("#46;", ".")
    assert told in dot.document([], told)
    ElementTree.fromstring(svg.document([], told))
