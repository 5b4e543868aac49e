"""Where the cache lies. This module imports next to nothing, for a run that is answered from the cache starts here."""

from __future__ import annotations

import os
import sys


def cache_home() -> str:
    """The folder of the cache: ``$XDG_CACHE_HOME/jwtlint``, or the platform's usual place.

    A relative ``XDG_CACHE_HOME`` counts as none (XDG Base Directory Specification).
    """
    chosen = os.environ.get("XDG_CACHE_HOME", "")
    if chosen and os.path.isabs(chosen):
        return os.path.join(chosen, "jwtlint")
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        return os.path.join(os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local"), "jwtlint", "Cache")
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches", "jwtlint")
    return os.path.join(home, ".cache", "jwtlint")
