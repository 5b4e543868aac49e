"""The rules: ``rules/*.toml``, typed and checked.

A rule that could never match (a fact, attribute or value that does not exist) is an error, not a silent rule.
"""

from __future__ import annotations

import string
import typing
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from jwtlint import toml
from jwtlint.errors import UserError, suggestion
from jwtlint.facts import lifecycle as facts
from jwtlint.rules.folder import builtin_folder

Failure: TypeAlias = Literal["revocation", "staleness", "theft", "hygiene", "upkeep"]
Level: TypeAlias = Literal["error", "warning", "note"]
Scope: TypeAlias = Literal["token", "function", "application", "project"]

LEVELS: tuple[Level, ...] = ("note", "warning", "error")
FACT_KINDS: dict[str, type[facts.Fact]] = {
    "mint": facts.Mint,
    "claim": facts.Claim,
    "verification": facts.Verification,
    "lookup": facts.Lookup,
    "trust": facts.Trust,
    "delivery": facts.Delivery,
    "handler": facts.Handler,
    "signing-key": facts.SigningKey,
    "ignore": facts.Ignore,
}
PLACES = {"mint": ("place", "lifetime_place", "copies_place"), "delivery": ("place", "answered_place", "stored_place")}
LIMITS = ("max-lifetime",)
EVIDENCE = ("place", "reasons", "trace")


class Bounds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A comparison of a number: ``min`` and ``max`` include the bound, ``above`` and ``below`` do not.

    A bound is a number or the name of a limit of the configuration (``"max-lifetime"``, in seconds). A number that is not known
    (None) is within no bounds.
    """

    min: int | str | None = None
    max: int | str | None = None
    above: int | str | None = None
    below: int | str | None = None

    @property
    def given(self) -> dict[str, int | str]:
        """The bounds that are set."""
        pairs = {"min": self.min, "max": self.max, "above": self.above, "below": self.below}
        return {name: bound for name, bound in pairs.items() if bound is not None}


Condition: TypeAlias = bool | int | str | tuple[str, ...] | Bounds


class Clause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One element of ``all``, ``any`` or ``unless``.

    Without ``fact`` it speaks of the selected fact itself; with it, of the existence of another fact that is joined by ``same``.
    """

    fact: str = ""
    where: dict[str, Condition] = {}
    same: Scope | None = None


class Match(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which facts a rule selects. ``fact`` is one kind or several; an attribute that a kind lacks never matches."""

    fact: str | tuple[str, ...]
    where: dict[str, Condition] = {}
    all: tuple[Clause, ...] = ()
    any: tuple[Clause, ...] = ()
    unless: tuple[Clause, ...] = ()

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of fact."""
        return (self.fact,) if isinstance(self.fact, str) else self.fact


class Presentation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a finding is told.

    ``message`` may hold ``{attribute}`` of the fact. ``at`` names the place attribute that the finding points to (``place`` where that
    is empty). ``labels`` maps ``primary``, another place attribute, or the kind of another fact of the same token to two or
    three words. ``low_confidence = "always"`` reports what rests on weak evidence without ``--pedantic`` too.
    """

    message: str
    at: str = "place"
    labels: dict[str, str] = {}
    low_confidence: Literal["pedantic", "always"] = "pedantic"


class Mending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How findings of a rule are mended: the ``recipe`` of ``jwtlint/codemods/`` that does it, or why there is ``none``."""

    recipe: str = ""
    none: str = ""


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Two versions of one small file: the rule fires in ``bad`` and is silent in ``good``.

    ``fixed`` is what the rule's recipe makes of ``bad``; a rule has a fix if one of its examples shows it.
    """

    bad: str
    good: str
    fixed: str = ""
    file: str = "app.py"
    engine: Literal["python", "web"] = "python"


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule. ``asvs`` are requirement numbers of OWASP ASVS 5.0; ``cwe`` are weakness numbers."""

    code: str
    name: str
    failure: Failure
    level: Level
    cwe: tuple[int, ...]
    asvs: tuple[str, ...]
    why: str
    remedy: str
    match: Match
    report: Presentation
    example: tuple[Example, ...]
    confidence: facts.Confidence | None = None
    fix: Mending = Mending(none="no fix is known for this rule")


@cache
def recipes() -> tuple[str, ...]:
    """The names of the recipes, which are the modules in ``jwtlint/codemods/``."""
    folder = Path(__file__).resolve().parent.parent / "codemods"
    return tuple(sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")))


def load(folders: Sequence[Path] = ()) -> tuple[Rule, ...]:
    """The rules of jwtlint and those of the given folders, sorted by code. Raises :class:`UserError`."""
    rules: dict[str, Rule] = {}
    names: dict[str, str] = {}
    for folder in (builtin_folder(), *folders):
        if not folder.is_dir():
            raise UserError(f"the rules folder {folder} does not exist")
        for path in sorted(folder.glob("*.toml")):
            rule = load_rule(path)
            if rule.code in rules or rule.name in names:
                raise UserError(f"{path}: another rule has the code {rule.code} or the name {rule.name} already")
            rules[rule.code] = rule
            names[rule.name] = rule.code
    return tuple(rules[code] for code in sorted(rules))


def load_rule(path: Path) -> Rule:
    """One rule file. Raises :class:`UserError`, naming the file and the key."""
    rule = toml.convert(toml.read(path), Rule, str(path))
    if path.stem != f"{rule.code}-{rule.name}":
        raise UserError(f"{path}: the file must be named {rule.code}-{rule.name}.toml")
    problem = next(problems(rule), None)
    if problem is not None:
        raise UserError(f"{path}: {problem}")
    return rule


def problems(rule: Rule) -> typing.Iterator[str]:
    """What is wrong with a rule beyond the types of its keys."""
    match = rule.match
    for kind in match.kinds:
        if kind not in FACT_KINDS:
            yield f'key "match.fact": there is no fact "{kind}"{suggestion(kind, FACT_KINDS)}'
            return
    if not match.kinds:
        yield 'key "match.fact": at least one kind of fact is needed'
    yield from condition_problems(match.where, match.kinds, "match.where")
    for key, clauses in (("all", match.all), ("any", match.any), ("unless", match.unless)):
        for clause in clauses:
            where = f"match.{key}"
            if clause.fact and clause.fact not in FACT_KINDS:
                yield f'key "{where}": there is no fact "{clause.fact}"{suggestion(clause.fact, FACT_KINDS)}'
                return
            if bool(clause.fact) != (clause.same is not None):
                yield f'key "{where}": "fact" and "same" belong together'
            yield from condition_problems(clause.where, (clause.fact,) if clause.fact else match.kinds, f"{where}.where")
    known = set(placeholders(match.kinds))
    for _, name, _, _ in string.Formatter().parse(rule.report.message):
        if name is not None and name not in known:
            yield f'key "report.message": the facts it selects have no "{name}"{suggestion(name, known)}'
    places = {place for kind in match.kinds for place in PLACES.get(kind, ("place",))}
    if rule.report.at not in places:
        yield f'key "report.at": the facts it selects have no place "{rule.report.at}"{suggestion(rule.report.at, places)}'
    for label in rule.report.labels:
        if label != "primary" and label not in places and label not in FACT_KINDS:
            yield f'key "report.labels": "{label}" is neither "primary", a place, nor a fact'
    yield from fix_problems(rule)


def fix_problems(rule: Rule) -> typing.Iterator[str]:
    """What is wrong with what a rule says of its fix."""
    recipe = rule.fix.recipe
    if bool(recipe) == bool(rule.fix.none):
        yield 'key "fix": it needs either "recipe" or "none", the reason why there is no fix'
    elif recipe and recipe not in recipes():
        yield f'key "fix.recipe": there is no recipe "{recipe}"{suggestion(recipe, recipes())}'
    elif recipe and not any(example.fixed for example in rule.example):
        yield f'key "fix.recipe": no example shows what "{recipe}" makes of it ("fixed")'
    elif not recipe and any(example.fixed for example in rule.example):
        yield 'key "example.fixed": the rule names no recipe that could make this'


def placeholders(kinds: Iterable[str]) -> list[str]:
    """The names that a message may use: attributes that all of the kinds have, and ``max_lifetime``."""
    shared = set.intersection(*(set(FACT_KINDS[kind].__struct_fields__) for kind in kinds))
    return [*sorted(shared.difference(EVIDENCE)), "max_lifetime"]


def condition_problems(where: dict[str, Condition], kinds: Sequence[str], key: str) -> typing.Iterator[str]:
    """What is wrong with a ``where`` table: unknown attributes, values that can never occur."""
    attributes = [name for kind in kinds for name in FACT_KINDS[kind].__struct_fields__ if name not in EVIDENCE]
    for name, condition in where.items():
        if name not in attributes:
            yield f'key "{key}": the fact has no attribute "{name}"{suggestion(name, attributes)}'
            continue
        for value in condition if isinstance(condition, tuple) else (condition,):
            if isinstance(value, Bounds):
                if not value.given:
                    yield f'key "{key}.{name}": a comparison needs min, max, above or below'
                for bound in value.given.values():
                    if isinstance(bound, str) and bound not in LIMITS:
                        yield f'key "{key}.{name}": there is no limit "{bound}"{suggestion(bound, LIMITS)}'
            elif isinstance(value, str):
                allowed = [one for kind in kinds for one in literal_values(hints(FACT_KINDS[kind]).get(name))]
                if allowed and value not in allowed and not any(fnmatchcase(one, value) for one in allowed):
                    yield f'key "{key}.{name}": "{value}" never occurs{suggestion(value, allowed)}'


@cache
def hints(kind: type[facts.Fact]) -> dict[str, object]:
    """The types of a fact's attributes."""
    return dict(typing.get_type_hints(kind))


def literal_values(hint: object) -> tuple[str, ...]:
    """The values of a ``Literal``; nothing for any other type."""
    return typing.get_args(hint) if typing.get_origin(hint) is Literal else ()


def choose(rules: Sequence[Rule], select: Sequence[str], ignore: Sequence[str]) -> tuple[Rule, ...]:
    """The rules that are selected (all, if none are named) and not ignored. Raises :class:`UserError` for a name that fits none."""
    chosen = named(rules, select) if select else {rule.code for rule in rules}
    chosen -= named(rules, ignore)
    return tuple(rule for rule in rules if rule.code in chosen)


def named(rules: Sequence[Rule], selectors: Iterable[str]) -> set[str]:
    """The codes that selectors stand for: codes (``JWT201``), prefixes of codes (``JWT2``), or names."""
    found: set[str] = set()
    for selector in selectors:
        prefix = selector.upper()
        codes = {rule.code for rule in rules if rule.name == selector or (prefix and rule.code.startswith(prefix))}
        if not codes:
            known = [word for rule in rules for word in (rule.code, rule.name)]
            raise UserError(f'there is no rule "{selector}"{suggestion(selector, known)}')
        found |= codes
    return found
