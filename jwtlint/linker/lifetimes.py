"""How long a token lives: from the value of its ``exp`` claim or of a lifetime argument."""

from __future__ import annotations

from dataclasses import dataclass

from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import Call
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.evaluate import Evaluator
from jwtlint.linker.values import Combined, Dictionary, Instance, Listing, Literal, Member, Result, Value, Values, dotted

UNITS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1, "milliseconds": 0.001}


@dataclass(frozen=True, slots=True)
class Lifetime:
    """A length of time in seconds, and the place of the value that sets it."""

    seconds: int
    place: Place | None


class Lifetimes:
    """Reads lengths of time out of values."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def of(self, values: Values, unit: int = 1, inside_sum: bool = False) -> Lifetime | None:
        """The longest length of time that the values may stand for; a bare number counts ``unit`` seconds."""
        found = [lifetime for lifetime in (self.of_value(value, unit, inside_sum) for value in values) if lifetime is not None]
        return max(found, key=lambda lifetime: lifetime.seconds) if found else None

    def of_value(self, value: Value, unit: int, inside_sum: bool) -> Lifetime | None:
        if isinstance(value, Literal):
            number = number_of(value.value)
            if number is None:
                return None
            # an absolute time in a constant is no length
            return Lifetime(int(number * unit), value.place) if abs(number) < 1e9 else None
        if isinstance(value, Result):
            return self.of_result(value, unit)
        if isinstance(value, Combined):
            return self.of_combined(value, unit, inside_sum)
        if isinstance(value, Dictionary):
            return self.of_parts(value)
        if isinstance(value, Member):
            return (
                self.of_value(value.base, unit, inside_sum)
                if value.name in ("total_seconds", "seconds", "timestamp", "utctimetuple")
                else None
            )
        return None

    def of_result(self, value: Result, unit: int) -> Lifetime | None:
        knowledge = self.evaluator.knowledge
        for meaning in knowledge.meanings(dotted(value.callee)):
            if meaning.api.fact == "duration":
                return self.of_duration(value.call, value)
            if meaning.api.fact in ("environment", "setting-read"):
                default = argument_of(meaning.api, "default", value.call)
                if default is not None:
                    return self.of(self.evaluator.evaluate(default, value.frame), unit)
                return None
        callee = value.callee
        if isinstance(callee, Member):
            found = self.of_value(callee.base, unit, True)
            if found is not None:
                return found
        for argument in value.call.positional[:1]:
            if dotted(callee).rpartition(".")[2] in (
                "timegm",
                "int",
                "timestamp",
                "round",
                "floor",
                "mktime",
                "numericdate",
                "datetime_to_int",
            ):
                return self.of(self.evaluator.evaluate(argument, value.frame), unit, True)
        return None

    def of_duration(self, call: Call, value: Result) -> Lifetime | None:
        """``timedelta(...)``"""
        total = 0.0
        place: Place | None = None
        known = False
        order = ("days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks")
        parts = [(order[number], argument) for number, argument in enumerate(call.positional) if number < len(order)]
        parts.extend((keyword.name, keyword.value) for keyword in call.keywords if keyword.name is not None)
        for name, argument in parts:
            amount = self.number(self.evaluator.evaluate(argument, value.frame))
            if amount is None:
                if name in UNITS:
                    return None
                continue
            number, where = amount
            total += number * UNITS.get(name, 0)
            if number and (where is not None):
                place = where
            known = True
        return Lifetime(int(total), place or value.place) if known else None

    def of_parts(self, value: Dictionary) -> Lifetime | None:
        """A length of time by its parts (``{"hours": 24}``)."""
        parts = [(UNITS.get(item.key or ""), self.number(item.values)) for item in value.items]
        if not parts or value.rest or any(unit is None or amount is None for unit, amount in parts):
            return None
        total = sum(unit * amount[0] for unit, amount in parts if unit is not None and amount is not None)
        return Lifetime(int(total), next((amount[1] for _, amount in parts if amount is not None), None) or value.place)

    def number(self, values: Values) -> tuple[float, Place | None] | None:
        """The largest number that the values may be, through defaults of settings and of the environment."""
        best: tuple[float, Place | None] | None = None
        for value in values:
            found = self.number_of_value(value)
            if found is not None and (best is None or found[0] > best[0]):
                best = found
        return best

    def number_of_value(self, value: Value) -> tuple[float, Place | None] | None:
        if isinstance(value, Literal):
            number = number_of(value.value)
            return (number, value.place) if number is not None else None
        if isinstance(value, Combined):
            if value.operator in ("setting-default", "f", "factory"):
                return self.number(tuple(one for values in value.operands for one in values))
            if value.operator in ("*", "+", "-", "/", "//") and len(value.operands) == 2:
                left, right = (self.number(operand) for operand in value.operands)
                if left is None or right is None:
                    return None
                result = {"*": left[0] * right[0], "+": left[0] + right[0], "-": left[0] - right[0]}.get(value.operator)
                if result is None:
                    result = left[0] / right[0] if right[0] else 0.0
                return result, left[1] or right[1]
        if isinstance(value, Result):
            for meaning in self.evaluator.knowledge.meanings(dotted(value.callee)):
                if meaning.api.fact in ("environment", "setting-read"):
                    default = argument_of(meaning.api, "default", value.call)
                    if default is not None:
                        return self.number(self.evaluator.evaluate(default, value.frame))
        return None

    def of_combined(self, value: Combined, unit: int, inside_sum: bool) -> Lifetime | None:
        operands = value.operands
        if value.operator == "+" and len(operands) == 2:
            moments = [any(self.is_moment(one) for one in operand) for operand in operands]
            for operand, other_is_moment in ((operands[1], moments[0]), (operands[0], moments[1])):
                found = self.of(operand, 1 if other_is_moment else unit, True)
                if found is not None and not (
                    not other_is_moment and any(self.is_moment(one) for one in operand) and operand is operands[1]
                ):
                    return found
            return None
        if value.operator == "*" and len(operands) == 2:
            number = self.number((value,))
            if number is not None:
                return Lifetime(int(number[0] * unit), number[1])
            for operand, other in ((operands[0], operands[1]), (operands[1], operands[0])):
                length, times = self.of(operand, 0), self.number(other)
                if length is not None and times is not None and length.seconds:
                    return Lifetime(int(length.seconds * times[0]), length.place)
            return None
        if value.operator in ("-", "/", "//"):
            number = self.number((value,))
            return Lifetime(int(number[0] * unit), number[1]) if number is not None else None
        for operand in operands:
            found = self.of(operand, unit, inside_sum)
            if found is not None:
                return found
        return None

    def is_moment(self, value: Value) -> bool:
        """Whether a value is a point in time."""
        if isinstance(value, Result):
            if any(meaning.api.fact == "moment" for meaning in self.evaluator.knowledge.meanings(dotted(value.callee))):
                return True
            return isinstance(value.callee, Member) and self.is_moment(value.callee.base)
        if isinstance(value, Combined):
            return any(self.is_moment(one) for operand in value.operands for one in operand)
        if isinstance(value, Member):
            return self.is_moment(value.base) or value.name in ("now", "iat")
        if isinstance(value, Dictionary | Listing | Instance):
            return False
        return False


def number_of(value: str | int | float | bool | None) -> float | None:
    """A number, also when it is written as text (an environment variable's default)."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(value)
    except ValueError:
        return None
