"""The beginning of a scan: another process looks for the files, and into them, while this one imports what comes after."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from jwtlint import scope
from jwtlint.config import Options
from jwtlint.data import Data
from jwtlint.sources.cache import Cache
from jwtlint.sources.contents import NOTHING
from jwtlint.sources.screen import Screening


class Beginning(NamedTuple):
    """What is begun: the rules and models, and the screening, if the files are looked for already."""

    data: Data
    screening: Screening | None

    def stop(self) -> None:
        """End what still runs."""
        if self.screening is not None:
            self.screening.stop()


def prepare(root: Path, options: Options) -> Beginning:
    """The beginning of a scan that has nothing to wait for: nothing runs yet."""
    return Beginning(Data(Cache.for_root(root) if options.cache else Cache(None), options), None)


def begin(root: Path, options: Options, unsaved: Mapping[str, bytes] = NOTHING) -> Beginning:
    """Begin to look for the files below ``root``, unless the cache knows most of them. Raises :class:`jwtlint.errors.UserError`.

    ``unsaved`` maps paths, relative to ``root``, to the bytes that an editor holds in place of what is on the disk.
    """
    data, _ = prepare(root, options)
    if data.cache.knows(root):
        return Beginning(data, None)
    screening = data.screening(root, unsaved)
    screening.find(lambda: scope.files(root, options, unsaved))
    return Beginning(data, screening)
