"""Gives a session token an ``exp`` (RFC 7519 section 4.1.4): 15 minutes ahead, or 14 days for a refresh token.

Unsafe: tokens were valid for ever, and clients may not know how to get a new one.
"""

from __future__ import annotations

import libcst

from jwtlint.editing.code import expression, is_literal, keyword, quoted, text_of
from jwtlint.editing.draft import Draft
from jwtlint.editing.functions import only_assignment, scope_of
from jwtlint.editing.layout import with_argument, with_entry, without_argument
from jwtlint.editing.recipe import Proposal, Refused, Task
from jwtlint.editing.tokens import api_of, argument, call_at, event_at
from jwtlint.editing.tree import Tree

MINUTES = 15
REFRESH_DAYS = 14
TAKES_DATETIME = frozenset({"pyjwt", "python-jose", "authlib", "joserfc"})


def mend(task: Task) -> Proposal:
    """Add the claim where the claims stand. Raises :class:`Refused`."""
    event = event_at(task, "mint", task.finding.place)
    tree = task.files.tree(task.finding.place.path)
    call = call_at(tree, task.finding.place)
    library = event.detail("library")
    api = api_of(task, library, "mint", call)
    draft = Draft(tree)
    refresh = event.detail("role") == "refresh"
    length = f"days={REFRESH_DAYS}" if refresh else f"minutes={MINUTES}"
    title = f"let the token expire after {REFRESH_DAYS} days" if refresh else f"let the token expire after {MINUTES} minutes"
    lifetime = argument(api, "lifetime", call)
    if lifetime is not None and is_literal(lifetime.value):
        if api.lifetime_default is not None:
            # ``expires_delta=False``: the library's own default is a short one
            draft.replace(call, without_argument(call, lifetime))
            return Proposal("let the token expire when the library lets it", "unsafe", (draft,))
        draft.replace(lifetime.value, expression(f"{draft.imports.name('datetime', 'timedelta')}({length})"))
        return Proposal(title, "unsafe", (draft,))
    if lifetime is None and "lifetime" in api.args and api.expiry_claim and api.args["lifetime"].keywords:
        value = f"{draft.imports.name('datetime', 'timedelta')}({length})"
        draft.replace(call, with_argument(call, keyword(api.args["lifetime"].keywords[0], value)))
        return Proposal(title, "unsafe", (draft,))
    claims = argument(api, "claims", call)
    if claims is None:
        raise Refused("the claims do not stand in this call")
    add_claim(draft, claims.value, moment(draft, str(library), length, refresh), library in TAKES_DATETIME)
    return Proposal(title, "unsafe", (draft,))


def moment(draft: Draft, library: str, length: str, refresh: bool) -> str:
    """The expression for the moment of expiry, as the library takes it."""
    if library in TAKES_DATETIME:
        datetime = draft.imports.name("datetime", "datetime")
        zone = draft.imports.name("datetime", "timezone")
        delta = draft.imports.name("datetime", "timedelta")
        return f"{datetime}.now({zone}.utc) + {delta}({length})"
    seconds = f"{REFRESH_DAYS} * 24 * 60 * 60" if refresh else f"{MINUTES} * 60"
    return f"int({draft.imports.module('time')}.time()) + {seconds}"


def add_claim(draft: Draft, claims: libcst.BaseExpression, value: str, library_takes_mappings: bool) -> None:
    """Write ``exp`` into a dictionary: one that stands there, or that is assigned to the name once in the same function."""
    tree = draft.tree
    if isinstance(claims, libcst.Name):
        scope = scope_of(tree, claims)
        assignment = only_assignment(scope, claims.value)
        if assignment is not None and isinstance(assignment.value, libcst.Dict | libcst.Call) and is_mapping(assignment.value):
            claims = assignment.value
    if isinstance(claims, libcst.Dict):
        draft.replace(claims, with_entry(claims, libcst.DictElement(expression(f"{quote_of(tree, claims)}"), expression(value))))
        return
    if isinstance(claims, libcst.Call) and is_mapping(claims):
        draft.replace(claims, with_argument(claims, keyword("exp", value)))
        return
    if not isinstance(claims, libcst.Name) or not library_takes_mappings:
        raise Refused("the claims are put together elsewhere")
    # the dictionary is somebody else's, so it is not changed
    draft.replace(claims, expression(f"{{**{claims.value}, {quoted(tree, 'exp')}: {value}}}"))


def is_mapping(node: libcst.Dict | libcst.Call) -> bool:
    """Whether an expression is a new dictionary: a display, or ``dict(...)``."""
    return isinstance(node, libcst.Dict) or (isinstance(node.func, libcst.Name) and node.func.value == "dict")


def quote_of(tree: Tree, claims: libcst.Dict) -> str:
    """``"exp"`` with the quotes of the other claims."""
    for element in claims.elements:
        if isinstance(element, libcst.DictElement) and isinstance(element.key, libcst.SimpleString) and text_of(element.key):
            return f"{element.key.quote}exp{element.key.quote}"
    return quoted(tree, "exp")
