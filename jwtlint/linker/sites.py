"""Where the program uses what the models speak of."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field

from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import Attribute, Call, Expression, Name, Step, Subscript
from jwtlint.linker.callgraph import CallGraph
from jwtlint.linker.calls import complete
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.frames import Frame
from jwtlint.linker.knowledge import Meaning
from jwtlint.linker.values import ClassValue, FunctionValue, Instance, Member, Result, Value, Values, dotted


@dataclass(frozen=True, slots=True)
class Site:
    """A call that has a meaning, in a function (None at module or class level).

    ``arguments`` are those that stand elsewhere in the function than in the call.
    """

    meaning: Meaning
    path: str
    function: FunctionValue | None
    call: Call
    step: Step | None
    name: str  # the dotted name that matched
    callee: Value | None
    arguments: Mapping[str, Expression] = field(default_factory=dict, compare=False)

    def argument(self, name: str) -> Expression | None:
        """The expression of an argument, or None."""
        return self.arguments.get(name) or argument_of(self.meaning.api, name, self.call)

    @property
    def key(self) -> str:
        """``path::function``"""
        return f"{self.path}::{self.function.name if self.function is not None else ''}"


COMMON = frozenset({"route", "routes", "mint-routes", "mail", "outgoing-request", "response"})  # meanings of calls with everyday names


class Sites:
    """Finds the calls that have one of some meanings."""

    def __init__(self, graph: CallGraph) -> None:
        self.graph = graph
        self.evaluator = graph.evaluator
        self.program = graph.program
        self.knowledge = graph.evaluator.knowledge
        self.found: dict[tuple[str, ...], list[Site]] = {}
        self.extended: dict[str, set[str]] | None = None  # the program's heirs of library classes, by meaning

    def find(self, *facts: str) -> list[Site]:
        """All calls with one of the meanings, in the order of files and lines."""
        known = self.found.get(facts)
        if known is not None:
            return known
        names = self.knowledge.names_of(*facts) | self.heirs(facts)
        places: dict[tuple[str, int], None] = {}
        for name in names:
            for place in self.program.mentions.get(name, ()):
                places[place] = None
        for path, index in self.program.modules.items():
            for item in index.module.imports:
                if item.name in names and item.alias != item.name:
                    for number in index.module.mentions.get(item.alias, ()):
                        places[path, number] = None
        found: list[Site] = []
        # what tokens are made and read by is worth more steps than each of the many calls that are named like a library's
        with self.evaluator.simple_questions() if COMMON.issuperset(facts) else nullcontext():
            for path, number in sorted(places):
                found.extend(self.in_function(path, number, names, facts))
        found.extend(site for site in self.evaluator.assembled.sites if site.meaning.api.fact in facts)
        self.found[facts] = found
        return found

    def heirs(self, facts: tuple[str, ...]) -> set[str]:
        """The names of the program's classes that extend a library's class with one of the meanings."""
        if self.extended is None:
            self.extended = {}
            for path, index in self.program.modules.items():
                for name, class_ in index.classes.items():
                    for base in self.evaluator.objects.external_bases(ClassValue(path, name)) if class_.bases else ():
                        for meaning in self.knowledge.meanings(base):
                            self.extended.setdefault(meaning.api.fact, set()).add(name.rpartition(".")[2])
        return {name for fact in facts for name in self.extended.get(fact, ())}

    def in_function(self, path: str, number: int, names: set[str], facts: tuple[str, ...]) -> list[Site]:
        """The sites in one function."""
        index = self.program.modules[path]
        inside = number < len(index.module.functions)
        function = FunctionValue(path, index.module.functions[number].name) if inside else None
        frame = self.frame(path, function)
        found: list[Site] = []
        for call, step in index.calls_in(number):
            target = call.function
            while isinstance(target, Subscript):
                target = target.value  # a generic class with its parameters
            if not isinstance(target, Name | Attribute):
                continue
            if target.name not in names and not self.may_alias(path, target, names):
                continue
            site = self.site(call, step, path, function, frame, facts)
            if site is not None:
                found.append(site)
        return found

    def may_alias(self, path: str, target: Name | Attribute, names: set[str]) -> bool:
        """Whether a bare name may stand for one of ``names``: an alias, a local, a partial."""
        if not isinstance(target, Name):
            return False
        index = self.program.modules[path]
        return any(item.name in names for key, items in index.imports.items() if key[1] == target.name for item in items) or (
            target.name in index.assignments
        )

    def frame(self, path: str, function: FunctionValue | None) -> Frame:
        """The free frame of a function, or the module's."""
        return self.evaluator.free_frame(function) if function is not None else self.evaluator.module_frame(path)

    def site(
        self, call: Call, step: Step | None, path: str, function: FunctionValue | None, frame: Frame, facts: tuple[str, ...]
    ) -> Site | None:
        """What a call means."""
        values = self.evaluator.evaluate(call.function, frame)
        for value in values:
            held = self.held(value, call)
            if held and any(self.knowledge.meaning(name, *facts) for one in held for name in self.names(one)) and isinstance(value, Result):
                return self.site(self.evaluator.calls.merged(value, call), step, path, function, frame, facts)
            for name in self.names(value):
                meaning = self.knowledge.meaning(name, *facts)
                if meaning is not None and self.given_token(name, call) and "verify" not in facts and meaning.api.fact == "mint":
                    continue  # the class of a token, called with one, verifies it
                if (
                    meaning is not None
                    and meaning.api.fact == "verify"
                    and not self.given_token(name, call)
                    and self.knowledge.meaning(name, "mint")
                ):
                    continue
                if meaning is not None and complete(meaning.api, call):
                    return Site(meaning, path, function, call, step, name, value)
        target = call.function
        if isinstance(target, Attribute):
            meaning = self.knowledge.pattern(target.name, *facts)
            if meaning is not None and not any(self.of_program(value) or self.is_known(value) for value in values):
                best = self.best_pattern(target.name, path, facts)
                if best is not None:
                    return Site(best, path, function, call, step, f"*.{target.name}", values[0] if values else None)
        return None

    def held(self, value: Value, call: Call) -> Values:
        """What a ``functools.partial`` holds, called by another call than the one that makes it."""
        if isinstance(value, Result) and dotted(value.callee) == "functools.partial" and value.call.positional and value.call is not call:
            return self.evaluator.evaluate(value.call.positional[0], value.frame)
        return ()

    def given_token(self, name: str, call: Call) -> bool:
        """Whether a callable that both mints and verifies is given a token to verify."""
        verify = self.knowledge.meaning(name, "verify")
        return verify is not None and argument_of(verify.api, "token", call) is not None

    def names(self, value: Value) -> list[str]:
        """The dotted names under which a callee may be known, through the bases of the program's classes."""
        name = dotted(value)
        if name:
            return [name]
        if isinstance(value, ClassValue):
            return self.evaluator.objects.external_bases(value)
        if isinstance(value, Member):
            base = value.base
            if isinstance(base, Instance):
                return [f"{known}.{value.name}" for known in self.evaluator.objects.external_bases(base.of)]
            if isinstance(base, ClassValue):
                return [f"{known}.{value.name}" for known in self.evaluator.objects.external_bases(base)]
        return []

    def of_program(self, value: Value) -> bool:
        """Whether a callee is defined in the program, so that no pattern speaks of it."""
        return isinstance(value, FunctionValue | ClassValue) or type(value).__name__ in ("Method", "Closure")

    def is_known(self, value: Value) -> bool:
        """Whether a model speaks of a callee by its full name, so that no pattern speaks of it."""
        return any(self.knowledge.meanings(name) for name in self.names(value))

    def best_pattern(self, method: str, path: str, facts: tuple[str, ...]) -> Meaning | None:
        """The pattern of a library that the application imports."""
        return self.knowledge.pattern_of(method, self.program.imports_of(self.program.applications[path]), facts)

    def place(self, site: Site) -> Place:
        """Where a site stands."""
        return self.program.place(site.path, site.call.at)
