"""What an expression of a script may be, as far as the facts tell."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import msgspec

from jwtlint.facts.program import Call, Mapping, Sequence

if TYPE_CHECKING:
    from jwtlint.linker.browser.frames import Frame

# parameters by whose name a framework or a caller hands in what bears that name
INJECTED = re.compile(r"\$\w+|\w+Service|localStorage|sessionStorage|fetch")


class Literal(msgspec.Struct, frozen=True):
    """A constant."""

    value: str | int | float | bool | None


class External(msgspec.Struct, frozen=True):
    """A global name or a name of a package: ``localStorage``, ``js-cookie.set``."""

    name: str


class ModuleValue(msgspec.Struct, frozen=True):
    """All that a file exports."""

    path: str


class FunctionValue(msgspec.Struct, frozen=True, eq=False):
    """A function; ``frame`` is the one around it, ``receiver`` what ``this`` is inside."""

    path: str
    index: int
    frame: Frame | None = None
    receiver: Value | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FunctionValue) and (self.path, self.index) == (other.path, other.index)

    def __hash__(self) -> int:
        return hash((self.path, self.index))


class ClassValue(msgspec.Struct, frozen=True):
    """A class of the program."""

    path: str
    index: int


class Instance(msgspec.Struct, frozen=True, eq=False):
    """An object of a class; ``call`` made it in ``frame``, where that is known (``made`` tells such calls apart)."""

    of: ClassValue
    made: int = 0
    call: Call | None = None
    frame: Frame | None = None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Instance) and (self.of, self.made) == (other.of, other.made)

    def __hash__(self) -> int:
        return hash((self.of, self.made))


class ObjectValue(msgspec.Struct, frozen=True, eq=False):
    """An object that is written out."""

    node: Mapping
    frame: Frame


class ListValue(msgspec.Struct, frozen=True, eq=False):
    """A list that is written out."""

    node: Sequence
    frame: Frame


class Member(msgspec.Struct, frozen=True):
    """A property (or an element ``[0]``) of something that is not known further."""

    base: Value
    name: str


class Answer(msgspec.Struct, frozen=True, eq=False):
    """What a call gives of which only the callee is known."""

    callee: Value
    call: Call
    frame: Frame


class Argument(msgspec.Struct, frozen=True):
    """A parameter of which no caller is looked at."""

    path: str
    function: int
    position: int
    name: str


class Mixed(msgspec.Struct, frozen=True, eq=False):
    """A text that is put together; NUL stands for each of ``parts``."""

    text: str
    parts: tuple[tuple[Value, ...], ...]


class Filled(msgspec.Struct, frozen=True):
    """What a server's template writes."""

    text: str


class Stored(msgspec.Struct, frozen=True):
    """What is read from where scripts keep things."""

    medium: str
    key: str


Value: TypeAlias = (
    Literal
    | External
    | ModuleValue
    | FunctionValue
    | ClassValue
    | Instance
    | ObjectValue
    | ListValue
    | Member
    | Answer
    | Argument
    | Mixed
    | Filled
    | Stored
)
Values: TypeAlias = tuple[Value, ...]


def dotted(value: Value) -> str:
    """The name by which models know a value: ``axios.create().post``; "" for what no model can know."""
    parts: list[str] = []
    while True:
        if isinstance(value, External):
            parts.append(value.name)
            return "".join(reversed(parts))
        if isinstance(value, Member):
            parts.append(value.name if value.name.startswith("[") else f".{value.name}")
            value = value.base
        elif isinstance(value, Answer):
            parts.append("()")
            value = value.callee
        elif isinstance(value, Argument | Stored | Mixed | Filled):
            injected = isinstance(value, Argument) and INJECTED.fullmatch(value.name)
            parts.append(value.name if isinstance(value, Argument) and injected else "?")
            return "".join(reversed(parts))
        else:
            return ""


def text_of(values: Values) -> str | None:
    """The only text that values may be."""
    texts = {value.value for value in values if isinstance(value, Literal) and isinstance(value.value, str)}
    return texts.pop() if len(texts) == 1 and len(values) == 1 else None
