"""Takes a session token out of the browser's storage: requests go out with the cookie that the server sets (OWASP ASVS 5.0, 3.3.4).

Unsafe: the server has to set the cookie, to accept it, and to allow credentials where the front end lies at another origin.
"""

from __future__ import annotations

from jwtlint.editing.browser.sessions import proposal
from jwtlint.editing.recipe import Proposal, Task


def mend(task: Task) -> Proposal:
    """Change all uses of the token's key. Raises :class:`jwtlint.editing.recipe.Refused`."""
    return proposal(task)
