"""Ways in which tokens come to be made: the calls that lead to each mint, what each way's token is for, and what fills its claims.

Rules ask for less: they see one fact for a token. Who rewrites a program has to know which calls make which token.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from jwtlint.facts.lifecycle import ClaimCategory, Place, Purpose, TokenRole
from jwtlint.linker.evaluate import Evaluator
from jwtlint.linker.tokens import ClaimEntry, Context, Mint
from jwtlint.linker.values import Instance, Member, Values


class ClaimOrigin(msgspec.Struct, frozen=True):
    """What fills a claim: ``attributes`` are the path that is read (``("role", "value")`` for ``user.role.value``), empty where nothing
    is known of it. ``whole``: an object of the program as it is."""

    name: str
    category: ClaimCategory
    attributes: tuple[str, ...] = ()
    whole: bool = False


class Way(msgspec.Struct, frozen=True):
    """One way to a mint. ``calls`` are the calls of the program's own functions on it, the one nearest to the handler first."""

    mint: Place
    purpose: Purpose
    role: TokenRole
    calls: tuple[Place, ...]
    claims: tuple[ClaimOrigin, ...]


def way(mint: Mint, context: Context, purpose: Purpose, evaluator: Evaluator) -> Way:
    """One context of a mint."""
    calls = tuple(
        evaluator.place(frame.caller, frame.call.at)
        for frame in reversed(context.frame.chain())
        if frame.call is not None and frame.caller is not None
    )
    return Way(mint.place, purpose, context.role, calls, tuple(origins(context.claims)))


def origins(claims: Iterable[ClaimEntry]) -> Iterable[ClaimOrigin]:
    """What fills each claim."""
    for claim in claims:
        whole = any(isinstance(value, Instance) for value in claim.values)
        yield ClaimOrigin(claim.name, claim.category, path_of(claim.values), whole)


def path_of(values: Values) -> tuple[str, ...]:
    """The attributes that are read one after the other, where all that is known of a value is such a path."""
    found: set[tuple[str, ...]] = set()
    for value in values:
        path: list[str] = []
        one = value
        while isinstance(one, Member):
            path.insert(0, one.name)
            one = one.base
        if path:
            found.add(tuple(path))
    return found.pop() if len(found) == 1 else ()
