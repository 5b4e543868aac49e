"""The application's own tests that take tokens apart: in what a login hands out after a migration there is nothing to look at."""

from __future__ import annotations

from pathlib import Path

import msgspec

from jwtlint import analysis, scope
from jwtlint.config import Options
from jwtlint.facts.lifecycle import Verification
from jwtlint.migrate.study import Study

TITLE = "this test takes a token apart"
REASON = "if a login handed it out, it stands for a session now and says nothing by itself; ask the application who is logged in"


def tell(study: Study, root: Path, options: Options) -> None:
    """Leave to people the places in tests where tokens are taken apart. Raises :class:`jwtlint.errors.UserError`."""
    with_tests = msgspec.structs.replace(options, configuration=msgspec.structs.replace(options.configuration, include_tests=True))
    known = set(study.told.paths)
    if known.issuperset(file.path for file in scope.files(root, with_tests).files):
        return
    told = analysis.told(root, with_tests)
    places = {fact.place for fact in told.lifecycle.facts if isinstance(fact, Verification)}
    for place in sorted(places):
        if place.path not in known and study.own(place.path):
            study.leave(TITLE, REASON, place)
