"""The front end: tokens that scripts keep in the browser's storage are given up for the session's cookie."""

from __future__ import annotations

from pathlib import Path

from jwtlint import analysis
from jwtlint.config import Options
from jwtlint.editing.browser.sessions import moved_tokens
from jwtlint.migrate.plan import Step
from jwtlint.migrate.study import Study
from jwtlint.rules import models


def moved(study: Study, root: Path, options: Options) -> dict[str, tuple[bytes, bytes]]:
    """The changed files, with their bytes before and after. What is left to people is noted."""
    report = analysis.examine(root, options)
    wanted = [finding for finding in report.findings if finding.rule in ("JWT301", "JWT302", "JWT303")]
    if not wanted:
        return {}
    found = moved_tokens(wanted, study.files, models.load_web(examples=False))
    for finding in found.done:
        study.step(Step("front-end", finding.place, "the browser keeps the cookie in the place of this token"))
    if found.done:
        study.leave(
            "let the front end's origin send the cookie, if it is not the server's own",
            "which origins are yours is known to you: trusted_origins in the sessions' settings.py, and CORS with credentials",
        )
    for finding, reason in found.left:
        study.leave("keep no token in the browser here", reason, finding.place)
    for place in found.decoded:
        study.leave("read nothing out of the token here", "what the server hands out from now on says nothing by itself", place)
    return {path: (study.files.data(path) or b"", after) for path, after in found.files.items()}
