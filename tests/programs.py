"""Small programs written in the tests themselves, and what the linker tells of them.

A comment ``# kind: one, two`` in a program says what a test expects at that line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from textwrap import dedent
from typing import TypeVar

from jwtlint.facts import lifecycle as facts
from jwtlint.facts.layout import Layout
from jwtlint.linker.lifecycle import link
from jwtlint.python.frontend import read_module
from jwtlint.rules import models

MODELS = models.load()
LIBRARIES = {name.partition(".")[0] for model in MODELS for name in model.imports}
FactType = TypeVar("FactType", bound=facts.Fact)


class Program:
    """One program's files by path, and its lifecycle."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {path: dedent(code).lstrip("\n") for path, code in files.items()}
        modules = [read_module(path, code.encode()) for path, code in self.files.items()]
        self.lifecycle = link(modules, Layout(self.files, LIBRARIES), MODELS)

    def all(self, kind: type[FactType], **attributes: object) -> list[FactType]:
        """The facts of one kind that have the given attributes."""
        return [
            fact
            for fact in self.lifecycle.facts
            if isinstance(fact, kind) and all(getattr(fact, name) == value for name, value in attributes.items())
        ]

    def one(self, kind: type[FactType], **attributes: object) -> FactType:
        """The only such fact."""
        found = self.all(kind, **attributes)
        assert len(found) == 1, f"{len(found)} facts {kind.__name__} {attributes}: {found}"
        return found[0]

    def marked(self, kind: str) -> list[tuple[str, str, int]]:
        """What the comments of one kind say, with path and line."""
        return sorted(
            (said, path, number)
            for path, code in self.files.items()
            for number, line in enumerate(code.splitlines(), 1)
            for found in re.findall(rf"# {kind}: (.*?)(?=$|  #)", line)
            for said in found.split(", ")
        )

    def lines(self, kind: str) -> list[tuple[str, int]]:
        """Where comments of one kind stand."""
        return [(path, line) for _, path, line in self.marked(kind)]


def program(code: str, **others: str) -> Program:
    """A program of one file ``app.py``, and of others named by keywords: ``models="…"`` is ``models.py``."""
    return Program({"app.py": code, **{f"{name}.py": text for name, text in others.items()}})


def at(fact: facts.Fact) -> tuple[str, int]:
    """The path and line of a fact."""
    return fact.place.path, fact.place.line
