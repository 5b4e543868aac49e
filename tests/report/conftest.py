from __future__ import annotations

import pytest
from handmade import claim, lifecycle, mint, place, verification

from jwtlint.facts.lifecycle import Lifecycle, Place, Reason
from jwtlint.report.document import Rendering, build
from jwtlint.rules import catalogue
from jwtlint.rules.findings import find
from jwtlint.sources.failures import FileError
from jwtlint.sources.text import Texts

SOURCE = """\
import jwt


def login(user):
    claims = {"é": 1, "role": user.role}  # \x1b[31m [red]
    return jwt.encode(
        claims,
        KEY,
    )
"""


@pytest.fixture
def rendering() -> Rendering:
    """A report with findings, evidence, a story and an error."""
    minted = Place("app.py", 6, 11, 9, 5)
    reason = Reason("it is minted in the handler login", place(4))
    story = lifecycle(
        mint(place=minted, expiry="missing", reasons=(reason, Reason("no place")), trace=(reason, Reason("token minted here", minted))),
        claim("role", place=Place("app.py", 5, 23, 5, 29)),
        verification(place=place(7, 8, 14), token="v", revocation="epoch"),
    )
    texts = Texts(None, {"app.py": SOURCE.encode()})
    rules = catalogue.load()
    findings = find(rules, story, texts, {"max-lifetime": 3600})
    report = build(story, findings, [FileError("broken.py", "it is not valid Python (invalid syntax)", 3)], 12, 2)
    return Rendering(report, texts, lambda: rules)


@pytest.fixture
def nothing() -> Rendering:
    """A report about a program in which nothing was found."""
    return Rendering(build(Lifecycle((), {}), [], [], 4, 0), Texts(None), catalogue.load)
