"""The stage for tests over HTTP."""

from __future__ import annotations

from .support import stage

__all__ = ["stage"]
