"""The files that ``jwtlint init`` writes, and that the README shows."""

from __future__ import annotations

from importlib import resources

from jwtlint import __version__


def template(name: str) -> str:
    """The text of a template, about this version of jwtlint."""
    return resources.files(__name__).joinpath(name).read_text(encoding="utf-8").replace("@VERSION@", __version__)
