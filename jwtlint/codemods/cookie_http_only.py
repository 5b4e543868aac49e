"""Makes a token's cookie unreadable for scripts (HttpOnly, RFC 6265 section 4.1.2.6).

Unsafe where the program says ``httponly=False``: somebody wanted a script to read it.
"""

from __future__ import annotations

from jwtlint.editing.cookies import Flag, set_flag
from jwtlint.editing.recipe import Proposal, Task

FLAG = Flag("http_only", "cookie-http-only", "bool", "True", explicit="unsafe")


def mend(task: Task) -> Proposal:
    """Set the flag where the cookie is set, or in the settings. Raises :class:`jwtlint.editing.recipe.Refused`."""
    return set_flag(task, FLAG)
