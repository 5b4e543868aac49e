"""What the program's settings say to a library, by the meaning that the library's model gives them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as Choice
from typing import TypeAlias

from jwtlint.facts.lifecycle import Place
from jwtlint.linker.evaluate import Evaluator
from jwtlint.linker.flow import Flow
from jwtlint.linker.library import Api, SettingModel
from jwtlint.linker.lifetimes import Lifetime, Lifetimes
from jwtlint.linker.settings import Setting
from jwtlint.linker.values import Literal, Value, Values

Expiry: TypeAlias = Choice["set", "missing", "unknown"]
ASYMMETRIC = ("RS", "ES", "PS", "Ed")  # the algorithms whose key is a pair (RFC 7518 §3.1, RFC 8037)


@dataclass(frozen=True, slots=True)
class Truth:
    """A switch: ``value`` is None where it is decided elsewhere; ``place`` is where it is set, None for the library's default."""

    value: bool | None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Assigned:
    """The assignments of one setting in one application, and what it means to a library."""

    application: str
    library: str
    model: SettingModel
    settings: tuple[Setting, ...]


class LibrarySettings:
    """Answers questions about settings by meaning."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.settings = evaluator.settings
        self.flow = Flow(evaluator)
        self.lifetimes = Lifetimes(evaluator)
        self.models: dict[tuple[str, str], list[SettingModel]] = {}
        self.by_name: dict[tuple[str, str], list[tuple[str, SettingModel]]] = {}
        for model in evaluator.knowledge.models:
            for setting in model.setting:
                self.models.setdefault((model.name, setting.meaning), []).append(setting)
                self.by_name.setdefault((setting.meaning, setting.name), []).append((model.name, setting))

    def assigned(self, path: str, library: str, meaning: str) -> list[tuple[SettingModel, list[Setting]]]:
        """A library's settings of one meaning that are assigned in the application of a file."""
        found = [(model, self.settings.assignments(path, model.name)) for model in self.models.get((library, meaning), ())]
        return [(model, settings) for model, settings in found if settings]

    def everywhere(self, meaning: str) -> Iterator[Assigned]:
        """Every assignment of a setting with a meaning, in all applications and to all libraries."""
        for (application, name), found in self.settings.all().items():
            for library, model in self.by_name.get((meaning, name), ()):
                kept = [setting for setting in found if not setting.development] or found
                yield Assigned(application, library, model, tuple(kept))

    # -- switches --------------------------------------------------------------------------------------------------

    def truth(self, path: str, library: str, meaning: str, default: bool = False) -> Truth:
        """A switch of a library. Where several places set it differently, it is decided elsewhere."""
        for model in self.models.get((library, meaning), ()):
            settings = self.settings.assignments(path, model.name)
            if settings:
                verdicts = {self.holds(setting, model) for setting in settings}
                if model.on not in ("", "True") and True in verdicts:
                    return Truth(True, settings[0].place)  # an element of a list that is put together
                return Truth(verdicts.pop() if len(verdicts) == 1 else None, settings[0].place)
            if model.default is not None and not model.on:
                default = bool(model.default)
        return Truth(default)

    def holds(self, setting: Setting, model: SettingModel) -> bool | None:
        """Whether one assignment switches on what a setting stands for."""
        values = self.settings.evaluated(setting)
        constants = [value.value for value in values if isinstance(value, Literal)]
        if model.on:
            return model.on in {*self.strings(values), *map(str, constants)}
        if not values or len(constants) != len(values):
            return None
        return bool(constants[0]) if len({bool(one) for one in constants}) == 1 else None

    def strings(self, values: Values) -> list[str]:
        """The constant strings in values."""
        return [str(value.value) for value in self.literals(values)]

    def literals(self, values: Values) -> list[Literal]:
        """The constant strings in values, with their places, in the order of the source."""
        found = [value for value in self.flow.parts(values) if isinstance(value, Literal) and isinstance(value.value, str)]
        return sorted(found, key=lambda value: (value.place is None, value.place))

    def elements(self, setting: Setting) -> list[Value]:
        """What a setting names, itself or in lists: strings, classes, functions."""
        return list(self.flow.parts(self.settings.evaluated(setting), through_calls=False))

    # -- refresh tokens --------------------------------------------------------------------------------------------

    def rotates(self, path: str, library: str) -> bool:
        """Whether refresh tokens are replaced when they are used."""
        return self.truth(path, library, "rotate").value is not False

    def keeps_record(self, path: str, library: str, api: Api) -> bool:
        """Whether the library keeps a record of its refresh tokens: always, or by an application of its own."""
        return api.record or self.truth(path, library, "installed-apps").value is True

    # -- lifetimes and keys ----------------------------------------------------------------------------------------

    def lifetime(self, path: str, api: Api) -> tuple[Lifetime | None, Expiry]:
        """The longest lifetime that the settings give, or the library's default."""
        settings = self.settings.assignments(path, api.lifetime_setting) if api.lifetime_setting else []
        best: Lifetime | None = None
        for setting in settings:
            values = self.settings.evaluated(setting)
            if values and all(is_switched_off(value) for value in values):
                return Lifetime(0, setting.place), "missing"
            found = self.lifetimes.of(values, self.unit(api.lifetime_setting))
            if found is not None and (best is None or found.seconds > best.seconds):
                best = Lifetime(found.seconds, found.place or setting.place)
        if settings:
            return best, "set"
        if api.lifetime_default is None:
            return None, "unknown" if api.lifetime_setting else "missing"
        return Lifetime(api.lifetime_default, None), "set"

    def unit(self, name: str) -> int:
        """How many seconds a bare number counts for in a setting."""
        return next((model.unit for _, model in self.evaluator.knowledge.settings.get(name, ())), 1)

    def key(self, path: str, library: str) -> list[Setting]:
        """The assignments of the key that a library signs with: of the first of its settings that is set."""
        for _, settings in self.assigned(path, library, "key"):
            kept = [setting for setting in settings if not setting.development]
            if kept:
                return kept
        return []

    def is_asymmetric(self, path: str, library: str) -> bool:
        """Whether a library signs with a pair of keys, so that no mere text is its key."""
        for _, settings in self.assigned(path, library, "algorithm"):
            texts = [text for setting in settings for text in self.strings(self.settings.evaluated(setting))]
            return bool(texts) and all(text.startswith(ASYMMETRIC) for text in texts)
        defaults = [str(model.default) for model in self.models.get((library, "algorithm"), ())]
        return bool(defaults) and all(text.startswith(ASYMMETRIC) for text in defaults)


def is_switched_off(value: Value) -> bool:
    """Whether a value is the constant None or False; zero is a length of time."""
    return isinstance(value, Literal) and (value.value is None or value.value is False)
