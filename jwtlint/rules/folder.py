"""Where the rules and models lie that come with jwtlint."""

from __future__ import annotations

from pathlib import Path

from jwtlint.errors import UserError


def builtin_folder() -> Path:
    """The rules that come with jwtlint: ``rules/`` of a checkout beside the package, else ``jwtlint/_rules`` of a wheel.

    Raises :class:`UserError` when the installation holds neither.
    """
    package = Path(__file__).resolve().parent.parent
    for folder in (package.parent / "rules", package / "_rules"):
        if (folder / "models").is_dir() and next(folder.glob("JWT*.toml"), None) is not None:
            return folder
    raise UserError("this installation of jwtlint lacks its rules; install it again")
