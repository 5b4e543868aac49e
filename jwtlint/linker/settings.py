"""Settings by name: Flask's ``app.config``, configuration classes, Django's settings modules, dictionaries in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jwtlint.facts.lifecycle import Place
from jwtlint.facts.program import Attribute, Call, Constant, Expression, Keyword, Mapping, Name, Step, Subscript
from jwtlint.linker.frames import Frame
from jwtlint.linker.values import ClassValue, Combined, FunctionValue, Values
from jwtlint.linker.vocabulary import words

if TYPE_CHECKING:
    from jwtlint.linker.evaluate import Evaluator

DEVELOPMENT_WORDS = frozenset(
    "dev develop development test tests testing local ci sample example examples demo unittest debug localhost".split()
)


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
                        if not isinstance(step.target, Name) or isinstance(step.value, Call):
                            self.read(application, step, self.evaluator.free_frame(FunctionValue(path, function.name)), development)
        return self.index

    def read(self, application: str, step: Step, frame: Frame, development: bool) -> None:
        """Read one statement."""
        target, value = step.target, step.value
        if step.kind in ("assign", "augment") and value is not None:
            if isinstance(target, Name) and frame.function is None and self.is_setting(target.name):
                self.add(application, target.name, value, frame, development, step)
            elif isinstance(target, Subscript) and isinstance(target.index, Constant):
                if is_config(target.value):
                    self.add(application, str(target.index.value), value, frame, development, step)
                elif isinstance(target.value, Name) and target.value.name.isupper():
                    self.add(application, f"{target.value.name}.{target.index.value}", value, frame, development, step)
            elif isinstance(target, Attribute) and (is_config(target.value) or self.is_setting(target.name)):
                self.add(application, target.name, value, frame, development, step)
        self.configured(application, step, frame, development)
        if step.kind == "evaluate" and isinstance(value, Call) and isinstance(value.function, Attribute):
            if is_update(value):
                self.keywords(application, value.keywords, frame, development, step)
                for argument in value.positional:
                    if isinstance(argument, Mapping):
                        self.entries(application, "", argument, frame, development, step)
            elif value.function.name in ("append", "extend", "insert") and isinstance(value.function.value, Name):
                if value.positional and value.function.value.name.isupper():
                    self.add(application, value.function.value.name, value.positional[-1], frame, development, step)
            elif value.function.name == "setdefault" and is_config(value.function.value) and len(value.positional) == 2:
                key = value.positional[0]
                if isinstance(key, Constant):
                    self.add(application, str(key.value), value.positional[1], frame, development, step)

    def is_setting(self, name: str) -> bool:
        """Whether a name is that of a setting: in capitals, or one that a library reads."""
        return name.isupper() or name in self.evaluator.knowledge.settings

    def configured(self, application: str, step: Step, frame: Frame, development: bool) -> None:
        """A configuration object's keywords that a library reads as settings (``AuthXConfig(JWT_COOKIE_SECURE=False)``)."""
        call = step.value
        if isinstance(call, Call) and step.kind in ("assign", "return", "evaluate") and not is_update(call):
            known = self.evaluator.knowledge.settings
            self.keywords(application, tuple(one for one in call.keywords if one.name in known), frame, development, step)

    def keywords(self, application: str, keywords: tuple[Keyword, ...], frame: Frame, development: bool, step: Step) -> None:
        for keyword in keywords:
            if keyword.name is not None:
                self.add(application, keyword.name, keyword.value, frame, development, step)

    def entries(self, application: str, prefix: str, mapping: Mapping, frame: Frame, development: bool, step: Step) -> None:
        for entry in mapping.entries:
            if isinstance(entry.key, Constant) and isinstance(entry.key.value, str):
                self.add(application, f"{prefix}{entry.key.value}", entry.value, frame, development, step, entry.at)

    def add(self, application: str, name: str, value: Expression, frame: Frame, development: bool, step: Step, at: object = None) -> None:
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

    def evaluated(self, setting: Setting) -> Values:
        """What one assignment may give; a field of a class that the environment fills may be anything beside its default."""
        values = self.evaluator.evaluate(setting.value, setting.frame)
        if not setting.frame.owner:
            return values
        objects = self.evaluator.objects
        owner = ClassValue(setting.frame.path, setting.frame.owner)
        default = objects.field_default(values, setting.value, owner)
        return (Combined("setting-default", (default,)),) if objects.is_settings(owner) else default

    def values(self, path: str, name: str) -> Values:
        """What a setting may be."""
        key = (self.program.applications.get(path, ""), name)
        if key in self.running:
            return ()
        self.running.add(key)
        try:
            return tuple(value for setting in self.assignments(path, name) for value in self.evaluated(setting))
        finally:
            self.running.discard(key)


def is_update(call: Call) -> bool:
    """Whether a call changes a configuration mapping (``app.config.update(…)``)."""
    function = call.function
    return isinstance(function, Attribute) and function.name in ("update", "from_mapping") and is_config(function.value)


def is_config(node: Expression) -> bool:
    """Whether an expression is a configuration mapping (``app.config``)."""
    return isinstance(node, Attribute | Name) and node.name in ("config", "conf", "settings")
