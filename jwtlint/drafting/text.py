"""A drafted model as the text of a file for a folder of models."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from jwtlint import toml
from jwtlint.drafting.draft import Draft
from jwtlint.linker.library import Api, Argument


def text(draft: Draft, origin: str) -> str:
    """The file's text. ``origin`` names the function that the model was drafted from."""
    return "".join(f"{line}\n" for line in lines(draft, origin))


def lines(draft: Draft, origin: str) -> Iterator[str]:
    """The lines of the file: what it is, what it cannot say, the model, and its example."""
    model = draft.model
    yield f"# Drafted by `jwtlint models infer {shown(origin)}`: look through it, and put it into a folder that `models` names."
    for remark in draft.remarks:
        yield f"# - {shown(remark)}"
    yield f"name = {toml.literal(model.name)}"
    yield f"imports = {toml.literal(model.imports)}"
    for api in model.api:
        yield ""
        yield "[[api]]"
        yield from table(api)
    for example in model.example:
        yield ""
        yield "[[example]]"
        yield "code = '''"
        yield from example.code.splitlines()
        yield "'''"
        yield "facts = ["
        for fact in example.facts:
            yield f"    {toml.literal(fact)},"
        yield "]"


def table(api: Api) -> Iterator[str]:
    """What differs from the defaults of an API."""
    defaults = {field.name: field.default for field in msgspec.structs.fields(Api)}
    for name in Api.__struct_fields__:
        value = getattr(api, name)
        if name == "args":
            for role, argument in api.args.items():
                yield f"args.{toml.key(role)} = {toml.literal(known(argument))}"
        elif value != defaults[name]:
            yield f"{name} = {toml.literal(value)}"


def known(argument: Argument) -> dict[str, object]:
    """What is said of an argument."""
    parts = {"pos": argument.pos, "kw": argument.kw or None, "default": argument.default}
    return {name: value for name, value in parts.items() if value is not None}


def shown(words: str) -> str:
    """Words in a comment."""
    return words if words.isprintable() else "".join(map(toml.escaped, words))
