"""Has a decision rest on the user's row, as it is now, in the place of a claim, as it was when the token was minted.

Unsafe: whoever held a right only by the token loses it. The row has to be loaded already where the claim is read.
"""

from __future__ import annotations

from jwtlint.editing.claims import application_of, claim_of, reading_at
from jwtlint.editing.draft import Draft
from jwtlint.editing.recipe import Proposal, Refused, Task
from jwtlint.editing.rows import read_from_row


def mend(task: Task) -> Proposal:
    """Read the row instead. Raises :class:`Refused` where it is not loaded."""
    place = task.finding.place
    tree = task.files.tree(place.path)
    claim = claim_of(task)
    reading = reading_at(tree, place, claim)
    if reading is None:
        raise Refused("the claim is read in a form that is not known")
    draft = Draft(tree)
    read_from_row(task, draft, reading, claim, application_of(task, place))
    return Proposal(f'decide by the user\'s row, not by the claim "{claim}"', "unsafe", (draft,))
