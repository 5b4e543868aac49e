"""Small programs that are mended in the tests."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from jwtlint.config import Configuration, Options
from jwtlint.fixing.rounds import Outcome, Rounds
from jwtlint.fixing.shadow import Shadow


def mend(
    files: Mapping[str, bytes], codes: Collection[str] | None = None, unsafe: bool = True, max_lifetime: int = 60
) -> tuple[dict[str, bytes], Outcome]:
    """The files after all fixes of some rules, and what came of them."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        for path, data in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(data)
        options = Options(configuration=Configuration(max_lifetime=max_lifetime), cache=False)
        with Shadow(root, options) as shadow:
            outcome = Rounds(shadow, unsafe, codes).run()
            return {path: shadow.read(path) for path in files}, outcome
