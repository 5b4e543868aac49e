"""Makes a token's cookie unreadable for scripts (HttpOnly, RFC 6265 section 4.1.2.6).

Unsafe where the program says ``httponly=False``: somebody wanted a script to read it. A cookie that a script sets can have no such flag:
it makes room for one that the server sets.
"""

from __future__ import annotations

from jwtlint.editing.browser.sessions import proposal
from jwtlint.editing.cookies import Flag, set_flag
from jwtlint.editing.recipe import Proposal, Task
from jwtlint.facts.web_layout import is_web

FLAG = Flag("http_only", "cookie-http-only", "bool", "True", explicit="unsafe")


def mend(task: Task) -> Proposal:
    """Set the flag where the cookie is set, or in the settings. Raises :class:`jwtlint.editing.recipe.Refused`."""
    return proposal(task) if is_web(task.finding.place.path) else set_flag(task, FLAG)
