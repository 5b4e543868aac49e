"""How much a report for a terminal tells, and with what means."""

from __future__ import annotations

import msgspec


class Style(msgspec.Struct, frozen=True):
    """``links``: rule codes lead to their pages by the terminal's hyperlinks (OSC 8)."""

    color: bool = False
    quiet: bool = False
    verbose: bool = False
    statistics: bool = False
    links: bool = False
    show_ignored: bool = False
