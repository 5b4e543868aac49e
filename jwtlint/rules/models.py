"""Library models: ``rules/models/*.toml`` and the folders that the user names."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from jwtlint import toml
from jwtlint.errors import UserError
from jwtlint.linker.library import LibraryModel
from jwtlint.rules.catalogue import builtin_folder


def model_files(folders: Sequence[Path] = ()) -> list[Path]:
    """The files of all models; one in a user's folder takes the place of the built-in one of the same name."""
    found: dict[str, Path] = {}
    for folder in (builtin_folder() / "models", *folders):
        if not folder.is_dir():
            raise UserError(f"the models folder {folder} does not exist")
        for path in sorted(folder.glob("*.toml")):
            found[path.stem] = path
    return [found[name] for name in sorted(found)]


def load(folders: Sequence[Path] = ()) -> tuple[LibraryModel, ...]:
    """All models, sorted by name. Raises :class:`UserError`, naming the file and the key."""
    return tuple(load_model(path) for path in model_files(folders))


def load_model(path: Path) -> LibraryModel:
    """One model. Raises :class:`UserError`."""
    tables = toml.read(path)
    # without ``screen`` the names of the imports make a file worth parsing
    model = toml.convert({"name": path.stem, "screen": tables.get("imports", []), **tables}, LibraryModel, str(path))
    if model.name != path.stem:
        raise UserError(f'{path}: key "name": it must be the file\'s name, "{path.stem}"')
    if not model.imports:
        raise UserError(f'{path}: key "imports": at least one module is needed')
    return model
