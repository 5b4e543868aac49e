"""Token objects that are made empty and filled by a later call, which verifies what it is given (``token.deserialize(text, key)``)."""

from __future__ import annotations

from jwtlint.facts.program import Attribute, Call
from jwtlint.linker.assembled import Assembled
from jwtlint.linker.callgraph import CallGraph
from jwtlint.linker.calls import complete, holding
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.frames import Frame
from jwtlint.linker.knowledge import Meaning
from jwtlint.linker.objects import NOTHING_CALLED
from jwtlint.linker.sites import Site
from jwtlint.linker.values import FunctionValue, Result, Values, dotted

RECEIVER = "receiver_"


class Filled:
    """Finds the calls that fill a token object, and leaves them in ``assembled``."""

    def __init__(self, graph: CallGraph, assembled: Assembled) -> None:
        self.evaluator = graph.evaluator
        self.program = graph.program
        self.knowledge = graph.evaluator.knowledge
        self.assembled = assembled

    def find(self) -> None:
        """Look at every call of a method that fills its receiver."""
        names = {
            name.rpartition(".")[2]: name.partition(".")[0]
            for name, meanings in self.knowledge.exact.items()
            for meaning in meanings
            if meaning.api.fills
        }
        for path, index in self.program.modules.items():
            imported = {item.module.partition(".")[0] for item in index.module.imports if not item.level}
            if not imported & set(names.values()):
                continue
            for number in sorted({number for name in names for number in index.module.mentions.get(name, ())}):
                inside = number < len(index.module.functions)
                function = FunctionValue(path, index.module.functions[number].name) if inside else None
                frame = self.evaluator.free_frame(function) if function is not None else self.evaluator.module_frame(path)
                for call, _ in index.calls_in(number):
                    if isinstance(call.function, Attribute) and call.function.name in names:
                        self.call(call, call.function, frame)

    def call(self, call: Call, target: Attribute, frame: Frame) -> None:
        """One call of such a method."""
        for receiver in self.evaluator.evaluate(target.value, frame):
            name = f"{dotted(receiver)}.{target.name}"
            for meaning in self.knowledge.meanings(name) if isinstance(receiver, Result) else ():
                if isinstance(receiver, Result) and meaning.api.fills and complete(meaning.api, call):
                    self.fill(receiver, meaning, name, call, frame)
                    return

    def fill(self, receiver: Result, meaning: Meaning, name: str, call: Call, frame: Frame) -> None:
        """From here on, the object that the receiver's call made holds the claims."""
        values = holding(meaning.api, self.evaluator.place(frame, call.at))
        before = self.assembled.values.get(id(receiver.call))
        earlier: Values = before(self.evaluator, frame) if before is not None else ()
        if receiver.call is not NOTHING_CALLED:  # an object that only an annotation speaks of was made nowhere
            self.assembled.values[id(receiver.call)] = lambda evaluator, frame: (*earlier, *values)
        arguments = {}
        for argument in meaning.api.args:
            given = argument_of(meaning.api, argument, receiver.call) if argument.startswith(RECEIVER) else None
            if given is not None and receiver.frame.function == frame.function:
                arguments[argument.removeprefix(RECEIVER)] = given
        self.assembled.sites.append(Site(meaning, frame.path, frame.function, call, None, name, None, arguments))
