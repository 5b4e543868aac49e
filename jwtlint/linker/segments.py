"""The segments of a compact JWT as values: a text that is put together from them, and a text that is cut into them (RFC 7515 §7.1)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jwtlint.linker.values import Combined, Dictionary, Listing, Literal, Member, Result, Value, Values, last_name

if TYPE_CHECKING:
    from jwtlint.linker.evaluate import Evaluator

JOINING = frozenset({"+", "f", "join", "format", "%"})
TRIMMING = frozenset({"replace", "removesuffix", "removeprefix"})
ENCODING = ("dumps", "b64", "base64", "to_json", "encode_json")
CUTTING = frozenset({"rpartition", "partition", "rsplit"})
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Checked:
    """The token whose first two segments a text is, and the values that stand for the second."""

    token: Value
    payloads: frozenset[Value]


def pieces(evaluator: Evaluator, values: Values, depth: int = 0) -> list[Values]:
    """The parts that a text is put together from, in order, without the dots between them."""
    for value in values:
        if isinstance(value, Combined) and value.operator in JOINING and depth < MAX_DEPTH:
            return [piece for operand in operands(value) for piece in pieces(evaluator, operand, depth + 1)]
    if values and all(isinstance(value, Literal) and isinstance(value.value, str) and not value.value.strip(".") for value in values):
        return []
    return [unwrapped(evaluator, values)] if values else [values]


def operands(value: Combined) -> Iterator[Values]:
    """The operands of a joining operation; those in a list, one by one."""
    given = value.operands
    if value.operator in ("join", "format", "%"):
        given = given[1:]  # without the separator or the template
    for values in given:
        listed = next((one for one in values if isinstance(one, Listing)), None)
        if listed is None and value.operator == "join":
            # a generator: what it runs over
            runs = [one for one in values if isinstance(one, Combined) and one.operator == "each"]
            listed = next((one for run in runs for inner in run.operands[1:] for one in inner if isinstance(one, Listing)), None)
        if listed is not None:
            yield from listed.items
        else:
            yield values


def unwrapped(evaluator: Evaluator, values: Values, depth: int = 0) -> Values:
    """Values without the encodings around them that the evaluator does not see through."""
    found: list[Value] = []
    for value in values:
        inner: Values = ()
        if isinstance(value, Combined) and value.operator in TRIMMING:
            inner = value.operands[0]
        elif isinstance(value, Result) and isinstance(value.callee, Member) and isinstance(value.callee.base, Dictionary):
            inner = (value.callee.base,)
        elif isinstance(value, Result) and value.call.positional and any(part in last_name(value.callee) for part in ENCODING):
            inner = evaluator.evaluate(value.call.positional[0], value.frame)
        if inner and depth < MAX_DEPTH:
            found.extend(unwrapped(evaluator, inner, depth + 1))
        else:
            found.append(value)
    return tuple(found)


def algorithm_of(values: Values) -> Values:
    """The ``alg`` of a header (RFC 7515 §4.1.1): an object, its JSON, or that encoded; none if the values are no header."""
    for value in values:
        if isinstance(value, Dictionary):
            for item in value.items:
                if item.key == "alg":
                    return item.values or (value,)
        elif isinstance(value, Literal) and isinstance(value.value, str):
            algorithm = algorithm_in(value.value.strip("."))
            if algorithm:
                return (Literal(algorithm, value.place),)
    return ()


def algorithm_in(text: str) -> str:
    """The ``alg`` of a header that is written out, as JSON or encoded; "" if the text is none."""
    if not text.startswith(("{", "eyJ")) or len(text) > 4_000:
        return ""
    try:
        header = json.loads(text if text.startswith("{") else base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return ""
    algorithm = header.get("alg") if isinstance(header, dict) else None
    return algorithm if isinstance(algorithm, str) else ""


def checked(parts: list[Values]) -> Checked | None:
    """The token whose first two segments a text is, if it is that of one."""
    if len(parts) == 2:
        for first in parts[0]:
            for second in parts[1]:
                if isinstance(first, Member) and isinstance(second, Member) and first.item and second.item and first.base == second.base:
                    if (first.name, second.name) in (("0", "1"), ("-3", "-2")):
                        return Checked(first.base, frozenset({second}))
    if len(parts) == 1:
        for value in parts[0]:
            if isinstance(value, Member) and value.item and value.name in ("0", "?"):
                token = value.base
                if isinstance(token, Result) and isinstance(token.callee, Member) and token.callee.name in CUTTING:
                    token = token.callee.base
                seconds = {Member(value, name, item=True) for name in ("1", "2", "-1")}
                return Checked(token, frozenset({*seconds, Member(token, "1", item=True)}))
    return None
