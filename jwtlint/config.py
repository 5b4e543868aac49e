"""The configuration: ``[tool.jwtlint]`` in ``pyproject.toml``, or ``jwtlint.toml``; typed, and strict about unknown keys.

The nearest file upward from the scanned folder counts, up to the folder that holds ``.git``. The scanned repository may be
hostile, so folders of rules and models that its own configuration names are used only when the user names that configuration
by ``--config``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from jwtlint import toml
from jwtlint.errors import UserError, suggestion

MinLevel: TypeAlias = Literal["note", "warning", "error"]
Positive: TypeAlias = Annotated[int, Meta(ge=1)]


class Configuration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The keys of a configuration file. What each means stands with it, for people, editors and ``jwtlint config`` alike."""

    max_lifetime: Annotated[Positive, Meta(description="How many minutes an access token may live.", examples=[15])] = 60
    select: Annotated[
        tuple[str, ...],
        Meta(description="The rules that are asked: codes, prefixes of codes, or names. Empty for all.", examples=[["JWT1", "no-expiry"]]),
    ] = ()
    ignore: Annotated[
        tuple[str, ...],
        Meta(description="The rules that are not asked: codes, prefixes of codes, or names.", examples=[["JWT308"]]),
    ] = ()
    exclude: Annotated[
        tuple[str, ...] | None,
        Meta(description="What is not scanned, in patterns as in .gitignore, instead of the default exclusions.", examples=[["dist/"]]),
    ] = None
    extend_exclude: Annotated[
        tuple[str, ...],
        Meta(description="What is not scanned either, in patterns as in .gitignore.", examples=[["legacy/"]]),
    ] = ()
    per_file_ignores: Annotated[
        dict[str, tuple[str, ...]],
        Meta(
            description="Rules that do not count in some files: patterns as in .gitignore, each with codes, prefixes or names.",
            examples=[{"internal/*": ["token-in-response-body"]}],
        ),
    ] = {}
    models: Annotated[
        tuple[str, ...],
        Meta(
            description="Folders with models of libraries of your own, from the file's folder. Obeyed with --config FILE only.",
            examples=[["lint/models"]],
        ),
    ] = ()
    rules: Annotated[
        tuple[str, ...],
        Meta(
            description="Folders with rules of your own, from the file's folder. Obeyed with --config FILE only.",
            examples=[["lint/rules"]],
        ),
    ] = ()
    role_claims: Annotated[
        tuple[str, ...], Meta(description="More names of claims that grant rights.", examples=[["x-company-rank"]])
    ] = ()
    profile_claims: Annotated[
        tuple[str, ...], Meta(description="More names of claims that describe a person.", examples=[["shoe_size"]])
    ] = ()
    include_tests: Annotated[bool, Meta(description="Whether test code is scanned too.")] = False
    min_level: Annotated[MinLevel, Meta(description="Findings below this level are left out.")] = "note"
    pedantic: Annotated[bool, Meta(description="Whether findings that rest on weak evidence are reported too.")] = False
    max_file_size: Annotated[Positive, Meta(description="Larger files, in bytes, are not read, and reported as such.")] = 2_000_000
    baseline: Annotated[
        str | None,
        Meta(
            description="A file with findings that do not count, from the file's folder. `jwtlint baseline` writes it.",
            examples=[".jwtlint-baseline.json"],
        ),
    ] = None
    fail_level: Annotated[MinLevel, Meta(description="The lowest level of a finding that makes a run fail.")] = "note"
    strict: Annotated[bool, Meta(description="Whether a run ends with 3 when a file could not be analysed.")] = False


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """All that a run depends on: the configuration with the command line's say, and where to look.

    ``paths`` are the files and folders to scan, relative to the root with forward slashes; empty for all of it.
    ``model_folders`` and ``rule_folders`` are absolute. ``ignores``: comments that ask for silence are obeyed.
    """

    configuration: Configuration = Configuration()
    paths: tuple[str, ...] = ()
    model_folders: tuple[str, ...] = ()
    rule_folders: tuple[str, ...] = ()
    cache: bool = True
    ignores: bool = True

    @property
    def limits(self) -> dict[str, int]:
        """The numbers that rules name, in seconds."""
        return {"max-lifetime": self.configuration.max_lifetime * 60}


class Found(msgspec.Struct, frozen=True):
    """A configuration and the file that it came from (None for the defaults). ``named``: the user named the file."""

    configuration: Configuration = Configuration()
    path: Path | None = None
    named: bool = False

    @property
    def refused(self) -> tuple[str, ...]:
        """The keys that are not obeyed because the scanned repository wrote them."""
        if self.named:
            return ()
        return tuple(key for key in ("models", "rules") if getattr(self.configuration, key))

    def folders(self, key: Literal["models", "rules"]) -> tuple[str, ...]:
        """The absolute folders under ``models`` or ``rules``; none when the scanned repository named them."""
        if self.path is None or not self.named:
            return ()
        names = self.configuration.models if key == "models" else self.configuration.rules
        return tuple(str((self.path.parent / name).resolve()) for name in names)


def discover(start: Path) -> Found:
    """The configuration that holds for a folder. Raises :class:`UserError`."""
    for folder in (start, *start.parents):
        own = folder / "jwtlint.toml"
        if is_own(own):
            return Found(read(own), own)
        project = folder / "pyproject.toml"
        if is_own(project) and speaks_of_us(project) and table_of(project) is not None:
            return Found(read(project), project)
        if (folder / ".git").exists():
            break
    return Found()


def places(start: Path) -> list[Path]:
    """Every path that :func:`discover` may ask about, whether it exists or not."""
    found: list[Path] = []
    for folder in (start, *start.parents):
        found += (folder / "jwtlint.toml", folder / "pyproject.toml", folder / ".git")
        if found[-1].exists():
            break
    return found


def is_own(path: Path) -> bool:
    """Whether a file is there, and is no link, which may lead out of the scanned repository."""
    return path.is_file() and not path.is_symlink()


def speaks_of_us(path: Path) -> bool:
    """Whether a ``pyproject.toml`` is worth parsing; one that is broken, or a template, is of no concern unless it names us."""
    try:
        return b"jwtlint" in path.read_bytes()
    except OSError:
        return False


def keys_in(path: Path) -> frozenset[str]:
    """The keys that a configuration file sets. Raises :class:`UserError`."""
    table = table_of(path)
    return frozenset(map(str, table)) if isinstance(table, dict) else frozenset()


def place(path: Path) -> str:
    """A configuration file with the table that is meant in it."""
    return f"{path} [tool.jwtlint]" if path.name == "pyproject.toml" else str(path)


def named(path: Path) -> Found:
    """The configuration in a file that the user named. Raises :class:`UserError`."""
    if not path.is_file():
        raise UserError(f"the configuration file {path} does not exist")
    return Found(read(path), path.resolve(), named=True)


def table_of(path: Path) -> object | None:
    """The table with jwtlint's keys: ``[tool.jwtlint]`` of a ``pyproject.toml`` (None where there is none), else the whole file."""
    tables = toml.read(path)
    if path.name != "pyproject.toml":
        return tables
    tool = tables.get("tool")
    return tool.get("jwtlint") if isinstance(tool, dict) else None


def read(path: Path) -> Configuration:
    """The configuration in a file. Raises :class:`UserError`, naming the file and the key."""
    table = table_of(path)
    where = place(path)
    if table is None:
        raise UserError(f"{path} has no table [tool.jwtlint]")
    if isinstance(table, dict):
        known = Configuration.__struct_encode_fields__
        for key in table:
            if key not in known:
                raise UserError(f'{where}: unknown key "{key}"{suggestion(str(key), known)}')
    return toml.convert(table, Configuration, where)
