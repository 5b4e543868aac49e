"""Takes ``none`` off the list of algorithms that a verifier accepts (RFC 8725 section 3.2).

Unsafe: tokens without a signature, which somebody may be sending, are refused from then on.
"""

from __future__ import annotations

import libcst

from jwtlint.editing.code import names_in, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.functions import only_assignment
from jwtlint.editing.layout import without
from jwtlint.editing.recipe import Proposal, Refused, Task
from jwtlint.editing.tokens import api_of, argument, call_at, event_at, events


def mend(task: Task) -> Proposal:
    """Remove the element. Raises :class:`Refused`."""
    if any(event.step.place == task.finding.place for event in events(task, "mint")):
        raise Refused("a token that was never signed needs a key first, and which one is to be decided")
    event = event_at(task, "verification", task.finding.place)
    tree = task.files.tree(task.finding.place.path)
    call = call_at(tree, task.finding.place)
    given = argument(api_of(task, event.detail("library"), "verify", call), "algorithms", call)
    if given is None:
        raise Refused("the list of algorithms does not stand in this call")
    value: libcst.BaseExpression = given.value
    if isinstance(value, libcst.Name):
        for index, statement in enumerate(tree.module.body):
            if value.value in names_in(statement):
                assignment = only_assignment(statement, value.value)
                if assignment is not None and assignment.value is not None:
                    tree.spans(index)
                    value = assignment.value
                    break
    if not isinstance(value, libcst.List | libcst.Tuple | libcst.Set):
        raise Refused("the algorithms are no list that stands in the code")
    bad = [element for element in value.elements if (text_of(element.value) or "").lower() == "none"]
    if len(bad) != 1 or len(value.elements) < 2:
        raise Refused("no algorithm would be left; which one the tokens are signed with is to be decided")
    draft = Draft(tree)
    draft.replace(value, value.with_changes(elements=without(value.elements, bad[0])))
    return Proposal("accept no unsigned token", "unsafe", (draft,))
