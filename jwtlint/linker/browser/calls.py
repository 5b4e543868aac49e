"""Who calls which function of the front ends, and the frames in which a function runs."""

from __future__ import annotations

from collections import Counter

from jwtlint.facts.program import Attribute, Call, Closure, Expression, Name
from jwtlint.linker.browser.evaluate import HANDED, WebEvaluator
from jwtlint.linker.browser.frames import MODULE, Frame
from jwtlint.linker.browser.program import CallSite, WebProgram, spoken_name
from jwtlint.linker.browser.values import Answer, FunctionValue, Member, Values

MAX_CONTEXTS = 24
MAX_HOPS = 4
MANY_CALLS = 12_000
Target = tuple[str, int]


class Callers:
    """Looks every call up once."""

    def __init__(self, program: WebProgram, evaluator: WebEvaluator) -> None:
        self.program = program
        self.evaluator = evaluator
        self.callees: list[tuple[CallSite, Frame, Values]] = []
        self.sites: dict[Target, list[tuple[CallSite, Frame]]] = {}
        self.weak: dict[str, list[tuple[CallSite, Frame]]] = {}  # methods of unknown receivers, by name
        self.set_by: dict[tuple[int, int], list[tuple[Expression, Frame]]] = {}  # what the setters of states are given, by ``state_of``
        self.known: dict[tuple[str, int, int], list[Frame]] = {}
        self.bearers = Counter(function.name for index in program.modules.values() for function in index.functions)
        sites = list(program.calls())
        names = {function.name for index in program.modules.values() for function in index.functions if function.name}
        names |= evaluator.knowledge.last_names
        for site in sites:
            if len(sites) > MANY_CALLS and isinstance(site.call.function, Attribute) and site.call.function.name not in names:
                continue
            frame = evaluator.frame(site.path, site.function)
            values = evaluator.evaluate(site.call.function, frame)
            self.callees.append((site, frame, values))
            known = False
            for value in values:
                if isinstance(value, Member) and value.name == "[1]" and isinstance(value.base, Answer) and site.call.positional:
                    self.set_by.setdefault(state_of(value.base), []).append((site.call.positional[0], frame))
                if isinstance(value, FunctionValue):
                    self.sites.setdefault((value.path, value.index), []).append((site, frame))
                    known = True
            if not known and isinstance(site.call.function, Attribute):
                self.weak.setdefault(site.call.function.name, []).append((site, frame))
            self.hand_on(site, frame)

    def hand_on(self, site: CallSite, frame: Frame) -> None:
        """A function that is given by its name to what calls it: ``promise.then(save)``."""
        call = site.call
        method = spoken_name(call.function)
        if method not in HANDED or not call.positional or isinstance(call.positional[0], Closure):
            return
        if isinstance(call.function, Attribute) and isinstance(call.positional[0], Name | Attribute):
            for value in self.evaluator.evaluate(call.positional[0], frame):
                if isinstance(value, FunctionValue):
                    made = Call(call.at, call.positional[0], (call.function.value,), ())
                    handed = CallSite(made, site.step, site.function, site.path)
                    self.sites.setdefault((value.path, value.index), []).append((handed, frame))

    def of(self, target: Target) -> list[tuple[CallSite, Frame]]:
        """The calls of a function; where none is certain, those of a method with a name that no other function has."""
        found = self.sites.get(target)
        if found:
            return found
        function = self.program.function(*target)
        if function.name and (function.owner >= 0 or self.is_property(target)):
            if self.bearers[function.name] == 1:
                return self.weak.get(function.name, [])
        return []

    def is_property(self, target: Target) -> bool:
        """Whether a function is a property of an object that is written out."""
        index = self.program.modules[target[0]]
        closure = index.closures.get(target[1])
        return closure is not None and id(closure[0]) in index.properties

    def contexts(self, path: str, function: int, hops: int = MAX_HOPS) -> list[Frame]:
        """The frames of a function for the calls that lead to it, nearest first; none at a file's top or where nobody calls."""
        if function == MODULE or hops == 0:
            return []
        key = (path, function, hops)
        known = self.known.get(key)
        if known is not None:
            return known
        found = self.known[key] = []
        for site, frame in self.of((path, function))[:MAX_CONTEXTS]:
            for caller in [frame, *self.contexts(site.path, site.function, hops - 1)]:
                found.append(self.entered(path, function, site, caller))
                if len(found) >= MAX_CONTEXTS:
                    return found
        return found

    def entered(self, path: str, function: int, site: CallSite, caller: Frame) -> Frame:
        """A function's frame for a call from a frame."""
        for value in self.evaluator.evaluate(site.call.function, caller):
            if isinstance(value, FunctionValue) and (value.path, value.index) == (path, function):
                return self.evaluator.called(value, site.call, caller)
        return self.evaluator.called(FunctionValue(path, function), site.call, caller)


def state_of(made: Answer) -> tuple[int, int]:
    """What tells a state from others: the call that makes it, and the call of the project's own hook in which it is made."""
    return id(made.call), id(made.frame.call)
