"""Where an expression is evaluated: a function, what is known of its arguments, and who called it."""

from __future__ import annotations

from dataclasses import dataclass, field

from jwtlint.facts.program import Call, Expression
from jwtlint.linker.values import FunctionValue, Value, Values


@dataclass(slots=True, eq=False)
class Frame:
    """One activation of a function, or of a module or class body when ``function`` is None.

    ``arguments`` maps a parameter to an expression in the caller's frame or to values; a parameter that is not in it is unknown.
    ``caller`` is the frame of the call ``call``; ``depth`` counts frames. ``local`` holds the targets of comprehensions and
    the parameters of lambdas.
    """

    path: str
    function: FunctionValue | None = None
    owner: str = ""  # the class whose body it is, when function is None
    arguments: dict[str, Argument] = field(default_factory=dict)
    receiver: Value | None = None
    caller: Frame | None = None
    call: Call | None = None
    outer: Frame | None = None  # the frame a nested function was defined in
    local: dict[str, Values] | None = None
    depth: int = 0
    memo: dict[tuple[int, int], Values] = field(default_factory=dict)

    def __repr__(self) -> str:
        name = self.function.name if self.function is not None else self.owner or "module"
        return f"Frame({self.path}::{name}, depth {self.depth})"

    def chain(self) -> list[Frame]:
        """This frame and its callers, innermost first."""
        frames: list[Frame] = []
        frame: Frame | None = self
        while frame is not None:
            frames.append(frame)
            frame = frame.caller
        return frames


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument: an expression to be evaluated in ``frame``, or known ``values``."""

    expression: Expression | None
    frame: Frame | None
    values: Values = ()
