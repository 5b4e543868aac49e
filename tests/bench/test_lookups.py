"""The generated look-up is no slower than the fastest of the libraries it stands beside; run by hand: ``pytest -m bench -s``."""

from __future__ import annotations

import pytest
from bench.lookups import CONTENDERS, OTHERS, measure, report


@pytest.mark.bench
def test_look_ups_are_no_slower_than_the_fastest_other_library() -> None:
    figures = measure(100_000, 3)
    print("\n" + report(figures))
    fastest = min(figures[name]["p50"] for name in OTHERS)
    for one in CONTENDERS:
        if one.name.startswith("generated"):
            assert figures[one.name]["p50"] <= fastest, one.name
