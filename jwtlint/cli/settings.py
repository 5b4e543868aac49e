"""What ``jwtlint check --show-settings`` prints: the settings that hold, and where each comes from. It reads as a ``jwtlint.toml``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from jwtlint import config, toml
from jwtlint.config import Configuration, Found, Options
from jwtlint.report.escape import visible
from jwtlint.sources.home import cache_home
from jwtlint.sources.walk import PRUNED


def text(root: Path, options: Options, found: Found, given: Mapping[str, object], baseline: Path | None) -> str:
    """The settings as TOML with comments.

    ``given`` is what the command line says, by the names of the configuration's fields, None for nothing; ``baseline`` is the file
    that holds after all. Raises :class:`jwtlint.errors.UserError`.
    """
    return "".join(f"{visible(line)}\n" for line in (*head(root, options, found), "", *assignments(options, found, given, baseline)))


def head(root: Path, options: Options, found: Found) -> Iterator[str]:
    """What no setting tells."""
    yield f"# folder: {root}"
    yield f"# paths in it: {', '.join(options.paths) or 'all'}"
    if found.path is None:
        yield "# configuration file: none"
    else:
        yield f"# configuration file: {config.place(found.path)}{' (--config)' if found.named else ''}"
    yield f"# cache: {cache_home() if options.cache else 'not used (--no-cache)'}"
    yield f"# comments that ask for silence: {'obeyed' if options.ignores else 'not obeyed (--no-ignores)'}"


def assignments(options: Options, found: Found, given: Mapping[str, object], baseline: Path | None) -> Iterator[str]:
    """A line for each setting."""
    written = config.keys_in(found.path) if found.path is not None else frozenset()
    lines: list[tuple[str, str]] = []
    for field, key in zip(Configuration.__struct_fields__, Configuration.__struct_encode_fields__, strict=True):
        value: object = getattr(options.configuration, field)
        origin = "default"
        if given.get(field) is not None:
            origin = f"command line: --{key}"
        elif key in written and found.path is not None:
            origin = config.place(found.path)
        if field in ("models", "rules"):
            value = options.model_folders if field == "models" else options.rule_folders
            if key in found.refused:
                origin += ", which is obeyed only with --config"
        elif field == "baseline":
            value = str(baseline) if baseline is not None else None
            if baseline is None and key in written:
                origin += ", left out by --no-ignores"
        if field == "exclude" and value is None:
            origin += f": folders named .*, *.egg-info, {', '.join(sorted(PRUNED))}"
        lines.append((f"#{key} =" if value is None else f"{key} = {toml.literal(value)}", origin))
    width = min(40, max(len(line) for line, _ in lines))
    for line, origin in lines:
        yield f"{line:<{width}}  # {origin}"
