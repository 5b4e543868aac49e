"""Why something is believed of a project."""

from __future__ import annotations

import msgspec


class Evidence(msgspec.Struct, frozen=True, order=True):
    """A place and what stands there, in a few words. ``line`` is 1-based, 0 for the file as a whole; ``path`` "" for the command line."""

    path: str
    line: int
    says: str

    @property
    def place(self) -> str:
        """``path:line``."""
        return f"{self.path}:{self.line}" if self.line else self.path
