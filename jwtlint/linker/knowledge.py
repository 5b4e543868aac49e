"""Which model speaks of a dotted name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jwtlint.linker.library import Api, LibraryModel, SettingModel


@dataclass(frozen=True, slots=True)
class Meaning:
    """One API of one library."""

    library: str
    api: Api


class Knowledge:
    """All models, indexed by the names they speak of."""

    def __init__(self, models: Iterable[LibraryModel]) -> None:
        self.models = tuple(models)
        self.exact: dict[str, list[Meaning]] = {}
        self.patterns: dict[str, list[Meaning]] = {}
        self.last_names: dict[str, dict[str, None]] = {}
        self.aliases: dict[str, str] = {}
        self.settings: dict[str, list[tuple[str, SettingModel]]] = {}
        self.base_classes: dict[str, tuple[str, ...]] = {}
        self.libraries: set[str] = set()
        self.imports = {model.name: model.imports for model in self.models}
        for model in self.models:
            self.libraries.update(name.partition(".")[0] for name in model.imports)
            self.aliases.update(model.aliases)
            self.base_classes.update(model.base_classes)
            for setting in model.setting:
                self.settings.setdefault(setting.name, []).append((model.name, setting))
            for api in model.api:
                meaning = Meaning(model.name, api)
                for name in api.match:
                    if name.startswith("*."):
                        self.patterns.setdefault(name[2:], []).append(meaning)
                    else:
                        self.exact.setdefault(name, []).append(meaning)
                    self.last_names.setdefault(name.rpartition(".")[2], {})[api.fact] = None

    def meanings(self, name: str) -> list[Meaning]:
        """The meanings of a fully qualified name."""
        found = self.exact.get(name)
        if found is None:
            found = self.exact[name] = self.by_alias(name)
        return found

    def by_alias(self, name: str) -> list[Meaning]:
        """The meanings of a name in another spelling."""
        for spelling, target in self.aliases.items():
            if name.startswith(spelling) and name[len(spelling) : len(spelling) + 1] in ("", "."):
                return self.exact.get(target + name[len(spelling) :], [])
        return []

    def meaning(self, name: str, *facts: str) -> Meaning | None:
        """The first meaning of a name that is one of ``facts`` (any, if none are given)."""
        for meaning in self.meanings(name):
            if not facts or meaning.api.fact in facts:
                return meaning
        return None

    def pattern(self, method: str, *facts: str) -> Meaning | None:
        """The first meaning of a method of an unknown receiver."""
        for meaning in self.patterns.get(method, ()):
            if not facts or meaning.api.fact in facts:
                return meaning
        return None

    def pattern_of(self, method: str, imports: set[str], facts: tuple[str, ...]) -> Meaning | None:
        """The first such meaning that is of a library which an application imports."""
        for meaning in self.patterns.get(method, ()):
            if meaning.api.fact in facts and not imports.isdisjoint(self.imports[meaning.library]):
                return meaning
        return None

    def names_of(self, *facts: str) -> set[str]:
        """The last names of everything that has one of the meanings ``facts``."""
        return {name for name, kinds in self.last_names.items() if any(fact in kinds for fact in facts)}
