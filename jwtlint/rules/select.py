"""Which facts a rule selects: equality, globs, bounds, and joins by token, function, application or project."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

from jwtlint.facts import lifecycle as facts
from jwtlint.rules.catalogue import FACT_KINDS, Bounds, Clause, Condition, Match, Scope

KIND_OF = {kind: name for name, kind in FACT_KINDS.items()}
GLOB = frozenset("*?[")


class Selection:
    """The facts of a program, ready to be asked by rules.

    ``limits`` are the numbers that rules name (``max-lifetime``, in seconds). With ``pedantic`` a token whose purpose is not known
    counts as a session.
    """

    def __init__(self, all_facts: Iterable[facts.LifecycleFact], limits: Mapping[str, int], pedantic: bool = False) -> None:
        self.limits = limits
        self.pedantic = pedantic
        self.by_kind: dict[str, list[facts.LifecycleFact]] = {name: [] for name in FACT_KINDS}
        for fact in all_facts:
            self.by_kind[KIND_OF[type(fact)]].append(fact)
        self.joined: dict[tuple[str, Scope], dict[str, list[facts.LifecycleFact]]] = {}

    def matches(self, match: Match) -> Iterator[facts.LifecycleFact]:
        """The facts that a match table selects."""
        for kind in match.kinds:
            for fact in self.by_kind[kind]:
                if (
                    self.fits(fact, match.where)
                    and all(self.holds(clause, fact) for clause in match.all)
                    and (not match.any or any(self.holds(clause, fact) for clause in match.any))
                    and not any(self.holds(clause, fact) for clause in match.unless)
                ):
                    yield fact

    def holds(self, clause: Clause, fact: facts.LifecycleFact) -> bool:
        """Whether a clause holds for a fact: of itself, or of another fact joined to it."""
        if clause.same is None:
            return self.fits(fact, clause.where)
        return any(other is not fact and self.fits(other, clause.where) for other in self.others(clause.fact, clause.same, fact))

    def others(self, kind: str, scope: Scope, fact: facts.LifecycleFact) -> list[facts.LifecycleFact]:
        """The facts of a kind that share the token, function, application or project with a fact."""
        index = self.joined.get((kind, scope))
        if index is None:
            index = self.joined[kind, scope] = {}
            for other in self.by_kind[kind]:
                index.setdefault(join_key(other, scope), []).append(other)
        key = join_key(fact, scope)
        return index.get(key, []) if key or scope in ("application", "project") else []

    def fits(self, fact: facts.LifecycleFact, where: Mapping[str, Condition]) -> bool:
        """Whether all conditions hold of a fact's attributes."""
        # what a session stands behind is known not to be one, though its own purpose is not told
        pedantic = self.pedantic and not getattr(fact, "bridged", False)
        return all(self.meets(name, getattr(fact, name, None), condition, pedantic) for name, condition in where.items())

    def meets(self, name: str, value: object, condition: Condition, pedantic: bool) -> bool:
        """Whether one attribute's value meets its condition."""
        if isinstance(condition, Bounds):
            return isinstance(value, int) and self.within(value, condition)
        if isinstance(condition, tuple):
            return any(self.meets(name, value, one, pedantic) for one in condition)
        if name == "purpose" and pedantic and value == "unknown" and condition == "session":
            return True
        if isinstance(condition, str) and isinstance(value, str) and not GLOB.isdisjoint(condition):
            return fnmatchcase(value, condition)
        return type(value) is type(condition) and value == condition

    def within(self, value: int, bounds: Bounds) -> bool:
        """Whether a number is within bounds."""
        number = {name: self.limits[bound] if isinstance(bound, str) else bound for name, bound in bounds.given.items()}
        return (
            value >= number.get("min", value)
            and value <= number.get("max", value)
            and ("above" not in number or value > number["above"])
            and ("below" not in number or value < number["below"])
        )


def join_key(fact: facts.LifecycleFact, scope: Scope) -> str:
    """What two facts must share to be joined; "" joins nothing but applications and the project."""
    if scope == "token":
        return fact.token
    if scope == "function":
        return fact.function
    return fact.application if scope == "application" else ""
