"""Which device a request comes from, as far as a request can tell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# the first that stands in the user agent is its family; Chrome's own name stands in
# many others', and Safari's in Chrome's
BROWSERS = (
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)
# how many changes between two networks are too many; coming home is two
TURNS = 3


def address(value: str | None) -> str | None:
    """An address in its usual form, ``::ffff:1.2.3.4`` as ``1.2.3.4``; None for what is
    none.
    """
    found = parsed(value)
    return None if found is None else str(found)


def parsed(value: str | None) -> IPv4Address | IPv6Address | None:
    """An address, or None."""
    try:
        found = ip_address((value or "").strip().partition("%")[0])
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def client_address(
    peer: str | None, forwarded_for: Sequence[str], trusted_proxies: int
) -> str | None:
    """The client's own address.

    ``peer`` is who opened the connection, ``forwarded_for`` the values of
    X-Forwarded-For. Each of the trusted proxies has added one address at the end, so
    the last of them but that many is the client's; what stands before it anybody could
    have written.
    """
    if trusted_proxies <= 0:
        return address(peer)
    hops = [hop for value in forwarded_for for hop in value.split(",")]
    if len(hops) < trusted_proxies:
        return address(peer)
    return address(hops[-trusted_proxies]) or address(peer)


def network(value: str | None) -> str:
    """The network that an address lies in: a /24 of IPv4, a /48 of IPv6, as providers
    give them to one customer; "" for none.
    """
    found = parsed(value)
    if found is None:
        return ""
    width = 24 if found.version == 4 else 48
    return str(ip_network((found, width), strict=False))


def family(user_agent: str) -> str:
    """A user agent without its versions: ``Firefox on Linux``; another client by the
    name it gives itself.
    """
    browser = next((name for sign, name in BROWSERS if sign in user_agent), "")
    system = next((name for sign, name in SYSTEMS if sign in user_agent), "")
    if not browser:
        browser = user_agent.partition("/")[0].strip()[:40] or "an unnamed client"
    return f"{browser} on {system}" if system else browser


def is_other_device(before: str, now: str) -> bool:
    """Whether two user agents are of different devices. A new version of a browser is
    not, a new browser is.
    """
    return before != now and family(before) != family(now)


def takes_turns(
    places: Sequence[tuple[datetime, str | None]],
    now: datetime,
    here: str | None,
    window: timedelta,
) -> bool:
    """Whether two networks take turns in one session. One change, as from Wi-Fi to a
    mobile network, or there and back, is none.

    ``places`` are the latest places with their times, oldest first; ``here`` is where
    the session is used now.
    """
    turns = 0
    seen: set[str] = set()
    current = ""
    for at, place in [*places, (now, here)]:
        found = network(place)
        if not found or now - at > window:
            continue
        if current and found != current:
            turns += 1
        seen.add(found)
        current = found
    return turns >= TURNS and turns >= len(seen)
