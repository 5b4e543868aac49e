"""How a session's claims name the user, and which of them are read from the user's row from now on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jwtlint.errors import UserError
from jwtlint.facts.lifecycle import Place
from jwtlint.linker.subjects import ClaimOrigin
from jwtlint.linker.values import ClassValue
from jwtlint.migrate.study import Study
from jwtlint.scaffold.choice import Choice
from jwtlint.scaffold.project.columns import columns
from jwtlint.scaffold.project.schemas import find_tables
from jwtlint.scaffold.project.source import Source

# the claims by which libraries name the user unless they are told otherwise
SUBJECTS = {
    "djangorestframework-simplejwt": "user_id",
    "djangorestframework-jwt": "user_id",
    "django-ninja-jwt": "user_id",
    "dj-ninja-auth": "user_id",
    "dj-rest-auth": "user_id",
    "djoser": "user_id",
    "fastapi-users": "sub",
    "flask-jwt-extended": "sub",
}
KEYS = ("id", "pk", "_id")


def identifiers(study: Study, choice: Choice, source: Source, given: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The claims that say whose token it is, each with the attribute of the user that fills it; ``given`` is the command line's.

    Raises :class:`UserError` where nothing tells.
    """
    own = attributes(source, choice)
    if given:
        for name, attribute in given.items():
            if own and attribute not in own:
                raise UserError(f"--identifier {name}={attribute}: the user model has no attribute {attribute}")
        return tuple(given.items())
    found: dict[str, str] = {}
    for claim in session_claims(study):
        if claim.category != "identifier":
            continue
        attribute = attribute_for(claim, choice, own)
        if attribute and found.setdefault(claim.name, attribute) != attribute:
            raise UserError(
                f"the claim {claim.name} is filled from the user's {found[claim.name]} and from {attribute}; "
                f"say which it is with --identifier {claim.name}=ATTRIBUTE"
            )
    if not found:
        # what a library mints by its settings names the user as the library does
        found = {SUBJECTS[mint.library]: choice.user.key for mint in study.mints() if mint.library in SUBJECTS}
    if not found:
        raise UserError(
            "how the tokens name the user cannot be told from the code; say it with --identifier CLAIM=ATTRIBUTE, as --identifier sub=id"
        )
    # the key first, since it is found without a query of its own
    return tuple(sorted(found.items(), key=lambda pair: pair[1] != choice.user.key))


def attribute_for(claim: ClaimOrigin, choice: Choice, own: set[str]) -> str:
    """The user's attribute that a claim holds; "" where it cannot be told."""
    last = claim.attributes[-1] if claim.attributes else ""
    if claim.whole and not last:
        return choice.user.key
    if last in KEYS or last == choice.user.key or last == f"{choice.user.name.lower()}_id":
        return choice.user.key
    if last in own or (last and not own):
        return last
    if last and last == choice.user.name.lower():  # a relation to the user, given whole
        return choice.user.key
    return ""


def fresh(study: Study, choice: Choice, source: Source) -> tuple[tuple[str, str], ...]:
    """The claims that grant or describe, and that the user's row has: (claim, path of attributes). What the row has not is left."""
    own = attributes(source, choice)
    found: dict[str, str] = {}
    unknown: dict[str, Place] = {}
    names = {claim for claim, _ in choice_identifiers(choice)}
    for way in study.session_ways():
        for claim in way.claims:
            if claim.category not in ("authorization", "profile") or claim.name in names:
                continue
            path = [one for one in claim.attributes if one not in ("user", choice.user.name.lower())]
            if path and (path[0] in own or not own):
                found.setdefault(claim.name, ".".join(path))
            else:
                unknown.setdefault(claim.name, way.mint)
    for name, place in unknown.items():
        if name not in found:
            study.leave(
                f'read the claim "{name}" from the database',
                "what fills it is no attribute of the user's row; it stays as it was at login until then",
                place,
            )
    return tuple(sorted(found.items()))


def rights_are_fresh(study: Study, choice: Choice) -> bool:
    """Whether every claim that grants something is read from the user's row."""
    known = {claim for claim, _ in choice.bridge.fresh} if choice.bridge is not None else set()
    return all(claim.name in known for claim in session_claims(study) if claim.category == "authorization")


def choice_identifiers(choice: Choice) -> tuple[tuple[str, str], ...]:
    """The identifiers of a choice that has its bridge."""
    return choice.bridge.identifiers if choice.bridge is not None else ()


def session_claims(study: Study) -> Iterator[ClaimOrigin]:
    """The claims of all session tokens."""
    for way in study.session_ways():
        yield from way.claims


def attributes(source: Source, choice: Choice) -> set[str]:
    """The attributes of the user's row; empty where they are not known."""
    if choice.user.name:
        for value, _ in source.classes():
            if value.name == choice.user.name and module_fits(value, choice.user.module):
                return set(columns(source, value, fields=choice.layer == "sqlmodel"))
        return set()
    for table in find_tables(source):
        if table.name == choice.user.table:
            return set(table.columns)
    return set()


def module_fits(value: ClassValue, module: str) -> bool:
    """Whether a class stands in a module."""
    path = value.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return path == module or path.endswith(f".{module}")
