"""A line of the report with its styles; Rich, which takes long to import, is asked only for colours."""

from __future__ import annotations

import io
from collections.abc import Iterable


class Line:
    """Text in parts, each with a style. The ``style`` given first holds for the whole line, as in ``rich.text.Text``."""

    __slots__ = ("style", "parts")

    def __init__(self, text: str = "", style: str = "") -> None:
        self.style = style
        self.parts = [(text, "")]

    def append(self, text: str, style: str = "") -> Line:
        """Add a part; give the line."""
        self.parts.append((text, style))
        return self

    @property
    def plain(self) -> str:
        """The text without styles."""
        return "".join(text for text, _ in self.parts)

    def stripped(self) -> Line:
        """The line without blanks at its end."""
        line = Line("", self.style)
        room = len(self.plain.rstrip())
        for text, style in self.parts:
            line.parts.append((text[:room], style))
            room -= len(text[:room])
        return line


def plain(lines: Iterable[Line]) -> str:
    """Lines as text."""
    return "".join(f"{line.plain}\n" for line in lines)


def colored(lines: Iterable[Line]) -> str:
    """Lines as text with the escape sequences of their styles."""
    from rich.console import Console
    from rich.text import Text

    buffer = io.StringIO()
    console = Console(
        file=buffer,
        force_terminal=True,
        no_color=False,
        color_system="standard",
        width=200,
        highlight=False,
        markup=False,
        emoji=False,
        legacy_windows=False,
    )
    for line in lines:
        text = Text("", line.style)
        for part, style in line.parts:
            text.append(part, style or None)
        console.print(text, soft_wrap=True)
    return buffer.getvalue()


def width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
