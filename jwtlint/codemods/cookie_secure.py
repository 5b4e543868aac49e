"""Keeps a token's cookie off plain HTTP (Secure, RFC 6265 section 4.1.2.5). Browsers treat ``http://localhost`` as secure enough."""

from __future__ import annotations

from jwtlint.editing.cookies import Flag, set_flag
from jwtlint.editing.recipe import Proposal, Task

FLAG = Flag("secure", "cookie-secure", "bool", "True", explicit="safe")


def mend(task: Task) -> Proposal:
    """Set the flag where the cookie is set, or in the settings. Raises :class:`jwtlint.editing.recipe.Refused`."""
    return set_flag(task, FLAG)
