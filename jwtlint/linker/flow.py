"""Questions about what flows into a value: claims, tokens, rows of the database, names."""

from __future__ import annotations

from collections.abc import Iterator

from jwtlint.facts.lifecycle import Place
from jwtlint.linker.evaluate import Evaluator
from jwtlint.linker.values import (
    Claims,
    Combined,
    Dictionary,
    External,
    Instance,
    Listing,
    Member,
    Method,
    Parameter,
    Result,
    Token,
    Value,
    Values,
)

MAX_PARTS = 400


class Flow:
    """Walks over values, and over the arguments of calls whose result is not computed."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def parts(self, values: Values, through_calls: bool = True) -> Iterator[Value]:
        """The values and everything they are made of; with ``through_calls``, also what unknown calls were given."""
        stack = list(values)
        seen: set[int] = set()
        count = 0
        while stack and count < MAX_PARTS:
            value = stack.pop()
            if id(value) in seen:
                continue
            seen.add(id(value))
            count += 1
            yield value
            if isinstance(value, Member):
                stack.append(value.base)
            elif isinstance(value, Combined):
                stack.extend(one for operand in value.operands for one in operand)
            elif isinstance(value, Dictionary):
                stack.extend(one for item in value.items for one in item.values)
                stack.extend(value.rest)
            elif isinstance(value, Listing):
                stack.extend(one for item in value.items for one in item)
            elif isinstance(value, Method):
                stack.append(value.receiver)
            elif isinstance(value, Result):
                stack.append(value.callee)
                if through_calls:
                    for argument in value.call.positional:
                        stack.extend(self.evaluator.evaluate(argument, value.frame))
                    for keyword in value.call.keywords:
                        stack.extend(self.evaluator.evaluate(keyword.value, value.frame))
            elif isinstance(value, Instance) and value.call is not None and value.frame is not None and through_calls:
                for argument in value.call.positional:
                    stack.extend(self.evaluator.evaluate(argument, value.frame))
                for keyword in value.call.keywords:
                    stack.extend(self.evaluator.evaluate(keyword.value, value.frame))

    def tokens(self, values: Values) -> set[Place]:
        """The mints of the tokens that are in the values."""
        return {value.mint for value in self.parts(values) if isinstance(value, Token)}

    def claims(self, values: Values, through_calls: bool = True) -> list[tuple[Place, str, Place | None]]:
        """The claims that are in the values: verification, name ("" for all of them), and the place where it is read.

        Without ``through_calls``, what was looked up by a claim does not hold it.
        """
        found: list[tuple[Place, str, Place | None]] = []
        covered: set[int] = set()
        for value in self.parts(values, through_calls):
            if isinstance(value, Member):
                first = self.claim_read(value)
                if first is not None:
                    covered.add(id(first.base))
                    entry = (first.base.verification, first.name, first.place) if isinstance(first.base, Claims) else None
                    if entry is not None and entry not in found:
                        found.append(entry)
            elif isinstance(value, Claims) and id(value) not in covered:
                found.append((value.verification, "", None))
        return found

    def claim_read(self, value: Member) -> Member | None:
        """The innermost member that reads a claim, if a path starts at claims."""
        current: Value = value
        while isinstance(current, Member):
            if isinstance(current.base, Claims):
                return current
            current = current.base
        return None

    def rows(self, values: Values) -> list[Instance]:
        """The rows of the database that are in the values."""
        return [value for value in self.parts(values, through_calls=False) if isinstance(value, Instance) and value.row]

    def names(self, values: Values) -> Iterator[str]:
        """Every name on the way to the values."""
        for value in self.parts(values):
            if isinstance(value, Member | Parameter | External):
                yield value.name
            elif isinstance(value, Instance):
                yield value.of.name
