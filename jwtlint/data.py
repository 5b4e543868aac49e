"""Rules and models, which are kept ready for use in the cache. What reads them is imported when something is not there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from jwtlint.config import Options
from jwtlint.rules.folder import builtin_folder
from jwtlint.sources.cache import PACKAGE, Cache, digest, files_in, folder_digest, program_digest
from jwtlint.sources.needles import needles_for
from jwtlint.sources.screen import Screening

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jwtlint.linker.browser.library import WebModel
    from jwtlint.linker.library import LibraryModel
    from jwtlint.rules.catalogue import Rule
    from jwtlint.rules.heads import ModelHead

T = TypeVar("T")


class Data:
    """The rules and models that the options name. ``key`` changes when one of them or jwtlint itself does."""

    def __init__(self, cache: Cache, options: Options) -> None:
        self.cache = cache
        self.models = [Path(folder) for folder in options.model_folders]
        self.folders = [Path(folder) for folder in options.rule_folders]
        self.key = b""
        self.known: dict[str, Any] = {}
        if cache.folder is not None:
            changes = folder_digest(rule_folders(options), (".toml",))
            self.key = digest(program_digest(), changes, *options.model_folders, "and", *options.rule_folders)

    def screening(self, root: Path, unsaved: Mapping[str, bytes]) -> Screening:
        """What looks in the files below ``root`` for what the models are about."""

        def needles() -> Mapping[bytes, int]:
            return needles_for({word for head in self.heads() for word in head.words})

        return Screening(root, needles, lambda: [word.encode() for word in self.web_words()], unsaved)

    def heads(self) -> tuple[ModelHead, ...]:
        """What finds the files that models are about."""
        from jwtlint.rules import heads
        from jwtlint.rules.heads import ModelHead

        return self.kept("heads", tuple[ModelHead, ...], lambda: heads.load(self.models))

    def web_words(self) -> tuple[str, ...]:
        """The words that make a front end's file worth parsing, sorted."""
        from jwtlint.rules import heads

        return self.kept("web-words", tuple[str, ...], lambda: heads.web_words(self.models))

    def libraries(self) -> tuple[LibraryModel, ...]:
        """All models."""
        from jwtlint.linker.library import LibraryModel
        from jwtlint.rules import models

        return self.kept("models", tuple[LibraryModel, ...], lambda: models.load(self.models, examples=False))

    def web_libraries(self) -> tuple[WebModel, ...]:
        """All models of front ends' libraries."""
        from jwtlint.linker.browser.library import WebModel
        from jwtlint.rules import models

        return self.kept("web-models", tuple[WebModel, ...], lambda: models.load_web(self.models, examples=False))

    def rules(self) -> tuple[Rule, ...]:
        """All rules."""
        from jwtlint.rules import catalogue
        from jwtlint.rules.catalogue import Rule

        return self.kept("rules", tuple[Rule, ...], lambda: catalogue.load(self.folders))

    def kept(self, name: str, kind: type[T], make: Callable[[], T]) -> T:
        """What this run or the cache has under a name; else it is made, and kept."""
        if name not in self.known:
            entry = f"data/{name}-{self.key.hex()}"
            value = self.cache.load(entry, kind)
            if value is None:
                value = make()
                self.cache.store(entry, value)
            self.known[name] = value
        found: T = self.known[name]
        return found


def rule_folders(options: Options) -> list[Path]:
    """Where rules and models come from."""
    return [builtin_folder(), *map(Path, (*options.model_folders, *options.rule_folders))]


def program_files(options: Options) -> list[str]:
    """The files and folders of jwtlint itself, of its rules and models."""
    return [*files_in([PACKAGE], (".py",)), *files_in(rule_folders(options), (".toml",))]
