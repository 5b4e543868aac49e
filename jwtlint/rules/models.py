"""Library models: ``rules/models/*.toml``, for front ends ``rules/models/web/*.toml``, and the same in the folders that the user names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from jwtlint import toml
from jwtlint.errors import UserError
from jwtlint.linker.browser.library import WebModel
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


class WebHead(msgspec.Struct, frozen=True):
    """What finds the files that a model of a front end's library is about."""

    packages: tuple[str, ...] = ()
    screen: tuple[str, ...] | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """The words to look for: without ``screen`` the packages."""
        return self.packages if self.screen is None else self.screen


def model_files(folders: Sequence[Path] = (), web: bool = False) -> list[Path]:
    """The files of all models (of front ends' libraries with ``web``); one in a user's folder takes the place of the built-in one of the
    same name."""
    found: dict[str, Path] = {}
    for folder in (builtin_folder() / "models", *folders):
        if not folder.is_dir():
            raise UserError(f"the models folder {folder} does not exist")
        for path in sorted(folder.glob("web/*.toml" if web else "*.toml")):
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


def load_web(folders: Sequence[Path] = (), examples: bool = True) -> tuple[WebModel, ...]:
    """All models of front ends' libraries, sorted by name. Raises :class:`UserError`, naming the file and the key."""
    return tuple(load_web_model(path, examples or path.parent.parent in folders) for path in model_files(folders, web=True))


def load_web_model(path: Path, examples: bool = True) -> WebModel:
    """One model of a front end's library. Raises :class:`UserError`."""
    tables = toml.read(path, None if examples else toml.without_examples)
    model = toml.convert({"name": path.stem, "screen": tables.get("packages", []), **tables}, WebModel, str(path))
    if model.name != path.stem:
        raise UserError(f'{path}: key "name": it must be the file\'s name, "{path.stem}"')
    return model


def web_words(folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """The words that make a front end's file worth parsing. Raises :class:`UserError`."""
    heads = (toml.convert(toml.read(path, toml.head), WebHead, str(path)) for path in model_files(folders, web=True))
    return tuple(sorted({word for head in heads for word in head.words}))
