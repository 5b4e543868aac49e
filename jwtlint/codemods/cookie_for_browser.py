"""Takes a session token out of the browser's storage: requests go out with the cookie that the server sets (OWASP ASVS 5.0, 3.3.4).

Unsafe: the server has to set the cookie, to accept it, and to allow credentials where the front end lies at another origin.
"""

from __future__ import annotations

from jwtlint.editing.browser.front_end import FrontEnd
from jwtlint.editing.browser.move import Move
from jwtlint.editing.browser.sessions import MEDIA, MEDIA_NAMES, key_at
from jwtlint.editing.browser.storage import Storage
from jwtlint.editing.recipe import Proposal, Refused, Task
from jwtlint.facts.web_layout import is_web


def mend(task: Task) -> Proposal:
    """Change all uses of the token's key. Raises :class:`jwtlint.editing.recipe.Refused`."""
    finding = task.finding
    if not is_web(finding.place.path):
        raise Refused("the script that stores the token is part of a Python file")
    medium = MEDIA[finding.rule]
    task.files.script(finding.place.path)
    storage = Storage(FrontEnd(task.files, finding.place.path, task.web_models()), medium)
    key = key_at(storage, finding.place)
    drafts = Move(storage, key).make()
    return Proposal(f"send a cookie in place of {key} from {MEDIA_NAMES[medium]}", "unsafe", tuple(drafts))
