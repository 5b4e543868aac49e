"""What one file of a front end says: a script, a component, or a page with the scripts in it.

The facts of the map step for JavaScript, TypeScript, HTML and its template languages. Expressions are those of
:mod:`jwtlint.facts.program`: ``new`` is a call, a template literal is a :class:`~jwtlint.facts.program.Template`, a function inside an
expression a :class:`~jwtlint.facts.program.Closure`, ``await`` and type assertions leave their operand. What the server fills in is a
:class:`~jwtlint.facts.program.Blank`.
"""

from __future__ import annotations

import msgspec

from jwtlint.facts.program import Expression, Span, Step

DEFAULT = "*default*"  # the local name of what ``export default`` gives


class WebImport(msgspec.Struct, frozen=True, array_like=True):
    """One imported name. ``import {a as b} from "m"``: module ``m``, name ``a``, alias ``b``.

    The name of a default import is ``default``, that of ``import * as x`` is ``*``; ``import "m"`` has no alias.
    """

    at: Span
    module: str
    name: str
    alias: str


class WebExport(msgspec.Struct, frozen=True, array_like=True):
    """One exported name: what the module calls ``local``, or what another ``module`` exports under that name.

    ``export * from "m"`` has the name ``*``.
    """

    name: str
    local: str
    module: str = ""


class WebParameter(msgspec.Struct, frozen=True, array_like=True):
    """A function's parameter; ``target`` is a name or a pattern. ``annotation`` is the name of its type, or "".

    ``holds``: TypeScript's short form of a constructor, whose parameter is an attribute of the object too.
    """

    target: Expression
    annotation: str = ""
    holds: bool = False


class WebFunction(msgspec.Struct, frozen=True, array_like=True):
    """A function. ``name`` is "" where it has none. ``owner`` is the index of the class it is a method of, ``scope`` that of the function
    around it; both are -1 for none."""

    at: Span
    name: str
    owner: int
    scope: int
    parameters: tuple[WebParameter, ...]
    steps: tuple[Step, ...]


class WebClass(msgspec.Struct, frozen=True, array_like=True):
    """A class; ``fields`` are the assignments of its body, methods are functions whose ``owner`` it is."""

    at: Span
    name: str
    scope: int
    bases: tuple[Expression, ...]
    fields: tuple[Step, ...]


class Written(msgspec.Struct, frozen=True, array_like=True):
    """An expression of a template language: the server writes its value into the page. ``text`` is without the braces."""

    at: Span
    text: str


class WebModule(msgspec.Struct, frozen=True, array_like=True):
    """All that one file says. ``kind`` is ``module`` (it imports or exports), ``script`` (its names are the page's) or ``page``.

    Steps are as in :class:`jwtlint.facts.program.Step`; the ``operator`` of an assignment is the word of its declaration (``const``,
    ``let``, ``var``), or "" where it changes something that exists.
    """

    path: str  # relative to the scanned folder, with forward slashes
    kind: str
    imports: tuple[WebImport, ...]
    exports: tuple[WebExport, ...]
    functions: tuple[WebFunction, ...]
    classes: tuple[WebClass, ...]
    steps: tuple[Step, ...]
    written: tuple[Written, ...]
