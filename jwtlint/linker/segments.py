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
MAX_DEPTH = 12


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a text that was cut at dots: by ``split`` (and ``rsplit``), ``partition`` or ``rpartition``."""

    text: Value
    method: str
    index: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The token whose first two segments are signed. ``signed`` is them both, or ``second`` the second one."""

    token: Value
    signed: Value | None = None
    second: Value | None = None

    def is_payload(self, value: Value) -> bool:
        """Whether a value is the token's second segment."""
        if self.second is not None:
            return value == self.second
        part = cut(value)
        if part is None:
            return False
        if part.text == self.signed:
            return part.index == "2" if part.method == "partition" else part.index in ("1", "-1")
        return part.text == self.token and part.method == "split" and part.index == "1"


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
                token = beside(first, second)
                if token is not None:
                    return Checked(token, second=second)
    if len(parts) == 1:
        for value in parts[0]:
            part = cut(value)
            if part is not None and part.index in ("0", "?") and part.method != "partition":
                return Checked(part.text, signed=value)
    return None


def beside(first: Value, second: Value) -> Value | None:
    """The text of which two values are the first and the second segment."""
    one, other = cut(first), cut(second)
    if one is None or other is None:
        return None
    if one.text == other.text and one.method == "split" and (one.index, other.index) in (("0", "1"), ("-3", "-2")):
        return one.text
    rest = cut(other.text)  # ``head, _, rest = token.partition("."); body, _, signature = rest.partition(".")``
    if rest is not None and rest.text == one.text and (one.method, one.index, rest.index, other.index) == ("partition", "0", "2", "0"):
        return one.text
    return None


def cut(value: Value) -> Cut | None:
    """From which text a value is cut, and how; None where it is not."""
    if not (isinstance(value, Member) and value.item):
        return None
    base = value.base
    if isinstance(base, Combined) and base.operator == "partition":
        return Cut(base.operands[0][0], "partition", value.name) if base.operands[0] else None
    if isinstance(base, Result) and isinstance(base.callee, Member) and base.callee.name in ("partition", "rpartition"):
        return Cut(base.callee.base, base.callee.name, value.name)
    return Cut(base, "split", value.name)  # the evaluator sees through ``split``
