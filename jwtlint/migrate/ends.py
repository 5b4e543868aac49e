"""Where sessions end: calls of ``log_out()`` and ``password_changed(…)`` in the handlers that the story names.

A call stands right after the statement that makes the change, so that it is made only where the change is. Without a user that can be
named there is no call, and the plan says so.
"""

from __future__ import annotations

import re

import libcst

from jwtlint.editing.draft import Draft
from jwtlint.editing.recipe import Refused
from jwtlint.editing.tree import descendants
from jwtlint.facts.lifecycle import Handler, HandlerRole, Place
from jwtlint.migrate.calls import Bridge, first_statement
from jwtlint.migrate.changes import Change, find_change, switches
from jwtlint.migrate.plan import Step
from jwtlint.migrate.study import Study
from jwtlint.scaffold.choice import Choice, UserModel

CALLS: dict[HandlerRole, str] = {
    "logout": "log_out",
    "password-change": "password_changed",
    "role-change": "role_changed",
}


def end_sessions(study: Study, bridge: Bridge, choice: Choice, rights_are_fresh: bool) -> None:
    """Add the calls to all handlers that need one. An account that is deleted needs none, as its sessions go with it; in Django one that
    is switched off needs none either, since the generated app listens to that."""
    looked_at: set[Place] = set()
    for handler in study.handlers():
        if choice.framework != "django" and handler.role != "logout" and handler.place not in looked_at:
            looked_at.add(handler.place)
            end_account(study, bridge, handler, choice.user)
        if handler.role not in CALLS or (handler.revokes and handler.role != "logout"):
            continue
        if handler.role == "role-change" and rights_are_fresh:
            continue  # what a request may do is read from the user's row from now on
        try:
            end(study, bridge, handler)
        except Refused as refused:
            study.leave(f"end the sessions in {handler.name} ({handler.role.replace('-', ' ')})", refused.reason, handler.place)


def end(study: Study, bridge: Bridge, handler: Handler) -> None:
    """Add the call to one handler. Raises :class:`Refused`."""
    draft = study.draft(handler.place.path)
    function = function_at(draft, handler)
    name = CALLS[handler.role]
    code = draft.tree.code(function.body)
    if re.search(rf"\b{name}\(", code):
        return
    if handler.role == "logout":
        first = first_statement(function)
        if first is None:
            raise Refused("the handler has no body on lines of its own")
        called = bridge.name(draft, name, first)
        is_docstring = function.get_docstring(clean=False) is not None and first is function.body.body[0]
        draft.insert(first, f"{called}()\n", after=is_docstring)
        study.step(Step("end", handler.place, f"{handler.name} ends the session: {name}()", handler.reasons[:1]))
        return
    change = find_change(study, draft, function, handler.role)
    if change is None:
        raise Refused("whose sessions they are cannot be told from the handler; call " + name + "(user) after the change is made")
    call = add_call(bridge, draft, change, name)
    study.step(Step("end", handler.place, f"{handler.name} ends the other sessions: {call}", handler.reasons[:1]))


def end_account(study: Study, bridge: Bridge, handler: Handler, user: UserModel) -> None:
    """Add the call where a handler may switch an account off: each request is refused then, but its sessions would come back with it."""
    try:
        draft = study.draft(handler.place.path)
        function = function_at(draft, handler)
        if re.search(r"\baccount_ended\(", draft.tree.code(function.body)):
            return
        for change in switches(study, draft, function, user.active, user.inactive):
            call = add_call(bridge, draft, change, "account_ended")
            study.step(Step("end", handler.place, f"{handler.name} ends all sessions of an account that is switched off: {call}"))
    except Refused as refused:
        if handler.role not in CALLS:  # else the same is told of the other call
            study.leave(f"end the sessions in {handler.name} where it switches an account off", refused.reason, handler.place)


def add_call(bridge: Bridge, draft: Draft, change: Change, name: str) -> str:
    """Write a call with the user behind a change; gives its code. Raises :class:`Refused`."""
    call = f"{bridge.name(draft, name, change.statement)}({change.user})"
    indented = f"if {change.test}:\n{draft.tree.module.default_indent}{call}\n"
    draft.insert(change.statement, indented if change.test else f"{call}\n", after=True)
    return call


def function_at(draft: Draft, handler: Handler) -> libcst.FunctionDef:
    """The function of a handler. Raises :class:`Refused`."""
    tree = draft.tree
    index = tree.statement_at(handler.place.line)
    if index is not None:
        name = handler.name.rpartition(".")[2]
        spans = tree.spans(index)
        for node in descendants(tree.module.body[index]):
            if isinstance(node, libcst.FunctionDef) and node.name.value == name:
                first, last = spans[node][0], spans[node][2]
                if first - len(node.decorators) - 30 <= handler.place.line <= last and spans[node.name][0] >= handler.place.line - 30:
                    return node
    raise Refused("the handler is not found in its file")
