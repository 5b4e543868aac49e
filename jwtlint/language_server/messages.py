"""What the server and the process that analyses say to each other: MessagePack with its length before it, over pipes."""

from __future__ import annotations

import struct
from typing import TypeAlias

import msgspec

from jwtlint.facts.lifecycle import Place
from jwtlint.rules.catalogue import Failure, Level
from jwtlint.rules.fixes import Edit, Fix

LENGTH = struct.Struct("<I")


class Analyse(msgspec.Struct, frozen=True, tag=True):
    """Analyse the folder ``root`` with the given ``unsaved`` bytes in place of what is on the disk.

    ``paths`` are the files to look at (empty: all). ``config`` is a configuration that the user named ("" for none). The answer is
    :class:`Analysed` or :class:`Mistake`.
    """

    ticket: int
    root: str
    paths: tuple[str, ...] = ()
    unsaved: dict[str, bytes] = {}
    config: str = ""
    no_config: bool = False


class Propose(msgspec.Struct, frozen=True, tag=True):
    """What can be done about findings in one file of the analysis ``ticket``, given by their numbers in its answer.

    ``all_safe``: the safe fixes of all findings of the file are wanted, too. The answer is :class:`Proposals` or
    :class:`Forgotten`.
    """

    ticket: int
    root: str
    path: str
    numbers: tuple[int, ...]
    all_safe: bool = False


class Related(msgspec.Struct, frozen=True):
    """A few words about another place that belongs to a finding."""

    text: str
    place: Place


class Mark(msgspec.Struct, frozen=True):
    """A finding as an editor shows it. ``number`` is its place among the findings of the analysis."""

    number: int
    rule: str
    name: str
    level: Level
    failure: Failure
    message: str
    place: Place
    related: tuple[Related, ...] = ()


class Unread(msgspec.Struct, frozen=True):
    """A file or folder that could not be analysed. ``line`` is 1-based."""

    path: str
    reason: str
    line: int = 1


class RulePage(msgspec.Struct, frozen=True):
    """A rule's page. ``address`` is "" where the user serves none."""

    title: str
    markdown: str
    plain: str
    address: str = ""


class Analysed(msgspec.Struct, frozen=True, tag=True):
    """What was found. ``pages`` are those of all rules, by code; ``remarks`` are sentences for the log."""

    marks: tuple[Mark, ...]
    unread: tuple[Unread, ...]
    pages: dict[str, RulePage]
    remarks: tuple[str, ...] = ()


class Silencing(msgspec.Struct, frozen=True):
    """The edits that write a comment above a statement, and where the reason stands afterwards."""

    edits: tuple[Edit, ...]
    reason: Place


class Proposals(msgspec.Struct, frozen=True, tag=True):
    """By the numbers of findings: fixes (or why there is none) and comments. ``all_safe`` are the edits of all safe fixes together."""

    fixes: dict[int, Fix] = {}
    silencings: dict[int, Silencing] = {}
    all_safe: tuple[Edit, ...] = ()


class Forgotten(msgspec.Struct, frozen=True, tag=True):
    """The analysis that is asked about is not known (any more); it has to be made again."""


class Mistake(msgspec.Struct, frozen=True, tag=True):
    """The user's configuration is wrong, in one sentence."""

    sentence: str


class Crash(msgspec.Struct, frozen=True, tag=True):
    """Something is wrong with jwtlint itself. ``details`` is for the log."""

    reason: str
    details: str


Request: TypeAlias = Analyse | Propose
Answer: TypeAlias = Analysed | Proposals | Forgotten | Mistake | Crash


def packed(message: Request | Answer) -> bytes:
    """A message as it is sent."""
    data = msgspec.msgpack.encode(message)
    return LENGTH.pack(len(data)) + data
