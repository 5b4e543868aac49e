"""Library models: ``rules/models/*.toml``, for front ends ``rules/models/web/*.toml``, and the same in the folders that the user names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jwtlint import toml
from jwtlint.errors import UserError
from jwtlint.linker.browser.library import WebModel
from jwtlint.linker.library import LibraryModel
from jwtlint.rules.heads import model_files


def load(folders: Sequence[Path] = (), examples: bool = True) -> tuple[LibraryModel, ...]:
    """All models, sorted by name. Raises :class:`UserError`, naming the file and the key.

    Without ``examples`` it is faster; those in the user's models are checked all the same.
    """
    return tuple(load_model(path, examples or path.parent in folders) for path in model_files(folders))


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
