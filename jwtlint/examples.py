"""The examples in rules and models are tried: what a rule or a model says of a few lines of code must be so.

A rule fires in the ``bad`` code of each of its examples, is silent in ``good``, and its recipe makes ``fixed`` of ``bad``. A model's
example gives the facts that it names, at the lines that it names; one of a front end's library gives no others. Each function gives what
is not so, in words.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from jwtlint.analysis import examine
from jwtlint.config import Options
from jwtlint.facts.layout import Layout
from jwtlint.facts.lifecycle import Delivery, Fact
from jwtlint.facts.web_layout import WebLayout
from jwtlint.linker import library
from jwtlint.linker.browser.library import WebModel
from jwtlint.linker.library import LibraryModel
from jwtlint.linker.lifecycle import FrontEnd, link
from jwtlint.python import frontend as python
from jwtlint.rules.catalogue import FACT_KINDS, Example, Rule
from jwtlint.web import frontend as web

Wanted = Mapping[str, object]


def of_rule(rule: Rule, options: Options) -> Iterator[str]:
    """What is not so in the examples of a rule. ``options`` tell the folders that hold it, and models that it needs."""
    for number, example in enumerate(rule.example, 1):
        for word in ("bad", "good", "fixed"):
            code = str(getattr(example, word))
            if not code:
                continue
            found = rules_found(code, example, options)
            if isinstance(found, str):
                yield f"example {number}: `{word}` cannot be scanned: {found}"
            elif (rule.code in found) is not (word == "bad"):
                others = f" (found: {', '.join(sorted(found))})" if found else " (nothing is found)"
                yield f"example {number}: the rule {'does not fire' if word == 'bad' else 'fires'} in `{word}`{others}"
        if example.fixed:
            yield from of_fix(rule, example, options, number)


def rules_found(code: str, example: Example, options: Options) -> set[str] | str:
    """The codes that are found in code, or why it cannot be scanned."""
    with tempfile.TemporaryDirectory(prefix="jwtlint-") as name:
        folder = Path(name).resolve()
        trouble = written(folder, example.file, code)
        if trouble:
            return trouble
        report = examine(folder, options)
    return report.errors[0].reason if report.errors else set(report.stats.rules)


def of_fix(rule: Rule, example: Example, options: Options, number: int) -> Iterator[str]:
    """Whether a rule's recipe makes of ``bad`` what ``fixed`` says."""
    from jwtlint.fixing.rounds import Rounds
    from jwtlint.fixing.shadow import Shadow

    with tempfile.TemporaryDirectory(prefix="jwtlint-") as name:
        folder = Path(name).resolve()
        if written(folder, example.file, example.bad):
            return
        with Shadow(folder, options) as shadow:
            Rounds(shadow, unsafe=True, codes={rule.code}).run()
            after = shadow.read(example.file).decode()
    if after != example.fixed:
        yield f"example {number}: the fix makes something else of `bad` than `fixed`"


def written(folder: Path, file: str, code: str) -> str:
    """Write an example's file; gives why it cannot be."""
    target = (folder / file).resolve()
    if not target.is_relative_to(folder) or target == folder:
        return f'its file "{file}" lies elsewhere'
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(code, encoding="utf-8")
    return ""


def of_model(model: LibraryModel, models: Sequence[LibraryModel]) -> Iterator[str]:
    """What is not so in the examples of a model; ``models`` are all of them, with this one."""
    libraries = {name.partition(".")[0] for one in models for name in one.imports}
    for number, example in enumerate(model.example, 1):
        yield from wrong(example, number, FACT_KINDS)
        try:
            module = python.read_module(example.file, example.code.encode())
        except python.Unreadable as error:
            yield f"example {number}: its code cannot be read: {error}"
            continue
        found = link([module], Layout([example.file], libraries), models).facts
        for wanted in example.facts:
            if not any(is_like(fact, wanted) for fact in found):
                yield f"example {number}: there is no fact {told(wanted)}"


def of_web_model(model: WebModel, models: Sequence[WebModel]) -> Iterator[str]:
    """What is not so in the examples of a model of a front end's library."""
    for number, example in enumerate(model.example, 1):
        yield from wrong(example, number, {"delivery": Delivery})
        module = web.read_module(example.file, example.code.encode())
        front_end = FrontEnd((module,), WebLayout([example.file]), tuple(models))
        found = [fact for fact in link([], Layout([]), (), None, front_end).facts if isinstance(fact, Delivery)]
        for wanted in example.facts:
            if not any(is_like(fact, wanted) for fact in found):
                yield f"example {number}: there is no fact {told(wanted)}"
        for fact in found:
            if not any(is_like(fact, wanted) for wanted in example.facts):
                yield f"example {number}: it does not name the delivery by {fact.medium} {fact.name} in line {fact.place.line}"


def wrong(example: library.Example, number: int, kinds: Mapping[str, type[Fact]]) -> Iterator[str]:
    """What an example names and what there cannot be."""
    if not example.facts:
        yield f"example {number}: it names no fact"
    for wanted in example.facts:
        kind = kinds.get(str(wanted.get("fact")))
        if kind is None:
            yield f'example {number}: there is no kind of fact "{wanted.get("fact")}"; there are {", ".join(kinds)}'
            continue
        for name in sorted(set(wanted) - {"fact", "line"} - set(kind.__struct_fields__)):
            yield f'example {number}: a {wanted["fact"]} has no "{name}"'


def is_like(fact: Fact, wanted: Wanted) -> bool:
    """Whether a fact is of the wanted kind, stands in the wanted line, and has the wanted attributes."""
    kind = FACT_KINDS.get(str(wanted.get("fact")))
    if kind is None or not isinstance(fact, kind) or fact.place.line != wanted.get("line"):
        return False
    return all(getattr(fact, name, None) == value for name, value in wanted.items() if name not in ("fact", "line"))


def told(wanted: Wanted) -> str:
    """A wanted fact in a few words."""
    more = ", ".join(f"{name} = {msgspec.json.encode(value).decode()}" for name, value in wanted.items() if name not in ("fact", "line"))
    return f"{wanted.get('fact')} in line {wanted.get('line')}{f' with {more}' if more else ''}"
