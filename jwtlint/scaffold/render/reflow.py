"""Lines."""

from __future__ import annotations


def reflowed(source: str, line_length: int) -> str:
    """Placeholder until lines are laid out."""
    return source
