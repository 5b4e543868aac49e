"""What depends on the application's JWT library: its errors, and the parts of it that mint or verify by themselves."""

from __future__ import annotations

import re

import libcst

from jwtlint.editing.code import expression
from jwtlint.editing.draft import Draft
from jwtlint.editing.imports import module_of
from jwtlint.editing.layout import without
from jwtlint.editing.recipe import Refused
from jwtlint.facts.lifecycle import Delivery
from jwtlint.migrate.calls import Bridge
from jwtlint.migrate.plan import Step
from jwtlint.migrate.study import Study
from jwtlint.scaffold.choice import Imported

# (expired, invalid): the classes that a library's decode raises
ERRORS: dict[str, tuple[Imported, Imported]] = {
    "pyjwt": (
        Imported("jwt", ("ExpiredSignatureError",), "ExpiredSignatureError"),
        Imported("jwt", ("InvalidTokenError",), "InvalidTokenError"),
    ),
    "python-jose": (
        Imported("jose", ("ExpiredSignatureError",), "ExpiredSignatureError"),
        Imported("jose", ("JWTError",), "JWTError"),
    ),
    "authlib": (
        Imported("authlib.jose.errors", ("ExpiredTokenError",), "ExpiredTokenError"),
        Imported("authlib.jose.errors", ("InvalidTokenError",), "InvalidTokenError"),
    ),
}
# libraries that stand on another, whose errors they raise
STANDS_ON = {
    "flask-jwt-extended": "pyjwt",
    "fastapi-users": "pyjwt",
    "djangorestframework-simplejwt": "pyjwt",
    "flask-jwt": "pyjwt",
    "flask-praetorian": "pyjwt",
}
ADAPTED = frozenset({"flask-jwt-extended", "fastapi-users", "djangorestframework-simplejwt"})
# library -> its module, the class that verifies, and our module that has a class of the same name
MANAGERS = {"flask-jwt-extended": ("flask_jwt_extended", "JWTManager", "jwt_manager")}
SCHEME = re.compile(r"[\"'](Token|JWT|Bearer) ?[\"']")


def errors_of(library: str, study: Study) -> tuple[Imported | None, Imported | None]:
    """The errors of a library, where they are known."""
    return ERRORS.get(STANDS_ON.get(library, library), (None, None))


def scheme_of(study: Study) -> str:
    """The word before the token in the Authorization header, as the application writes it."""
    counts: dict[str, int] = {}
    paths = {fact.place.path for fact in study.verifications()} | set(study.files.mentioning("uthorization"))
    for path in filter(study.own, paths):
        text = (study.files.data(path) or b"").decode("utf-8", "replace")
        for match in SCHEME.finditer(text):
            counts[match[1]] = counts.get(match[1], 0) + 1
    # a scheme that somebody chose is told from the usual one, which also stands in descriptions
    for scheme in ("Token", "JWT"):
        if counts.get(scheme):
            return scheme
    return "Bearer"


def cookie_of(study: Study) -> str:
    """The cookie in which the application hands its session token out; "" where it does not."""
    for fact in study.told.lifecycle.facts:
        if isinstance(fact, Delivery) and fact.purpose == "session" and fact.medium == "cookie" and fact.direction == "sent" and fact.name:
            return fact.name
    return ""


def logins_of(study: Study) -> tuple[str, ...]:
    """The ends of the addresses at which session tokens are handed out to people who have just proved who they are."""
    roles = ("login", "signup", "federated-login")
    found: set[str] = set()
    for fact in study.told.lifecycle.facts:
        if isinstance(fact, Delivery) and fact.purpose == "session" and fact.handler_role in roles and fact.direction == "sent":
            route = "/" + fact.route.strip("^$").removesuffix("/?").strip("/")
            if len(route) > 1 and not re.search(r"[<>{}()\\\[\]*+?]", route):
                found.add(route)
    return tuple(sorted(found))


def adapt(study: Study, bridge: Bridge) -> None:
    """Put our parts in the place of the library's own ones that verify by themselves."""
    for fact in study.verifications():
        if fact.library not in MANAGERS:
            continue
        module, name, own = MANAGERS[fact.library]
        try:
            replace_import(study.draft(fact.place.path), module, name, f"{bridge.package}.{own}")
        except Refused as refused:
            study.leave(f"import {name} from {bridge.package}.{own} rather than from {module}", refused.reason, fact.place)
        else:
            study.step(Step("library", fact.place, f"{name} comes from {bridge.package}.{own}, which looks sessions up"))


def replace_import(draft: Draft, module: str, name: str, by: str) -> None:
    """Import a name from another module. Raises :class:`Refused` where it is not imported by its name at the top level."""
    for line in draft.tree.module.body:
        statement = line.body[0] if isinstance(line, libcst.SimpleStatementLine) and len(line.body) == 1 else None
        if not isinstance(statement, libcst.ImportFrom) or isinstance(statement.names, libcst.ImportStar):
            continue
        if module_of(statement) == by and any(alias.evaluated_name == name for alias in statement.names):
            return
        if module_of(statement) != module:
            continue
        found = [alias for alias in statement.names if alias.evaluated_name == name]
        if not found:
            continue
        draft.tree.spans(draft.tree.index_of(line))
        if len(statement.names) == 1:
            other = expression(by)
            assert isinstance(other, libcst.Name | libcst.Attribute)
            draft.replace(statement, statement.with_changes(module=other))
            return
        if found[0].asname is not None:
            raise Refused("the file gives it another name")
        draft.replace(statement, statement.with_changes(names=without(statement.names, found[0])))
        draft.imports.wanted.append((by, name))
        return
    raise Refused("the file does not import it by its name")
