"""What an expression may be worth: the abstract values of the evaluator.

An expression has several possible values, given as a tuple of alternatives. A value that nothing is known of is still a
path (:class:`Member` of a :class:`Parameter`, :class:`Result` of a call), so that questions such as "does a claim flow in
here?" can be asked of it. Values that hold many others are equal only to themselves, for comparing them would cost more
than computing them again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from jwtlint.facts.lifecycle import Place

if TYPE_CHECKING:
    from jwtlint.facts.program import Call
    from jwtlint.linker.frames import Frame


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: str | int | float | bool | None
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a dictionary; ``key`` is None where it is not a constant. ``place`` is the key's."""

    key: str | None
    values: Values = field(compare=False)
    place: Place


@dataclass(frozen=True, slots=True, eq=False)
class Dictionary:
    """A dictionary whose entries are known; ``rest`` are the things merged in whose keys are not."""

    items: tuple[Item, ...]
    rest: tuple[Value, ...] = ()
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Listing:
    """A list, tuple or set display."""

    items: tuple[Values, ...]


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """A module of the program, by its path."""

    path: str


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function of the program."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Closure:
    """A function defined inside a call, with the frame of that call."""

    function: FunctionValue
    frame: Frame = field(compare=False)


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class of the program."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of the program. ``frame`` and ``call`` tell how it was made, where that is known.

    ``row`` is True for an object read from the server's data.
    """

    of: ClassValue
    row: bool = False
    call: Call | None = field(default=None, compare=False)
    frame: Frame | None = field(default=None, compare=False)
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Method:
    """A method bound to its receiver."""

    function: FunctionValue
    receiver: Value


@dataclass(frozen=True, slots=True)
class External:
    """Something outside the program, by its dotted name (``jwt.encode``)."""

    name: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter whose argument is not known here."""

    function: FunctionValue
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """An attribute, item or ``get`` of something whose inside is not known. ``place`` is where it is read."""

    base: Value
    name: str
    item: bool = False
    place: Place | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Result:
    """What a call outside the program gives. ``frame`` is where its arguments can be evaluated."""

    callee: Value
    call: Call = field(compare=False)
    frame: Frame = field(compare=False)
    place: Place


@dataclass(frozen=True, slots=True)
class Token:
    """A token, by the place of the call that mints it. ``part``: ``access`` or ``refresh`` of a pair; the ``signature`` of one that is
    put together by hand; a ``response`` that carries it elsewhere than in its body."""

    mint: Place
    part: str = ""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token, by the place of the call that verifies it."""

    verification: Place


@dataclass(frozen=True, slots=True, eq=False)
class Combined:
    """An operation whose result is not computed: f-strings, arithmetic, comparisons, string methods."""

    operator: str
    operands: tuple[Values, ...]
    place: Place | None = field(default=None, compare=False)


Value: TypeAlias = (
    Literal
    | Dictionary
    | Listing
    | ModuleValue
    | FunctionValue
    | Closure
    | ClassValue
    | Instance
    | Method
    | External
    | Parameter
    | Member
    | Result
    | Token
    | Claims
    | Combined
)
Values: TypeAlias = tuple[Value, ...]

UNKNOWN: Values = ()


def dotted(value: Value) -> str:
    """The dotted name of something outside the program, through attributes and calls (``jwt.PyJWT().encode`` is
    ``jwt.PyJWT.encode``), or ""."""
    if isinstance(value, External):
        return value.name
    if isinstance(value, Member) and not value.item:
        base = dotted(value.base)
        return f"{base}.{value.name}" if base else ""
    if isinstance(value, Result):
        return dotted(value.callee)
    return ""


def is_vague(values: Values) -> bool:
    """Whether nothing of the program and nothing of a token is known to be among values, so that an annotation says more."""
    for value in values:
        start = root(value)
        if not isinstance(start, Parameter | External) or not isinstance(value, Member | Result | Parameter | External):
            return False
    return True


def root(value: Value) -> Value:
    """What a path of members and calls begins with."""
    while True:
        if isinstance(value, Member):
            value = value.base
        elif isinstance(value, Result):
            value = value.callee
        elif isinstance(value, Method):
            value = value.receiver
        else:
            return value


def last_name(value: Value) -> str:
    """The last attribute of a callee (``execute`` of ``db.execute``)."""
    if isinstance(value, Member):
        return value.name
    if isinstance(value, External):
        return value.name.rpartition(".")[2]
    if isinstance(value, FunctionValue | ClassValue):
        return value.name.rpartition(".")[2]
    if isinstance(value, Method):
        return value.function.name.rpartition(".")[2]
    return ""
