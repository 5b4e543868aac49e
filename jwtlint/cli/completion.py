"""What a shell completes beyond commands and options: rules by code or name, several of them with commas, formats and settings.

The functions have the form that click asks of ``shell_complete``: given the word so far, they tell how it may go on.
"""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.shell_completion import CompletionItem


def rule(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Codes and names of rules that begin so; a code in small letters counts too."""
    from jwtlint.rules import catalogue

    rules = catalogue.load()
    words = [(one.code, one.name) for one in rules] + [(one.name, one.code) for one in rules]
    return [CompletionItem(word, help=told) for word, told in words if begins(word, incomplete)]


def rules(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """As :func:`rule`, for the last of several with commas between them; one that stands there already is not offered again."""
    before, comma, last = incomplete.rpartition(",")
    taken = before.split(",")
    found = [item for item in rule(context, parameter, last) if item.value not in taken]
    return [CompletionItem(before + comma + item.value, help=item.help) for item in found]


def setting(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The keys of the configuration that begin so."""
    from jwtlint.config import Configuration

    return plain(Configuration.__struct_encode_fields__, incomplete)


def plain(words: Iterable[str], incomplete: str) -> list[CompletionItem]:
    """The words that begin so."""
    return [CompletionItem(word) for word in words if begins(word, incomplete)]


def begins(word: str, incomplete: str) -> bool:
    """Whether a word may be meant."""
    return word.lower().startswith(incomplete.lower())
