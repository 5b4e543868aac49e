"""What the bridge of an application is configured with: constants of ``bridge.py``, and the phase in ``settings.py``."""

from __future__ import annotations

import json
import re

from jwtlint.scaffold.choice import Bridge, Choice
from jwtlint.scaffold.parts import service

LARGEST = {"integer": 2**31 - 1}
# NAME: type = value  or  NAME = value, at the start of a line
CONSTANT = r"(?m)^({}(?:: [^=\n]+)?) = .*$"


def configured(source: str, choice: Choice) -> str:
    """A module with the application's values in the place of the imaginary one's."""
    if choice.bridge is None:
        return source
    for name, value in constants(choice, choice.bridge).items():
        source = re.sub(CONSTANT.format(name), lambda match, value=value: f"{match[1]} = {value}", source)  # type: ignore[misc]  # a default binds it
    return re.sub(r"(?m)^settings = Settings\(\)$", 'settings = Settings(phase="both", accept_bearer=True)', source)


def constants(choice: Choice, bridge: Bridge) -> dict[str, str]:
    """The constants and what stands behind their equals signs."""
    return {
        "KEY": text(choice.user.key),
        "LARGEST_KEY": str(LARGEST.get(choice.user.key_type, 2**63 - 1)),
        "IDENTIFIERS": pairs(bridge.identifiers),
        "FRESH": pairs(bridge.fresh),
        "SCHEME": text(bridge.scheme),
        "READS_BODIES": str(bridge.reads_bodies),
        "REFUSE_DISABLED": str(bridge.refuse_disabled),
        "LOGINS": texts(bridge.logins),
        "LEGACY_COOKIE": text(bridge.legacy_cookie),
        "LEGACY_COOKIE_PREFIX": text(bridge.legacy_cookie_prefix),
        "OPENS_POOL": str(service(choice).startswith(("asyncpg", "psycopg_own"))),
    }


def text(value: str) -> str:
    """A string literal."""
    return json.dumps(value)


def texts(found: tuple[str, ...]) -> str:
    """A tuple of strings."""
    written = ", ".join(map(text, found))
    return f"({written},)" if len(found) == 1 else f"({written})"


def pairs(found: tuple[tuple[str, str], ...]) -> str:
    """A tuple of pairs."""
    if not found:
        return "()"
    written = ", ".join(f"({text(one)}, {text(other)})" for one, other in found)
    return f"({written},)" if len(found) == 1 else f"({written})"

