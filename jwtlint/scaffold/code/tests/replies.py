"""What a server answers, and what a browser remembers of it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

ORIGIN = "https://app.example.org"
HOST = "app.example.org"


@dataclass(frozen=True)
class Reply:
    """An answer, as it goes over the wire."""

    status: int
    headers: list[tuple[str, str]]
    text: str

    def all(self, name: str) -> list[str]:
        """The values of a header."""
        return [value for key, value in self.headers if key.lower() == name]

    def header(self, name: str) -> str:
        """The value of a header that stands once, or not at all ("")."""
        values = self.all(name)
        assert len(values) <= 1, f"{name} stands {len(values)} times"
        return values[0] if values else ""

    def json(self) -> Any:
        """The body."""
        return json.loads(self.text)


class Jar(dict[str, str]):
    """The cookies of a browser."""

    def keep(self, reply: Reply) -> None:
        """Do as an answer says."""
        for value in reply.all("set-cookie"):
            name, _, rest = value.partition("=")
            content, *attributes = rest.split("; ")
            if "Max-Age=0" in attributes:
                self.pop(name, None)
            else:
                self[name] = content

    def sent(self) -> str:
        """The header ``Cookie``."""
        return "; ".join(f"{name}={value}" for name, value in self.items())
