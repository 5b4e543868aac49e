"""Keeps a token's cookie out of other sites' requests (SameSite=Lax, RFC 6265bis section 5.6.7).

Unsafe where the program says ``samesite="none"``: a front end on another site may rest on it.
"""

from __future__ import annotations

from jwtlint.editing.cookies import Flag, set_flag
from jwtlint.editing.recipe import Proposal, Task

FLAG = Flag("same_site", "cookie-same-site", "str", '"Lax"', explicit="unsafe")


def mend(task: Task) -> Proposal:
    """Set the attribute where the cookie is set, or in the settings. Raises :class:`jwtlint.editing.recipe.Refused`."""
    return set_flag(task, FLAG)
