"""Library models: ``rules/models/*.toml`` and the folders that the user names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from jwtlint import toml
from jwtlint.errors import UserError
from jwtlint.linker.library import LibraryModel
from jwtlint.rules.catalogue import builtin_folder


class ModelHead(msgspec.Struct, frozen=True):
    """What finds the files that a model is about: its modules, and the words that make a file worth parsing."""

    imports: tuple[str, ...] = ()
    screen: tuple[str, ...] | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The words to look for: without ``screen`` the names of the imports."""
        return self.imports if self.screen is None else self.screen


def model_files(folders: Sequence[Path] = ()) -> list[Path]:
    """The files of all models; one in a user's folder takes the place of the built-in one of the same name."""
    found: dict[str, Path] = {}
    for folder in (builtin_folder() / "models", *folders):
        if not folder.is_dir():
            raise UserError(f"the models folder {folder} does not exist")
        for path in sorted(folder.glob("*.toml")):
            found[path.stem] = path
    return [found[name] for name in sorted(found)]


def load(folders: Sequence[Path] = (), examples: bool = True) -> tuple[LibraryModel, ...]:
    """All models, sorted by name. Raises :class:`UserError`, naming the file and the key.

    Without ``examples`` it is faster; those in the user's models are checked all the same.
    """
    return tuple(load_model(path, examples or path.parent in folders) for path in model_files(folders))


def heads(folders: Sequence[Path] = ()) -> tuple[ModelHead, ...]:
    """The heads of all models, which take a twentieth of the time of :func:`load`. Raises :class:`UserError`."""
    return tuple(load_head(path) for path in model_files(folders))


def load_head(path: Path) -> ModelHead:
    """The head of one model. Raises :class:`UserError`."""
    return toml.convert(toml.read(path, toml.head), ModelHead, str(path))


def load_model(path: Path, examples: bool = True) -> LibraryModel:
    """One model. Raises :class:`UserError`."""
    tables = toml.read(path, None if examples else toml.without_examples)
    # as in ModelHead.words
    model = toml.convert({"name": path.stem, "screen": tables.get("imports", []), **tables}, LibraryModel, str(path))
    if model.name != path.stem:
        raise UserError(f'{path}: key "name": it must be the file\'s name, "{path.stem}"')
    if not model.imports:
        raise UserError(f'{path}: key "imports": at least one module is needed')
    return model
