"""The heads of the library models: what finds the files that a model is about. They take a twentieth of the time of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec

from jwtlint import toml
from jwtlint.errors import UserError
from jwtlint.rules.folder import builtin_folder


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


def load(folders: Sequence[Path] = ()) -> tuple[ModelHead, ...]:
    """The heads of all models. Raises :class:`UserError`, naming the file and the key."""
    return tuple(toml.convert(toml.read(path, toml.head), ModelHead, str(path)) for path in model_files(folders))


def web_words(folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """The words that make a front end's file worth parsing. Raises :class:`UserError`."""
    heads = (toml.convert(toml.read(path, toml.head), WebHead, str(path)) for path in model_files(folders, web=True))
    return tuple(sorted({word for head in heads for word in head.words}))
