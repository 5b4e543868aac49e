"""Leaves a claim out of a token: personal data, or a secret.

Unsafe: other programs, and the front end, may read it. Where code of this application does, there is no fix.
"""

from __future__ import annotations

from jwtlint.editing.claims import application_of, claim_of, readings_of, refuse_readers, remove_claim
from jwtlint.editing.draft import Draft
from jwtlint.editing.recipe import Proposal, Task


def mend(task: Task) -> Proposal:
    """Take the claim out where it enters. Raises :class:`jwtlint.editing.recipe.Refused`."""
    place = task.finding.place
    name = claim_of(task)
    draft = Draft(task.files.tree(place.path))
    remove_claim(task, draft, place, name)
    refuse_readers(readings_of(task, name, application_of(task, place)), name)
    return Proposal(f'leave the claim "{name}" out of the token', "unsafe", (draft,))
