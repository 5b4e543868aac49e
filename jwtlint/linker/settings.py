"""Settings by name: Flask's ``app.config``, configuration classes, Django's settings modules, dictionaries in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import Attribute, Call, Constant, Expression, Keyword, Mapping, Name, Step, Subscript
from jwtlint.linker.frames import Frame
from jwtlint.linker.values import ClassValue, FunctionValue, Values
from jwtlint.linker.vocabulary import words

if TYPE_CHECKING:
    from jwtlint.linker.evaluate import Evaluator

DEVELOPMENT_WORDS = frozenset("dev develop development test tests testing local ci sample example examples demo unittest debug localhost".split())


@dataclass(frozen=True, slots=True)
class Setting:
    """One assignment of a setting. ``place`` is that of the value."""

    name: str
    value: Expression
    frame: Frame
    place: Place
    development: bool
    statement: Place


class Settings:
    """All assignments of settings in the program, by application and name."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.program = evaluator.program
        self.index: dict[tuple[str, str], list[Setting]] | None = None
        self.running: set[tuple[str, str]] = set()

    def all(self) -> dict[tuple[str, str], list[Setting]]:
        """Every setting, read once."""
        if self.index is None:
            self.index = {}
            for path, index in self.program.modules.items():
                application = self.program.applications[path]
                development = bool(set(words(path.rpartition("/")[2][:-3])) & DEVELOPMENT_WORDS)
                module_frame = self.evaluator.module_frame(path)
                for step in index.module.steps:
                    self.read(application, step, module_frame, development)
                for class_ in index.module.classes:
                    frame = self.evaluator.class_frame(ClassValue(path, class_.name))
                    mode = development or bool(set(words(class_.name)) & DEVELOPMENT_WORDS)
                    for step in class_.steps:
                        self.read(application, step, frame, mode)
                for function in index.module.functions:
                    for step in function.steps:
                        if step.kind == "assign" and isinstance(step.target, Subscript) or step.kind == "evaluate":
                            self.read(application, step, self.evaluator.free_frame(FunctionValue(path, function.name)), development)
        return self.index

    def read(self, application: str, step: Step, frame: Frame, development: bool) -> None:
        """Read one statement."""
        target, value = step.target, step.value
        if step.kind == "assign" and value is not None:
            if isinstance(target, Name) and target.name.isupper():
                self.add(application, target.name, value, frame, development, step)
            elif isinstance(target, Subscript) and isinstance(target.index, Constant) and is_config(target.value):
                self.add(application, str(target.index.value), value, frame, development, step)
            elif isinstance(target, Attribute) and target.name.isupper():
                self.add(application, target.name, value, frame, development, step)
        elif step.kind == "evaluate" and isinstance(value, Call) and isinstance(value.function, Attribute):
            if value.function.name in ("update", "from_mapping") and is_config(value.function.value):
                self.keywords(application, value.keywords, frame, development, step)
                for argument in value.positional:
                    if isinstance(argument, Mapping):
                        self.entries(application, "", argument, frame, development, step)
            elif value.function.name == "setdefault" and is_config(value.function.value) and len(value.positional) == 2:
                key = value.positional[0]
                if isinstance(key, Constant):
                    self.add(application, str(key.value), value.positional[1], frame, development, step)

    def keywords(self, application: str, keywords: tuple[Keyword, ...], frame: Frame, development: bool, step: Step) -> None:
        for keyword in keywords:
            if keyword.name is not None:
                self.add(application, keyword.name, keyword.value, frame, development, step)

    def entries(self, application: str, prefix: str, mapping: Mapping, frame: Frame, development: bool, step: Step) -> None:
        for entry in mapping.entries:
            if isinstance(entry.key, Constant) and isinstance(entry.key.value, str):
                self.add(application, f"{prefix}{entry.key.value}", entry.value, frame, development, step, entry.at)

    def add(
        self, application: str, name: str, value: Expression, frame: Frame, development: bool, step: Step, at: object = None
    ) -> None:
        assert self.index is not None
        statement = self.program.place(frame.path, step.at)
        place = self.program.place(frame.path, value.at)
        found = self.index.setdefault((application, name), [])
        found.append(Setting(name, value, frame, place, development, statement))
        if isinstance(value, Mapping):
            self.entries(application, f"{name}.", value, frame, development, step)
        elif isinstance(value, Call) and isinstance(value.function, Name) and value.function.name == "dict":
            for keyword in value.keywords:
                if keyword.name is not None:
                    self.add(application, f"{name}.{keyword.name}", keyword.value, frame, development, step)

    def assignments(self, path: str, name: str) -> list[Setting]:
        """The assignments of a setting in the application of a file; those of development only where there are no others."""
        found = self.all().get((self.program.applications.get(path, ""), name), [])
        return [setting for setting in found if not setting.development] or found

    def values(self, path: str, name: str) -> Values:
        """What a setting may be."""
        key = (self.program.applications.get(path, ""), name)
        if key in self.running:
            return ()
        self.running.add(key)
        try:
            return tuple(
                value for setting in self.assignments(path, name) for value in self.evaluator.evaluate(setting.value, setting.frame)
            )
        finally:
            self.running.discard(key)


def is_config(node: Expression) -> bool:
    """Whether an expression is a configuration mapping (``app.config``)."""
    return isinstance(node, Attribute | Name) and node.name in ("config", "conf", "settings")
