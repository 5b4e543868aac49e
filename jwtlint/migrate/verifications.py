"""Where session tokens come back: ``jwt.decode(token, …)`` becomes ``claims_of(token, lambda: jwt.decode(token, …))``."""

from __future__ import annotations

import libcst

from jwtlint.editing.code import argument_named, text_of
from jwtlint.editing.recipe import Refused
from jwtlint.editing.tree import descendants
from jwtlint.facts.lifecycle import Mint, Verification
from jwtlint.migrate.calls import Bridge, wrapped
from jwtlint.migrate.libraries import ADAPTED
from jwtlint.migrate.mints import is_call_of
from jwtlint.migrate.plan import Step
from jwtlint.migrate.study import Study

NAME = "claims_of"


def wrap_verifications(study: Study, bridge: Bridge) -> None:
    """Wrap every verification of a session token."""
    for fact in study.verifications():
        if fact.library in ADAPTED:
            continue
        if fact.purpose == "unknown" and not could_be_session(study, fact):
            continue
        try:
            wrap(study, bridge, fact)
        except Refused as refused:
            study.leave("look the session up where this token is verified", refused.reason, fact.place)


def could_be_session(study: Study, fact: Verification) -> bool:
    """Whether session tokens may get to a verification of which nobody knows: no token of another purpose is made in its application
    by the same library."""
    return not any(
        isinstance(other, Mint) and other.application == fact.application and other.purpose not in ("session", "unknown")
        for other in study.told.lifecycle.facts
    )


def wrap(study: Study, bridge: Bridge, fact: Verification) -> None:
    """Wrap one call. Raises :class:`Refused`."""
    draft = study.draft(fact.place.path)
    tree = draft.tree
    call = tree.at(fact.place, libcst.Call)
    api = study.api(fact.library, "verify", call) if call is not None else None
    if call is None or api is None:
        raise Refused(f"{fact.library} verifies it by configuration")
    if is_call_of(tree.around(call, libcst.Call), NAME):
        return
    if api.returns != "claims" or api.claims_at or api.fills:
        raise Refused("what the call gives is no plain dictionary of claims")
    given = argument_named(call, api.args["token"].keywords, api.args["token"].pos) if "token" in api.args else None
    if given is None:
        raise Refused("the token does not stand in this call")
    acting = libcst.Await | libcst.NamedExpr | libcst.Yield
    if any(isinstance(node, acting) for node in descendants(call)):
        raise Refused("the call waits for something; give that a name first")
    keywords = []
    if ignores_expiry(call):
        keywords.append("expired=None")
    if fact.purpose == "unknown":
        # what may be another token than a session's is never exchanged for one
        keywords.append("exchange=False")
    name = bridge.name(draft, NAME, call)
    draft.replace(call, wrapped(name, call, tree.code(given.value), lazy=True, keywords=keywords))
    study.step(Step("verify", fact.place, f"look the session up in {NAME}(…)", fact.reasons[:2]))


def ignores_expiry(call: libcst.Call) -> bool:
    """Whether a call asks its library not to look at ``exp``."""
    for node in descendants(call):
        if isinstance(node, libcst.DictElement) and text_of(node.key) == "verify_exp":
            return isinstance(node.value, libcst.Name) and node.value.value == "False"
    return False
