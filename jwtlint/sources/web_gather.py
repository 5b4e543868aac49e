"""Which files of a front end to parse: where tokens may be kept, what imports these and speaks of tokens, and what they import."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jwtlint.facts.web_layout import PAGE_SUFFIXES, WebLayout
from jwtlint.sources.web_screen import ADDRESSES, CREDENTIALS, NAMES, STORES, is_index

HOPS_UP = 3
HOPS_DOWN = 2
MAX_FILES = 1_500
DEFINING = (".ts", ".js", ".mjs", ".mts", ".cjs", ".cts")  # a component defines nothing that others keep tokens with


def gather(layout: WebLayout, subjects: Mapping[str, int], imports: Mapping[str, bytes]) -> list[str]:
    """The files that play a part, sorted. ``subjects`` are the bits, ``imports`` the modules that each file names."""
    seeds = {path for path, bits in subjects.items() if is_seed(path, bits)}
    if not any(subjects[path] & NAMES for path in seeds):
        # what is kept is no token, unless whoever calls for it says so
        if not any(bits & NAMES and bits & CREDENTIALS for bits in subjects.values()):
            return []
    if not seeds:
        return []
    seeds |= {path for path, bits in subjects.items() if bits & CREDENTIALS}
    targets = {path: resolved(path, named, layout) for path, named in imports.items() if named}
    wanted = set(seeds)
    speaking = [path for path in targets if subjects[path] & NAMES or is_index(path)]
    for _ in range(HOPS_UP):
        level = {path for path in speaking if path not in wanted and not targets.get(path, frozenset()).isdisjoint(wanted)}
        wanted |= level
        if not level or len(wanted) > MAX_FILES:
            break
    # what the seeds use: constants, wrappers and services; through an index also what that gives on
    level = {path for path in wanted if subjects[path] & ~NAMES}
    for _ in range(HOPS_DOWN):
        below = {one for path in level for one in targets.get(path, ())} - wanted
        below = {path for path in below if subjects.get(path) or path.endswith(DEFINING)}
        wanted |= below
        level = {path for path in below if is_index(path)}
        if not level or len(wanted) > MAX_FILES:
            break
    return sorted(wanted)


def is_seed(path: str, bits: int) -> bool:
    """Whether a file may keep a token, put one into an address, or have one written into it."""
    return bool(bits & STORES or (bits & NAMES and (bits & ADDRESSES or path.endswith(PAGE_SUFFIXES))))


def resolved(path: str, imports: bytes, layout: WebLayout) -> frozenset[str]:
    """The files that a file imports."""
    specifiers: Iterable[str] = (one.decode("utf-8", "replace") for one in imports.split(b"\n"))
    found = (layout.resolve(path, specifier) for specifier in specifiers)
    return frozenset(one for one in found if one is not None)
