"""The keys that sign and verify tokens: where each comes from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal as Choice

from jwtlint.facts.lifecycle import Place
from jwtlint.linker.definitions import argument_of
from jwtlint.linker.evaluate import Evaluator
from jwtlint.linker.settings import DEVELOPMENT_WORDS
from jwtlint.linker.values import Combined, Dictionary, Instance, Listing, Literal, Member, Result, Value, Values, dotted
from jwtlint.linker.vocabulary import words

KeySource = Choice["literal", "default-literal", "environment", "file", "random", "unknown"]
MINIMUM = 1
PUBLIC = ("-----BEGIN PUBLIC KEY", "-----BEGIN CERTIFICATE", "-----BEGIN RSA PUBLIC", "http://", "https://", "ssh-rsa")


@dataclass(frozen=True, slots=True)
class KeyOrigin:
    """One place that a key may come from."""

    source: KeySource
    place: Place


class Keys:
    """Follows keys to their origins."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def literals(self, values: Values) -> list[KeyOrigin]:
        """The literals that the values may be, or fall back to."""
        found: list[KeyOrigin] = []
        for origin in self.origins(values, "literal", 0):
            if origin not in found:
                found.append(origin)
        return [origin for origin in found if not self.is_development(origin.place.path)]

    def is_development(self, path: str) -> bool:
        """Whether a file holds the configuration of development or tests."""
        return bool(set(words(path.rpartition("/")[2].rpartition(".")[0])) & DEVELOPMENT_WORDS)

    def origins(self, values: Values, source: KeySource, depth: int) -> Iterator[KeyOrigin]:
        if depth > 6:
            return
        for value in values:
            yield from self.origin(value, source, depth)

    def origin(self, value: Value, source: KeySource, depth: int) -> Iterator[KeyOrigin]:
        if isinstance(value, Literal):
            text = value.value
            if (
                isinstance(text, str)
                and len(text) >= MINIMUM
                and value.place is not None
                and not text.startswith(PUBLIC)
                and not is_path(text)
            ):
                yield KeyOrigin(source, value.place)
        elif isinstance(value, Combined):
            if value.operator == "setting-default":
                for operand in value.operands:
                    yield from self.origins(operand, "default-literal", depth + 1)
            elif value.operator in ("f", "+", "join", "format", "%"):
                # a key made of parts is a literal only if every part is one
                parts = [list(self.origins(operand, source, depth + 1)) for operand in value.operands]
                if parts and all(parts):
                    yield parts[0][0]
        elif isinstance(value, Result):
            for meaning in self.evaluator.knowledge.meanings(dotted(value.callee)):
                if meaning.api.fact in ("environment", "setting-read"):
                    default = argument_of(meaning.api, "default", value.call)
                    if default is not None:
                        yield from self.origins(self.evaluator.evaluate(default, value.frame), "default-literal", depth + 1)
                    return
                if meaning.api.fact == "secret-wrapper":
                    argument = argument_of(meaning.api, "key", value.call)
                    if argument is not None:
                        yield from self.origins(self.evaluator.evaluate(argument, value.frame), source, depth + 1)
                    return
        elif isinstance(value, Dictionary):
            for item in value.items:
                if item.key in ("k", "key", "secret"):
                    yield from self.origins(item.values, source, depth + 1)
        elif isinstance(value, Member):
            if value.name in ("get_secret_value", "encode", "decode"):
                yield from self.origin(value.base, source, depth + 1)
        elif isinstance(value, Listing | Instance):
            return


def is_path(text: str) -> bool:
    """Whether a literal names a file rather than being a key."""
    return text.endswith((".pem", ".key", ".pub", ".crt", ".json", ".txt")) and " " not in text
