"""Which files a scan is about."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jwtlint.config import Options
from jwtlint.sources.contents import NOTHING
from jwtlint.sources.walk import WalkOptions, WalkResult, walk


def files(root: Path, options: Options, unsaved: Mapping[str, bytes] = NOTHING) -> WalkResult:
    """The files below ``root`` that the options ask for.

    ``unsaved`` maps paths, relative to ``root``, to the bytes that an editor holds in place of what is on the disk.
    """
    configuration = options.configuration
    wanted = WalkOptions(
        paths=options.paths,
        exclude=configuration.exclude,
        extend_exclude=configuration.extend_exclude,
        include_tests=configuration.include_tests,
        max_file_size=configuration.max_file_size,
    )
    return walk(root, wanted, unsaved)
