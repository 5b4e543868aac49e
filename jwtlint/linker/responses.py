"""What a configured login answers: the library's own body, or that of a function which the program names."""

from __future__ import annotations

from jwtlint.facts.program import Name
from jwtlint.linker.configured import Origin, Recorder
from jwtlint.linker.hooks import HookFinder
from jwtlint.linker.traversal import walk
from jwtlint.linker.values import FunctionValue


class ResponseHooks:
    """Finds the bodies of configured logins."""

    def __init__(self, recorder: Recorder, hooks: HookFinder) -> None:
        self.recorder = recorder
        self.hooks = hooks
        self.program = recorder.program

    def answer(self, origin: Origin, handed: list[FunctionValue]) -> None:
        """The deliveries of a configured mint in bodies; ``handed`` are the functions that its manager is given."""
        functions = handed or self.named(origin)
        for function in functions:
            self.returned(origin, function)
        if not functions and origin.meaning.api.body:
            self.recorder.body(origin)

    def named(self, origin: Origin) -> list[FunctionValue]:
        """The functions that a setting of the library names."""
        found: list[FunctionValue] = []
        for _, settings in self.recorder.settings.assigned(origin.path, origin.meaning.library, "response-function"):
            for setting in settings:
                for value in self.recorder.settings.elements(setting):
                    function = self.hooks.named(setting.frame.path, value)
                    if isinstance(function, FunctionValue) and function not in found:
                        found.append(function)
        return found

    def returned(self, origin: Origin, function: FunctionValue) -> None:
        """The returns of a function that carry its first argument, the token."""
        facts = self.program.function(function)
        given = [parameter.name for parameter in facts.parameters if parameter.name not in ("self", "cls")][:1]
        for step in facts.steps:
            if step.kind == "return" and step.value is not None:
                if any(isinstance(node, Name) and node.name in given for node in walk(step.value)):
                    self.recorder.body(origin, self.program.place(function.path, step.at), function)
