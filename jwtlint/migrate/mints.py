"""Where session tokens are made: ``jwt.encode(…)`` becomes ``token_for(jwt.encode(…))``.

A helper that makes session tokens and others too (``create_token(claims)`` for logins and for password resets) is left as it is; what
is wrapped then are its calls on the way from logins.
"""

from __future__ import annotations

import libcst

from jwtlint.editing.code import last_name
from jwtlint.editing.draft import Draft
from jwtlint.editing.functions import function_of
from jwtlint.editing.recipe import Refused
from jwtlint.editing.tree import descendants
from jwtlint.facts.lifecycle import Mint, Place
from jwtlint.linker.bridged import MINTING
from jwtlint.migrate.calls import Bridge, wrapped
from jwtlint.migrate.libraries import ADAPTED
from jwtlint.migrate.plan import Step
from jwtlint.migrate.study import Study

NAME = "token_for"


def wrap_mints(study: Study, bridge: Bridge) -> None:
    """Wrap every mint of a session token."""
    for mint in study.mints():
        if ADAPTED.get(mint.library) in MINTING:
            continue
        for place in places(study, mint):
            try:
                wrap(study, bridge, mint, place)
            except Refused as refused:
                study.leave("hand out a stand-in where this token is made", refused.reason, place)


def places(study: Study, mint: Mint) -> list[Place]:
    """What to wrap: the mint, unless tokens of another purpose come from it as well; then the calls that lead to session tokens only."""
    ways = study.ways(mint.place)
    others = [way for way in ways if way.purpose not in ("session", "unknown")]
    if not others:
        return [mint.place]
    shared = {call for way in others for call in way.calls}
    found: list[Place] = []
    for way in ways:
        if way.purpose != "session":
            continue
        own = [call for call in way.calls if call not in shared]
        if not own:
            study.leave(
                "hand out a stand-in where this token is made", "the same call makes tokens that are no sessions; part the two", mint.place
            )
            continue
        # the call nearest to the mint gives the token itself; one further out may give it inside of something
        if own[-1] not in found:
            found.append(own[-1])
    return found


def wrap(study: Study, bridge: Bridge, mint: Mint, place: Place) -> None:
    """Wrap the call at a place. Raises :class:`Refused`."""
    draft = study.draft(place.path)
    call = draft.tree.at(place, libcst.Call)
    if call is None or (place == mint.place and study.api(mint.library, "mint", call) is None):
        raise Refused(f"{mint.library} makes it by configuration")
    around = draft.tree.parents.get(call)
    if isinstance(around, libcst.Arg) and is_call_of(draft.tree.parents.get(around), NAME):
        return
    if isinstance(around, libcst.Await):
        raise Refused("the token is waited for; wrap what is waited for by hand")
    api = study.api(mint.library, "mint", call)
    if place == mint.place and api is not None and api.returns not in ("token", ""):
        texts = [one for one in texts_of(draft, call) if one not in draft.replacements]
        if not texts:
            raise Refused("the call gives an object, and where it becomes text is not known")
    else:
        texts = [call]
    for one in texts:
        around = draft.tree.parents.get(one)
        if not (isinstance(around, libcst.Arg) and is_call_of(draft.tree.parents.get(around), NAME)):
            draft.replace(one, wrapped(bridge.name(draft, NAME, one), one))
    roles = {way.role for way in study.ways(mint.place) if way.purpose == "session"}
    kind = "session" if len(roles) != 1 or "either" in roles else roles.pop()
    study.step(Step("mint", place, f"put a stand-in for the {kind} token in its place: {NAME}(…)", mint.reasons[:2]))


def texts_of(draft: Draft, call: libcst.Call) -> list[libcst.Call]:
    """Where a token object becomes text in the function that makes it: ``str(token)``, ``str(token.access_token)``."""
    assignment = draft.tree.around(call, libcst.Assign)
    function = function_of(draft.tree, call)
    names: set[str] = set()
    if assignment is not None and assignment.value is call:
        names = {target.target.value for target in assignment.targets if isinstance(target.target, libcst.Name)}
    found: list[libcst.Call] = []
    for node in descendants(function) if function is not None else ():
        if isinstance(node, libcst.Call) and isinstance(node.func, libcst.Name) and node.func.value == "str" and len(node.args) == 1:
            value = node.args[0].value
            while isinstance(value, libcst.Attribute):
                value = value.value
            if value is call or (isinstance(value, libcst.Name) and value.value in names):
                found.append(node)
    return found


def is_call_of(node: libcst.CSTNode | None, name: str) -> bool:
    """Whether a node is a call of a generated function."""
    return isinstance(node, libcst.Call) and last_name(node.func) == name

