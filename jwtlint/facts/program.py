"""What one Python file says: its imports, definitions, and each function's steps as plain data.

These are the facts of the map step. They depend on the file's bytes alone, know nothing of libraries or of other files,
and travel through the cache as MessagePack. ``msgspec.Struct`` gives what a frozen, slotted dataclass gives, with tagged
unions and a decoder that checks types.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec


class Span(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A stretch of source. Lines are 1-based; columns are 0-based offsets in UTF-8 bytes, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Node(msgspec.Struct, frozen=True, array_like=True):
    """The base of every expression; ``at`` is where the expression stands."""

    at: Span


class Name(Node, frozen=True, array_like=True, tag="n"):
    """A bare name."""

    name: str


class Constant(Node, frozen=True, array_like=True, tag="k"):
    """A literal; bytes are given as text (latin-1)."""

    value: str | int | float | bool | None


class Attribute(Node, frozen=True, array_like=True, tag="a"):
    """``value.name``"""

    value: Expression
    name: str


class Subscript(Node, frozen=True, array_like=True, tag="s"):
    """``value[index]``"""

    value: Expression
    index: Expression


class Keyword(msgspec.Struct, frozen=True, array_like=True):
    """``name=value`` in a call; ``name`` is None for ``**value``. ``at`` covers the whole of it."""

    at: Span
    name: str | None
    value: Expression


class Call(Node, frozen=True, array_like=True, tag="c"):
    """A call. Starred positional arguments are :class:`Starred`."""

    function: Expression
    positional: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]


class Starred(Node, frozen=True, array_like=True, tag="*"):
    """``*value``"""

    value: Expression


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """``key: value`` in a dict display; ``key`` is None for ``**value``. ``at`` is the key's place."""

    at: Span
    key: Expression | None
    value: Expression


class Mapping(Node, frozen=True, array_like=True, tag="d"):
    """A dict display."""

    entries: tuple[Entry, ...]


class Sequence(Node, frozen=True, array_like=True, tag="l"):
    """A list, tuple or set display."""

    items: tuple[Expression, ...]


class Operation(Node, frozen=True, array_like=True, tag="o"):
    """An arithmetic, bitwise or boolean operation; ``operator`` is as written (``+``, ``|``, ``and``, ``not``)."""

    operator: str
    operands: tuple[Expression, ...]


class Comparison(Node, frozen=True, array_like=True, tag="q"):
    """A comparison chain: ``operators[i]`` stands between ``operands[i]`` and ``operands[i + 1]``."""

    operators: tuple[str, ...]
    operands: tuple[Expression, ...]


class Conditional(Node, frozen=True, array_like=True, tag="i"):
    """``then if test else otherwise``"""

    test: Expression
    then: Expression
    otherwise: Expression


class Template(Node, frozen=True, array_like=True, tag="f"):
    """An f-string: constants and the expressions between them."""

    parts: tuple[Expression, ...]


class Comprehension(Node, frozen=True, array_like=True, tag="e"):
    """A comprehension or generator; ``key`` is set for a dict comprehension."""

    key: Expression | None
    element: Expression
    targets: tuple[Expression, ...]
    iterables: tuple[Expression, ...]
    conditions: tuple[Expression, ...]


class Lambda(Node, frozen=True, array_like=True, tag="L"):
    """A lambda."""

    parameters: tuple[str, ...]
    body: Expression


class Opaque(Node, frozen=True, array_like=True, tag="?"):
    """Any other expression, with the expressions inside it."""

    children: tuple[Expression, ...]


class Closure(Node, frozen=True, array_like=True, tag="F"):
    """A function that stands inside an expression; ``function`` is its index in the module. Only scripts of pages have them."""

    function: int


class Blank(Node, frozen=True, array_like=True, tag="b"):
    """An expression of a template language, which the server fills in before the script runs; ``text`` is as written."""

    text: str


Expression: TypeAlias = (
    Name
    | Constant
    | Attribute
    | Subscript
    | Call
    | Starred
    | Mapping
    | Sequence
    | Operation
    | Comparison
    | Conditional
    | Template
    | Comprehension
    | Lambda
    | Opaque
    | Closure
    | Blank
)


class Step(msgspec.Struct, frozen=True, array_like=True):
    """One simple statement, in textual order.

    ``kind`` is one of ``assign``, ``augment``, ``loop`` (target runs over value), ``enter`` (with … as target), ``evaluate``,
    ``return``, ``yield``, ``test`` (an if, while or assert condition, or a match subject), ``raise``, ``delete``.
    ``branch`` names the arms of the compound statements around it, outermost first: two numbers for each, the statement's
    and the arm's. Bodies of ``try`` and ``with`` are no arms, for what is assigned there holds afterwards. The ``operator`` of an
    if's ``test`` is the statement's number: its arm 0 is taken when the test holds.
    """

    kind: str
    at: Span
    branch: tuple[int, ...]
    target: Expression | None = None
    value: Expression | None = None
    annotation: Expression | None = None
    operator: str = ""


class Parameter(msgspec.Struct, frozen=True, array_like=True):
    """A function's parameter; ``kind`` is ``positional``, ``keyword``, ``rest`` (``*x``) or ``extra`` (``**x``)."""

    at: Span
    name: str
    kind: str
    annotation: Expression | None = None
    default: Expression | None = None


class Function(msgspec.Struct, frozen=True, array_like=True):
    """A function or method. ``name`` is qualified within the module (``Outer.method``, ``f.inner``)."""

    at: Span
    name: str
    owner: str  # the qualified name of the class it is a method of, or ""
    scope: str  # the qualified name of the function or class around it, or ""
    parameters: tuple[Parameter, ...]
    decorators: tuple[Expression, ...]
    returns: Expression | None
    steps: tuple[Step, ...]
    heading_end: int  # the column after the name, on the line of ``def``, where ``at`` starts


class Class(msgspec.Struct, frozen=True, array_like=True):
    """A class. ``steps`` are the statements of its body; methods are functions whose ``owner`` it is."""

    at: Span
    name: str
    scope: str
    bases: tuple[Expression, ...]
    keywords: tuple[Keyword, ...]
    decorators: tuple[Expression, ...]
    steps: tuple[Step, ...]


class Import(msgspec.Struct, frozen=True, array_like=True):
    """One imported name. ``from a.b import c as d``: module ``a.b``, name ``c``, alias ``d``, level 0.

    ``import a.b`` has name None and alias ``a``; ``import a.b as c`` has name None, alias ``c``; a star import has name ``*``.
    """

    at: Span
    module: str
    name: str | None
    alias: str
    level: int
    scope: str  # the function it stands in, or ""


class Module(msgspec.Struct, frozen=True, array_like=True):
    """All that one file says. ``steps`` are its top-level statements.

    ``mentions`` holds every name that stands somewhere in the file as a name, an attribute or a keyword, mapped to the
    indexes of the functions it stands in (``len(functions)`` for module and class level).
    """

    path: str  # relative to the scanned folder, with forward slashes
    imports: tuple[Import, ...]
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    steps: tuple[Step, ...]
    mentions: dict[str, tuple[int, ...]]
