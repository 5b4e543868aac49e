"""Fixes the algorithm that a verifier accepts to the one that the application signs with (RFC 8725 section 3.1).

Safe: only tokens that nobody of this application signed are refused. The header that was read for its ``alg`` only is not read any more.
"""

from __future__ import annotations

import libcst

from jwtlint.editing.code import keyword, last_name, names_in, quoted, replaceable
from jwtlint.editing.draft import Draft
from jwtlint.editing.functions import only_assignment, readings, scope_of
from jwtlint.editing.layout import with_argument
from jwtlint.editing.recipe import Proposal, Refused, Task
from jwtlint.editing.tokens import algorithm_of, api_of, argument, call_at, event_at, events, same_expression
from jwtlint.editing.tree import Tree


def mend(task: Task) -> Proposal:
    """Pass ``algorithms=[...]``. Raises :class:`Refused` where the algorithm is not known."""
    event = event_at(task, "verification", task.finding.place)
    if event.detail("external_issuer"):
        raise Refused("another issuer signs these tokens, so its documentation has to say with which algorithm")
    tree = task.files.tree(task.finding.place.path)
    call = call_at(tree, task.finding.place)
    library = event.detail("library")
    api = api_of(task, library, "verify", call)
    if "algorithms" not in api.args or not api.args["algorithms"].keywords:
        raise Refused("this call of the library takes no list of algorithms")
    name = algorithm_of(task, event.story)
    draft = Draft(tree)
    value = f"[{constant_for(task, event.story.application, tree) or quoted(tree, name)}]"
    given = argument(api, "algorithms", call)
    title = f"pin {api.args['algorithms'].keywords[0]}={value}"
    if given is None or (given.keyword is None and is_switch(given.value)):
        draft.replace(call, with_argument(call, keyword(api.args["algorithms"].keywords[0], value)))
    else:
        draft.replace(given.value, replaceable(given.value, value))
        forget_header(draft, given.value)
    return Proposal(title, "safe", (draft,))


def is_switch(node: libcst.BaseExpression) -> bool:
    """Whether a positional argument is PyJWT 1's ``verify``, which stands where PyJWT 2 has the algorithms."""
    return isinstance(node, libcst.Name) and node.value in ("True", "False")


def constant_for(task: Task, application: str, tree: Tree) -> str | None:
    """The constant that names the algorithm where tokens are minted, if it is known in this file too."""
    for event in events(task, "mint", application):
        try:
            source = task.files.tree(event.step.place.path)
            mint = call_at(source, event.step.place)
            given = argument(api_of(task, event.detail("library"), "mint", mint), "algorithm", mint)
            if given is not None and isinstance(given.value, libcst.Name | libcst.Attribute):
                return same_expression(Draft(tree), source, given.value)
        except Refused:
            continue
    return None


def forget_header(draft: Draft, old: libcst.BaseExpression) -> None:
    """Take out the reading of the header that nothing uses any more."""
    tree = draft.tree
    scope = scope_of(tree, old)
    for name in set(names_in(old)):
        assignment = only_assignment(scope, name)
        if (
            assignment is not None
            and isinstance(assignment.value, libcst.Call)
            and "header" in last_name(assignment.value.func)
            and len(readings(scope, name)) == 2
        ):
            draft.remove_statement(assignment)
