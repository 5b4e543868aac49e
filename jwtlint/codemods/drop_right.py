"""Leaves a right (role, permission, scope) out of a token, and reads it from the user's row wherever it was read from the token.

Unsafe: other programs, and the front end, may read the claim. All or nothing: where one of its readers cannot be turned into a read of
the row, there is no fix.
"""

from __future__ import annotations

from jwtlint.editing.claims import application_of, claim_of, entering, readings_of, remove_claim
from jwtlint.editing.draft import Draft
from jwtlint.editing.recipe import Proposal, Task
from jwtlint.editing.rows import read_from_row


def mend(task: Task) -> Proposal:
    """Take the claim out everywhere it enters, and convert its readers. Raises :class:`jwtlint.editing.recipe.Refused`."""
    place = task.finding.place
    name = claim_of(task)
    application = application_of(task, place)
    drafts: dict[str, Draft] = {}

    def draft(path: str) -> Draft:
        return drafts.setdefault(path, Draft(task.files.tree(path)))

    readings = readings_of(task, name, application)
    for reading in readings:
        read_from_row(task, draft(reading.tree.source.path), reading, name, application)
    for one in sorted(entering(task, name, application)) if readings else [place]:
        remove_claim(task, draft(one.path), one, name)
    title = f'leave the claim "{name}" out of the token'
    return Proposal(f"{title} and read it from the user's row" if readings else title, "unsafe", tuple(drafts.values()))
