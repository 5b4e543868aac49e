"""What an expression of a script may be, as far as the facts tell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from jwtlint.facts.program import Call, Mapping, Sequence

if TYPE_CHECKING:
    from jwtlint.linker.browser.frames import Frame

# parameters by whose name a framework or a caller hands in what bears that name
INJECTED = re.compile(r"\$\w+|\w+Service|localStorage|sessionStorage|fetch")


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class External:
    """A global name or a name of a package: ``localStorage``, ``js-cookie.set``."""

    name: str


@dataclass(frozen=True, slots=True)
class ModuleValue:
    """All that a file exports."""

    path: str


@dataclass(frozen=True, slots=True)
class FunctionValue:
    """A function; ``frame`` is the one around it, ``receiver`` what ``this`` is inside."""

    path: str
    index: int
    frame: Frame | None = field(default=None, compare=False)
    receiver: Value | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ClassValue:
    """A class of the program."""

    path: str
    index: int


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class; ``call`` made it in ``frame``, where that is known (``made`` tells such calls apart)."""

    of: ClassValue
    made: int = 0
    call: Call | None = field(default=None, compare=False)
    frame: Frame | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class ObjectValue:
    """An object that is written out."""

    node: Mapping
    frame: Frame


@dataclass(frozen=True, slots=True, eq=False)
class ListValue:
    """A list that is written out."""

    node: Sequence
    frame: Frame


@dataclass(frozen=True, slots=True)
class Member:
    """A property (or an element ``[0]``) of something that is not known further."""

    base: Value
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What a call gives of which only the callee is known."""

    callee: Value
    call: Call
    frame: Frame


@dataclass(frozen=True, slots=True)
class Argument:
    """A parameter of which no caller is looked at."""

    path: str
    function: int
    position: int
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Mixed:
    """A text that is put together; NUL stands for each of ``parts``."""

    text: str
    parts: tuple[tuple[Value, ...], ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """What a server's template writes."""

    text: str


@dataclass(frozen=True, slots=True)
class Stored:
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
